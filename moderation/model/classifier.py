"""The linear classifier as it is used: weights gathered and summed, no matrix, NumPy alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from moderation.model.features import FeatureSettings, Vocabulary, batch_of, occurrences
from moderation.model.style import standardise, style_matrix


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

    def log_odds(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Return calibrated log-odds: float64, shape (n, heads)."""
        return calibrated(self.linear_log_odds(texts), self.calibration)

    def linear_log_odds(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Return the linear log-odds that explanations add up to: float64, shape (n, heads).

        A comment's row does not depend on its neighbours in the batch, to the last bit.
        """
        batch = batch_of(texts)
        sums = np.zeros((len(texts), len(self.heads)))
        counts = np.zeros(len(texts))
        for found in occurrences(batch, self.settings, self.vocabulary):
            counts += np.bincount(found.comments, minlength=len(texts))
            gathered = self.weights[found.columns]
            for head in range(len(self.heads)):
                # bincount adds one by one in float64, so the order of addition is the text's own.
                sums[:, head] += np.bincount(
                    found.comments, weights=gathered[:, head], minlength=len(texts)
                )
        log_odds = sums / np.sqrt(np.maximum(counts, 1.0))[:, None] + self.biases
        style = standardise(style_matrix(texts), self.style_mean, self.style_scale)
        # A loop over features instead of `@`: BLAS may add in another order for another batch.
        for weights, column in zip(self.style_weights, style.T, strict=True):
            log_odds += column[:, None] * weights
        return log_odds

    def scores(self, texts: Sequence[str]) -> list[Mapping[str, float]]:
        """Return one mapping head → calibrated probability per text, in order."""
        probabilities = logistic(self.log_odds(texts))
        return [
            dict(zip(self.heads, (float(value) for value in row), strict=True))
            for row in probabilities
        ]


def calibrated(
    log_odds: NDArray[np.float64], calibration: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return `log_odds` bent by the beta calibration map (Kull et al., 2017), strictly rising.

    With ``a, b, c = calibration[..., :]`` and ``p`` the logistic function of the log-odds, the
    result is ``a * log(p) - b * log(1 - p) + c``: slope ``a`` where ``p`` is small, ``b`` where it
    is large. ``(1, 1, 0)`` changes nothing.
    """
    low, high, offset = np.moveaxis(calibration, -1, 0)
    bent: NDArray[np.float64] = (
        high * np.logaddexp(0.0, log_odds) - low * np.logaddexp(0.0, -log_odds) + offset
    )
    return bent


def logistic(log_odds: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return probabilities for `log_odds` without overflow."""
    probabilities: NDArray[np.float64] = 0.5 * (1.0 + np.tanh(0.5 * log_odds))
    return probabilities
