"""Cuts with a promise: bounds, their choice, and the verb."""

import csv
import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import beta, binomtest

from moderation.cli.thresholds import parsed_share, parsed_workload
from moderation.errors import ModelError, UsageError
from moderation.model.classifier import Classifier, Thresholds, logistic
from moderation.model.features import EMPTY_VOCABULARY, FeatureSettings, batch_of, occurrences
from moderation.model.persistence import load, save
from moderation.model.style import STYLE_FEATURES
from moderation.training.operating_points import (
    GRID,
    HeldOut,
    PromiseError,
    Wishes,
    choose,
    needed,
    operating_points,
    publish_cut,
    reject_cut,
    two_sided,
    upper_bound,
    workload_cut,
)

# Scores of a classifier whose truth is known: abusive ones Beta(4, 2), harmless ones Beta(2, 4).
ABUSIVE, HARMLESS = beta(4, 2), beta(2, 4)
SAMPLES = 400


def sample(seed: int, abusive: int = 300, harmless: int = 600) -> HeldOut:
    generator = np.random.default_rng(seed)
    scores = np.concatenate(
        [generator.beta(4, 2, size=abusive), generator.beta(2, 4, size=harmless)]
    )
    gold = np.repeat([1.0, 0.0], [abusive, harmless])
    return HeldOut.from_record(operating_points(gold, scores))


def perfect(abusive: int, harmless: int) -> HeldOut:
    gold = np.repeat([1.0, 0.0], [abusive, harmless])
    return HeldOut.from_record(operating_points(gold, np.where(gold == 1, 0.9999, 0.0001)))


def test_bounds_have_their_known_values() -> None:
    assert upper_bound(0, 59, 0.95) == pytest.approx(0.0495, abs=5e-5)
    assert upper_bound(0, 20, 0.95) == pytest.approx(0.139, abs=5e-4)
    assert upper_bound(20, 20, 0.95) == 1
    assert upper_bound(0, 0, 0.95) == 1
    assert needed(0.05, 0.95) == 59
    assert needed(0.01, 0.95) == 299


@given(st.integers(0, 80), st.integers(1, 80), st.sampled_from([0.8, 0.9, 0.95, 0.99]))
def test_bounds_agree_with_scipy_s_exact_test(found: int, size: int, confidence: float) -> None:
    found = min(found, size)
    one = binomtest(found, size, alternative="less").proportion_ci(confidence, method="exact")
    assert upper_bound(found, size, confidence) == pytest.approx(one.high)
    both = binomtest(found, size).proportion_ci(confidence, method="exact")
    assert two_sided(found, size, confidence) == pytest.approx((both.low, both.high))


@given(
    st.floats(0.002, 0.9), st.sampled_from([0.5, 0.9, 0.95, 0.99]), st.sampled_from([0, 1, 2, 7])
)
def test_as_many_as_needed_suffice_and_one_fewer_does_not(
    at_most: float, confidence: float, found: int
) -> None:
    enough = needed(at_most, confidence, found)
    assert upper_bound(found, enough, confidence) <= at_most
    assert upper_bound(found, enough - 1, confidence) > at_most
    if found == 0:
        assert enough == np.ceil(np.log(1 - confidence) / np.log(1 - at_most))


def test_comments_at_a_cut_are_not_below_it() -> None:
    gold = np.array([0.0, 1.0, 1.0, 0.0])
    record = operating_points(gold, np.array([0.3, 0.3, 0.005, 1.0]))
    at = {cut: index for index, cut in enumerate(record["scores"])}
    assert [record["abusive_below"][at[cut]] for cut in (0.005, 0.01, 0.3, 0.305)] == [0, 1, 1, 2]
    assert [record["harmless_below"][at[cut]] for cut in (0.3, 0.305, 0.995)] == [0, 1, 1]
    assert (record["abusive"], record["harmless"], len(record["scores"])) == (2, 2, 199)
    assert json.loads(json.dumps(record)) == record


@pytest.mark.parametrize(
    "change",
    [
        {"scores": list(GRID[::-1])},
        {"abusive_below": [0] * 198},
        {"abusive_below": [3] * 199},
        {"harmless_below": [0.5] * 199},
        {"harmless": "many"},
        {"scores": None},
        {"scores": [], "abusive_below": [], "harmless_below": []},
    ],
)
def test_counts_that_do_not_fit_are_refused(change: dict[str, Any]) -> None:
    record = operating_points(np.array([0.0, 1.0]), np.array([0.2, 0.8]))
    with pytest.raises(ModelError, match="retrain"):
        HeldOut.from_record({**record, **change})


def test_the_publish_promise_is_kept_as_often_as_it_says() -> None:
    kept = bold = 0
    for seed in range(SAMPLES):
        held_out = sample(seed)
        kept += ABUSIVE.cdf(publish_cut(held_out, 0.1, 0.95)) <= 0.1
        # Without a bound, the cut that looks right is wrong half of the time.
        looks_right = np.flatnonzero(held_out.abusive_below / held_out.abusive <= 0.1)[-1]
        bold += ABUSIVE.cdf(held_out.cuts[looks_right]) <= 0.1
    assert kept >= 0.93 * SAMPLES
    assert bold < 0.8 * SAMPLES


def test_the_reject_promise_is_kept_as_often_as_it_says() -> None:
    cuts = [reject_cut(sample(seed), 0.02, 0.95) for seed in range(SAMPLES)]
    assert (HARMLESS.sf(cuts) <= 0.02).sum() >= 0.93 * SAMPLES
    assert max(cuts) < GRID[-1]


@pytest.mark.parametrize("abuse_share", [None, 0.1])
def test_the_workload_promise_is_kept_as_often_as_it_says(abuse_share: float | None) -> None:
    cuts = np.array([workload_cut(sample(seed), 0.2, 0.95, abuse_share) for seed in range(SAMPLES)])
    share = 1 / 3 if abuse_share is None else abuse_share
    load = share * ABUSIVE.sf(cuts) + (1 - share) * HARMLESS.sf(cuts)
    assert (load <= 0.2).sum() >= 0.93 * SAMPLES
    # Not by promising next to nothing.
    assert load.mean() > 0.14


def test_a_sequence_stops_at_its_first_failure() -> None:
    held_out = sample(1)
    cut = publish_cut(held_out, 0.1, 0.95)
    index = GRID.index(cut)
    bounds = upper_bound(held_out.abusive_below, held_out.abusive, 0.95)
    assert bounds[index] <= 0.1 < bounds[index + 1]
    index = GRID.index(reject_cut(held_out, 0.05, 0.95))
    bounds = upper_bound(held_out.harmless - held_out.harmless_below, held_out.harmless, 0.95)
    assert bounds[index] <= 0.05 < bounds[index - 1]


@given(st.integers(0, 50), st.floats(0.1, 0.9), st.floats(0.1, 0.9), st.booleans())
def test_who_can_read_more_gets_a_lower_cut(
    seed: int, one: float, other: float, weighted: bool
) -> None:
    held_out, abuse_share = sample(seed), 0.1 if weighted else None
    low, high = sorted((one, other))
    cuts = [workload_cut(held_out, load, 0.95, abuse_share) for load in (low, high)]
    assert cuts[0] >= cuts[1]


def test_less_abuse_means_less_to_read() -> None:
    held_out = sample(2)
    assert workload_cut(held_out, 0.2, 0.95, 0.05) < workload_cut(held_out, 0.2, 0.95, 0.5)


def test_too_few_comments_say_how_many_are_needed() -> None:
    with pytest.raises(PromiseError) as raised:
        publish_cut(perfect(20, 500), 0.05, 0.95)
    assert str(raised.value) == (
        "0 of 20 abusive comments below any cut still allows 13.9 %; at least 59 are needed for "
        "5 % at 95 %"
    )
    assert raised.value.exit_code == 1
    assert publish_cut(perfect(59, 500), 0.05, 0.95) == GRID[-1]
    with pytest.raises(PromiseError, match="at least 299 are needed for 1 % at 95 %"):
        reject_cut(perfect(500, 298), 0.01, 0.95)
    assert reject_cut(perfect(500, 299), 0.01, 0.95) == GRID[0]


def test_abuse_below_the_lowest_cut_is_named() -> None:
    scores, gold = np.r_[0.001, 0.002, np.full(58, 0.9)], np.ones(60)
    held_out = HeldOut.from_record(operating_points(gold, scores))
    with pytest.raises(PromiseError, match=r"2 of 60 abusive .* lowest .* 124 if 2 are"):
        publish_cut(held_out, 0.05, 0.95)


def test_a_workload_no_cut_keeps_says_what_is_needed() -> None:
    with pytest.raises(PromiseError, match=r"at least 299 comments are needed for 1 %"):
        workload_cut(perfect(0, 100), 0.01, 0.95)
    with pytest.raises(PromiseError, match=r"at least 368 comments of either kind are needed"):
        workload_cut(perfect(100, 100), 0.01, 0.95, 0.001)
    assert needed(0.01, 0.975) == 368


def test_both_promises_are_kept_where_both_can_be() -> None:
    held_out = sample(3)
    wishes = Wishes(0.95, miss_at_most=0.3, workload=140, per_shift=400, abuse_share=0.1)
    chosen = choose(held_out, wishes, 0.9)
    assert chosen.publish == workload_cut(held_out, 0.35, 0.95, 0.1)
    assert chosen.publish <= publish_cut(held_out, 0.3, 0.95)
    assert (chosen.missed.promised, chosen.reading.promised) == (0.3, 0.35)
    assert chosen.missed.low < chosen.missed.seen < chosen.missed.high < 0.3
    assert chosen.reading.low < chosen.reading.seen < chosen.reading.high


def test_promises_that_exclude_each_other_say_by_how_much() -> None:
    held_out = sample(3)
    wishes = Wishes(0.95, miss_at_most=0.02, workload=40, per_shift=400, abuse_share=0.1)
    with pytest.raises(
        PromiseError, match=r"not both: .* too many\); .* points too many"
    ) as raised:
        choose(held_out, wishes, 0.9)
    assert f"at most {publish_cut(held_out, 0.02, 0.95):.3f}," in str(raised.value)
    assert f"at least {workload_cut(held_out, 0.1, 0.95, 0.1):.3f}," in str(raised.value)


def test_all_that_cannot_be_promised_is_named_at_once() -> None:
    wishes = Wishes(0.95, miss_at_most=0.05, workload=1, false_reject_at_most=0.01)
    with pytest.raises(PromiseError, match=r"misses: .*; workload: .*; false rejections: "):
        choose(perfect(20, 20), wishes, 0.9)


def test_a_reject_cut_nobody_asked_for_stays_without_a_promise() -> None:
    chosen = choose(perfect(100, 100), Wishes(0.95, miss_at_most=0.05), 0.9163)
    assert chosen.false_rejects.promised is None
    assert "at least 299 are needed" in chosen.remarks[0]
    assert chosen.reject == chosen.publish == GRID[-1]
    held_out = sample(4, harmless=100)
    assert choose(held_out, Wishes(0.95, miss_at_most=0.1), 0.9163).reject == 0.92


def test_a_reject_cut_below_the_publish_cut_is_raised_to_it() -> None:
    chosen = choose(sample(5), Wishes(0.95, miss_at_most=0.9, false_reject_at_most=0.3), 0.9)
    assert chosen.publish == chosen.reject
    assert "raised" in chosen.remarks[0]


@pytest.mark.parametrize(
    ("text", "share"),
    [("5%", 0.05), ("5 %", 0.05), ("0.05", 0.05), ("2,5 %", 0.025), ("0,05", 0.05), (".5", 0.5)],
)
def test_shares_are_read(text: str, share: float) -> None:
    assert parsed_share("--miss-at-most", text) == pytest.approx(share)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("5", r"--miss-at-most 5: per cent or not\? write 5% or 0.05"),
        ("1", "per cent or not"),
        ("100%", "between 0 % and 100 %"),
        ("0", "between"),
        ("-5%", "not a share"),
        ("nan", "not a share"),
        ("", "not a share"),
        ("5%%", "not a share"),
    ],
)
def test_shares_that_are_none_or_ambiguous_are_refused(text: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        parsed_share("--miss-at-most", text)


def test_workloads_are_read() -> None:
    assert [parsed_workload(text) for text in ("40/shift", "40", "40 / shift", "2,5")] == [
        40, 40, 40, 2.5,
    ]  # fmt: skip
    for wrong in ("0", "40/day", "-3", "inf", ""):
        with pytest.raises(UsageError, match="40/shift"):
            parsed_workload(wrong)


# The verb, on a model that knows one word.

RUDE, NICE = "Idiot", "Blume"


def knowing() -> Classifier:
    settings = FeatureSettings(bits=10)
    weights = np.zeros((1024, 2), np.float32)
    for word, weight in ((RUDE, 2.0), (NICE, -2.0)):
        for found in occurrences(batch_of([word]), settings):
            weights[found.columns] += np.float32(weight)
    return Classifier(
        name="knowing",
        heads=("abusive", "insult"),
        main="abusive",
        thresholds=Thresholds(0.5, 0.9),
        settings=settings,
        vocabulary=EMPTY_VOCABULARY,
        weights=weights.astype(np.float16).astype(np.float32),
        biases=np.zeros(2),
        style_weights=np.zeros((len(STYLE_FEATURES), 2)),
        style_mean=np.zeros(len(STYLE_FEATURES)),
        style_scale=np.ones(len(STYLE_FEATURES)),
        calibration=np.tile([1.0, 1.0, 0.0], (2, 1)),
    )


def texts_of(abusive: int, harmless: int) -> list[tuple[str, int]]:
    return [
        *((f"{RUDE} nummer {number}", 1) for number in range(abusive)),
        *((f"{NICE} ziffer {number}", 0) for number in range(harmless)),
    ]


def table(path: Path, rows: list[tuple[str, int]]) -> str:
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([("text", "label"), *rows])
    return str(path)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    classifier, rows = knowing(), texts_of(80, 320)
    scores = logistic(classifier.log_odds([text for text, _ in rows]))[:, 0]
    counts = operating_points(np.array([float(label) for _, label in rows]), scores)
    save(
        classifier,
        tmp_path / "knowing",
        facts={"corpora": [{"id": "x"}]},
        metrics={"operating_points": {"abusive": {"rp-crowd-3": counts}}},
        card="# Model `knowing`\n\nText.\n",
    )
    return tmp_path / "knowing"


def run(*arguments: str) -> Any:
    done = subprocess.run(
        [sys.executable, "-m", "moderation", "thresholds", *arguments],
        capture_output=True,
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
        check=False,
        encoding="utf-8",
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done


def test_the_counts_of_the_model_are_enough(folder: Path) -> None:
    done = run("--model", str(folder), "--miss-at-most", "5 %")
    assert done.returncode == 0, done.stderr
    record = json.loads(done.stdout)
    assert record["held_out"] == {"source": "rp-crowd-3", "abusive": 80, "harmless": 320}
    assert record["publish"]["abusive_below"]["promised"] == 0.05
    assert record["reject"]["harmless_from"]["promised"] == 0.01
    assert record["promises"][0] == (
        "With 95 % confidence, of 100 abusive comments like the 80 held-out ones (rp-crowd-3), at "
        f"most 5 on average are below {record['publish']['below']:.3f} and would be recommended "
        "for publication."
    )
    assert any("--abuse-share" in line for line in record["limits"])


def test_the_corpus_a_head_is_calibrated_for_goes_before_a_larger_one(
    folder: Path, tmp_path: Path
) -> None:
    metrics = json.loads((folder / "metrics.json").read_text("utf-8"))
    gold = np.repeat([1.0, 0.0], 1000)
    metrics["operating_points"]["abusive"]["gahd"] = operating_points(gold, gold)
    sources = []
    for number, homes in enumerate(({"abusive": ["rp-crowd-3"]}, {})):
        copy = tmp_path / f"copy-{number}"
        save(knowing(), copy, facts={}, metrics={**metrics, "homes": homes}, card="# Model\n")
        sources.append(json.loads(run("--model", str(copy)).stdout)["held_out"]["source"])
    assert sources == ["rp-crowd-3", "gahd"]


def test_labelled_comments_are_scored_and_repeated_ones_count_once(
    folder: Path, tmp_path: Path
) -> None:
    rows = texts_of(80, 320)
    repeated = [*rows, (f"{RUDE} NUMMER 0!", 1), (f"{RUDE} nummer 1", 0)]
    data = table(tmp_path / "house.csv", repeated)
    done = run(data, "--model", str(folder), "--workload", "130/shift", "--abuse-share", "10%")
    assert done.returncode == 0, done.stderr
    record = json.loads(done.stdout)
    assert record["held_out"] == {"source": "house.csv", "abusive": 80, "harmless": 320}
    assert "2 repeated texts count once (1 are labelled both ways" in done.stderr
    assert "void" in done.stderr
    assert "400 comments a shift, 10 % of them abusive, at most 130 on" in record["promises"][0]
    # What is promised is true of the comments it was chosen on.
    scores = logistic(knowing().log_odds([text for text, _ in rows]))[:, 0]
    harmless, abusive = scores[80:], scores[:80]
    cut = record["publish"]["below"]
    load = 0.1 * (abusive >= cut).mean() + 0.9 * (harmless >= cut).mean()
    assert record["reading"]["share"]["seen"] == pytest.approx(load, abs=1e-4)
    assert load <= 130 / 400


def test_what_cannot_be_promised_ends_with_exit_code_1(folder: Path, tmp_path: Path) -> None:
    data = table(tmp_path / "few.csv", texts_of(20, 400))
    target = tmp_path / "new"
    done = run(data, "--model", str(folder), "--miss-at-most", "5%", "--apply", str(target))
    assert (done.returncode, done.stdout) == (1, "")
    assert "0 of 20 abusive comments below any cut still allows 13.9 %" in done.stderr
    assert "at least 59 are needed for 5 % at 95 %" in done.stderr
    assert not target.exists()


def test_apply_writes_a_model_with_these_cuts(folder: Path, tmp_path: Path) -> None:
    target = tmp_path / "house"
    done = run("--model", str(folder), "--apply", str(target), "--false-reject-at-most", "2%")
    assert done.returncode == 0, done.stderr
    record = json.loads(done.stdout)
    old, new = load(folder), load(target)
    assert new.thresholds == Thresholds(record["publish"]["below"], record["reject"]["from"])
    assert new.thresholds != old.thresholds
    assert (new.weights == old.weights).all()
    assert json.loads((target / "metrics.json").read_text("utf-8")) == json.loads(
        (folder / "metrics.json").read_text("utf-8")
    )
    facts = json.loads((target / "model.json").read_text("utf-8"))
    assert facts["corpora"] == [{"id": "x"}]
    assert facts["thresholds_chosen"]["promises"] == record["promises"]
    card = (target / "README.md").read_text("utf-8")
    assert card.startswith("# Model `knowing`\n\nCuts replaced by `moderation thresholds`: below ")
    assert card.endswith("\n\nText.\n")
    again = run("--model", str(folder), "--apply", str(target))
    assert (again.returncode, again.stdout) == (2, "")
    assert f"{target}: exists" in again.stderr
    # The copy carries its counts and can be cut anew.
    assert run("--model", str(target)).returncode == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--miss-at-most", "5"], "write 5% or 0.05"),
        (["--confidence", "40%"], "less than 50 %"),
        (["--head", "spam"], "no score 'spam'; it has abusive, insult"),
        (["--head", "insult"], "no counts of held-out comments for insult"),
        (["--head", "insult", "--apply", "x"], "decides by abusive, not by insult"),
    ],
)
def test_what_does_not_fit_ends_in_one_line(
    folder: Path, arguments: list[str], message: str
) -> None:
    done = run("--model", str(folder), *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_head_that_does_not_decide_recommends_nothing(folder: Path, tmp_path: Path) -> None:
    data = table(tmp_path / "house.csv", texts_of(80, 320))
    done = run(data, "--model", str(folder), "--head", "insult")
    record = json.loads(done.stdout)
    assert not any("recommended" in line for line in record["promises"])
    assert "this model decides by abusive" in record["limits"][-1]


def test_damaged_counts_are_refused(folder: Path, tmp_path: Path) -> None:
    metrics = {"operating_points": {"abusive": {"rp-crowd-3": {"scores": [0.5]}}}}
    save(
        replace(knowing(), name="damaged"),
        tmp_path / "damaged",
        facts={},
        metrics=metrics,
        card="# Model\n",
    )
    done = run("--model", str(tmp_path / "damaged"))
    assert (done.returncode, done.stdout) == (4, "")
    assert "operating points cannot be read" in done.stderr
