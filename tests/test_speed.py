"""Speed as ratios with wide margins, never as times; and what keeps the benchmark honest."""

from __future__ import annotations

import json
import math
import random
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path

import pytest
from growth import growth
from sklearn.feature_extraction.text import HashingVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from moderation.model.classifier import Classifier
from moderation.scoring import Desk, score_inputs

# Not part of the source distribution.
speed = pytest.importorskip("speed")
speed_bench = pytest.importorskip("speed_bench")
speed_noise = pytest.importorskip("speed_noise")
speed_process = pytest.importorskip("speed_process")
speed_report = pytest.importorskip("speed_report")
speed_tasks = pytest.importorskip("speed_tasks")
speed_texts = pytest.importorskip("speed_texts")

QUIET = [speed_noise.Reference(0.1, 0.0)] * 5
PARTS = (
    ("Wer jeden Morgen", "Unser Bürgermeister", "Die Redaktion", "Mein Nachbar", "So ein Trottel"),
    ("fährt mit dem Rad", "redet von Steuern", "schreibt über Schulen", "lügt uns alle an"),
    ("und niemand hört zu", "obwohl das Geld fehlt", "weil es sich lohnt", "seit vielen Jahren"),
)


def sentences(count: int) -> list[str]:
    """Return comments of about 200 characters in which some words never come twice."""
    chance = random.Random(0)
    return [
        ". ".join(" ".join(map(chance.choice, PARTS)) + f" in Haus{number}" for _ in range(3))
        for number in range(count)
    ]


def seconds(call: Callable[[Sequence[str]], object], texts: Sequence[str]) -> float:
    """Return the processor time of the least disturbed of three passes, each over its own texts."""
    taken = []
    for part in range(3):
        started = time.process_time()
        call(texts[part::3])
        taken.append(time.process_time() - started)
    return min(taken)


def test_the_model_is_faster_than_one_line_of_scikit_learn(news: Classifier) -> None:
    texts = sentences(3000)
    peer = make_pipeline(
        HashingVectorizer(analyzer="char_wb", ngram_range=(2, 5)), LogisticRegression()
    ).fit(texts[:200], [number % 2 for number in range(200)])
    news.scores(texts[:1])
    # The benchmark asks for eight times; this only notices that something went badly wrong.
    assert seconds(peer.predict_proba, texts) / seconds(news.scores, texts) > 2


def test_a_file_four_times_as_long_costs_four_times_as_much(
    news: Classifier, tmp_path: Path
) -> None:
    comments = sentences(2400)
    for size in (600, 2400):
        speed_texts.write_jsonl(tmp_path / f"{size}.jsonl", comments[:size])

    def score(size: int) -> int:
        paths = [str(tmp_path / f"{size}.jsonl")]
        return sum(1 for _ in score_inputs(paths, Desk(news), report=print, problem=print))

    assert growth(score, 600, 2400) < 6


def test_repeats_that_agree_are_reported() -> None:
    assert speed_noise.noise({"a": [10, 10.5, 9.8, 10.1, 30]}, QUIET) is None


def test_the_figure_that_is_too_noisy_is_named_with_its_spread() -> None:
    line = speed_noise.noise({"a": [10, 10, 10, 10, 10], "b": [10, 14, 9, 6, 12]}, QUIET)
    assert line is not None
    assert line.startswith("b: spread of repeats 30%")


def test_a_machine_that_changes_its_pace_is_too_noisy() -> None:
    references = [speed_noise.Reference(value, 0.0) for value in (0.1, 0.2, 0.1, 0.2)]
    assert "reference kernel: spread" in speed_noise.noise({"a": [1, 1]}, references)


def test_a_core_shared_all_the_time_is_too_noisy_although_repeats_agree() -> None:
    line = speed_noise.noise({"a": [1, 1]}, [speed_noise.Reference(0.2, 0.5)] * 5)
    assert line == "reference kernel: waited 50% of its time for the core (at most 10%)"


def test_a_part_that_stays_noisy_is_measured_again_and_then_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(speed_bench, "reference", lambda: QUIET[0])
    plan = replace(speed_bench.PLANS["default"], repeats=2, attempts=3)
    bench = speed_bench.Bench(tmp_path, plan, {0}, None)
    values = iter([1.0, 9.0, 1.0, 9.0, 5.0, 5.0, 1.0, 9.0, 1.0, 9.0, 1.0, 9.0])

    def once() -> dict[str, float]:
        return {"a": next(values)}

    assert bench.repeated("part", once, ["a"]) == {"a": [5.0, 5.0]}
    with pytest.raises(speed_noise.TooNoisyError, match="part: a: spread of repeats 80%"):
        bench.repeated("part", once, ["a"])


def test_nothing_is_stored_of_a_run_that_was_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> None:
        raise speed_noise.TooNoisyError("part: a: spread of repeats 80%")

    monkeypatch.setattr(speed, "measure", refused)
    # The tests that follow need every core.
    monkeypatch.setattr(speed, "quietest", min)
    monkeypatch.setattr(speed, "RESULT", tmp_path / "speed.json")
    monkeypatch.setattr(sys, "argv", ["speed.py"])
    with pytest.raises(SystemExit) as stopped:
        speed.main()
    assert stopped.value.code == (
        "speed: too noisy, nothing is reported: part: a: spread of repeats 80%"
    )
    assert not (tmp_path / "speed.json").exists()


def test_spreads_of_few_and_of_zero() -> None:
    assert speed_noise.relative_iqr([3.0]) == 0
    assert speed_noise.relative_iqr([0.0, 0.0]) == 0
    assert speed_noise.relative_iqr([-1.0, 1.0]) == math.inf
    assert speed_noise.relative_range([9.0, 10.0, 12.0]) == pytest.approx(0.3)


@pytest.mark.parametrize(
    ("values", "condition", "met"),
    [
        ([15, 16, 14], True, "aim"),
        ([8, 9, 9], True, "at least"),
        ([7, 7, 20], True, "no"),
        ([20, 20, 20], False, "no"),
        ([], True, "not run"),
    ],
)
def test_a_row_is_held_to_the_median_of_its_ratio(
    values: list[float], condition: bool, met: str
) -> None:
    row = speed_report.Row(
        "x", "/s", 8, 15, [1.0], "peer", [1.0], ratio=values, condition=condition
    )
    assert row.met == met
    assert speed_report.table([row])[1].endswith(met)


def test_a_row_whose_figure_should_be_small() -> None:
    def row(value: float) -> str:
        met: str = speed_report.Row("x", "ms", 2, 1, [value], smaller_is_better=True).met
        return met

    assert [row(value) for value in (0.9, 1.5, 2.5)] == ["aim", "at least", "no"]


def test_growth_compares_the_largest_with_the_middle() -> None:
    assert speed_report.growth([50.0, 10.0, 20.0]) == 2
    assert speed_report.growth([1.0, 1.0, None]) == math.inf


def test_usual_texts_are_distinct_and_have_the_mean_asked_for() -> None:
    lengths = [*range(100, 301), *([110] * 100), 5000]
    texts = speed_texts.usual(f"{number:04}".ljust(length) for number, length in enumerate(lengths))
    assert len(set(texts)) == len(texts) > 150
    assert sum(map(len, texts)) / len(texts) == pytest.approx(200, abs=1)


def test_recombined_comments_are_new_ones_and_the_same_each_time() -> None:
    texts = sentences(2000)
    made = list(islice(speed_texts.recombined(texts), 30))
    assert made == list(islice(speed_texts.recombined(texts), 30))
    assert len(set(made)) == 30
    assert set(" ".join(made).split()) <= set(" ".join(texts).split())
    assert len(speed_texts.long_text(texts, 5000, seed=1)) == 5000


@pytest.mark.parametrize("kind", speed_texts.HOSTILE)
def test_hostile_texts_have_their_size_and_do_not_repeat(kind: str) -> None:
    first, second = (speed_texts.HOSTILE[kind](2000, variant) for variant in (0, 1))
    assert len(first) == len(second) == 2000
    assert first != second


def test_costs_stop_where_they_would_take_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speed_tasks, "CALL_LIMIT", 0.0)
    found = speed_tasks.costs(lambda text: sum(range(1000)), lambda size, _: "a" * size, [10, 20])
    assert found[0] > 0
    assert found[1] is None


def test_time_of_what_is_built_in_counts_for_who_called_it() -> None:
    ours = (str(Path(speed_tasks.moderation.__file__).parent / "text.py"), 1, "fold")
    stats = {
        ours: (1, 1, 1.0, 4.0, {}),
        ("~", 0, "<method 'sub' of 're.Pattern' objects>"): (
            1,
            1,
            3.0,
            3.0,
            {ours: (1, 1, 3.0, 3.0)},
        ),
        ("~", 0, "<built-in method numpy.bincount>"): (1, 1, 1.0, 1.0, {ours: (1, 1, 1.0, 1.0)}),
    }
    assert speed_tasks.shares(stats)["by_file"] == {"moderation/text.py": 0.8, "numpy": 0.2}


def test_a_process_is_timed_and_its_peak_is_its_own() -> None:
    ballast = b"x" * 100_000_000
    run = subprocess.run(
        [sys.executable, speed_process.__file__, "one", sys.executable, "-c", "pass"],
        capture_output=True,
        check=True,
    )
    measured = json.loads(run.stdout)
    assert measured["code"] == 0
    assert 1 < measured["peak_mb"] < len(ballast) / 1e6
    assert measured["seconds"] > 0


def test_the_readme_has_the_figures_of_the_result() -> None:
    root = Path(__file__).parents[1]
    result = json.loads((root / "benchmarks" / "results" / "speed.json").read_text())
    readme = (root / "README.md").read_text(encoding="utf-8")
    for line in speed_report.readme_lines(result):
        assert line in readme
