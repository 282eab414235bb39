"""Corpora, frames, the estimator, fitting, and a house's own labels."""

import inspect
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.utils.estimator_checks import check_estimator

from moderation.errors import CorpusError, ModerationError, UsageError
from moderation.model.classifier import Classifier
from moderation.model.features import FeatureSettings
from moderation.training import fitting, stacking
from moderation.training.contrast import contrast_table
from moderation.training.corpora import CORPORA, TRAINING_CORPORA, Corpus, data_folders, locate
from moderation.training.estimator import LogCountRatioClassifier
from moderation.training.evaluation import evaluate
from moderation.training.fitting import count_matrix, train
from moderation.training.frames import (
    contrast_frame,
    house_frame,
    load_corpora,
    read_corpus,
    text_key,
    without_leaks,
)
from moderation.training.house import HouseColumns, read_house
from moderation.training.stacking import Features, fit_bases, fit_head

NICE = ["danke", "schön", "gut", "Artikel", "interessant", "freue", "lesen", "Stadt"]
RUDE = ["Idiot", "Trottel", "Dreck", "dumm", "Lügner", "Pack", "Abschaum", "blöd"]


def comments(count: int, seed: int = 1) -> tuple[list[str], list[int]]:
    generator = np.random.default_rng(seed)
    labels = generator.integers(0, 2, count)
    texts = [
        " ".join(generator.choice(RUDE if label else NICE, 3)) + f" nummer {number}"
        for number, label in enumerate(labels)
    ]
    return texts, [int(label) for label in labels]


def test_the_estimator_keeps_scikit_learns_contract() -> None:
    failed = [
        result["check_name"]
        for result in check_estimator(LogCountRatioClassifier(), on_fail=None, on_skip=None)
        if result["status"] == "failed"
    ]
    assert failed == []


def test_the_estimator_equals_the_same_steps_written_by_hand() -> None:
    generator = np.random.default_rng(3)
    counts = generator.poisson(0.4, (200, 12)).astype(float)
    dense = generator.normal(size=(200, 2))
    gold = (counts[:, 0] + generator.normal(size=200) > 0.5).astype(int)
    weights = np.where(np.arange(200) % 2, 1.0, 0.3)
    present = (counts > 0).T
    positive = present @ (weights * (gold == 1)) + 0.5
    negative = present @ (weights * (gold == 0)) + 0.5
    ratios = np.log(positive / positive.sum()) - np.log(negative / negative.sum())
    by_hand = LogisticRegression(C=10.0, solver="liblinear", tol=1e-3)
    by_hand.fit(sp.csr_matrix(np.hstack([counts * ratios, dense])), gold, sample_weight=weights)
    expected = by_hand.coef_[0] * np.append(ratios, [1.0, 1.0])

    learner = LogCountRatioClassifier(counted=12)
    learner.fit(np.hstack([counts, dense]), gold, sample_weight=weights)
    assert learner.coef_ == pytest.approx(expected)
    assert clone(learner).get_params() == learner.get_params()


def test_training_counts_give_the_score_of_the_classifier() -> None:
    texts, labels = comments(120)
    frame = without_leaks(house_frame(texts, labels, "abusive"))
    classifier = train(frame, name="t", settings=FeatureSettings(bits=12), jobs=1).classifier
    sample = [*texts[:5], "", "Ganz anderes!"]
    matrix = count_matrix(sample, classifier.settings, classifier.vocabulary)
    by_matrix = matrix @ classifier.weights[:, 0].astype(float) + classifier.biases[0]
    by_matrix += (
        fitting.standardise(
            fitting.style_matrix(sample), classifier.style_mean, classifier.style_scale
        )
        @ classifier.style_weights[:, 0]
    )
    assert classifier.linear_log_odds(sample)[:, 0] == pytest.approx(by_matrix, abs=1e-6)


def test_training_twice_gives_the_same_model() -> None:
    texts, labels = comments(120)
    frame = without_leaks(house_frame(texts, labels, "abusive"))
    first, second = (train(frame, name="t", jobs=1) for _ in range(2))
    assert (first.classifier.weights == second.classifier.weights).all()
    assert first.metrics == second.metrics


def test_what_was_learned_is_measured_on_held_out_comments() -> None:
    texts, labels = comments(200)
    trained = train(without_leaks(house_frame(texts, labels, "abusive")), name="t", jobs=1)
    assert trained.metrics["held_out"]["abusive"]["house"]["roc_auc"] > 0.95


def test_shuffled_labels_teach_nothing() -> None:
    texts, labels = comments(400)
    shuffled = list(np.random.default_rng(5).permutation(labels))
    trained = train(without_leaks(house_frame(texts, shuffled, "abusive")), name="t", jobs=1)
    assert trained.metrics["held_out"]["abusive"]["house"]["roc_auc"] < 0.7


def two_corpora() -> pd.DataFrame:
    """Return a corpus of newspaper comments and one of tweets with labels of their own."""
    texts, labels = comments(400, seed=2)
    frame = house_frame(texts, labels, "abusive").assign(part="train")
    frame["corpus"] = np.where(np.arange(400) % 2, "rp-crowd-3", "germeval2018")
    return without_leaks(frame)


def features_of(frame: pd.DataFrame) -> Features:
    counts = count_matrix(frame["text"].tolist(), FeatureSettings(bits=12))
    return Features(counts, np.empty(0, dtype=np.intp), np.zeros((len(frame), 1)))


def test_every_corpus_has_a_base_of_its_own() -> None:
    frame = two_corpora()
    bases = fit_bases(frame, features_of(frame), ["abusive"], jobs=1)
    assert bases is not None
    assert bases.corpora == ("germeval2018", "rp-crowd-3")


def test_out_of_fold_log_odds_are_those_of_learners_that_have_not_seen_the_fold() -> None:
    frame = two_corpora()
    # Labels that mean nothing can be learned by heart, not guessed.
    frame["abusive"] = np.random.default_rng(1).permutation(frame["abusive"].to_numpy())
    features = features_of(frame)
    bases = fit_bases(frame, features, ["abusive"], jobs=1)
    assert bases is not None
    own = (frame["corpus"] == "rp-crowd-3").to_numpy()
    gold = frame["abusive"].to_numpy()[own]
    seen = features.counts @ bases.weights[:, 1]
    assert roc_auc_score(gold, seen[own]) > 0.95
    assert 0.3 < roc_auc_score(gold, bases.log_odds[own, 1]) < 0.7


def test_a_head_is_the_sum_of_its_parts() -> None:
    frame = two_corpora()
    features = features_of(frame)
    bases = fit_bases(frame, features, ["abusive"], jobs=1)
    assert bases is not None
    head = fit_head(frame, features, bases, "abusive")
    assert head.home == ("rp-crowd-3",)
    folded = features.counts @ head.weights
    stacked = (features.counts @ bases.weights) @ np.linalg.lstsq(
        bases.weights, head.weights, rcond=None
    )[0]
    assert folded == pytest.approx(stacked, abs=1e-6)
    gold = frame["abusive"].to_numpy()[head.rows]
    assert roc_auc_score(gold, head.out_of_fold) > 0.95


def test_silver_labels_weigh_as_much_as_they_say() -> None:
    texts, labels = comments(60)
    frame = house_frame(texts, labels, "rejected").assign(corpus="rp-mod", part="train")
    rows, gold, weights = stacking._silver_rows(
        without_leaks(frame), stacking.SILVER["rp-crowd-3", "abusive"]
    )
    assert len(rows) == 2 * len(without_leaks(frame))
    assert set(np.round(weights[gold == 1], 4)) == {0.195, 0.075}
    assert weights.sum() == pytest.approx(0.3 * len(rows) / 2)


def test_a_house_builds_upon_a_model_and_keeps_its_other_heads(news: Classifier) -> None:
    texts, labels = comments(300)
    frame = without_leaks(
        pd.concat([house_frame(texts, labels, "rejected"), contrast_frame().iloc[::20]])
    )
    trained = train(frame, name="house", main=news.main, base=news, jobs=1)
    new = trained.classifier
    assert new.heads == news.heads
    assert (new.scores(["Guten Tag"])[0]["abusive"]) == news.scores(["Guten Tag"])[0]["abusive"]
    assert new.thresholds == news.thresholds
    assert trained.metrics["held_out"]["rejected"]["house"]["roc_auc"] > 0.95


def test_too_few_comments_are_refused_with_the_remedy() -> None:
    texts, labels = comments(20)
    with pytest.raises(UsageError, match="too few labelled comments"):
        train(without_leaks(house_frame(texts, labels, "abusive")), name="t", jobs=1)


def frame_of(rows: list[tuple[str, str, str, str]]) -> pd.DataFrame:
    frame = house_frame([row[0] for row in rows], [0] * len(rows), "abusive")
    for position, name in enumerate(("corpus", "part", "pair"), start=1):
        frame[name] = [row[position] for row in rows]
    return frame


def test_a_test_text_is_in_no_training_part() -> None:
    frame = frame_of(
        [
            ("Das ist dumm!", "a", "test", ""),
            ("das ist DUMM", "b", "train", ""),
            ("Etwas anderes", "b", "train", ""),
            ("etwas anderes.", "b", "train", ""),
            ("Partner", "a", "test", "p1"),
            ("Gegenstück", "a", "train", "p1"),
        ]
    )
    kept = without_leaks(frame)
    assert list(kept["text"]) == ["Das ist dumm!", "Etwas anderes", "Partner"]


def test_a_text_is_held_out_whatever_its_neighbours_are() -> None:
    texts, labels = comments(100)
    whole = house_frame(texts, labels, "abusive").set_index("text")["part"]
    half = house_frame(texts[50:], labels[50:], "abusive").set_index("text")["part"]
    assert (whole.loc[texts[50:]] == half).all()
    assert 5 < (whole == "test").sum() < 40


def test_contrast_sentences_name_every_group_on_both_sides() -> None:
    table = contrast_table()
    by_pair = table.groupby("pair")["abusive"].nunique()
    assert (by_pair == 1).all()
    assert set(table["abusive"]) == {0.0, 1.0}
    assert not table["text"].str.contains(r"[{}]").any()
    assert table["text"].map(text_key).is_unique
    assert set(contrast_frame()["part"]) == {"train"}


def test_metrics_agree_with_scikit_learn_and_lie_in_their_intervals() -> None:
    generator = np.random.default_rng(0)
    gold = generator.integers(0, 2, 300).astype(float)
    scores = np.round(np.clip(gold * 0.2 + generator.random(300) * 0.8, 0, 1), 1)
    metrics = evaluate(gold, scores)
    assert metrics["roc_auc"] == pytest.approx(roc_auc_score(gold, scores), abs=1e-4)
    for name in ("roc_auc", "accuracy"):
        low, high = metrics[f"{name}_95"]
        assert low < metrics[name] < high


def test_probabilities_that_are_right_have_no_calibration_error() -> None:
    scores = np.repeat([0.25, 0.75], 100)
    gold = np.tile([1.0, 0.0, 0.0, 0.0], 25)
    right = np.concatenate([gold, 1 - gold])
    assert evaluate(right, scores)["expected_calibration_error"] == 0
    assert evaluate(1 - right, scores)["expected_calibration_error"] == 0.5


def write(path: Path, content: str) -> str:
    path.write_text(content, encoding="utf-8")
    return str(path)


def test_a_house_s_columns_are_guessed_and_shown(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "Kommentar;Status\nNa ja;freigegeben\nPfui;abgelehnt\nX;?\n")
    remarks: list[str] = []
    frame = read_house([path], HouseColumns(), "rejected", remarks.append)
    assert list(frame["rejected"]) == [0.0, 1.0]
    assert "comments from 'Kommentar', labels from 'Status'" in remarks[0]
    assert "left out" in remarks[1]


def test_a_label_of_ones_own_can_be_named(tmp_path: Path) -> None:
    rows = [{"text": "a", "urteil": "böse"}, {"text": "b", "urteil": "lieb"}]
    path = write(tmp_path / "a.jsonl", "\n".join(json.dumps(row) for row in rows))
    columns = HouseColumns(label="urteil", positive="Böse")
    frame = read_house([path], columns, "abusive", lambda remark: None)
    assert list(frame["abusive"]) == [1.0, 0.0]


@pytest.mark.parametrize(
    ("content", "columns", "message"),
    [
        ("text,x\na,1\n", HouseColumns(label="y"), "no column 'y'"),
        ("text,x\na,rot\nb,blau\n", HouseColumns(), "--label-column"),
        ("text,label\na,rot\nb,blau\n", HouseColumns(), "--positive"),
        ("text,label\na,1\nb,0\n", HouseColumns(positive="2"), "no row has '2'"),
        ("nur Zeilen\nohne Spalten hier\n", HouseColumns(), "not a table"),
    ],
)
def test_tables_that_cannot_teach_say_why(
    tmp_path: Path, content: str, columns: HouseColumns, message: str
) -> None:
    path = write(tmp_path / "a.csv", content)
    with pytest.raises(ModerationError, match=message):
        read_house([path], columns, "abusive", lambda remark: None)


def test_a_missing_corpus_is_named_with_its_source(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r"corpus gahd: gahd\.csv .* github\.com/jagol/gahd"):
        locate(next(one for one in CORPORA if one.id == "gahd"), tmp_path)


def test_a_corpus_that_was_changed_is_refused(tmp_path: Path) -> None:
    (tmp_path / "gahd.csv").write_text("gahd_id,text,label,split\n")
    with pytest.raises(CorpusError, match="is not the a1ba022786b1"):
        locate(next(one for one in CORPORA if one.id == "gahd"), tmp_path)


def test_evaluation_corpora_are_not_for_training() -> None:
    assert not any(corpus.evaluation_only for corpus in TRAINING_CORPORA)


def made_up(corpus_format: str, tmp_path: Path, content: str) -> pd.DataFrame:
    path = tmp_path / "corpus"
    path.write_text(content, encoding="utf-8")
    known = next(one for one in CORPORA if one.format == corpus_format)
    parameters = {name: getattr(known, name) for name in inspect.signature(Corpus).parameters}
    return read_corpus(Corpus(**parameters), path)


def test_germeval_labels_become_heads(tmp_path: Path) -> None:
    frame = made_up("germeval", tmp_path, 'So "a\tOFFENSE\tINSULT\nNett\tOTHER\tOTHER\n')
    assert frame[["abusive", "insult", "group_abuse"]].to_numpy().tolist() == [[1, 1, 0], [0, 0, 0]]
    assert frame["text"][0] == 'So "a'


def test_tweets_on_which_experts_differ_teach_nothing(tmp_path: Path) -> None:
    header = "Tweet,HatespeechOrNot (Expert 1),HatespeechOrNot (Expert 2)\n"
    frame = made_up("iwg", tmp_path, header + "a,YES,YES\nb,YES,NO\nc,NO,NO\n")
    assert list(frame["text"]) == ["a", "c"]


def test_gahd_pairs_share_a_name_and_splits_are_kept(tmp_path: Path) -> None:
    header = "gahd_id,text,label,round,split,contrastive_gahd_id\n"
    frame = made_up("gahd", tmp_path, header + "1,a,1,R1,test,\n2,b,0,R4,train,1\n3,c,0,R1,dev,\n")
    assert list(frame["pair"]) == ["1", "1", ""]
    assert list(frame["part"]) == ["test", "train", "train"]


HERE = any((folder / "gahd.csv").is_file() for folder in data_folders())


@pytest.mark.skipif(not HERE, reason="the corpora are not on this machine")
def test_no_training_text_of_the_real_corpora_is_a_test_text() -> None:
    frame = without_leaks(load_corpora(TRAINING_CORPORA))
    parts = frame.groupby("part")["key"].agg(set)
    assert parts["train"].isdisjoint(parts["test"])
    assert len(frame) > 40_000
