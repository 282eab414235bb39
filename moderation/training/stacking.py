"""From corpora to heads: one learner per corpus and gold label, and a small one that weighs them.

**Bases.** Corpora disagree on what abuse is, so each has a learner of its own per head it has gold
for. Contrast sentences teach every one of them, with little weight, that a name is no abuse.

**Heads.** A head is a weighted sum of all bases, learned on out-of-fold log-odds at home: at the
corpus whose idea of the label the head is to have. `abusive` also gets a general part, learned on
corpora that each do without their own base, as an unknown newspaper would; it carries what corpora
have in common, and leans on themes, which outlive topics.

Everything is linear: a head folds into one weight per column.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import joblib
import numpy as np
import pandas as pd
import scipy.sparse as sp
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from moderation.model.classifier import calibrated, logistic
from moderation.training.contrast import CONTRAST
from moderation.training.estimator import LogCountRatioClassifier
from moderation.training.softening import softened

#: Folds for out-of-fold log-odds, which stacking, calibration and thresholds learn from.
FOLDS = 5
#: Fewer examples of either class than this teach nothing.
MIN_PER_CLASS = 20

# What follows was chosen on training folds, by ROC-AUC on rp-crowd-3, rp-mod and, out of corpus, on
# the GermEval corpora, and by the sentences of tests/functional.toml; see ARCHITECTURE.md.
#: Weight of contrast sentences in the bases and in the stacker, on top of their own. gahd brings
#: contrasting sentences itself.
CONTRAST_IN_BASES = {"group_abuse": 0.1}
CONTRAST_IN_OTHER_BASES, CONTRAST_IN_STACK = 0.3, 0.1
#: Inverse regularisation of the stacker at home and of the general part, on standardised inputs.
HOME_C, GENERAL_C = 0.05, 0.001
#: Size of the general part against the part learned at home, in standard deviations.
GENERAL_SHARE = {"abusive": 0.3, "group_abuse": 0.07}
#: Each corpus of the general part weighs as much as this many comments.
GENERAL_ROWS = 3000.0

#: Whose idea of a label a head has, first choice first: what it is learned and calibrated on.
HOMES: dict[str, tuple[tuple[str, ...], ...]] = {
    "abusive": (("house",), ("rp-crowd-3",), ("germeval2018", "germeval2019")),
    "rejected": (("house",), ("rp-mod",)),
    "insult": (("house",), ("germeval2018", "germeval2019")),
    "group_abuse": (("house",), ("gahd",), ("germeval2018", "germeval2019")),
    "indecency": (("house",), ("germeval2018", "germeval2019")),
}
#: Corpora of the general part. gahd is left out of `abusive`: its sentences are made to be hard,
#: and what tells them apart does not transfer.
GENERAL: dict[str, tuple[str, ...]] = {
    "abusive": ("house", "rp-crowd-3", "germeval2018", "germeval2019", "germeval2021"),
    "group_abuse": ("house", "germeval2018", "germeval2019", "iwg"),
}
#: Heads whose bases also weigh style. Elsewhere it is a habit of the corpus and does not transfer.
STYLED = frozenset({"rejected", "group_abuse"})
#: Heads in which names of groups are softened: those that decide whether a comment is flagged.
SOFTENED = frozenset({"abusive"})
#: Style is standardised, counts are around 0.03: this brings them to one scale.
STYLE_SCALE = 0.1

Vector = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Silver:
    """Labels of another corpus that say something, but not the same: soft labels for a base.

    ``if_positive`` and ``if_negative`` are how likely a comment is positive for the base's head
    when the other label is or is not; ``weight`` is that of each comment.
    """

    corpus: str
    head: str
    if_positive: float
    if_negative: float
    weight: float


#: Moderators reject for more reasons than abuse, but twice as many rejected comments of the same
#: newspaper teach more than they mislead. Chosen like the numbers above.
SILVER: dict[tuple[str, str], Silver] = {
    ("rp-crowd-3", "abusive"): Silver("rp-mod", "rejected", 0.65, 0.25, 0.3),
    ("rp-mod", "rejected"): Silver("rp-crowd-3", "abusive", 0.75, 0.35, 0.3),
}


@dataclass(frozen=True, slots=True, eq=False)
class Features:
    """What is known of each comment: counts for the bases, and dense numbers for the stacker.

    Attributes
    ----------
    counts
        float32, shape (n, columns).
    themes
        Columns of single themes that may speak for or against a comment.
    style
        float64, shape (n, style features), standardised.
    names
        Occurrences in each name of a group, shape (names, columns); None: no names to soften.
    """

    counts: sp.csr_matrix
    themes: NDArray[np.intp]
    style: Vector
    names: sp.csr_matrix | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Bases:
    """Fitted bases, and what they say of the training rows without having seen them.

    Attributes
    ----------
    corpora
        The corpus each base has learned from; empty for a head of a model that is built upon.
    log_odds
        float64, shape (training rows, bases).
    weights
        float64, shape (columns, bases).
    style_weights
        float64, shape (style features, bases); style in standardised units.
    biases
        float64, shape (bases,).
    """

    corpora: tuple[str, ...]
    log_odds: Vector
    weights: Vector
    style_weights: Vector
    biases: Vector


@dataclass(frozen=True, slots=True, eq=False)
class FittedHead:
    """One head: calibrated, folded into one weight per column, with out-of-fold scores.

    Attributes
    ----------
    name
        The head.
    home
        The corpora it was learned and calibrated on.
    weights, style_weights, bias
        The folded linear function; style in standardised units.
    calibration
        What makes probabilities of it, see :class:`moderation.model.classifier.Classifier`.
    rows
        intp: training rows with gold for this head (positions in the frame).
    out_of_fold
        Calibrated probabilities of `rows`.
    """

    name: str
    home: tuple[str, ...]
    weights: Vector
    style_weights: Vector
    bias: float
    calibration: tuple[float, float, float]
    rows: NDArray[np.intp]
    out_of_fold: Vector


def folds_of(frame: pd.DataFrame) -> NDArray[np.intp]:
    """Return the fold of each row: one text, and all sentences made from one another, in one."""
    names = frame["pair"].where(frame["pair"] != "", frame["key"])
    return np.array(
        [
            int(
                hashlib.md5(
                    name.encode("utf-8", "surrogatepass"), usedforsecurity=False
                ).hexdigest(),
                16,
            )
            % FOLDS
            for name in names
        ],
        dtype=np.intp,
    )


def learnable(gold: pd.Series[float]) -> bool:
    """Whether there are enough examples of both classes."""
    return bool(min((gold == 1).sum(), (gold == 0).sum()) >= MIN_PER_CLASS)


def fit_bases(
    frame: pd.DataFrame, features: Features, heads: Sequence[str], jobs: int
) -> Bases | None:
    """Fit one learner per corpus and head of the training `frame`, whole and without each fold.

    Returns `None` where no corpus has enough gold for any head.
    """
    corpora = frame["corpus"].to_numpy(dtype=str)
    folds = folds_of(frame)
    contrast = corpora == CONTRAST
    styled = sp.hstack([features.counts, STYLE_SCALE * features.style], "csr", dtype=np.float32)
    plans: list[tuple[str, bool, NDArray[np.intp], Vector, Vector]] = []
    for corpus in sorted(set(corpora) - {CONTRAST}) + [CONTRAST] * bool(contrast.any()):
        for head in heads:
            gold = frame[head].to_numpy(dtype=float)
            own = (corpora == corpus) & ~np.isnan(gold)
            if not learnable(pd.Series(gold[own])):
                continue
            rows = np.flatnonzero(own | (contrast & ~np.isnan(gold)))
            weights = frame["weight"].to_numpy(dtype=float)[rows]
            if corpus != CONTRAST:
                share = CONTRAST_IN_BASES.get(head, CONTRAST_IN_OTHER_BASES)
                weights = np.where(contrast[rows], share * weights, weights)
            labels = gold[rows]
            if (silver := SILVER.get((corpus, head))) is not None:
                more = _silver_rows(frame, silver)
                rows, labels, weights = (
                    np.concatenate(parts)
                    for parts in zip((rows, labels, weights), more, strict=True)
                )
            plans.append((corpus, head in STYLED, rows, labels, weights))
    if not plans:
        return None
    tasks = [
        joblib.delayed(_fit_base)(
            styled if plan[1] else features.counts, features.counts.shape[1], folds, fold, *plan[2:]
        )
        for plan in plans
        for fold in (None, *range(FOLDS))
    ]
    # The solver lets go of the interpreter: threads share the matrix, and stop at Ctrl-C.
    results = joblib.Parallel(n_jobs=jobs, prefer="threads")(tasks)
    log_odds = np.empty((len(frame), len(plans)))
    columns = features.counts.shape[1]
    weights = np.zeros((styled.shape[1], len(plans)))
    biases = np.zeros(len(plans))
    for index in range(len(plans)):
        fitted, *outside = results[index * (FOLDS + 1) : (index + 1) * (FOLDS + 1)]
        weights[: len(fitted[0]), index], biases[index] = fitted
        for fold, found in enumerate(outside):
            log_odds[folds == fold, index] = found
    return Bases(
        corpora=tuple(plan[0] for plan in plans),
        log_odds=log_odds,
        weights=weights[:columns],
        style_weights=STYLE_SCALE * weights[columns:],
        biases=biases,
    )


def _silver_rows(frame: pd.DataFrame, silver: Silver) -> tuple[NDArray[np.intp], Vector, Vector]:
    """Return rows, labels and weights; each comment comes twice, once with either label."""
    known = (frame["corpus"] == silver.corpus) & frame[silver.head].notna()
    rows = np.flatnonzero(known)
    positive = (frame[silver.head].to_numpy(dtype=float)[rows] == 1).astype(float)
    likely = silver.if_negative + (silver.if_positive - silver.if_negative) * positive
    return (
        np.concatenate([rows, rows]),
        np.repeat([1.0, 0.0], len(rows)),
        silver.weight * np.concatenate([likely, 1.0 - likely]),
    )


def _fit_base(
    inputs: sp.csr_matrix,
    counted: int,
    folds: NDArray[np.intp],
    fold: int | None,
    rows: NDArray[np.intp],
    gold: Vector,
    weights: Vector,
) -> tuple[Vector, float] | Vector:
    """Return weights and bias; without a `fold`, the log-odds of all comments in that fold."""
    inside = folds[rows] != fold
    if len(set(gold[inside])) < 2:
        return np.zeros(int((folds == fold).sum()))
    learner = LogCountRatioClassifier(counted=counted)
    learner.fit(inputs[rows[inside]], gold[inside], sample_weight=weights[inside])
    if fold is None:
        return learner.coef_, learner.intercept_
    return learner.decision_function(inputs[np.flatnonzero(folds == fold)])


def joined(first: Bases | None, second: Bases | None) -> Bases:
    """Return the bases of both; at least one must be there."""
    both = [one for one in (first, second) if one is not None]
    return Bases(
        corpora=tuple(name for one in both for name in one.corpora),
        log_odds=np.hstack([one.log_odds for one in both]),
        weights=np.hstack([one.weights for one in both]),
        style_weights=np.hstack([one.style_weights for one in both]),
        biases=np.concatenate([one.biases for one in both]),
    )


def home_of(frame: pd.DataFrame, head: str) -> tuple[str, ...]:
    """Return the corpora `head` is at home in: its first choice that has enough gold here."""
    corpora = frame["corpus"]
    for choice in HOMES[head]:
        if learnable(frame.loc[corpora.isin(choice), head]):
            return choice
    with_gold = set(corpora[frame[head].notna()]) - {CONTRAST}
    return tuple(sorted(with_gold)) or (CONTRAST,)


def fit_head(frame: pd.DataFrame, features: Features, bases: Bases, head: str) -> FittedHead:
    """Weigh the bases for `head`, calibrate at home, and fold all into one linear function."""
    stacker = _Stacker(frame, features, bases, head)
    folds = folds_of(frame)
    log_odds = np.empty(len(frame))
    for fold in range(FOLDS):
        part = folds == fold
        log_odds[part] = stacker.inputs[part] @ stacker.fit(folds != fold)
    coefficients = stacker.fit(np.ones(len(frame), dtype=bool))
    gold = frame[head].to_numpy(dtype=float)
    at_home = stacker.at_home
    slope, offset = _platt(log_odds[at_home], gold[at_home])
    coefficients = slope * coefficients
    log_odds = slope * log_odds + offset
    # Back from standardised inputs to the inputs themselves.
    per_unit = coefficients / stacker.scale
    of_bases, of_themes = np.split(per_unit, [len(bases.corpora)])
    weights = bases.weights @ of_bases
    weights[features.themes] += of_themes
    if head in SOFTENED and features.names is not None:
        frequency = np.bincount(features.counts.indices, minlength=len(weights)).astype(float)
        soft = softened(weights, features.names, frequency)
        # The change is that of the whole model; out of fold, too, it concerns names alone.
        log_odds += features.counts @ (soft - weights)
        weights = soft
    calibration = _beta(log_odds[at_home], gold[at_home])
    rows = np.flatnonzero(~np.isnan(gold))
    return FittedHead(
        name=head,
        home=stacker.home,
        weights=weights,
        style_weights=bases.style_weights @ of_bases,
        bias=float(bases.biases @ of_bases - per_unit @ stacker.mean) + offset,
        calibration=calibration,
        rows=rows,
        out_of_fold=logistic(calibrated(log_odds[rows], np.array(calibration))),
    )


def _platt(log_odds: Vector, gold: Vector) -> tuple[float, float]:
    """Return slope and offset that make log-odds of scores (Platt, 1999)."""
    fit = LogisticRegression(C=1e6).fit(log_odds[:, None], gold)
    # A slope below zero would turn the model round; noise on tiny data must not do that.
    return max(float(fit.coef_[0, 0]), 1e-3), float(fit.intercept_[0])


def _beta(log_odds: Vector, gold: Vector) -> tuple[float, float, float]:
    """Return what :func:`moderation.model.classifier.calibrated` takes (Kull et al., 2017).

    Two slopes, one for either tail: scores of abuse end lower, and scores of harmless comments
    deeper, than one slope allows. Where a slope would turn the order round, there is one only.
    """
    tails = np.column_stack([-np.logaddexp(0, -log_odds), np.logaddexp(0, log_odds)])
    fit = LogisticRegression(C=1e6).fit(tails, gold)
    low, high = map(float, fit.coef_[0])
    return (low, high, float(fit.intercept_[0])) if min(low, high) > 0 else (1.0, 1.0, 0.0)


class _Stacker:
    """The inputs of a head's stacker (bases, then themes; standardised), and how it learns."""

    def __init__(self, frame: pd.DataFrame, features: Features, bases: Bases, head: str) -> None:
        self._head = head
        self.home = home_of(frame, head)
        corpora = frame["corpus"].to_numpy(dtype=str)
        themes = features.counts[:, features.themes].toarray().astype(np.float64)
        raw = np.hstack([bases.log_odds, themes])
        real = corpora != CONTRAST if (corpora != CONTRAST).any() else np.ones(len(raw), dtype=bool)
        self.mean, self.scale = raw[real].mean(axis=0), raw[real].std(axis=0)
        self.scale[self.scale == 0] = 1.0
        self.inputs = (raw - self.mean) / self.scale
        self._gold = frame[head].to_numpy(dtype=float)
        self._weight = frame["weight"].to_numpy(dtype=float)
        self._base_corpora = np.array(bases.corpora)
        known = ~np.isnan(self._gold)
        self.at_home = np.isin(corpora, self.home) & known
        self._contrast = (corpora == CONTRAST) & known & ~self.at_home
        self._general: Mapping[str, NDArray[np.bool_]] = {
            corpus: own
            for corpus in GENERAL.get(head, ())
            if learnable(frame[head][(own := (corpora == corpus) & known)])
        }
        self._used_at_home = np.arange(raw.shape[1]) < len(bases.corpora)

    def fit(self, chosen: NDArray[np.bool_]) -> Vector:
        """Return one coefficient per standardised input, learned on the `chosen` rows."""
        at_home = self._home_part(chosen)
        if len(self._general) < 2:
            return at_home
        general = self._general_part(chosen)
        spread = [float((self.inputs[self.at_home] @ part).std()) for part in (at_home, general)]
        if min(spread) == 0:
            return at_home
        return at_home / spread[0] + GENERAL_SHARE[self._head] * general / spread[1]

    def _home_part(self, chosen: NDArray[np.bool_]) -> Vector:
        rows = np.flatnonzero((self.at_home | self._contrast) & chosen)
        weights = np.where(self._contrast[rows], CONTRAST_IN_STACK * self._weight[rows], 1.0)
        return self._learned(
            self.inputs[rows], self._gold[rows], weights, self._used_at_home, HOME_C
        )

    def _general_part(self, chosen: NDArray[np.bool_]) -> Vector:
        inputs, gold, weights = [], [], []
        for corpus, own in self._general.items():
            rows = np.flatnonzero(own & chosen)
            # What an unknown newspaper has not got either: a base of its own.
            without = self.inputs[rows]
            without[:, np.flatnonzero(self._base_corpora == corpus)] = 0.0
            inputs.append(without)
            gold.append(self._gold[rows])
            weights.append(np.full(len(rows), GENERAL_ROWS / max(len(rows), 1)))
        rows = np.flatnonzero(self._contrast & chosen)
        inputs.append(self.inputs[rows])
        gold.append(self._gold[rows])
        weights.append(CONTRAST_IN_STACK * self._weight[rows])
        return self._learned(
            np.vstack(inputs),
            np.concatenate(gold),
            np.concatenate(weights),
            np.ones(self.inputs.shape[1], dtype=bool),
            GENERAL_C,
        )

    @staticmethod
    def _learned(
        inputs: Vector, gold: Vector, weights: Vector, used: NDArray[np.bool_], C: float
    ) -> Vector:
        coefficients = np.zeros(inputs.shape[1])
        # A fold of a tiny corpus may hold all examples of a class.
        if len(set(gold)) == 2:
            learner = LogisticRegression(C=C, solver="liblinear", tol=1e-4)
            learner.fit(inputs[:, used], gold, sample_weight=weights)
            coefficients[used] = learner.coef_[0]
        return coefficients
