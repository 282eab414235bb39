"""Honest numbers: every metric with its sample size, the main ones with bootstrap intervals."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import accuracy_score, average_precision_score, f1_score, roc_auc_score

#: Resamples behind a 95 % interval, and their seed.
RESAMPLES = 1000
SEED = 20261123
#: Equal-width bins of the reliability table.
BINS = 10

Vector = NDArray[np.float64]


def evaluate(gold: Vector, scores: Vector, cut: float = 0.5) -> dict[str, Any]:
    """Return the metrics of probabilities against gold labels.

    Parameters
    ----------
    gold
        0.0 or 1.0, shape (n,); both must occur.
    scores
        Probabilities, shape (n,).
    cut
        Scores from here on count as positive for accuracy and F1.

    Returns
    -------
    dict
        ``n``, ``positive`` (share), ``roc_auc`` and ``accuracy`` with ``_95`` intervals
        (percentile bootstrap over comments), ``average_precision``, ``macro_f1``, ``brier``,
        ``expected_calibration_error`` and the ``reliability`` table it comes from.
    """
    reliability = reliability_table(gold, scores)
    return {
        "n": len(gold),
        "positive": _rounded(gold.mean()),
        "roc_auc": _rounded(roc_auc_score(gold, scores)),
        "roc_auc_95": auc_interval(gold, scores),
        "accuracy": _rounded(accuracy_score(gold, scores >= cut)),
        "accuracy_95": accuracy_interval((scores >= cut) == (gold == 1)),
        "average_precision": _rounded(average_precision_score(gold, scores)),
        "macro_f1": _rounded(f1_score(gold, scores >= cut, average="macro")),
        "brier": _rounded(np.mean((scores - gold) ** 2)),
        "expected_calibration_error": _rounded(
            sum(row["n"] * abs(row["score"] - row["gold"]) for row in reliability) / len(gold)
        ),
        "reliability": reliability,
    }


def auc_interval(gold: Vector, scores: Vector) -> list[float]:
    """Return the 95 % percentile-bootstrap interval of the ROC-AUC over comments.

    Each resample is a vector of weights over comments sorted once by score, so that a thousand of
    them take a fraction of a second; ties count half.
    """
    order = np.argsort(scores, kind="stable")
    sorted_gold = gold[order] == 1
    firsts = np.flatnonzero(np.diff(scores[order], prepend=-np.inf))
    values = []
    for weights in _resampled_weights(len(gold)):
        drawn = weights[order]
        positive = np.add.reduceat(drawn * sorted_gold, firsts)
        negative = np.add.reduceat(drawn * ~sorted_gold, firsts)
        if positive.sum() and negative.sum():
            below = np.cumsum(negative) - negative / 2
            values.append((positive @ below) / (positive.sum() * negative.sum()))
    return _middle_95(values)


def accuracy_interval(correct: NDArray[np.bool_]) -> list[float]:
    """Return the 95 % percentile-bootstrap interval of the share of `correct` decisions."""
    return _middle_95(
        [float(weights @ correct) / len(correct) for weights in _resampled_weights(len(correct))]
    )


def _resampled_weights(size: int) -> Iterator[NDArray[np.intp]]:
    generator = np.random.default_rng(SEED)
    for _ in range(RESAMPLES):
        yield np.bincount(generator.integers(0, size, size), minlength=size)


def _middle_95(values: Sequence[float]) -> list[float]:
    return [_rounded(value) for value in np.percentile(values, [2.5, 97.5])]


def reliability_table(gold: Vector, scores: Vector) -> list[dict[str, float]]:
    """Return, per equal-width bin that is not empty: n, mean score, share of gold positives."""
    bins = np.minimum((scores * BINS).astype(int), BINS - 1)
    return [
        {
            "n": int((bins == index).sum()),
            "score": _rounded(scores[bins == index].mean()),
            "gold": _rounded(gold[bins == index].mean()),
        }
        for index in range(BINS)
        if (bins == index).any()
    ]


def _rounded(value: Any) -> float:
    return round(float(value), 4)
