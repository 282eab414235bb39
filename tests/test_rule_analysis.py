"""Labelling functions measured against gold labels."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from test_cli import run

from moderation.labelling.functions import FUNCTIONS
from moderation.records import Category
from moderation.training import rule_analysis
from moderation.training.rule_analysis import (
    FOLDS,
    Vote,
    by_entry,
    by_function,
    cross_validated,
    doubtful,
    errors_of,
    folds_of,
    together,
    vote,
)


def insult(*sources: str, start: int = 0) -> Vote:
    return Vote("insults", Category.INSULT, sources, ((start, start + 4),))


SLUR = Vote("group_slurs", Category.GROUP_ABUSE, ("s",), ((2, 6),))
RUDE = Vote("rude_words", Category.INCIVILITY, ("r",), ((0, 4),))


def test_what_each_function_flags_is_counted() -> None:
    votes = [(insult("a"), SLUR), (insult("a"),), (), (RUDE,)]
    found = {one.name: one for one in by_function(votes, [True, False, True, False])}
    assert set(found) == {function.name for function in FUNCTIONS}
    insults = found["insults"]
    assert (insults.hits, insults.right, insults.comments, insults.abusive) == (2, 1, 4, 2)
    assert (insults.precision, insults.recall, insults.coverage) == (0.5, 0.5, 0.5)
    assert (insults.overlaps, insults.conflicts) == (1, 1)
    assert found["threats"].precision is None
    assert found["threats"].record()["precision_interval"] is None


def test_functions_of_tone_are_not_counted_with_those_of_abuse() -> None:
    found = together([(RUDE,), (insult("a"),)], [False, True])
    assert (found.hits, found.right) == (1, 1)


def test_an_entry_is_judged_by_other_folds_only() -> None:
    # The entry is always wrong in fold 0 and always right elsewhere, and the other way round.
    right = [(insult("good"),)] * 8
    wrong = [(insult("bad"),)] * 8
    votes = [*right, *wrong]
    gold = [True] * 8 + [False] * 8
    folds = [*range(4), *range(4)] * 2
    found = cross_validated(votes, gold, folds)
    assert (found.hits, found.right) == (8, 8)
    assert together(votes, gold).precision == 0.5
    # Alone in its fold, nothing speaks against an entry: it counts, and it is wrong.
    alone = cross_validated([(insult("bad"),)] * 4, [False] * 4, [0] * 4)
    assert (alone.hits, alone.right) == (4, 0)


def test_one_wrong_hit_drops_no_entry_and_two_do() -> None:
    assert doubtful({"a": (1, 0)}) == {"a"}
    assert "a" in doubtful({"a": (2, 0)})
    assert "a" not in doubtful({"a": (2, 1)})


def test_entries_are_counted_once_a_comment() -> None:
    votes = [(insult("a", "b"), insult("a", start=9)), (insult("a"),), (RUDE,)]
    assert by_entry(votes, [True, False, True]) == {"a": (2, 1), "b": (1, 1)}


def test_the_same_text_is_in_the_same_fold() -> None:
    folds = folds_of(["Ein Text", "ein  TEXT!", *(f"Text {n}" for n in range(50))])
    assert folds[0] == folds[1]
    assert set(folds) == set(range(FOLDS))


def test_a_comment_is_read_by_all_functions() -> None:
    (found,) = vote("Sie Idiot!")
    assert (found.function, found.sources, found.spans) == ("insults", ("Idiot",), ((4, 9),))
    assert vote("Guten Tag.") == ()


def test_errors_are_the_flagged_comments_that_are_not_abusive() -> None:
    texts = ["Idiot und noch mehr", "Idiot", "Idiot!"]
    votes = [(insult("a"),)] * 3
    found = errors_of("insults", texts, votes, [False, False, True], 1)
    assert found == [("Idio", "Idiot")]


@pytest.fixture
def labelled(tmp_path: Path) -> Path:
    rows = [
        ("Sie Idiot!", 1),
        ("Danke für den Bericht.", 0),
        ("Sie Depp!", 0),
        ("So ein Quark.", 1),
    ]
    path = tmp_path / "own.csv"
    path.write_text(
        "text;label\n" + "".join(f"{text};{label}\n" for text, label in rows), encoding="utf-8"
    )
    return path


def test_own_labels_can_be_measured(labelled: Path) -> None:
    done = run("rules", "analyse", str(labelled), "--examples", "2", "--entries")
    assert done.returncode == 0, done.err
    (found,) = map(json.loads, done.out.splitlines())
    insults = next(one for one in found["functions"] if one["name"] == "insults")
    assert (insults["hits"], insults["right"]) == (2, 1)
    assert [one["words"] for one in found["errors"]["insults"]] == ["Depp"]
    assert found["entries"]["Idiot"] == {"hits": 1, "right": 1}
    assert [one["name"] for one in found["together"]] == ["together", "together, cross-validated"]


def test_a_corpus_that_is_not_known_is_named(tmp_path: Path) -> None:
    done = run("rules", "analyse", "germeval1999")
    assert done.returncode != 0
    assert "germeval1999" in done.err


RESULTS = Path(__file__).parents[1] / "benchmarks" / "results" / "rules.json"


def test_the_committed_figures_reach_what_was_asked() -> None:
    for one in json.loads(RESULTS.read_text(encoding="utf-8"))["corpora"].values():
        built = one["cross_validated"]
        assert built["precision"] >= 0.85
        assert built["recall"] >= 0.20


def test_the_least_precision_is_a_share() -> None:
    assert 0 < rule_analysis.LEAST_PRECISION < 1
