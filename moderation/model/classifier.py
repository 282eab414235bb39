"""The linear classifier as it is used: weights gathered and summed, no matrix, NumPy alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from moderation.model.features import (
    FeatureSettings,
    Vocabulary,
    sums_by,
    theme_pair_columns,
    word_pair_columns,
)
from moderation.model.style import TOKEN_COUNTS, Tokenised, standardise, style_of, tokenised
from moderation.model.tokens import (
    FIRST_THEME,
    FIRST_WORD,
    LAST_THEME,
    LAST_WORD,
    TokenFacts,
    TokenMemo,
    token_facts,
)

#: Texts scored at once, to keep memory flat however many there are.
_AT_ONCE = 1024


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Cuts on the main score: below ``review`` publish, from ``reject`` on reject, else review."""

    review: float
    reject: float


@dataclass(frozen=True, slots=True)
class Classifier:
    """A trained model, ready to score: a linear function, and a curve that makes it a probability.

    For head ``h``, a comment with ``m`` occurrences in columns ``c`` and standardised style ``s``
    has the linear log-odds ``biases[h] + sum(weights[c, h]) / sqrt(m) + s @ style_weights[:, h]``;
    :func:`calibrated` bends them, and the logistic function of the result is the score.

    Attributes
    ----------
    name
        The model's name, for messages.
    heads
        Names of the scores, e.g. ``("abusive", "insult")``.
    main
        The head that decides; one of ``heads``.
    thresholds
        Cuts on the main head's score.
    settings
        What is counted.
    vocabulary
        Words known by theme.
    weights
        float32, shape (``vocabulary.columns(settings)``, heads).
    biases
        float64, shape (heads,).
    style_weights
        float64, shape (style features, heads).
    style_mean, style_scale
        float64, shape (style features,).
    calibration
        float64, shape (heads, 3), see :func:`calibrated`; slopes are positive, so that the order of
        comments is that of the linear log-odds.
    digest
        SHA-256 over the model's files; empty for a model not loaded from a folder.
    """

    name: str
    heads: tuple[str, ...]
    main: str
    thresholds: Thresholds
    settings: FeatureSettings
    vocabulary: Vocabulary
    weights: NDArray[np.float32]
    biases: NDArray[np.float64]
    style_weights: NDArray[np.float64]
    style_mean: NDArray[np.float64]
    style_scale: NDArray[np.float64]
    calibration: NDArray[np.float64]
    digest: str = ""
    # Not given on: a classifier with other weights starts with an empty one.
    _memo: TokenMemo = field(init=False, repr=False, compare=False, default_factory=TokenMemo)

    def log_odds(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Return calibrated log-odds: float64, shape (n, heads)."""
        return calibrated(self.linear_log_odds(texts), self.calibration)

    def linear_log_odds(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Return the linear log-odds that explanations add up to: float64, shape (n, heads).

        A comment's row does not depend on its neighbours in the batch, to the last bit.
        """
        if len(texts) > _AT_ONCE:
            parts = [texts[start : start + _AT_ONCE] for start in range(0, len(texts), _AT_ONCE)]
            return np.concatenate([self.linear_log_odds(part) for part in parts])
        cut = tokenised(texts)
        text_of = cut.text_of()
        sums = np.zeros((len(texts), len(self.heads) + 1))
        counts = np.zeros((len(texts), TOKEN_COUNTS))
        distinct: Sequence[int] = [0] * len(texts)
        if cut.tokens:
            facts, cases = self._memo.facts(cut.tokens, self._facts)
            sums = sums_by(text_of, facts.sums, len(texts))
            for columns, left, _ in self._links(facts, text_of):
                weights = self.weights.take(columns, axis=0)
                sums[:, :-1] += sums_by(text_of[left], weights, len(texts))
                sums[:, -1] += np.bincount(text_of[left], minlength=len(texts))
            counts = sums_by(text_of, facts.counts, len(texts))
            distinct = [len(set(cases[a:b])) for a, b in pairwise(cut.bounds.tolist())]
        log_odds = sums[:, :-1] / np.sqrt(np.maximum(sums[:, -1:], 1.0)) + self.biases
        style = standardise(
            style_of(texts, np.diff(cut.bounds), distinct, counts),
            self.style_mean,
            self.style_scale,
        )
        # Accumulated feature by feature instead of `@`: BLAS may add in another order for another
        # batch.
        products = style.T[:, :, None] * self.style_weights[:, None, :]
        summed: NDArray[np.float64] = log_odds + np.add.accumulate(products, axis=0)[-1]
        return summed

    def token_shares(self, cut: Tokenised, head: int) -> NDArray[np.float64]:
        """Return what each token adds to the linear log-odds of a head: float64, shape (tokens,).

        A pair of words, or of themes, gives half to each. With style and bias, the shares of a
        text add up to its linear log-odds.
        """
        if not cut.tokens:
            return np.zeros(0)
        facts, _ = self._memo.facts(cut.tokens, self._facts)
        text_of = cut.text_of()
        shares, number = facts.sums[:, head], facts.sums[:, -1]
        for columns, left, right in self._links(facts, text_of):
            halves = self.weights[columns, head].astype(np.float64) / 2
            shares[left] += halves
            shares[right] += halves
            number[left] += 1
        in_all = np.bincount(text_of, weights=number)
        return shares / np.sqrt(np.maximum(in_all, 1.0))[text_of]

    def _facts(self, tokens: Sequence[str]) -> TokenFacts:
        return token_facts(tokens, self.weights, self.settings, self.vocabulary)

    def _links(
        self, facts: TokenFacts, text_of: NDArray[np.intp]
    ) -> Iterator[tuple[NDArray[np.uint32], NDArray[np.intp], NDArray[np.intp]]]:
        """Yield pairs of words and of themes that stand in two tokens: columns, left and right."""
        ends = facts.ends
        if self.settings.words:
            left, right = _neighbours(ends[:, FIRST_WORD] >= 0, text_of)
            words = ends[left, LAST_WORD], ends[right, FIRST_WORD]
            yield word_pair_columns(*words, self.settings), left, right
        if self.vocabulary.themes:
            left, right = _neighbours(ends[:, FIRST_THEME] >= 0, text_of)
            themes = ends[left, LAST_THEME], ends[right, FIRST_THEME]
            yield theme_pair_columns(*themes, self.settings, self.vocabulary), left, right

    def scores(self, texts: Sequence[str]) -> list[Mapping[str, float]]:
        """Return one mapping head → calibrated probability per text, in order."""
        probabilities = logistic(self.log_odds(texts))
        return [dict(zip(self.heads, row, strict=True)) for row in probabilities.tolist()]


def _neighbours(
    chosen: NDArray[np.bool_], text_of: NDArray[np.intp]
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the tokens among those `chosen` that follow one another in a text."""
    places = chosen.nonzero()[0]
    same = text_of[places[:-1]] == text_of[places[1:]]
    return places[:-1][same], places[1:][same]


def calibrated(
    log_odds: NDArray[np.float64], calibration: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return `log_odds` bent by the beta calibration map (Kull et al., 2017), strictly rising.

    With ``a, b, c = calibration[..., :]`` and ``p`` the logistic function of the log-odds, the
    result is ``a * log(p) - b * log(1 - p) + c``: slope ``a`` where ``p`` is small, ``b`` where it
    is large. ``(1, 1, 0)`` changes nothing.
    """
    low, high, offset = calibration[..., 0], calibration[..., 1], calibration[..., 2]
    bent: NDArray[np.float64] = (
        high * np.logaddexp(0.0, log_odds) - low * np.logaddexp(0.0, -log_odds) + offset
    )
    return bent


def logistic(log_odds: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return probabilities for `log_odds` without overflow."""
    probabilities: NDArray[np.float64] = 0.5 * (1.0 + np.tanh(0.5 * log_odds))
    return probabilities
