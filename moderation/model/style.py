"""Style: how a comment is written, as a few dense numbers, apart from the words it uses."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from moderation.model.features import codes_of, sums_by

#: Names of the style features, in the order of :func:`style_matrix`'s columns. German, because
#: ``explain`` shows them to editors.
STYLE_FEATURES: tuple[str, ...] = (
    "Länge in Zeichen",
    "Länge in Wörtern",
    "Wortlänge",
    "Anteil Großbuchstaben",
    "Wörter in Großbuchstaben",
    "Ausrufezeichen je Wort",
    "Fragezeichen je Wort",
    "Ausrufezeichen",
    "Fragezeichen",
    "Auslassungspunkte",
    "Kommas je Wort",
    "Punkte je Wort",
    "Anführungszeichen",
    "Anrede du/ihr",
    "Anrede Sie",
    "Ich und wir",
    "Links",
    "At-Zeichen",
    "Rauten",
    "Anteil Ziffern",
    "Emojis",
    "Wortvielfalt",
    "Satzzeichen am Ende",
    "Absätze",
)

#: Standardised features are clipped to this many standard deviations, so that one odd comment
#: (ten thousand exclamation marks) cannot outvote its words.
CLIP = 4.0

# What is counted in every token, by column of :func:`token_counts`. A comment's counts are the sums
# over its tokens, since none of this reaches over white space. Signs, each a class of characters:
_UPPER, _EXCLAMATIONS, _QUESTIONS, _ELLIPSES, _COMMAS, _STOPS, _QUOTES, _ATS, _HASHES = range(9)
_DIGITS, _EMOJIS = 9, 10
# Words of address, links, and words in capitals:
_YOU, _I_AND_WE, _FORMAL_YOU, _LINKS, _CAPITALS = range(11, 16)
#: Columns of :func:`token_counts`.
TOKEN_COUNTS = 16

_SIGNS = {
    _EXCLAMATIONS: "!",
    _QUESTIONS: "?",
    _ELLIPSES: "…",
    _COMMAS: ",",
    _STOPS: ".",
    _QUOTES: '"„',
    _ATS: "@",
    _HASHES: "#",
}
# Classes that are no column: lower-case letters (a token with one is not in capitals), the rest.
_LOWER, _OTHER, _CLASSES = 11, 12, 13
# Groups in the order of their columns.
_LOWERED = re.compile(
    r"\b(?:(du|dich|dir|dein\w{0,3}|ihr|euch|euer\w{0,2}|eure\w?)|(ich|mich|mir|mein\w{0,3}|wir|uns))"
    r"\b"
)
_LINK = re.compile(r"https?://|www\.")
# Beginning with letters that are searched for as such, these are many times faster.
_FORMAL = (re.compile(r"Sie(?<!\wSie)\b"), re.compile(r"Ihnen(?<!\wIhnen)\b"))

_CLOSED = re.compile(r"[.!?…][\"“”»«')\]]{0,3}$")
_CLOSED_WINDOW = 8
# From the C library: NumPy's own logarithm differs in the last bit from one processor to another.
_LOG1P = np.array([math.log1p(number) for number in range(2048)])
_LAST_EMOJI = 0x1FAFF
_LINE_FEED = ord("\n")


def _sign_classes() -> NDArray[np.uint8]:
    """Return the class of each code point up to the last emoji, and of all beyond."""
    classes = np.full(_LAST_EMOJI + 2, _OTHER, dtype=np.uint8)
    for column, signs in _SIGNS.items():
        classes[[ord(sign) for sign in signs]] = column
    classes[[ord(letter) for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÜ"]] = _UPPER
    classes[ord("a") : ord("z") + 1] = _LOWER
    classes[ord("0") : ord("9") + 1] = _DIGITS
    classes[0x2600:0x27C0] = _EMOJIS
    classes[0x1F000 : _LAST_EMOJI + 1] = _EMOJIS
    return classes


_CLASS_OF = _sign_classes()


@dataclass(frozen=True, slots=True)
class Tokenised:
    """Texts cut at white space.

    Attributes
    ----------
    tokens
        All tokens, text by text.
    bounds
        intp, shape (n + 1,): those of text ``i`` are ``tokens[bounds[i]:bounds[i + 1]]``.
    """

    tokens: list[str]
    bounds: NDArray[np.intp]

    def text_of(self) -> NDArray[np.intp]:
        """Return the index of the text that each token stands in: intp, shape (tokens,)."""
        return np.repeat(np.arange(len(self.bounds) - 1), self.bounds[1:] - self.bounds[:-1])


def tokenised(texts: Sequence[str]) -> Tokenised:
    """Cut `texts` at white space."""
    tokens: list[str] = []
    bounds = np.zeros(len(texts) + 1, dtype=np.intp)
    for index, text in enumerate(texts, start=1):
        tokens += text.split()
        bounds[index] = len(tokens)
    return Tokenised(tokens, bounds)


def token_counts(tokens: Sequence[str]) -> NDArray[np.float32]:
    """Count signs and words of address in `tokens`: float32, shape (n, :data:`TOKEN_COUNTS`).

    Tokens hold no white space. A float32 counts to sixteen million.
    """
    joined = "\n".join(tokens)
    codes = codes_of(joined)
    token_of = np.cumsum(codes == _LINE_FEED)
    classes = _CLASS_OF.take(np.minimum(codes, len(_CLASS_OF) - 1))
    by_class = np.bincount(token_of * _CLASSES + classes, minlength=len(tokens) * _CLASSES).reshape(
        len(tokens), _CLASSES
    )
    counts = np.zeros((len(tokens), TOKEN_COUNTS), dtype=np.float32)
    counts[:, :_LOWER] = by_class[:, :_LOWER]
    for index in (by_class[:, _STOPS] >= len("...")).nonzero()[0].tolist():
        counts[index, _ELLIPSES] += tokens[index].count("...")
    lowered = joined.lower()
    _add(counts, lowered, _LOWERED, _YOU)
    _add(counts, lowered, _LINK, _LINKS)
    for expression in _FORMAL:
        _add(counts, joined, expression, _FORMAL_YOU)
    for index in (by_class[:, _LOWER] == 0).nonzero()[0].tolist():
        counts[index, _CAPITALS] = len(tokens[index]) > 2 and tokens[index].isupper()
    return counts


def _add(
    counts: NDArray[np.float32], joined: str, expression: re.Pattern[str], column: int
) -> None:
    """Count the matches of `expression` in `joined` tokens, its groups from `column` on."""
    found = [(match.start(), match.lastindex or 1) for match in expression.finditer(joined)]
    if found:
        places, groups = np.array(found).T
        breaks = (codes_of(joined) == _LINE_FEED).nonzero()[0]
        np.add.at(counts, (np.searchsorted(breaks, places), column - 1 + groups), 1)


def style_of(
    texts: Sequence[str],
    words: NDArray[np.intp],
    distinct: Sequence[int],
    counts: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Return the style features of `texts`: float64, shape (n, len(STYLE_FEATURES)).

    Parameters
    ----------
    texts
        Comments.
    words, distinct
        Number of tokens of each, and of those that differ in more than their capitals.
    counts
        Sums of :func:`token_counts`, shape (n, :data:`TOKEN_COUNTS`).
    """
    length = np.array([len(text) for text in texts], dtype=np.float64)
    breaks = np.array([text.count("\n") for text in texts], dtype=np.float64)
    closed = np.array([_closed(text) for text in texts], dtype=np.float64)
    some_words = np.maximum(words, 1)
    some_length = np.maximum(length, 1)
    per_word = counts / some_words[:, None]
    logarithm = _log1p(counts)
    features = np.array(
        (
            _log1p(length),
            _log1p(words),
            length / some_words,
            counts[:, _UPPER] / some_length,
            per_word[:, _CAPITALS],
            per_word[:, _EXCLAMATIONS],
            per_word[:, _QUESTIONS],
            logarithm[:, _EXCLAMATIONS],
            logarithm[:, _QUESTIONS],
            logarithm[:, _ELLIPSES],
            per_word[:, _COMMAS],
            per_word[:, _STOPS],
            logarithm[:, _QUOTES],
            per_word[:, _YOU],
            per_word[:, _FORMAL_YOU],
            per_word[:, _I_AND_WE],
            logarithm[:, _LINKS],
            logarithm[:, _ATS],
            logarithm[:, _HASHES],
            counts[:, _DIGITS] / some_length,
            logarithm[:, _EMOJIS],
            np.array(distinct, dtype=np.float64) / some_words,
            closed,
            _log1p(breaks),
        )
    )
    # Text by text in memory: means over texts are to add in the same order everywhere.
    return np.ascontiguousarray(features.T)


def _log1p(numbers: NDArray[Any]) -> NDArray[np.float64]:
    """Return the logarithms of whole numbers plus one."""
    logarithms = _LOG1P.take(numbers.astype(np.intp), mode="clip")
    large = numbers >= len(_LOG1P)
    if large.any():
        logarithms[large] = [math.log1p(number) for number in numbers[large].tolist()]
    return logarithms


def _closed(text: str) -> bool:
    return _CLOSED.search(text[-_CLOSED_WINDOW:].rstrip()) is not None


def style_matrix(texts: Sequence[str]) -> NDArray[np.float64]:
    """Return the style features of `texts`: float64, shape (n, len(STYLE_FEATURES))."""
    cut = tokenised(texts)
    counts = token_counts(cut.tokens) if cut.tokens else np.zeros((0, TOKEN_COUNTS), np.float32)
    distinct = [
        len(set(map(str.lower, cut.tokens[begin:end])))
        for begin, end in pairwise(cut.bounds.tolist())
    ]
    sums = sums_by(cut.text_of(), counts, len(texts))
    return style_of(texts, np.diff(cut.bounds), distinct, sums)


def standardise(
    style: NDArray[np.float64], mean: NDArray[np.float64], scale: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return `style` in standard deviations from `mean`, clipped at :data:`CLIP`."""
    standardised: NDArray[np.float64] = np.clip((style - mean) / scale, -CLIP, CLIP)
    return standardised
