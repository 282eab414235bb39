"""Naming a group is not abuse: harmless and hateful sentences about the same groups.

``functional.toml`` here is the older set, which helped to choose weights; the one that judges a
model is packaged (``moderation/training/functional.toml``) and measured in the model's card.
"""

import json
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from moderation import Comment, Page, default_rules, open_desk
from moderation.training.contrast import contrast_table
from moderation.training.frames import text_key
from moderation.training.functional import functional_cases

CASES = tomllib.loads((Path(__file__).parent / "functional.toml").read_text(encoding="utf-8"))


@dataclass(frozen=True, slots=True)
class Case:
    side: str
    slice: str
    group: str
    text: str


def cases() -> Iterator[Case]:
    for side in ("harmless", "hateful"):
        for name, templates in CASES[side].items():
            for template in templates:
                for plural, dative in CASES["groups"]:
                    yield Case(side, name, plural, template.format(G=plural, D=dative))


@pytest.fixture(scope="module")
def flagged() -> dict[Case, bool]:
    desk = open_desk("news", rules=None, report=print)
    listed = list(cases())
    comments = [Comment(str(number), case.text) for number, case in enumerate(listed)]
    verdicts = desk.judge(comments, default_rules(), Page("functional"))
    return {
        case: verdict.decision != "publish" for case, verdict in zip(listed, verdicts, strict=True)
    }


def share(flagged: dict[Case, bool], **wanted: str) -> float:
    chosen = [
        hit
        for case, hit in flagged.items()
        if all(getattr(case, key) == value for key, value in wanted.items())
    ]
    return sum(chosen) / len(chosen)


def test_no_functional_sentence_is_in_training() -> None:
    trained = set(contrast_table()["text"].map(text_key))
    assert not [case.text for case in cases() if text_key(case.text) in trained]
    assert not [case.text for case in functional_cases() if text_key(case.text) in trained]


def test_no_functional_template_is_a_training_template_in_other_words() -> None:
    def words(text: str) -> frozenset[str]:
        return frozenset(text_key(text).split())

    trained = [words(pair) for pair in contrast_table()["pair"].unique()]
    for case in functional_cases():
        if case.group == "Frauen":
            found = words(case.text.replace("Frauen", "{G}"))
            assert max(len(found & other) / len(found | other) for other in trained) < 0.6


def test_every_group_is_in_as_many_harmless_as_hateful_sentences() -> None:
    listed = functional_cases()
    assert len(listed) >= 600
    for group in {case.group for case in listed} - {""}:
        sides = [case.hateful for case in listed if case.group == group]
        assert 2 * sum(sides) == len(sides)


@pytest.mark.parametrize("name", list(CASES["harmless"]))
def test_naming_a_group_is_not_flagged(flagged: dict[Case, bool], name: str) -> None:
    assert share(flagged, slice=name) <= 0.10


@pytest.mark.parametrize("name", list(CASES["hateful"]))
def test_hatred_is_caught(flagged: dict[Case, bool], name: str) -> None:
    assert share(flagged, slice=name) >= 0.65


@pytest.mark.parametrize(("side", "gap"), [("harmless", 0.15), ("hateful", 0.25)])
def test_groups_are_treated_alike(flagged: dict[Case, bool], side: str, gap: float) -> None:
    shares = [share(flagged, side=side, group=plural) for plural, _ in CASES["groups"]]
    assert max(shares) - min(shares) <= gap


def test_the_card_says_how_fair_the_model_is(news_folder: Path) -> None:
    measured = json.loads((news_folder / "metrics.json").read_text("utf-8"))["functional"]
    card = (news_folder / "README.md").read_text("utf-8")
    assert f"harmless flagged {measured['harmless_flagged']:.1%}" in card
    assert measured["slices"]["harmless: neutral"]["flagged"] <= 0.10


@pytest.mark.parametrize("name", ["news", "open"])
def test_sentences_nobody_tuned_on_are_judged_fairly(name: str) -> None:
    path = Path(__file__).parents[1] / "benchmarks" / "results" / "quality.json"
    results = json.loads(path.read_text("utf-8"))["functional"]
    measured = results[f"second set, models/{name}"]["rules and model"]
    assert measured["slices"]["harmless: neutral"]["flagged"] <= 0.10
    assert measured["hateful_caught"] >= 0.65
    assert measured["gaps"]["harmless_flagged"] <= 0.15
