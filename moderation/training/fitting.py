"""From frames to a model: features, bases, heads, thresholds, metrics."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
import scipy.sparse as sp
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from moderation.errors import UsageError
from moderation.model.classifier import Classifier, Thresholds, logistic
from moderation.model.features import (
    EMPTY_VOCABULARY,
    FeatureSettings,
    Vocabulary,
    batch_of,
    occurrences,
)
from moderation.model.style import standardise, style_matrix
from moderation.training.contrast import CONTRAST
from moderation.training.evaluation import evaluate
from moderation.training.frames import HEADS
from moderation.training.functional import fairness, functional_cases
from moderation.training.operating_points import operating_points
from moderation.training.softening import group_names
from moderation.training.stacking import (
    MIN_PER_CLASS,
    Bases,
    Features,
    FittedHead,
    fit_bases,
    fit_head,
    joined,
    learnable,
)
from moderation.training.vocabulary import theme_vocabulary

#: ``review``: one harmless comment in ten goes to a person. ``reject``: one in a hundred.
REVIEW_FALSE_ALARMS, REJECT_FALSE_ALARMS = 0.10, 0.01
#: No comment below this score is worth a person's time, whatever the quantiles say, and between
#: ``review`` and ``reject`` there is always room for people.
MIN_REVIEW, MIN_BAND = 0.3, 0.05
#: Comments whose features are counted at once.
_BATCH = 1000

Progress = Callable[[str], None]
Vector = NDArray[np.float64]


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
    heads: Sequence[str] = HEADS,
    base: Classifier | None = None,
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
        What is counted; the default settings if None, those of `base` if there is one.
    main
        The head that decides.
    heads
        The heads to train, among :data:`moderation.training.frames.HEADS`.
    base
        A model to build upon: its heads become bases beside what is learned from `frame`, and
        those that `frame` has no gold for are kept as they are.
    jobs
        Processes to fit in.
    progress
        Is told what happens, in one line.

    Raises
    ------
    UsageError
        If no head has enough examples of either class, or the main head would be missing.
    """
    known = frame[frame["part"] == "train"].reset_index(drop=True)
    # Contrast sentences alone do not make a head.
    real = known[known["corpus"] != CONTRAST]
    wanted = [head for head in heads if learnable(real[head])]
    kept = [head for head in (base.heads if base else ()) if head not in wanted]
    if not wanted or main not in {*wanted, *kept}:
        raise UsageError(
            f"too few labelled comments for {main}: at least {MIN_PER_CLASS} of either kind are "
            "needed to train and evaluate; add more rows or train with --corpora all"
        )
    progress(f"{len(known):,} comments: counting features")
    texts = known["text"].tolist()
    raw_style = style_matrix(texts)
    if base is not None:
        settings, vocabulary = base.settings, base.vocabulary
        evidence = np.zeros(len(vocabulary.themes), dtype=bool)
        mean, scale = base.style_mean, base.style_scale
    else:
        settings = settings or FeatureSettings()
        vocabulary, evidence = theme_vocabulary()
        mean, scale = raw_style.mean(axis=0), raw_style.std(axis=0)
        scale[scale == 0] = 1.0
    single_themes = 2**settings.bits + np.arange(len(evidence))
    counts = count_matrix(texts, settings, vocabulary)
    if base is None:
        counts = _without_columns(counts, single_themes[~evidence])
    # Each name alone, as n-grams only: what themes say of names is left out already. Counts are
    # brought back from shares of the square root.
    names = count_matrix(group_names(), settings)
    names = sp.diags(1.0 / names.max(axis=1).toarray().ravel()) @ names
    names.resize(names.shape[0], counts.shape[1])
    features = Features(counts, single_themes[evidence], standardise(raw_style, mean, scale), names)
    progress(f"fitting {', '.join(wanted)}")
    # Threads of BLAS within threads of ours fight for the cores, and add up in another order each
    # time: one each is faster, and the same data give the same model.
    with threadpool_limits(1):
        bases = fit_bases(known, features, wanted, jobs)
        if base is not None:
            bases = joined(_as_bases(base, texts), bases)
        assert bases is not None  # noqa: S101 -- a wanted head has enough gold in all corpora
        fitted = [fit_head(known, features, bases, head) for head in wanted]
    classifier = Classifier(
        name=name,
        heads=tuple(head.name for head in fitted),
        main=main,
        # The cuts are those of the main head, which may be one that is kept.
        thresholds=(
            base.thresholds
            if base is not None and main in kept
            else _thresholds(known, next(head for head in fitted if head.name == main))
        ),
        settings=settings,
        vocabulary=vocabulary,
        # Rounded to what the model folder stores, so that metrics hold for the saved model.
        weights=np.column_stack([head.weights for head in fitted])
        .astype(np.float16)
        .astype(np.float32),
        biases=np.array([head.bias for head in fitted]),
        style_weights=np.column_stack([head.style_weights for head in fitted]),
        style_mean=mean,
        style_scale=scale,
        calibration=np.array([head.calibration for head in fitted]),
    )
    if base is not None:
        classifier = _with_heads(classifier, base, kept)
    progress("evaluating on held-out parts")
    return Trained(classifier, measure(classifier, frame, fitted))


def count_matrix(
    texts: Sequence[str],
    settings: FeatureSettings,
    vocabulary: Vocabulary = EMPTY_VOCABULARY,
) -> sp.csr_matrix:
    """Return counts divided by the square root of their number: float32, (n, columns).

    The same occurrences :class:`~moderation.model.classifier.Classifier` gathers weights for.
    """
    blocks = [
        _count_block(texts[start : start + _BATCH], settings, vocabulary)
        for start in range(0, len(texts), _BATCH)
    ]
    return sp.vstack(blocks, format="csr")


def _count_block(
    texts: Sequence[str], settings: FeatureSettings, vocabulary: Vocabulary
) -> sp.csr_matrix:
    batch = batch_of(texts)
    found = list(occurrences(batch, settings, vocabulary))
    columns = np.concatenate([one.columns for one in found]) if found else np.empty(0, np.intp)
    rows = np.concatenate([one.comments for one in found]) if found else np.empty(0, np.intp)
    counts = np.maximum(np.bincount(rows, minlength=batch.size), 1)
    values = (1.0 / np.sqrt(counts)).astype(np.float32)[rows]
    return sp.csr_matrix(
        (values, (rows, columns)), shape=(batch.size, vocabulary.columns(settings))
    )


def measure(
    classifier: Classifier,
    frame: pd.DataFrame,
    fitted: Sequence[FittedHead] = (),
) -> dict[str, Any]:
    """Return metrics per head and test part, and out-of-fold metrics where `fitted` is given.

    Parameters
    ----------
    classifier
        The model.
    frame
        Comments with a ``part``.
    fitted
        The heads with their out-of-fold scores; they number the training rows of `frame`.

    Returns
    -------
    dict
        ``held_out``: head → corpus → metrics on rows of part ``test``; ``operating_points``: head →
        corpus → counts below each cut, for the same rows; ``cross_validated``: head → corpus →
        metrics of out-of-fold scores on training rows (calibrated on the same rows); ``homes``:
        head → corpora it is at home in; ``functional``: what of the functional sentences the main
        head flags (:func:`moderation.training.functional.fairness`).
    """
    test = frame[frame["part"] == "test"]
    scores = logistic(classifier.log_odds(test["text"].tolist()))
    held_out: dict[str, dict[str, Any]] = {}
    points: dict[str, dict[str, Any]] = {}
    for index, head in enumerate(classifier.heads):
        for corpus in sorted(test["corpus"].unique()):
            chosen = ((test["corpus"] == corpus) & test[head].notna()).to_numpy()
            gold = test[head].to_numpy()[chosen]
            if len(set(gold)) == 2:
                held_out.setdefault(head, {})[corpus] = evaluate(gold, scores[chosen, index])
                points.setdefault(head, {})[corpus] = operating_points(gold, scores[chosen, index])
    cross_validated: dict[str, dict[str, Any]] = {}
    known = frame[frame["part"] == "train"]
    for fit in fitted:
        rows = known.iloc[fit.rows]
        for corpus in sorted(rows["corpus"].unique()):
            chosen = (rows["corpus"] == corpus).to_numpy()
            gold = rows[fit.name].to_numpy()[chosen]
            if len(set(gold)) == 2:
                cross_validated.setdefault(fit.name, {})[corpus] = evaluate(
                    gold, fit.out_of_fold[chosen]
                )
    return {
        "held_out": held_out,
        "cross_validated": cross_validated,
        "homes": {fit.name: list(fit.home) for fit in fitted},
        "operating_points": points,
        "functional": functional_flags(classifier),
    }


def functional_flags(classifier: Classifier) -> dict[str, Any]:
    """Return which functional sentences the main head alone recommends for review or rejection."""
    cases = functional_cases()
    log_odds = classifier.log_odds([case.text for case in cases])
    scores = logistic(log_odds[:, classifier.heads.index(classifier.main)])
    return dict(fairness(cases, scores >= classifier.thresholds.review))


def _without_columns(counts: sp.csr_matrix, columns: NDArray[np.intp]) -> sp.csr_matrix:
    """Return `counts` with nothing in `columns`; the other counts keep their size."""
    kept = np.ones(counts.shape[1], dtype=np.float32)
    kept[columns] = 0.0
    counts.data *= kept[counts.indices]
    counts.eliminate_zeros()
    return counts


def _as_bases(model: Classifier, texts: Sequence[str]) -> Bases:
    """Return the heads of a model as bases; it is taken not to have seen `texts`."""
    return Bases(
        corpora=("",) * len(model.heads),
        log_odds=model.linear_log_odds(texts),
        weights=model.weights.astype(np.float64),
        style_weights=model.style_weights,
        biases=model.biases,
    )


def _with_heads(new: Classifier, old: Classifier, kept: Sequence[str]) -> Classifier:
    """Return `new` with the heads `kept` of `old`, in the order of :data:`HEADS`."""
    heads = tuple(head for head in HEADS if head in {*new.heads, *kept})
    sources = [(old if head in kept else new) for head in heads]
    places = [source.heads.index(head) for source, head in zip(sources, heads, strict=True)]
    both = list(zip(sources, places, strict=True))
    return replace(
        new,
        heads=heads,
        weights=np.column_stack([source.weights[:, place] for source, place in both]),
        biases=np.array([source.biases[place] for source, place in both]),
        style_weights=np.column_stack([source.style_weights[:, place] for source, place in both]),
        calibration=np.array([source.calibration[place] for source, place in both]),
    )


def _thresholds(known: pd.DataFrame, fit: FittedHead) -> Thresholds:
    """Choose cuts by the share of harmless training comments above them, out of fold, at home."""
    rows = known.iloc[fit.rows]
    harmless = ((rows[fit.name] == 0) & rows["corpus"].isin(fit.home)).to_numpy()
    review, reject = np.quantile(
        fit.out_of_fold[harmless], [1 - REVIEW_FALSE_ALARMS, 1 - REJECT_FALSE_ALARMS]
    )
    # On tiny or trivial data the quantiles reach 0 or 1, where they would flag all or nothing.
    low = round(float(np.clip(review, MIN_REVIEW, 0.9)), 3)
    high = round(float(np.clip(reject, low + MIN_BAND, 0.99)), 3)
    return Thresholds(review=low, reject=high)
