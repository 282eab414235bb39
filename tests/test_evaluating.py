"""``moderation evaluate``: metrics, curves, the report, and the verb."""

import json
import re
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import (
    average_precision_score,
    f1_score,
    precision_score,
    recall_score,
)
from sklearn.metrics import (
    precision_recall_curve as sklearn_curve,
)

from moderation.cli import app
from moderation.errors import ModerationError, UsageError
from moderation.model import persistence
from moderation.training import corpora, frames
from moderation.training.corpora import Corpus
from moderation.training.evaluation import (
    at_cut,
    average_precision_interval,
    evaluate,
    expected_calibration_error_by_chance,
    full_evaluation,
    official_macro_f1,
    precision_recall_curve,
    reading_needed,
    thinned,
    wilson_interval,
    workload_curve,
)
from moderation.training.report import html_report, plain_words

CUTS = {"review": 0.6, "reject": 0.9}


def sample(n: int = 600, seed: int = 3, base: float = 0.4) -> tuple[Any, Any]:
    generator = np.random.default_rng(seed)
    gold = (generator.random(n) < base).astype(float)
    odds = np.where(gold == 1, 1.0, -1.0) + 1.5 * generator.normal(size=n)
    return gold, np.round(1 / (1 + np.exp(-odds)), 2)


def test_precision_recall_and_f1_at_a_cut_agree_with_scikit_learn() -> None:
    gold, scores = sample()
    for cut in (0.3, 0.6, 0.9):
        found = at_cut(gold, scores, cut)
        for name, metric in {
            "precision": precision_score, "recall": recall_score, "f1": f1_score,
        }.items():  # fmt: skip
            assert found[name] == pytest.approx(metric(gold, scores >= cut), abs=1e-4)
            low, high = found[f"{name}_95"]
            assert low < found[name] < high
        assert found["true_positive"] + found["false_negative"] == gold.sum()
        assert found["flagged"] == pytest.approx((scores >= cut).mean(), abs=1e-4)


def test_a_cut_that_flags_nothing_has_no_precision() -> None:
    gold, scores = sample()
    found = at_cut(gold, scores, 1.1)
    assert (found["precision"], found["precision_95"], found["recall"]) == (None, None, 0.0)


def test_intervals_of_a_cut_are_those_of_resampled_comments() -> None:
    gold, scores = sample()
    generator = np.random.default_rng(0)
    recalls = []
    for _ in range(1000):
        drawn = generator.integers(0, len(gold), len(gold))
        recalls.append(recall_score(gold[drawn], scores[drawn] >= 0.6))
    expected = np.percentile(recalls, [2.5, 97.5])
    assert at_cut(gold, scores, 0.6)["recall_95"] == pytest.approx(expected, abs=0.012)


def test_the_interval_of_the_average_precision_is_that_of_resampled_comments() -> None:
    gold, scores = sample(300)
    generator = np.random.default_rng(0)
    values = []
    for _ in range(600):
        drawn = generator.integers(0, len(gold), len(gold))
        values.append(average_precision_score(gold[drawn], scores[drawn]))
    expected = np.percentile(values, [2.5, 97.5])
    assert average_precision_interval(gold, scores) == pytest.approx(expected, abs=0.015)


def test_the_official_macro_f1_averages_precision_and_recall_first() -> None:
    gold, scores = sample(base=0.15)
    flagged = scores >= 0.9
    precision = precision_score(gold, flagged, average="macro")
    recall = recall_score(gold, flagged, average="macro")
    found = official_macro_f1(gold, flagged)
    assert found == pytest.approx(2 * precision * recall / (precision + recall))
    assert found - f1_score(gold, flagged, average="macro") > 0.01
    assert official_macro_f1(gold, np.zeros(len(gold), dtype=bool)) == pytest.approx(
        2 * 0.5 * (p := (gold == 0).mean() / 2) / (0.5 + p)
    )


def test_scores_without_fault_show_a_calibration_error_that_shrinks_with_more_comments() -> None:
    spread = np.random.default_rng(1).random
    few, many = spread(1259), spread(40 * 1259)
    by_chance = expected_calibration_error_by_chance(few)
    assert by_chance == pytest.approx(0.03, abs=0.005)
    assert expected_calibration_error_by_chance(many) < by_chance / 5
    gold = (spread(1259) < few).astype(float)
    right = full_evaluation(gold, few, CUTS)
    assert right["expected_calibration_error"] < right["expected_calibration_error_by_chance_95"][1]
    too_sure = full_evaluation(gold, np.clip(few * 1.5, 0, 1), CUTS)
    assert (
        too_sure["expected_calibration_error"]
        > too_sure["expected_calibration_error_by_chance_95"][1]
    )


def test_the_full_evaluation_keeps_what_the_short_one_says() -> None:
    gold, scores = sample()
    full = full_evaluation(gold, scores, CUTS, 0.1)
    short = evaluate(gold, scores)
    assert {name: full[name] for name in short} == short


def test_the_workload_falls_from_reading_all_to_missing_all() -> None:
    gold, scores = sample()
    points = workload_curve(gold, scores)
    assert (points[0]["read"], points[0]["missed"]) == (1, 0)
    assert points[-1] == {"cut": None, "read": 0, "missed": 1}
    assert (np.diff([point["read"] for point in points]) < 0).all()
    assert (np.diff([point["missed"] for point in points]) >= 0).all()
    for point in points[::7][:-1]:
        flagged = scores >= point["cut"]
        assert point["read"] == pytest.approx(flagged.mean(), abs=1e-4)
        assert point["missed"] == pytest.approx(1 - flagged[gold == 1].mean(), abs=1e-4)


def test_the_precision_recall_curve_agrees_with_scikit_learn() -> None:
    gold, scores = sample()
    precision, recall, cuts = sklearn_curve(gold, scores)
    points = precision_recall_curve(gold, scores)
    assert [point["cut"] for point in points] == list(cuts)
    assert [point["precision"] for point in points] == pytest.approx(precision[:-1], abs=1e-4)
    assert [point["recall"] for point in points] == pytest.approx(recall[:-1], abs=1e-4)


def test_reweighting_to_the_own_share_changes_nothing() -> None:
    gold, scores = sample()
    own = float(gold.mean())
    weighted = full_evaluation(gold, scores, CUTS, own)
    assert weighted.pop("average_precision_at_abuse_share") == weighted["average_precision"]
    assert weighted == full_evaluation(gold, scores, CUTS)


def test_reweighting_is_like_having_so_many_more_harmless_comments() -> None:
    gold, scores = sample()
    times = 9
    gold_more = np.concatenate([gold, *[gold[gold == 0]] * (times - 1)])
    scores_more = np.concatenate([scores, *[scores[gold == 0]] * (times - 1)])
    share = float(gold_more.mean())
    assert workload_curve(gold, scores, share) == workload_curve(gold_more, scores_more)
    found, expected = at_cut(gold, scores, 0.6, share), at_cut(gold_more, scores_more, 0.6)
    for name in ("precision", "recall", "f1", "flagged"):
        assert found[name] == pytest.approx(expected[name], abs=1e-4)


def test_the_reading_needed_is_the_least_that_catches_enough() -> None:
    gold, scores = sample()
    curve = workload_curve(gold, scores)
    for row in reading_needed(curve):
        enough = [point["read"] for point in curve if 1 - point["missed"] >= row["caught"]]
        assert row["read"] == min(enough)


def test_a_thinned_curve_keeps_its_ends() -> None:
    points = [{"x": number} for number in range(1001)]
    few = thinned(points, 50)
    assert len(few) == 50
    assert (few[0], few[-1]) == (points[0], points[-1])
    assert thinned(few, 50) == few


def test_the_interval_of_a_share_holds_it_even_when_it_is_nothing() -> None:
    assert wilson_interval(0.0, 10) == (0.0, pytest.approx(0.2775, abs=1e-4))
    low, high = wilson_interval(0.5, 100)
    assert (low, high) == (pytest.approx(0.4038, abs=1e-4), pytest.approx(0.5962, abs=1e-4))


# The report


def record(
    model: str = "news", abuse_share: float | None = None, data: str = "rp-crowd-3"
) -> dict[str, Any]:
    gold, scores = sample()
    one = {"head": "abusive", "data": data, "rows": "test part", "remarks": ["read <this>"]}
    return {
        "model": model,
        "digest": "0123456789abcdef" * 4,
        "main": "abusive",
        "abuse_share": abuse_share,
        "per_shift": 400,
        "evaluations": [{**one, **full_evaluation(gold, scores, CUTS, abuse_share)}],
    }


def test_the_report_needs_nothing_but_itself() -> None:
    page = html_report(record())
    for forbidden in ("http:", "https:", "//", "<script", "<link", "<img", "url(", "@import"):
        assert forbidden not in page
    assert "default-src 'none'" in page
    assert len(re.findall("<svg", page)) == 3


def test_the_same_evaluation_gives_the_same_report_with_model_and_digest() -> None:
    page = html_report(record())
    assert page == html_report(record())
    assert "0123456789abcdef" in page
    assert "rp-crowd-3" in page
    assert "$" not in page


def test_hostile_names_stay_text() -> None:
    page = html_report(record("<script>alert(1)</script>", data='"><b onclick="x">\u202eevil'))
    assert "<script" not in page
    assert "<b " not in page
    assert "\u202e" not in page
    assert "&lt;script&gt;" in page
    assert "Read &lt;this&gt;." in page


def test_the_report_says_which_share_of_abuse_it_is_about() -> None:
    assert "re-weighted to 10 %" in html_report(record(abuse_share=0.1))
    assert "re-weighted" not in html_report(record())


def test_plain_words_add_up_and_agree_with_the_cut() -> None:
    (one,) = record(abuse_share=0.1)["evaluations"]
    review, reject = plain_words(one, 0.1, 400)
    assert "In a shift of 400 comments, 40 of them abusive" in review
    assert f"of 100 abusive comments, {100 * one['cuts']['review']['recall']:.0f} are" in review
    for words in (review, reject):
        read, caught, alarms, missed = (
            int(re.search(pattern, words)[1])  # type: ignore[index]
            for pattern in (
                r"makes (\d+)", r"read: (\d+) abusive", r"(\d+) harmless;", r"; (\d+) abusive ones",
            )
        )  # fmt: skip
        assert read == caught + alarms
        assert caught + missed == 40


# The verb


class StandIn(SimpleNamespace):
    """A model that counts rude words; the verb needs no more of a classifier."""

    def log_odds(self, texts: list[str]) -> Any:
        rude = np.array([[text.count("Idiot") + len(text) % 3 - 1.5] for text in texts], float)
        return np.hstack([rude, -rude])


@pytest.fixture
def stand_in(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    folder = tmp_path / "model"
    folder.mkdir()
    settings = {"corpora": [{"id": "learned"}], "own_rows": {}}
    (folder / "model.json").write_text(json.dumps(settings))
    model = StandIn(
        name="stand-in", digest="feed" * 16, heads=("abusive", "insult"), main="abusive",
        thresholds=SimpleNamespace(review=0.6, reject=0.9),
    )  # fmt: skip
    monkeypatch.setattr(persistence, "model_folder", lambda name: folder)
    monkeypatch.setattr(persistence, "load", lambda place: model)
    monkeypatch.setattr(
        persistence, "checked_json", lambda place, name: json.loads((place / name).read_text())
    )
    known = [
        Corpus(name, name, "", "", "", "", "", "gahd", "", evaluation_only=name == "new")
        for name in ("learned", "no-test-part", "new")
    ]
    monkeypatch.setattr(corpora, "CORPORA", tuple(known))
    monkeypatch.setattr(corpora, "locate", lambda corpus, folder: Path(corpus.id))
    monkeypatch.setattr(frames, "read_corpus", lambda corpus, path: corpus_frame(corpus))
    return folder


def corpus_frame(corpus: Corpus) -> pd.DataFrame:
    texts = [f"{'Du Idiot' if number % 2 else 'Danke'} {number}" for number in range(40)]
    frame = frames.house_frame(texts, [number % 2 for number in range(40)], "abusive")
    frame["part"] = "train"
    if corpus.id != "no-test-part":
        frame.loc[:9, "part"] = "test"
    return frame


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[dict[str, Any], str]:
    """Return the printed object and the messages; errors are raised."""
    app(["evaluate", *arguments], standalone_mode=False)
    captured = capsys.readouterr()
    return json.loads(captured.out), captured.err


def table(tmp_path: Path, content: str = "") -> str:
    path = tmp_path / "decisions.csv"
    rows = "".join(f"Du Idiot Nummer {n},1\nDanke für Nummer {n},0\n" for n in range(12))
    path.write_text(content or f"text,label\n{rows}Du Idiot Nummer 3!,1\n!?!,0\n", "utf-8")
    return str(path)


def test_every_row_of_a_file_is_evaluated_and_repeated_texts_count_once(
    stand_in: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    printed, messages = run(capsys, "m", table(tmp_path))
    (one,) = printed["evaluations"]
    assert (one["head"], one["data"], one["rows"], one["n"]) == (
        "abusive", "decisions.csv", "all rows", 24,
    )  # fmt: skip
    assert "repeated texts count once (1 left out)" in messages
    assert "comments without a word are left out (1)" in messages
    assert "only 12 comments of one kind" in messages
    assert printed["digest"] == "feed" * 16
    assert {"precision_95", "recall_95", "f1_95"} <= set(one["cuts"]["review"])
    assert {"roc_auc_95", "official_macro_f1", "expected_calibration_error_by_chance"} <= set(one)


def test_the_report_of_a_file_quotes_no_comment_and_comes_out_the_same_again(
    stand_in: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    reports = tmp_path / "reports"
    reports.mkdir()
    for name in ("1.html", "2.html"):
        run(capsys, "m", table(tmp_path), "--html", str(reports / name), "--abuse-share", "10 %")
    first, second = sorted(reports.iterdir())
    assert first.read_bytes() == second.read_bytes()
    page = first.read_text("utf-8")
    assert "Nummer" not in page
    assert "Idiot" not in page
    assert "re-weighted to 10 %" in page


def test_of_a_corpus_the_model_has_learned_from_only_the_test_part_counts(
    stand_in: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    printed, messages = run(capsys, "m", "learned", "new")
    assert [(one["data"], one["rows"], one["n"]) for one in printed["evaluations"]] == [
        ("learned", "test part", 10),
        ("new", "all rows", 40),
    ]
    assert "learned: test part, 10 comments" in messages
    assert "new: all rows, 40 comments" in messages


def test_numbers_that_are_too_good_are_called_so(
    stand_in: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = {"corpora": [{"id": "no-test-part"}], "own_rows": {"house": 100}}
    (stand_in / "model.json").write_text(json.dumps(settings))
    printed, _ = run(capsys, "m", "no-test-part", table(tmp_path))
    for one in printed["evaluations"]:
        assert any("too good" in remark for remark in one["remarks"])


def test_another_score_can_be_evaluated_on_a_file(
    stand_in: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    printed, _ = run(capsys, "m", table(tmp_path), "--head", "insult")
    (one,) = printed["evaluations"]
    main, _ = run(capsys, "m", table(tmp_path))
    # The stand-in's second score is the opposite of its first.
    assert one["head"] == "insult"
    assert one["roc_auc"] == pytest.approx(1 - main["evaluations"][0]["roc_auc"], abs=1e-3)


@pytest.mark.parametrize(
    ("arguments", "content", "message"),
    [
        (["FILE"], "text,label\n", "a.csv: .*cannot be told apart"),
        (["FILE"], "", "a.csv: empty"),
        (["new", "--html", "-"], "", "--html -: name a file"),
        (["FILE", "--positive", "1"], "text,label\na b,1\nb c,1\n", "all 2 comments .* abusive"),
        (["FILE", "--head", "wit"], "text,label\na b,1\nb c,0\n", "it has abusive, insult"),
        (["nowhere.csv"], "", "nowhere.csv: no such file.*the corpora are learned"),
        (["new", "--head", "insult"], "", "new: no labels of both kinds for --head insult; it has"),
        (["new", "--abuse-share", "10"], "", "--abuse-share 10: not a share.*10%"),
        (["new", "--abuse-share", "viel"], "", "--abuse-share viel"),
        (["new", "--abuse-share", "0%"], "", "--abuse-share 0%"),
        (["new", "--abuse-share", "nan"], "", "--abuse-share nan"),
    ],
)
def test_mistakes_end_in_one_line_with_the_remedy(
    stand_in: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    content: str,
    message: str,
) -> None:
    path = tmp_path / "a.csv"
    path.write_text(content, "utf-8")
    given = [str(path) if one == "FILE" else one for one in arguments]
    with pytest.raises(ModerationError, match=message) as caught:
        run(capsys, "m", *given)
    assert "\n" not in str(caught.value)


def test_the_report_never_replaces_the_data(
    stand_in: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = table(tmp_path)
    with pytest.raises(UsageError, match="is also an input"):
        run(capsys, "m", path, "--html", path)


@pytest.mark.parametrize("given", ["10%", "10 %", "0.1", "0,1", "10,0 %"])
def test_a_share_may_be_written_as_people_write_it(
    stand_in: Path, capsys: pytest.CaptureFixture[str], given: str
) -> None:
    printed, _ = run(capsys, "m", "new", "--abuse-share", given)
    assert printed["abuse_share"] == pytest.approx(0.1)


def test_a_terminal_shows_metrics_cuts_and_plain_words(
    stand_in: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "100")
    app(["evaluate", "m", "new"], standalone_mode=False)
    shown = capsys.readouterr().out
    for words in ("abusive on new", "ROC-AUC", "official macro-F1", "≥ 0.600", "In a shift of 400"):
        assert words in shown
    assert max(map(len, shown.splitlines())) <= 100
