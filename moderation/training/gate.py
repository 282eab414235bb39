"""Retraining that cannot hurt: a new model against the one in use, on the same frozen cases.

Cases are held-out gold, the functional sentences, and comments the house has frozen itself. All
differences are paired: both models judge the same comments, and resamples draw the same ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

from moderation.model.classifier import Classifier, logistic
from moderation.policy import decide
from moderation.training.evaluation import resampled_aucs, resampled_means
from moderation.training.functional import fairness, functional_cases

#: A gap between groups may grow to this, or by no more than :data:`GAP_SLACK`; shares.
GAP_ALLOWED, GAP_SLACK = 0.15, 0.05

Vector = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Difference:
    """One measure of both models on the same cases.

    Attributes
    ----------
    measure
        ``ROC-AUC``, ``accuracy``, ``harmless flagged``, ``hateful caught``, ``gap, …``, or what is
        missing altogether.
    cases
        What was judged: head and corpus, or the functional set.
    n
        Number of cases.
    champion, challenger
        The measure for the model in use and for the new one.
    low, high
        95 % interval of challenger less champion (paired bootstrap); both the difference itself
        where there is none.
    worse
        Whether the challenger is worse beyond chance.
    """

    measure: str
    cases: str
    n: int
    champion: float
    challenger: float
    low: float
    high: float
    worse: bool


@dataclass(frozen=True, slots=True)
class Flip:
    """A comment whose recommendation by the model alone changes."""

    text: str
    gold: float
    champion: str
    challenger: str
    champion_score: float
    challenger_score: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """What the gate has seen; ``regressions`` are the differences that are worse."""

    differences: tuple[Difference, ...]
    flips: tuple[Flip, ...]

    @property
    def regressions(self) -> tuple[Difference, ...]:
        """The differences in which the challenger is worse beyond chance."""
        return tuple(one for one in self.differences if one.worse)


def compare(challenger: Classifier, champion: Classifier, frame: pd.DataFrame) -> Comparison:
    """Compare two models on the held-out rows of `frame` and on the functional sentences.

    Parameters
    ----------
    challenger, champion
        The new model and the one in use. Only heads that both have are compared.
    frame
        As :func:`moderation.training.frames.without_leaks` returns it; rows of part ``test`` are
        judged.
    """
    test = frame[frame["part"] == "test"]
    texts = test["text"].tolist()
    both = [logistic(model.log_odds(texts)) for model in (champion, challenger)]
    differences = _lost(challenger, champion)
    flips: list[Flip] = []
    for head in (head for head in challenger.heads if head in champion.heads):
        old = both[0][:, champion.heads.index(head)]
        new = both[1][:, challenger.heads.index(head)]
        gold = test[head].to_numpy(dtype=float)
        for corpus in sorted(test["corpus"].unique()):
            chosen = ((test["corpus"] == corpus) & test[head].notna()).to_numpy()
            if len(set(gold[chosen])) == 2:
                differences += _held_out(
                    f"{head} on {corpus}", gold[chosen], old[chosen], new[chosen]
                )
        if head == challenger.main == champion.main:
            known = ~np.isnan(gold)
            flips = _flips(
                [text for text, kept in zip(texts, known, strict=True) if kept],
                gold[known],
                (champion, old[known]),
                (challenger, new[known]),
            )
    differences += _functional(champion, challenger)
    if not differences:
        differences.append(_plain_loss("nothing to compare", "no held-out comments"))
    return Comparison(tuple(differences), tuple(flips))


def _lost(challenger: Classifier, champion: Classifier) -> list[Difference]:
    """Return what the champion has and the challenger has not: a loss, whatever it measures."""
    lost = [
        _plain_loss("score missing", head)
        for head in champion.heads
        if head not in challenger.heads
    ]
    if challenger.main != champion.main:
        lost.append(_plain_loss("another score decides", f"{champion.main} → {challenger.main}"))
    return lost


def _plain_loss(measure: str, cases: str) -> Difference:
    return Difference(measure, cases, 0, 1.0, 0.0, -1.0, -1.0, worse=True)


def _held_out(cases: str, gold: Vector, old: Vector, new: Vector) -> list[Difference]:
    aucs = resampled_aucs(gold, new) - resampled_aucs(gold, old)
    right = [((scores >= 0.5) == (gold == 1)).astype(float) for scores in (old, new)]
    return [
        _difference(
            "ROC-AUC",
            cases,
            len(gold),
            (float(roc_auc_score(gold, old)), float(roc_auc_score(gold, new))),
            aucs,
        ),
        _difference(
            "accuracy",
            cases,
            len(gold),
            (float(right[0].mean()), float(right[1].mean())),
            resampled_means(right[1] - right[0]),
        ),
    ]


def _difference(
    measure: str,
    cases: str,
    n: int,
    values: tuple[float, float],
    drawn: Vector,
    *,
    higher_is_better: bool = True,
) -> Difference:
    low, high = map(float, np.percentile(drawn, [2.5, 97.5]))
    worse = high < 0 if higher_is_better else low > 0
    return Difference(measure, cases, n, *values, low, high, worse)


def _functional(champion: Classifier, challenger: Classifier) -> list[Difference]:
    """Compare which functional sentences either model alone flags, if both have the same aim."""
    if champion.main != challenger.main:
        return []
    cases = functional_cases()
    texts = [case.text for case in cases]
    flagged = [
        logistic(model.log_odds(texts)[:, model.heads.index(model.main)]) >= model.thresholds.review
        for model in (champion, challenger)
    ]
    hateful = np.array([case.hateful for case in cases])
    differences = []
    for measure, side, better in (
        ("harmless flagged", ~hateful, False),
        ("hateful caught", hateful, True),
    ):
        old, new = (hits[side].astype(float) for hits in flagged)
        differences.append(
            _difference(
                measure,
                "functional sentences",
                len(old),
                (float(old.mean()), float(new.mean())),
                resampled_means(new - old),
                higher_is_better=better,
            )
        )
    gaps: list[dict[str, Any]] = [dict(fairness(cases, hits)["gaps"]) for hits in flagged]
    for name in gaps[0]:
        old_gap, new_gap = gaps[0][name], gaps[1][name]
        grown = new_gap - old_gap
        differences.append(
            Difference(
                f"gap, {name.replace('_', ' ')}",
                "groups of the functional sentences",
                len(cases),
                old_gap,
                new_gap,
                grown,
                grown,
                worse=new_gap > GAP_ALLOWED and grown > GAP_SLACK,
            )
        )
    return differences


def _flips(
    texts: Sequence[str],
    gold: Vector,
    old: tuple[Classifier, Vector],
    new: tuple[Classifier, Vector],
) -> list[Flip]:
    decisions = [
        [decide(float(score), (), model.thresholds) for score in scores]
        for model, scores in (old, new)
    ]
    flips = [
        Flip(text, float(label), before, after, float(old_score), float(new_score))
        for text, label, before, after, old_score, new_score in zip(
            texts, gold, *decisions, old[1], new[1], strict=True
        )
        if before != after
    ]
    return sorted(flips, key=lambda flip: -abs(flip.challenger_score - flip.champion_score))
