"""Why a score is what it is: the share of every word, adding up to the log-odds."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from moderation.model.classifier import Classifier
from moderation.model.features import batch_of, occurrences
from moderation.model.style import STYLE_FEATURES, standardise, style_matrix
from moderation.records import Contribution, Evidence
from moderation.text import fold

_WORD = re.compile(r"\S+")


@dataclass(frozen=True, slots=True)
class Explanation:
    """The parts of one head's linear log-odds.

    ``log_odds`` is ``bias + sum(words) + sum(style)``, and what the classifier computes up to
    rounding (1e-6); the higher they are, the higher the score.

    Attributes
    ----------
    head
        The score that is explained.
    log_odds
        The linear log-odds of the comment.
    bias
        What every comment starts with.
    words
        The share of each word, in text order, with its span in the comment.
    style
        The share of each style feature, by name.
    """

    head: str
    log_odds: float
    bias: float
    words: tuple[Contribution, ...]
    style: tuple[tuple[str, float], ...]


def explain(classifier: Classifier, text: str, head: str) -> Explanation:
    """Split the log-odds of `head` for `text` into the shares of words and style.

    An n-gram belongs to the word it stands in; a pair of words, or of themes, gives half to each.

    Raises
    ------
    ValueError
        If the model has no such head.
    """
    index = classifier.heads.index(head)
    folded = fold(text)
    words = list(_WORD.finditer(folded.text))
    batch = batch_of([text])
    # batch.codes holds the words with one space before each, so word k begins where k words and
    # k + 1 spaces have gone by.
    lengths = np.array([len(word.group()) for word in words], dtype=np.intp)
    begins = np.cumsum(lengths + 1) - lengths if len(words) else lengths
    shares = np.zeros(len(words))
    count = 0
    for found in occurrences(batch, classifier.settings, classifier.vocabulary):
        count += len(found.columns)
        weights = classifier.weights[found.columns, index].astype(np.float64)
        # The first and last non-space character of the n-gram name its first and last word.
        is_space = batch.codes[found.starts] == ord(" ")
        first = np.searchsorted(begins, found.starts + is_space, side="right") - 1
        last = np.searchsorted(begins, found.ends - 1, side="right") - 1
        np.add.at(shares, first, weights / 2)
        np.add.at(shares, np.maximum(last, first), weights / 2)
    shares /= np.sqrt(max(count, 1))
    style = standardise(style_matrix([text]), classifier.style_mean, classifier.style_scale)[0]
    contributions = []
    for word, share in zip(words, shares, strict=True):
        start, end = folded.span(word.start(), word.end())
        contributions.append(Contribution(Evidence(start, end, text[start:end]), float(share)))
    style_shares = style * classifier.style_weights[:, index]
    bias = float(classifier.biases[index])
    return Explanation(
        head=head,
        log_odds=bias + float(shares.sum()) + float(style_shares.sum()),
        bias=bias,
        words=tuple(contributions),
        style=tuple(zip(STYLE_FEATURES, map(float, style_shares), strict=True)),
    )
