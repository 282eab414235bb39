"""Statements of reasons: what a commenter reads, and the record for the EU's database."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from test_cli import run

from moderation.json_records import label_record
from moderation.labelling.rules_file import legal_rules
from moderation.reasons import CATEGORY_NAMES
from moderation.records import PROCEDURAL, Category, Evidence, Label
from moderation.transparency.database import ORDER, database_record, puid, schema
from moderation.transparency.letter import statement
from moderation.transparency.restriction import (
    EEA,
    Decision,
    Ground,
    House,
    ReasonsError,
    Restriction,
    load_house,
    restriction_of,
)

TODAY = date(2024, 11, 25)
HOUSE = House(
    "Musterblatt", "an leser@muster.example, binnen sechs Monaten", "", "https://m.example"
)
GROUND = Ground(
    Category.INSULT, "keine Beleidigungen", "Bitte keine Beleidigungen.", "x", ("Depp",), "insults"
)
DECISION = Decision("removed", TODAY)
RESTRICTION = Restriction(
    "7", "Herr Mustermann ist ein Depp.", "page.txt", (GROUND,), "not_published", TODAY,
    published=date(2024, 11, 24), headline="Der Rat tagt", language="de",
    detected=True, with_model=True,
)  # fmt: skip


def record(**changed: Any) -> dict[str, Any]:
    label = {
        "rule_id": "insult", "category": "insult", "quote": "Bitte keine Beleidigungen.",
        "clause": "keine Beleidigungen", "rule_source": "x", "strength": 2, "function": "insults",
        "evidence": [{"start": 0, "end": 4, "text": "Depp"}],
    }  # fmt: skip
    return {
        "source": "page.txt",
        "page": {"headline": "Der Rat tagt", "url": None},
        "comment": {"id": "7", "text": "Depp!", "published": "2024-11-24T10:00"},
        "language": {"code": "de", "confidence": 1.0},
        "labels": [label],
        "decision": "reject",
        **changed,
    }


def test_the_commenter_reads_what_why_by_whom_and_how_to_object() -> None:
    text = statement(RESTRICTION, HOUSE, confirmed=True)
    for words in (
        "vom 24.11.2024", "„Der Rat tagt“", "nicht veröffentlicht", "„Depp“ (Beleidigung)",
        "„keine Beleidigungen“", "„Bitte keine Beleidigungen.“", "https://m.example",
        "haben wir damit nicht beurteilt", "Ein Programm", "Entschieden hat ein Mensch",
        "an leser@muster.example, binnen sechs Monaten.", "Artikel 21", "Gerichten",
    ):  # fmt: skip
        assert words in text
    assert "ENTWURF" not in text


def test_without_a_person_it_is_a_draft() -> None:
    text = statement(RESTRICTION, House(), confirmed=False)
    assert text.startswith("ENTWURF")
    assert "[hier ergänzen" in text


def test_the_law_is_named_only_by_a_person() -> None:
    assert "rechtswidrig" not in statement(RESTRICTION, HOUSE, confirmed=True)
    text = statement(replace(RESTRICTION, law="§ 185 StGB"), HOUSE, confirmed=True)
    assert "rechtswidrig: § 185 StGB" in text


def test_a_person_has_found_what_the_program_has_not() -> None:
    decision = Decision("removed", TODAY, rule="Kein Spott über Tote")
    named = restriction_of(record(labels=[], decision="publish"), decision)
    text = statement(named, HOUSE, confirmed=True)
    assert "gegen unsere Hausregel „Kein Spott über Tote“" in text
    assert "Ein Programm" not in text
    assert "entfernt" in text
    assert database_record(named, HOUSE)["automated_detection"] == "No"


def test_no_rule_no_statement() -> None:
    with pytest.raises(ReasonsError, match="name the one it breaches with --rule"):
        restriction_of(record(labels=[]), Decision("removed", TODAY))


@pytest.mark.parametrize(
    "broken",
    [{"comment": 1}, {"labels": {}}, {"labels": [{}]}, {"labels": [1]},
     {"labels": [{"category": "procedure"}]}],
)  # fmt: skip
def test_damaged_records_are_refused_in_one_line(broken: dict[str, Any]) -> None:
    with pytest.raises(ReasonsError) as caught:
        restriction_of(record(**broken), Decision("removed", TODAY))
    assert "\n" not in str(caught.value)


def test_the_record_fits_the_schema_and_holds_nothing_of_the_comment() -> None:
    found = database_record(RESTRICTION, HOUSE)
    assert not list(Draft202012Validator(schema()).iter_errors(found))
    assert "Depp" not in json.dumps(found, ensure_ascii=False)
    assert "Mustermann" not in json.dumps(found, ensure_ascii=False)
    assert found["decision_ground"] == "DECISION_GROUND_INCOMPATIBLE_CONTENT"
    assert found["content_date"] == "2024-11-24"
    assert found["automated_decision"] == "AUTOMATED_DECISION_NOT_AUTOMATED"


@pytest.mark.parametrize("category", [one for one in Category if one not in PROCEDURAL])
def test_every_category_a_comment_can_breach_fits_the_database(category: Category) -> None:
    ground = replace(GROUND, category=category)
    for law in (None, "§ 130 StGB"):
        found = database_record(replace(RESTRICTION, grounds=(ground,), law=law), HOUSE)
        assert found["category"].startswith("STATEMENT_CATEGORY_")
    assert category in ORDER
    assert category in CATEGORY_NAMES


def test_the_gravest_ground_gives_the_category() -> None:
    grounds = (replace(GROUND, category=Category.ADVERTISING), GROUND)
    found = database_record(replace(RESTRICTION, grounds=grounds), HOUSE)
    assert found["category"] == "STATEMENT_CATEGORY_ILLEGAL_OR_HARMFUL_SPEECH"
    assert found["category_addition"] == ["STATEMENT_CATEGORY_OTHER_VIOLATION_TC"]


def test_the_schema_refuses_what_the_database_would() -> None:
    good = database_record(RESTRICTION, HOUSE)
    for change in (
        {"category": "STATEMENT_CATEGORY_SCOPE_OF_PLATFORM_SERVICE"},
        {"incompatible_content_ground": "x" * 501},
        {"decision_ground": "DECISION_GROUND_ILLEGAL_CONTENT"},
        {"puid": "a b"},
        {"territorial_scope": ["US"]},
        {"content_date": "24.11.2024"},
        {"category_specification_other": "x"},
    ):
        assert list(Draft202012Validator(schema()).iter_errors({**good, **change})), change


def test_a_comment_without_a_date_is_not_reported() -> None:
    with pytest.raises(ReasonsError, match="date is not known"):
        database_record(replace(RESTRICTION, published=None), HOUSE)


def test_a_statement_has_one_name_and_another_has_another() -> None:
    assert puid(RESTRICTION) == puid(replace(RESTRICTION, headline="x"))
    assert puid(RESTRICTION) != puid(replace(RESTRICTION, comment_id="8"))


@pytest.mark.parametrize(
    ("text", "words"),
    [("name = 1", "name is no text"), ("nmae = 'x'", "unknown key"), ("x", "no valid TOML"),
     ("territory = ['US']", "territory"), ("territory = []", "territory")],
)  # fmt: skip
def test_a_file_about_the_house_is_checked(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "house.toml").write_text(text)
    with pytest.raises(ReasonsError, match=words):
        load_house(tmp_path / "house.toml")
    with pytest.raises(ReasonsError, match="readable"):
        load_house(tmp_path / "missing.toml")


def test_what_the_program_has_found_is_left_out_aloud_and_stays_detected() -> None:
    named = restriction_of(record(), Decision("removed", TODAY, rule="Kein Spott über Tote"))
    (remark,) = named.remarks
    assert "„keine Beleidigungen“ was found, too" in remark
    text = statement(named, HOUSE, confirmed=True)
    assert "Ein Programm" in text
    assert "kein Programm" not in text
    assert database_record(named, HOUSE)["automated_detection"] == "Yes"
    flagged = record(labels=[], decision="review", score=0.9)
    by_model = restriction_of(flagged, Decision("removed", TODAY, rule="Kein Spott"))
    assert (by_model.detected, by_model.with_model, by_model.remarks) == (True, True, ())


def test_only_what_was_used_is_told() -> None:
    text = statement(restriction_of(record(decision=None), DECISION), HOUSE, confirmed=True)
    assert "das mit festen Suchregeln arbeitet" in text
    assert "Modell" not in text
    assert "statistischen Modell" in statement(RESTRICTION, HOUSE, confirmed=True)


@pytest.mark.parametrize("noticed", [True, False])
def test_nothing_is_told_that_nobody_has_said(noticed: bool) -> None:
    text = statement(replace(RESTRICTION, noticed=noticed), HOUSE, confirmed=True)
    assert "Konto" not in text
    assert "niemand" not in text


@pytest.mark.parametrize(
    ("territory", "words"),
    [
        (("DE",), "Begrenzung für Deutschland."),
        (("DE", "AT"), "Begrenzung für diese Länder: Deutschland, Österreich."),
        (tuple(EEA), "Begrenzung im gesamten Europäischen Wirtschaftsraum."),
    ],
)
def test_letter_and_record_name_the_same_countries(territory: tuple[str, ...], words: str) -> None:
    house = replace(HOUSE, territory=territory)
    for measure in ("not_published", "removed"):
        restriction = replace(RESTRICTION, measure=measure)
        text = statement(restriction, house, confirmed=True)
        assert words in text
        assert "überall" not in text
        assert database_record(restriction, house)["territorial_scope"] == list(territory)


def of_law() -> dict[str, Any]:
    (rule,) = legal_rules()
    evidence = (Evidence(0, 12, "0171 2345678"),)
    return label_record(Label(rule, rule.category, evidence, "personal_data", 2))


def test_the_law_is_no_rule_of_the_house() -> None:
    with pytest.raises(ReasonsError, match=r"DSGVO, Art. 6 Abs. 1.*--law.*--rule"):
        restriction_of(record(labels=[of_law()]), DECISION)
    both = restriction_of(record(labels=[*record()["labels"], of_law()]), DECISION)
    assert [ground.rule for ground in both.grounds] == ["keine Beleidigungen"]
    assert "no --law is named" in both.remarks[0]
    judged = restriction_of(record(labels=[of_law()]), replace(DECISION, law="Art. 6 Abs. 1 DSGVO"))
    text = statement(judged, HOUSE, confirmed=True)
    assert "„0171 2345678“ (private Daten)." in text
    assert "rechtswidrig: Art. 6 Abs. 1 DSGVO" in text
    found = database_record(judged, HOUSE)
    assert found["category"] == "STATEMENT_CATEGORY_DATA_PROTECTION_AND_PRIVACY_VIOLATIONS"
    for written in (text, json.dumps(found, ensure_ascii=False)):
        assert "Hausregel" not in written
        assert "Die Verarbeitung" not in written
        assert HOUSE.rules_url not in written


def test_a_law_that_a_person_names_is_enough() -> None:
    judged = restriction_of(record(labels=[]), replace(DECISION, law="§ 185 StGB"))
    assert "Hausregel" not in statement(judged, HOUSE, confirmed=True)
    found = database_record(judged, HOUSE)
    assert found["category"] == "STATEMENT_CATEGORY_ILLEGAL_OR_HARMFUL_SPEECH"


@pytest.mark.parametrize(
    ("published", "day"),
    [
        ("2024-11-24", date(2024, 11, 24)),
        ("2024-11-24T23:30:00Z", date(2024, 11, 25)),
        ("2024-07-01T22:30:00+00:00", date(2024, 7, 2)),
        ("24.11.2024, 10:00 Uhr", date(2024, 11, 24)),
        ("2023-02-29", None),
        ("2024-13-45", None),
        ("gestern", None),
        (None, None),
    ],
)
def test_days_are_german_and_exist(published: str | None, day: date | None) -> None:
    made = restriction_of(record(comment={"id": "7", "published": published}), DECISION)
    assert made.published == day
    assert bool(made.remarks) == (day is None and published is not None)
    assert ("Beitrag vom" in statement(made, HOUSE, confirmed=True)) == (day is not None)


def test_nothing_is_restricted_before_it_is_published() -> None:
    late = record(comment={"id": "7", "published": "2024-11-25T23:30:00Z"})
    with pytest.raises(ReasonsError, match="published on 2024-11-26, after the decision"):
        restriction_of(late, DECISION)


def test_a_table_may_have_columns_of_these_names() -> None:
    own = {"comment": "Depp!", "score": 5, "decision": "publish"}
    added = {f"moderation_{name}": value for name, value in record().items() if name in own}
    made = restriction_of({**record(), **own, **added, "moderation_score": None}, DECISION)
    assert (made.comment_id, made.with_model) == ("7", False)


@pytest.fixture
def scored(tmp_path: Path) -> Path:
    path = tmp_path / "scored.jsonl"
    other = record(decision="publish", labels=[])
    other["comment"] = {**other["comment"], "id": "8"}
    path.write_text("\n".join(map(json.dumps, (record(), other))), encoding="utf-8")
    return path


def test_drafts_are_written_for_what_is_recommended_for_rejection(scored: Path) -> None:
    done = run("reasons", str(scored))
    assert done.returncode == 0
    assert done.out.count("ENTWURF") == 1
    assert "1 draft (--confirm)" in done.err


@pytest.fixture
def house(tmp_path: Path) -> Path:
    path = tmp_path / "house.toml"
    path.write_text('objection = "an leser@muster.example"', encoding="utf-8")
    return path


def test_a_person_confirms_each_one(scored: Path, tmp_path: Path, house: Path) -> None:
    found = tmp_path / "db.jsonl"
    done = run(
        "reasons", str(scored), "--id", "7", "--confirm", "--house", str(house), "--database",
        str(found), "--on", "2024-11-25",
    )  # fmt: skip
    assert (done.returncode, "ENTWURF" in done.out) == (0, False)
    (batch,) = map(json.loads, found.read_text(encoding="utf-8").splitlines())
    assert len(batch["statements"]) == 1


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["--confirm"], 2, "--confirm needs --house"),
        (["--database", "x"], 2, "--database needs --confirm"),
        (["--on", "2024-13-01"], 2, "no date"),
        (["--id", "9"], 2, "no comment has this id"),
        (["--id", "8"], 3, "no house rule was found"),
        (["--on", "1999-01-01"], 2, "the day the DSA came into force"),
        (["--on", f"{date.today() + timedelta(2)}"], 2, "and today"),
        (["--law", ""], 2, "--law: empty"),
        (["--rule", " "], 2, "--rule: empty"),
        (["--id", ""], 2, "--id: empty"),
        (["--rule", "§ 185 StGB"], 2, "name it with --law"),
    ],
)
def test_what_is_missing_is_said(scored: Path, arguments: list[str], code: int, words: str) -> None:
    done = run("reasons", str(scored), *arguments)
    assert done.returncode == code
    assert words in done.err


def test_an_id_that_stands_in_two_pages_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "scored.jsonl"
    path.write_text("\n".join(map(json.dumps, (record(), record(source="y")))), encoding="utf-8")
    done = run("reasons", str(path), "--id", "7")
    assert done.returncode == 2
    assert "stands in several pages" in done.err


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("id,text\n1,Guten Tag\n", "line 1: not JSON"),
        ("xyz\n", "line 1: not JSON"),
        ("[1,2]\n", "line 1: a JSON list, not an object"),
        ("[1,2]", "line 1: a JSON list, not an object"),
        ('{"comment" 1}\n', "not JSON (Expecting ':' delimiter)"),
        ("{}\n", "line 1: no record of moderation score or label"),
        ("", "stdin: no record"),
    ],
)
def test_what_is_no_record_is_unreadable(text: str, words: str) -> None:
    done = run("reasons", "-", stdin=text)
    assert (done.returncode, done.out) == (3, "")
    assert words in done.err
    assert "give what moderation score --format jsonl prints" in done.err


def test_the_rest_of_damaged_records_is_read(scored: Path) -> None:
    whole = scored.read_text(encoding="utf-8")
    done = run("reasons", "-", stdin=whole + "\n" + whole[:50])
    assert done.returncode == 3
    assert done.out.count("ENTWURF") == 1


def test_no_output_takes_the_place_of_another(scored: Path, house: Path, tmp_path: Path) -> None:
    confirmed = ["reasons", str(scored), "--confirm", "--house", str(house), "--on", "2024-11-25"]
    same = tmp_path / "same.txt"
    for outputs in (("--database", str(same), "-o", str(same)), ("--database", "-")):
        done = run(*confirmed, "--id", "7", *outputs)
        assert done.returncode == 2
        assert "--database and --output are the same" in done.err
    assert not same.exists()
    done = run(*confirmed, "--id", "7", "--database", str(house))
    assert done.returncode == 2
    assert "choose another --database" in done.err
    keep = tmp_path / "keep.jsonl"
    keep.write_text("kept", encoding="utf-8")
    done = run(*confirmed, "--id", "8", "--database", str(keep), "-o", str(keep) + ".txt")
    assert done.returncode == 3
    assert keep.read_text(encoding="utf-8") == "kept"
