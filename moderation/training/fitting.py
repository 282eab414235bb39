"""From frames to a model: features, one learner per head, calibration, thresholds, metrics."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import joblib
import numpy as np
import pandas as pd
import scipy.sparse as sp
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from moderation.errors import UsageError
from moderation.model.classifier import Classifier, Thresholds, logistic
from moderation.model.features import FeatureSettings, batch_of, occurrences
from moderation.model.style import standardise, style_matrix
from moderation.training.contrast import CONTRAST
from moderation.training.estimator import CorpusAugmentedClassifier
from moderation.training.evaluation import evaluate
from moderation.training.frames import HEADS

#: Each head speaks for the corpus nearest to newspaper comments, where there is one.
HOMES: dict[str, str] = {"abusive": "rp-crowd-3", "rejected": "rp-mod"}
#: Style features are standardised, counts are around 0.03: this brings them to one scale.
STYLE_WEIGHT = 0.1
#: Folds for out-of-fold scores, which calibration and thresholds are taken from.
FOLDS = 3
#: Up to this many comments are fitted in one process.
FEW_COMMENTS = 5_000
#: Fewer examples of either class than this teach nothing.
MIN_PER_CLASS = 20
#: ``review``: one harmless comment in ten goes to a person. ``reject``: one in a hundred.
REVIEW_FALSE_ALARMS, REJECT_FALSE_ALARMS = 0.10, 0.01
#: No comment below this score is worth a person's time, whatever the quantiles say, and between
#: ``review`` and ``reject`` there is always room for people.
MIN_REVIEW, MIN_BAND = 0.3, 0.05

Progress = Callable[[str], None]
Vector = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class FittedHead:
    """One head after training: folded weights and out-of-fold scores of its training rows."""

    name: str
    home: str | None
    counts: Vector
    style: Vector
    bias: float
    rows: NDArray[np.intp]
    out_of_fold: Vector


@dataclass(frozen=True, slots=True)
class Trained:
    """A classifier and what is known about it (the content of ``metrics.json``)."""

    classifier: Classifier
    metrics: dict[str, Any]


def train(
    frame: pd.DataFrame,
    *,
    name: str,
    settings: FeatureSettings | None = None,
    main: str = "abusive",
    jobs: int = 2,
    progress: Progress = lambda message: None,
) -> Trained:
    """Train every head `frame` has gold labels for.

    Parameters
    ----------
    frame
        As :func:`moderation.training.frames.without_leaks` returns it. Rows of part ``test`` are
        only ever used to evaluate.
    name
        Name of the model.
    settings
        What is counted; the default settings if None.
    main
        The head that decides.
    jobs
        Processes to fit in.
    progress
        Is told what happens, in one line.

    Raises
    ------
    UsageError
        If the main head has too few examples of either class.
    """
    settings = settings or FeatureSettings()
    if not _learnable(frame, main):
        raise UsageError(
            f"too few labelled comments for {main}: at least {MIN_PER_CLASS} of either kind are "
            "needed to train and evaluate; add more rows or train with --corpora all"
        )
    progress(f"{len(frame):,} comments: counting features")
    texts = frame["text"].tolist()
    raw_style = style_matrix(texts)
    training = (frame["part"] == "train").to_numpy()
    mean, scale = raw_style[training].mean(axis=0), raw_style[training].std(axis=0)
    scale[scale == 0] = 1.0
    style = STYLE_WEIGHT * standardise(raw_style, mean, scale)
    features = sp.hstack([count_matrix(texts, settings), style], format="csr", dtype=np.float32)
    heads = [head for head in HEADS if _learnable(frame, head)]
    progress(f"fitting {len(heads)} heads: {', '.join(heads)}")
    plans = [_plan(frame, head) for head in heads]
    tasks = [
        joblib.delayed(_fit_once)(features, 2**settings.bits, plan, fold)
        for plan in plans
        for fold in (None, *range(FOLDS))
    ]
    # Starting processes takes longer than fitting a few thousand comments.
    results = joblib.Parallel(n_jobs=jobs if len(frame) > FEW_COMMENTS else 1)(tasks)
    fitted = [
        _calibrated(
            plan, results[index * (FOLDS + 1) : (index + 1) * (FOLDS + 1)], 2**settings.bits
        )
        for index, plan in enumerate(plans)
    ]
    classifier = Classifier(
        name=name,
        heads=tuple(heads),
        main=main,
        thresholds=_thresholds(frame, fitted[heads.index(main)]),
        settings=settings,
        # Rounded to what the model folder stores, so that metrics hold for the saved model.
        weights=np.column_stack([head.counts for head in fitted])
        .astype(np.float16)
        .astype(np.float32),
        biases=np.array([head.bias for head in fitted]),
        style_weights=STYLE_WEIGHT * np.column_stack([head.style for head in fitted]),
        style_mean=mean,
        style_scale=scale,
    )
    progress("evaluating on held-out parts")
    return Trained(classifier, measure(classifier, frame, fitted))


def count_matrix(texts: Sequence[str], settings: FeatureSettings) -> sp.csr_matrix:
    """Return counts divided by the square root of their number: float32, (n, 2 ** bits).

    The same occurrences :class:`~moderation.model.classifier.Classifier` gathers weights for.
    """
    blocks = []
    for start in range(0, len(texts), 1000):
        batch = batch_of(texts[start : start + 1000])
        found = list(occurrences(batch, settings))
        columns = np.concatenate([one.columns for one in found]) if found else np.empty(0, np.intp)
        rows = np.concatenate([one.comments for one in found]) if found else np.empty(0, np.intp)
        counts = np.maximum(np.bincount(rows, minlength=batch.size), 1)
        values = (1.0 / np.sqrt(counts)).astype(np.float32)[rows]
        blocks.append(
            sp.csr_matrix((values, (rows, columns)), shape=(batch.size, 2**settings.bits))
        )
    return sp.vstack(blocks, format="csr")


def measure(
    classifier: Classifier, frame: pd.DataFrame, fitted: Sequence[FittedHead] = ()
) -> dict[str, Any]:
    """Return metrics per head and test part, and out-of-fold metrics where `fitted` is given.

    Returns
    -------
    dict
        ``held_out``: head → corpus → metrics on rows of part ``test``; ``cross_validated``: head →
        corpus → metrics of out-of-fold scores on training rows (calibrated on the same rows).
    """
    test = frame[frame["part"] == "test"]
    scores = logistic(classifier.log_odds(test["text"].tolist()))
    held_out: dict[str, dict[str, Any]] = {}
    for index, head in enumerate(classifier.heads):
        for corpus in sorted(test["corpus"].unique()):
            chosen = ((test["corpus"] == corpus) & test[head].notna()).to_numpy()
            gold = test[head].to_numpy()[chosen]
            if len(set(gold)) == 2:
                held_out.setdefault(head, {})[corpus] = evaluate(gold, scores[chosen, index])
    cross_validated: dict[str, dict[str, Any]] = {}
    for fit in fitted:
        rows = frame.iloc[fit.rows]
        for corpus in sorted(rows["corpus"].unique()):
            chosen = ((rows["corpus"] == corpus) & rows[fit.name].notna()).to_numpy()
            gold = rows[fit.name].to_numpy()[chosen]
            if len(set(gold)) == 2:
                cross_validated.setdefault(fit.name, {})[corpus] = evaluate(
                    gold, fit.out_of_fold[chosen]
                )
    return {"held_out": held_out, "cross_validated": cross_validated}


@dataclass(frozen=True, slots=True)
class _Plan:
    head: str
    home: str | None
    rows: NDArray[np.intp]
    gold: Vector
    corpora: NDArray[np.str_]
    copies: NDArray[np.str_]
    weights: Vector
    folds: NDArray[np.intp]


def _learnable(frame: pd.DataFrame, head: str) -> bool:
    gold = frame.loc[frame["part"] == "train", head]
    return bool(min((gold == 1).sum(), (gold == 0).sum()) >= MIN_PER_CLASS)


def _plan(frame: pd.DataFrame, head: str) -> _Plan:
    gold = frame[head]
    if head == "rejected":
        # Moderators reject abuse, too: what others call abusive helps where no decision is known.
        gold = gold.fillna(frame["abusive"])
    rows = np.flatnonzero((frame["part"] == "train") & gold.notna())
    corpora = frame["corpus"].to_numpy(dtype=str)[rows]
    with_gold = set(corpora[frame[head].notna().to_numpy()[rows]])
    home = "house" if "house" in with_gold else HOMES.get(head)
    home = home if home in with_gold else None
    # One text, and all sentences made from one another, on one side.
    names = frame["pair"].where(frame["pair"] != "", frame["key"]).iloc[rows]
    # Contrast sentences must reach the weights that are used, so they count as at home; but what a
    # newsroom rejects is its own business, not that of sentences we made up.
    at_home = (corpora == CONTRAST) & (head != "rejected") & (home is not None)
    return _Plan(
        head=head,
        home=home,
        rows=rows,
        gold=gold.to_numpy()[rows],
        corpora=corpora,
        copies=np.where(at_home, home or "", corpora),
        weights=frame["weight"].to_numpy()[rows],
        folds=np.array([_fold(name) for name in names]),
    )


def _fold(name: str) -> int:
    digest = hashlib.md5(name.encode("utf-8", "surrogatepass"), usedforsecurity=False)
    return int(digest.hexdigest(), 16) % FOLDS


def _fit_once(
    features: sp.csr_matrix, counted: int, plan: _Plan, fold: int | None
) -> tuple[Vector, float, Vector]:
    """Fit without `fold` (None: on all rows); return weights, intercept, log-odds of the fold."""
    inside = plan.folds != fold if fold is not None else np.ones(len(plan.rows), dtype=bool)
    learner = CorpusAugmentedClassifier(counted=counted, home=plan.home)
    learner.fit(
        features[plan.rows[inside]],
        plan.gold[inside],
        corpora=plan.copies[inside],
        sample_weight=plan.weights[inside],
    )
    outside = features[plan.rows[~inside]]
    log_odds = learner.decision_function(outside) if outside.shape[0] else np.empty(0)
    return learner.coef_, learner.intercept_, log_odds


def _calibrated(
    plan: _Plan, results: Sequence[tuple[Vector, float, Vector]], counted: int
) -> FittedHead:
    """Fold Platt's slope and offset, learned from out-of-fold log-odds, into the weights."""
    (coefficients, intercept, _), *folds = results
    log_odds = np.empty(len(plan.rows))
    for fold, (_, _, outside) in enumerate(folds):
        log_odds[plan.folds == fold] = outside
    at_home = plan.corpora == plan.home if plan.home else np.ones(len(plan.rows), dtype=bool)
    platt = LogisticRegression(C=1e6).fit(log_odds[at_home, None], plan.gold[at_home])
    # A slope below zero would turn the model round; noise on tiny data must not do that.
    slope, offset = max(float(platt.coef_[0, 0]), 1e-3), float(platt.intercept_[0])
    return FittedHead(
        name=plan.head,
        home=plan.home,
        counts=slope * coefficients[:counted],
        style=slope * coefficients[counted:],
        bias=slope * intercept + offset,
        rows=plan.rows,
        out_of_fold=logistic(slope * log_odds + offset),
    )


def _thresholds(frame: pd.DataFrame, fit: FittedHead) -> Thresholds:
    """Choose cuts by the share of harmless training comments above them, out of fold, at home."""
    rows = frame.iloc[fit.rows]
    harmless = (rows[fit.name] == 0).to_numpy()
    if fit.home:
        harmless = harmless & (rows["corpus"] == fit.home).to_numpy()
    review, reject = np.quantile(
        fit.out_of_fold[harmless], [1 - REVIEW_FALSE_ALARMS, 1 - REJECT_FALSE_ALARMS]
    )
    # On tiny or trivial data the quantiles reach 0 or 1, where they would flag all or nothing.
    low = round(float(np.clip(review, MIN_REVIEW, 0.9)), 3)
    high = round(float(np.clip(reject, low + MIN_BAND, 0.99)), 3)
    return Thresholds(review=low, reject=high)
