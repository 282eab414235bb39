"""Labels and scores to recommendations and reasons."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from moderation.labelling.rules_file import legal_rules
from moderation.model.classifier import Thresholds
from moderation.policy import PolicyError, decide, default_policy, load_policy, parse_policy
from moderation.reasons import CATEGORY_NAMES, names_law, reasons
from moderation.records import PROCEDURAL, Category, Evidence, HouseRule, Label
from moderation.scoring import read_policy

THRESHOLDS = Thresholds(review=0.6, reject=0.9)


def label(category: Category = Category.INSULT, strength: int = 1) -> Label:
    rule = HouseRule("r", category, "keine Beleidigungen", "s", 0, 19, "Bitte keine Beleidigungen.")
    return Label(rule, category, (Evidence(3, 8, "Depp!"),), "f", strength)


@pytest.mark.parametrize(
    ("score", "labels", "decision"),
    [
        (0.1, [], "publish"),
        (0.59, [], "publish"),
        (0.6, [], "review"),
        (0.9, [], "reject"),
        (0.1, [label()], "review"),
        (0.1, [label(strength=2)], "review"),
        (0.6, [label(strength=1)], "review"),
        (0.6, [label(strength=2)], "reject"),
        (0.6, [label(Category.INCIVILITY, strength=2)], "review"),
        (0.89, [label(Category.PRIVACY, strength=2)], "review"),
    ],
)
def test_recommendations_follow_the_documented_table(
    score: float, labels: list[Label], decision: str
) -> None:
    assert decide(score, labels, THRESHOLDS) == decision


def test_reasons_quote_the_rule_and_the_words() -> None:
    (about_rule, about_model) = reasons(0.7, [label()], THRESHOLDS, [Evidence(0, 2, "Du")])
    assert about_rule == "„Depp!“ – Beleidigung, Hausregel: „keine Beleidigungen“."
    assert "70 %" in about_model
    assert "„Du“" in about_model


def test_a_rule_of_law_is_not_called_a_rule_of_the_house() -> None:
    (rule,) = legal_rules()
    found = Label(rule, rule.category, (Evidence(0, 4, "0171"),), "personal_data", 2)
    about_rule, _ = reasons(0.1, [found], THRESHOLDS, [])
    assert about_rule.startswith("„0171“ – private Daten, Gesetz (DSGVO, Art. 6 Abs. 1): „Die ")
    assert about_rule.endswith("Zwecke gegeben; […]“.")


@pytest.mark.parametrize(
    ("source", "law"),
    [
        ("DSGVO, Art. 6 Abs. 1", True),
        ("§ 185 StGB", True),
        ("Art. 6 Abs. 1 Satz 1 lit. a DSGVO", True),
        ("Verordnung (EU) 2016/679", True),
        ("AGB § 5", False),
        ("Artikel 12.txt", False),
        ("StGB.txt", False),
        ("Was gegen § 185 StGB verstößt, wird gelöscht.", False),
        ("", False),
    ],
)
def test_places_in_laws_are_told_from_places_in_house_rules(source: str, law: bool) -> None:
    assert names_law(source) is law


def test_finding_nothing_is_no_approval() -> None:
    (reason,) = reasons(0.1, [], THRESHOLDS, [])
    assert reason.endswith("das ist keine Freigabe.")


def test_every_category_a_comment_can_breach_has_a_german_name() -> None:
    assert set(CATEGORY_NAMES) == set(Category) - PROCEDURAL


def test_the_packaged_table_is_what_the_docstring_says() -> None:
    assert default_policy().severity_of(label(Category.GROUP_ABUSE)) == 3
    assert default_policy().severity_of(label(Category.LINKS)) == 1


OWN = b"""
[severity]
privacy = 3
r-links = 0

[[row]]
decision = "reject"
severity = 3
categories = ["privacy"]

[[row]]
decision = "review"
scores = { group_abuse = 0.8 }

[[row]]
decision = "review"
score = 0.3

[[row]]
decision = "review"
severity = 1

[[row]]
decision = "publish"
"""


@pytest.mark.parametrize(
    ("score", "labels", "scores", "decision"),
    [
        (0.1, [label(Category.PRIVACY)], {}, "reject"),
        (0.1, [], {}, "publish"),
        (0.1, [], {"group_abuse": 0.8}, "review"),
        (0.1, [], {"group_abuse": 0.79}, "publish"),
        (0.3, [], {}, "review"),
        (0.99, [], {}, "review"),
        (0.1, [label(Category.INSULT)], {}, "review"),
    ],
)
def test_a_newsroom_decides_by_its_own_table(
    score: float, labels: list[Label], scores: dict[str, float], decision: str
) -> None:
    policy = parse_policy(OWN, "own.toml")
    assert decide(score, labels, THRESHOLDS, policy, scores) == decision


def test_the_severity_of_a_rule_outweighs_that_of_its_category() -> None:
    policy = parse_policy(OWN, "own.toml")
    rule = HouseRule("r-links", Category.PRIVACY, "q", "s", 0, 1, "q")
    named = Label(rule, Category.PRIVACY, (Evidence(0, 1, "x"),), "f", 2)
    assert policy.severity_of(named) == 0
    assert decide(0.1, [named], THRESHOLDS, policy) == "publish"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[[row]]\ndecision = 'publish'\nscore = 2", "score is 2"),
        ("[[row]]\ndecision = 'delete'", "decision is 'delete'"),
        ("[[row]]\ndecision = 'review'\nscore = 0.5", "last row"),
        (
            "[[row]]\ndecision = 'review'\nseverity = 4\n[[row]]\ndecision='publish'",
            "severity is 4",
        ),
        ("[[row]]\ndecision = 'review'\nstrength = true\n[[row]]\ndecision='publish'", "strength"),
        ("[[row]]\ndecision = 'review'\ncategories = ['x']\n[[row]]\ndecision='publish'", "'x'"),
        ("[[row]]\ndecision = 'review'\nlabel = 'x'\n[[row]]\ndecision='publish'", "'label'"),
        ("[severity]\ninsult = 9\n[[row]]\ndecision = 'publish'", "severity of 'insult'"),
        ("severity = 3\n[[row]]\ndecision = 'publish'", "severity is no table"),
        ("[[row]]\ndecision='reject'\ncategories=[]\n[[row]]\ndecision='publish'", "is empty"),
        ("[[row]]\ndecision='reject'\nrules=[]\n[[row]]\ndecision='publish'", "rules is empty"),
        ("[[row]]\ndecision='reject'\nscores={}\n[[row]]\ndecision='publish'", "scores is empty"),
        ("[[row]]\ndecision='publish'\n[[row]]\ndecision='reject'\nscore=0.9", "row 1 holds for"),
        ("[[row]]\ndecision='publish'\n[[row]]\ndecision='publish'", "row 1 holds for every"),
        ("", "no rows"),
        ("[[row", "no valid TOML"),
        ("row = [1]", "no rows"),
    ],
)
def test_a_policy_that_cannot_be_meant_is_refused_in_one_line(text: str, words: str) -> None:
    with pytest.raises(PolicyError, match=re.escape(words)) as caught:
        parse_policy(text.encode(), "own.toml")
    assert str(caught.value).startswith("own.toml")
    assert "\n" not in str(caught.value)


def test_no_policy_file_no_policy(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match="policy file"):
        load_policy(tmp_path / "missing.toml")
    (tmp_path / "huge.toml").write_bytes(b"#" * 200_000)
    with pytest.raises(PolicyError, match="larger"):
        load_policy(tmp_path / "huge.toml")
    (tmp_path / "latin.toml").write_bytes(b"# \xe4")
    with pytest.raises(PolicyError, match="UTF-8"):
        load_policy(tmp_path / "latin.toml")


def test_scores_that_the_model_does_not_have_are_refused() -> None:
    policy = parse_policy(OWN, "own.toml")
    policy.check_heads(["abusive", "group_abuse"], "own.toml")
    with pytest.raises(PolicyError, match=r"own\.toml: row 2: scores names 'group_abuse'.*abusive"):
        policy.check_heads(["abusive"], "own.toml")


@pytest.mark.parametrize(
    ("ids", "told"),
    [
        (("r-links",), []),
        (("other",), ["own.toml: no rule has the id 'r-links'"]),
        # Pages bring their own; such an id they never have.
        (None, ["own.toml: no rule has the id 'r-links'"]),
    ],
)
def test_ids_that_no_rule_has_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ids: tuple[str, ...] | None, told: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("own.toml").write_bytes(OWN)
    rules = None if ids is None else tuple(replace(label().rule, id=one) for one in ids)
    remarks: list[str] = []
    read_policy(Path("own.toml"), None, rules, remarks.append)
    assert [remark.partition(";")[0] for remark in remarks] == told


def test_ids_that_pages_may_bring_are_not_told(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text(
        "[severity]\ninsult = 2\ninsult-3 = 1\nprivacy-law = 1\n"
        "[[row]]\ndecision = 'review'\nrules = ['group_abuse', 'links-2']\n"
        "[[row]]\ndecision = 'publish'\n"
    )
    remarks: list[str] = []
    read_policy(path, None, None, remarks.append)
    assert remarks == []
    read_policy(path, None, (label().rule,), remarks.append)
    assert len(remarks) == 4
