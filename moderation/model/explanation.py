"""Why a score is what it is: the share of every word, adding up to the log-odds."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from moderation.model.classifier import Classifier
from moderation.model.style import STYLE_FEATURES, standardise, style_matrix, tokenised
from moderation.records import Contribution, Evidence

# The same words that :meth:`str.split` gives.
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
    shares = classifier.token_shares(tokenised([text]), index)
    words = (
        Contribution(Evidence(*word.span(), word.group()), share)
        for word, share in zip(_WORD.finditer(text), shares.tolist(), strict=True)
    )
    style = standardise(style_matrix([text]), classifier.style_mean, classifier.style_scale)[0]
    style_shares = style * classifier.style_weights[:, index]
    bias = float(classifier.biases[index])
    return Explanation(
        head=head,
        log_odds=bias + float(shares.sum()) + float(style_shares.sum()),
        bias=bias,
        words=tuple(words),
        style=tuple(zip(STYLE_FEATURES, map(float, style_shares), strict=True)),
    )


def telling_words(
    classifier: Classifier, texts: Sequence[str], most: int
) -> list[tuple[Contribution, ...]]:
    """Return, for each text, at most `most` words that raised its main score most, strongest first.

    Much faster than explaining the texts one by one.
    """
    cut = tokenised(texts)
    shares = classifier.token_shares(cut, classifier.heads.index(classifier.main)).tolist()
    telling = []
    for text, (begin, end) in zip(texts, pairwise(cut.bounds.tolist()), strict=True):
        spans = [word.span() for word in _WORD.finditer(text)]
        strongest = sorted(zip(shares[begin:end], spans, strict=True), key=_by_share)[:most]
        telling.append(
            tuple(
                Contribution(Evidence(*span, text[slice(*span)]), share)
                for share, span in strongest
                if share > 0
            )
        )
    return telling


def _by_share(word: tuple[float, tuple[int, int]]) -> float:
    return -word[0]
