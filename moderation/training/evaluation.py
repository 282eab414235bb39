"""Honest numbers: every metric with its sample size, the main ones with bootstrap intervals."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import accuracy_score, average_precision_score, f1_score, roc_auc_score

#: Resamples behind a 95 % interval, and their seed.
RESAMPLES = 1000
SEED = 20261123
#: Equal-width bins of the reliability table.
BINS = 10
#: Simulated samples behind the calibration error that arises by chance.
SIMULATIONS = 200
#: Points of a curve in a record: more cannot be told apart in a drawing.
CURVE_POINTS = 200
#: Shares of abuse for which the workload is looked up.
CAUGHT = (0.5, 0.8, 0.9, 0.95, 0.99)
#: 97.5 % point of the standard normal distribution, for 95 % intervals.
_NORMAL_975 = 1.959964

Vector = NDArray[np.float64]
#: A point of a curve: numbers by name, or None where there is no such number.
Point = dict[str, Any]


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
        "expected_calibration_error_by_chance": expected_calibration_error_by_chance(scores),
        "reliability": reliability,
    }


def auc_interval(gold: Vector, scores: Vector) -> list[float]:
    """Return the 95 % percentile-bootstrap interval of the ROC-AUC over comments."""
    return _middle_95(resampled_aucs(gold, scores))


def resampled_aucs(gold: Vector, scores: Vector) -> Vector:
    """Return the ROC-AUC of :data:`RESAMPLES` bootstrap resamples: float64, at most that many.

    Resamples depend on the number of comments alone, so two models' values for the same comments
    are paired. Each is a vector of weights over comments sorted once by score, so that a thousand
    take a fraction of a second; ties count half.
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
    return np.array(values)


def resampled_means(values: Vector) -> Vector:
    """Return the mean of `values` in :data:`RESAMPLES` bootstrap resamples, paired like AUCs."""
    return np.array(
        [float(weights @ values) / len(values) for weights in _resampled_weights(len(values))]
    )


def accuracy_interval(correct: NDArray[np.bool_]) -> list[float]:
    """Return the 95 % percentile-bootstrap interval of the share of `correct` decisions."""
    return _mean_interval(correct)


def full_evaluation(
    gold: Vector, scores: Vector, cuts: Mapping[str, float], abuse_share: float | None = None
) -> dict[str, Any]:
    """Return everything that is known about scores: metrics, cuts, curves.

    Parameters
    ----------
    gold
        0.0 or 1.0, shape (n,); both must occur.
    scores
        Probabilities, shape (n,).
    cuts
        Name of a cut → scores from here on are flagged.
    abuse_share
        Share of positives, 0 to 1, that what depends on it is re-weighted to; None: as in the data.

    Returns
    -------
    dict
        What :func:`evaluate` returns, and ``average_precision_95``, ``macro_f1_95``,
        ``official_macro_f1`` (:func:`official_macro_f1`) and ``brier_95``;
        ``expected_calibration_error_by_chance``, what scores without any fault would show on as
        many comments, and the 95 % of simulations around it; all of these as in the data. Then
        re-weighted: ``average_precision_at_abuse_share`` (only with `abuse_share`), ``cuts``
        (name → :func:`at_cut`), ``reading_needed`` and ``curves``: ``precision_recall`` and
        ``workload``, thinned to :data:`CURVE_POINTS`.
    """
    cells = _confusion(gold, scores >= 0.5)
    drawn = _resampled_cells(cells)
    by_chance = _calibration_errors_by_chance(scores)
    workload = workload_curve(gold, scores, abuse_share)
    weighted = {}
    if abuse_share is not None:
        weights = np.where(gold == 1, *_share_weights(gold, abuse_share))
        weighted["average_precision_at_abuse_share"] = _rounded(
            average_precision_score(gold, scores, sample_weight=weights)
        )
    return {
        **evaluate(gold, scores),
        "average_precision_95": average_precision_interval(gold, scores),
        "macro_f1_95": _middle_95(_macro_f1(drawn)),
        "official_macro_f1": _rounded(_official_macro_f1(cells)),
        "official_macro_f1_95": _middle_95(_official_macro_f1(drawn)),
        "brier_95": _mean_interval((scores - gold) ** 2),
        "expected_calibration_error_by_chance_95": _middle_95(by_chance),
        **weighted,
        "cuts": {name: at_cut(gold, scores, cut, abuse_share) for name, cut in cuts.items()},
        "reading_needed": reading_needed(workload),
        "curves": {
            "precision_recall": thinned(precision_recall_curve(gold, scores, abuse_share)),
            "workload": thinned(workload),
        },
    }


def average_precision_interval(gold: Vector, scores: Vector) -> list[float]:
    """Return the 95 % percentile-bootstrap interval of the average precision over comments."""
    order = np.argsort(-scores, kind="stable")
    sorted_gold = gold[order] == 1
    firsts = np.flatnonzero(np.diff(-scores[order], prepend=-np.inf))
    values = []
    for weights in _resampled_weights(len(gold)):
        drawn = weights[order]
        caught = np.add.reduceat(drawn * sorted_gold, firsts)
        flagged = np.cumsum(np.add.reduceat(drawn, firsts))
        if caught.sum():
            precision = np.cumsum(caught) / np.maximum(flagged, 1)
            values.append(float(caught @ precision) / caught.sum())
    return _middle_95(values)


def official_macro_f1(gold: Vector, flagged: NDArray[np.bool_]) -> float:
    """Return the macro-F1 of the GermEval shared tasks.

    It is the harmonic mean of precision and recall, each averaged over both classes, an undefined
    one counting 0; not the mean of the classes' F1. Source: ``evaluationScriptGermeval2018.pl``
    (uds-lsv/GermEval-2018-Data) and ``evaluate.py`` (germeval2021toxic/SharedTask).
    """
    return float(_official_macro_f1(_confusion(gold, flagged)))


def expected_calibration_error_by_chance(scores: Vector) -> float:
    """Return the calibration error that perfectly calibrated `scores` would show on average.

    The gold labels of as many comments are drawn with the scores as their probabilities,
    :data:`SIMULATIONS` times. A measured error near this number is no sign of a fault.
    """
    return _rounded(np.mean(_calibration_errors_by_chance(scores)))


def _calibration_errors_by_chance(scores: Vector) -> list[float]:
    generator = np.random.default_rng(SEED)
    bins = _bins(scores)
    promised = np.bincount(bins, weights=scores, minlength=BINS)
    errors = []
    for _ in range(SIMULATIONS):
        gold = generator.random(len(scores)) < scores
        found = np.bincount(bins, weights=gold, minlength=BINS)
        errors.append(float(np.abs(promised - found).sum()) / len(scores))
    return errors


def at_cut(
    gold: Vector, scores: Vector, cut: float, abuse_share: float | None = None
) -> dict[str, Any]:
    """Return what happens when scores from `cut` on are flagged.

    Parameters
    ----------
    gold, scores
        As in :func:`evaluate`.
    cut
        Lowest score that is flagged.
    abuse_share
        Weigh comments so that this share of them is positive; None: as in the data.

    Returns
    -------
    dict
        ``cut``; the counts ``true_positive``, ``false_positive``, ``false_negative`` and
        ``true_negative``, never weighted; ``precision`` (None where nothing is flagged),
        ``recall``, ``f1``, ``false_positive_rate`` and ``flagged`` (share of all comments), each
        with a percentile-bootstrap interval ``_95`` (None where `precision` is).
    """
    cells = _confusion(gold, scores >= cut)
    weights = _share_weights(gold, abuse_share)
    rates, drawn = _rates(cells, weights), _rates(_resampled_cells(cells), weights)
    result: dict[str, Any] = {"cut": cut}
    names = ("true_positive", "false_positive", "false_negative", "true_negative")
    result.update({name: int(count) for name, count in zip(names, cells, strict=True)})
    for name, rate in rates.items():
        known = bool(np.isfinite(rate))
        result[name] = _rounded(rate) if known else None
        result[f"{name}_95"] = _middle_95(drawn[name][np.isfinite(drawn[name])]) if known else None
    return result


def _confusion(gold: Vector, flagged: NDArray[np.bool_]) -> Vector:
    """Return true positives, false positives, false negatives, true negatives: shape (4,)."""
    cells = 2 * ~flagged + (gold != 1)
    return np.bincount(cells, minlength=4).astype(float)


def _resampled_cells(cells: Vector) -> Vector:
    """Return bootstrapped confusions, shape (resamples, 4).

    To draw comments with replacement and count their cells is to draw from a multinomial.
    """
    generator = np.random.default_rng(SEED)
    size = int(cells.sum())
    return generator.multinomial(size, cells / size, size=RESAMPLES).astype(float)


def _rates(cells: Vector, weights: tuple[float, float]) -> dict[str, Vector]:
    """Return rates of confusions, shape (…, 4), with `weights` of positives and negatives."""
    of_positive, of_negative = weights
    caught, alarms, missed, passed = np.moveaxis(
        cells * [of_positive, of_negative, of_positive, of_negative], -1, 0
    )
    # A resample, or a very high cut, may leave a denominator empty: NaN then, and left out.
    with np.errstate(invalid="ignore"):
        return {
            "precision": caught / (caught + alarms),
            "recall": caught / (caught + missed),
            "f1": 2 * caught / (2 * caught + alarms + missed),
            "false_positive_rate": alarms / (alarms + passed),
            "flagged": (caught + alarms) / (caught + alarms + missed + passed),
        }


def _both_classes(cells: Vector) -> tuple[Vector, Vector, Vector]:
    """Return precision, recall and F1 of both classes, undefined ones 0: shapes (2, …)."""
    caught, alarms, missed, passed = np.moveaxis(cells, -1, 0)
    right = np.stack([caught, passed])
    said = np.stack([caught + alarms, missed + passed])
    true = np.stack([caught + missed, alarms + passed])
    # Where a denominator is 0, the numerator is, too: divided by 1 instead.
    return (
        right / np.maximum(said, 1.0),
        right / np.maximum(true, 1.0),
        2 * right / np.maximum(said + true, 1.0),
    )


def _macro_f1(cells: Vector) -> Vector:
    return np.asarray(_both_classes(cells)[2].mean(axis=0))


def _official_macro_f1(cells: Vector) -> Vector:
    precision, recall, _ = _both_classes(cells)
    both = precision.mean(axis=0), recall.mean(axis=0)
    return np.asarray(2 * both[0] * both[1] / np.maximum(both[0] + both[1], 1e-12))


def _share_weights(gold: Vector, abuse_share: float | None) -> tuple[float, float]:
    """Return the weights of positives and negatives that make `abuse_share` positive."""
    if abuse_share is None:
        return 1.0, 1.0
    own = float(gold.mean())
    return abuse_share / own, (1 - abuse_share) / (1 - own)


def precision_recall_curve(
    gold: Vector, scores: Vector, abuse_share: float | None = None
) -> list[Point]:
    """Return precision and recall at every cut that tells comments apart.

    Returns
    -------
    list of dict
        ``cut``, ``precision``, ``recall``; one per distinct score, lowest cut (recall 1) first.
    """
    cuts, caught, alarms = _from_cut_on(gold, scores, abuse_share)
    return [
        {
            "cut": float(cut),
            "precision": _rounded(yes / (yes + no)),
            "recall": _rounded(yes / caught[0]),
        }
        for cut, yes, no in zip(cuts, caught, alarms, strict=True)
    ]


def workload_curve(gold: Vector, scores: Vector, abuse_share: float | None = None) -> list[Point]:
    """Return how much must be read against how much slips through, at every cut.

    Returns
    -------
    list of dict
        ``cut``; ``read``: share of comments with this score or a higher one; ``missed``: share of
        gold positives below it. Lowest cut first: from read 1, missed 0 to read 0, missed 1, whose
        cut, above every score, is None.
    """
    cuts, caught, alarms = _from_cut_on(gold, scores, abuse_share)
    everything, positive = caught[0] + alarms[0], caught[0]
    points: list[Point] = [
        {
            "cut": float(cut),
            "read": _rounded((yes + no) / everything),
            "missed": _rounded(1 - yes / positive),
        }
        for cut, yes, no in zip(cuts, caught, alarms, strict=True)
    ]
    return [*points, {"cut": None, "read": 0.0, "missed": 1.0}]


def reading_needed(workload: Sequence[Point]) -> list[Point]:
    """Return the least reading that catches each share of :data:`CAUGHT`.

    Parameters
    ----------
    workload
        As :func:`workload_curve` returns it, not thinned.

    Returns
    -------
    list of dict
        ``caught``: share of gold positives that must be found; ``read``: share of comments that
        must be read for it; ``cut``: the score from which on they are read.
    """
    return [
        next(
            {"caught": caught, "read": point["read"], "cut": _rounded(point["cut"])}
            for point in reversed(workload)
            if point["missed"] <= 1 - caught + 1e-9
        )
        for caught in CAUGHT
    ]


def _from_cut_on(
    gold: Vector, scores: Vector, abuse_share: float | None
) -> tuple[Vector, Vector, Vector]:
    """Return distinct scores, ascending, and the weight of positives and negatives from each on."""
    cuts, index = np.unique(scores, return_inverse=True)
    of_positive, of_negative = _share_weights(gold, abuse_share)
    positive = np.bincount(index, weights=gold)[::-1].cumsum()[::-1]
    negative = np.bincount(index, weights=1 - gold)[::-1].cumsum()[::-1]
    return cuts, positive * of_positive, negative * of_negative


def thinned(points: Sequence[Point], most: int = CURVE_POINTS) -> list[Point]:
    """Return at most `most` of the points, evenly chosen, the first and the last among them."""
    if len(points) <= most:
        return list(points)
    chosen = np.linspace(0, len(points) - 1, most).round().astype(int)
    return [points[index] for index in chosen]


def wilson_interval(share: float, n: int) -> tuple[float, float]:
    """Return the 95 % interval of a share of `n` comments (Wilson, 1927)."""
    spread = _NORMAL_975**2 / n
    centre = (share + spread / 2) / (1 + spread)
    half = np.sqrt(spread * (share * (1 - share) + spread / 4)) / (1 + spread)
    return _rounded(max(centre - half, 0.0)), _rounded(min(centre + half, 1.0))


def _mean_interval(values: Vector | NDArray[np.bool_]) -> list[float]:
    return _middle_95(resampled_means(np.asarray(values, dtype=np.float64)))


def _resampled_weights(size: int) -> Iterator[NDArray[np.intp]]:
    generator = np.random.default_rng(SEED)
    for _ in range(RESAMPLES):
        yield np.bincount(generator.integers(0, size, size), minlength=size)


def _middle_95(values: Sequence[float] | Vector) -> list[float]:
    return [_rounded(value) for value in np.percentile(values, [2.5, 97.5])]


def reliability_table(gold: Vector, scores: Vector) -> list[dict[str, float]]:
    """Return, per equal-width bin that is not empty: n, mean score, share of gold positives."""
    bins = _bins(scores)
    return [
        {
            "n": int((bins == index).sum()),
            "score": _rounded(scores[bins == index].mean()),
            "gold": _rounded(gold[bins == index].mean()),
        }
        for index in range(BINS)
        if (bins == index).any()
    ]


def _bins(scores: Vector) -> NDArray[np.intp]:
    return np.minimum((scores * BINS).astype(np.intp), BINS - 1)


def _rounded(value: Any) -> float:
    return round(float(value), 4)
