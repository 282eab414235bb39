"""Hashed n-grams of folded text, computed for a whole batch over one array of code points.

Every feature is an occurrence: a stretch of one comment that falls into one of ``2 ** bits``
columns. A comment's vector is the sum of its occurrences divided by the square root of their
number. Being additive, a linear score is a plain sum over occurrences, which makes scoring fast
(gather and sum, no matrix) and explanations exact (each occurrence has its share).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from moderation.text import fold_text

# FNV-1a, 32 bit (http://www.isthe.com/chongo/tech/comp/fnv/), run over code points, not bytes.
_FNV_OFFSET = np.uint32(2166136261)
_FNV_PRIME = np.uint32(16777619)
# A different starting point for whole words, so that "du" the word is not "du" inside "Hund".
_WORD_OFFSET = np.uint32(0x9747B28C)
# Knuth's multiplicative constant: spreads a hash before its top bits choose the column.
_SPREAD = np.uint32(2654435761)
_SPACE = 32


@dataclass(frozen=True, slots=True)
class FeatureSettings:
    """What is counted.

    Attributes
    ----------
    bits
        There are ``2 ** bits`` columns.
    shortest, longest
        Lengths of character n-grams (code points), within words and their surrounding spaces.
    words
        Count whole words and pairs of neighbouring words, too.
    """

    bits: int = 18
    shortest: int = 3
    longest: int = 6
    words: bool = True


@dataclass(frozen=True, slots=True)
class Occurrences:
    """Occurrences of one kind of n-gram in a batch, ordered by comment, then by position.

    Attributes
    ----------
    columns
        uint32, shape (m,): the column of each occurrence.
    comments
        intp, shape (m,): the index of the comment it stands in.
    starts, ends
        intp, shape (m,): its span in ``Batch.codes``.
    """

    columns: NDArray[np.uint32]
    comments: NDArray[np.intp]
    starts: NDArray[np.intp]
    ends: NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Batch:
    """Folded comments as one array of code points.

    Each comment is its folded text with single spaces between words and one space on either side.

    Attributes
    ----------
    codes
        uint32, shape (k,): the code points of all comments.
    bounds
        intp, shape (n + 1,): comment ``i`` is ``codes[bounds[i]:bounds[i + 1]]``.
    """

    codes: NDArray[np.uint32]
    bounds: NDArray[np.intp]

    @property
    def size(self) -> int:
        """The number of comments."""
        return len(self.bounds) - 1


def spaced(folded: str) -> str:
    """Return `folded` with single spaces between words and one space on either side."""
    return f" {' '.join(folded.split())} "


def batch_of(texts: Sequence[str]) -> Batch:
    """Fold `texts` and lay them out one behind the other."""
    parts = [spaced(fold_text(text)) for text in texts]
    # Lone surrogates are legal in Python strings and must not stop a batch.
    encoded = "".join(parts).encode("utf-32-le", "surrogatepass")
    codes = np.frombuffer(encoded, dtype="<u4").astype(np.uint32, copy=False)
    bounds = np.zeros(len(parts) + 1, dtype=np.intp)
    np.cumsum([len(part) for part in parts], out=bounds[1:])
    return Batch(codes, bounds)


def occurrences(batch: Batch, settings: FeatureSettings) -> Iterator[Occurrences]:
    """Yield the occurrences in `batch`, one kind of n-gram at a time.

    Kinds come in a fixed order: character n-grams by length, then words, then pairs of words.
    """
    if not len(batch.codes):
        return
    comment_of = np.repeat(np.arange(batch.size, dtype=np.intp), np.diff(batch.bounds))
    space = batch.codes == _SPACE
    yield from _character_ngrams(batch, settings, comment_of, space)
    if settings.words:
        yield from _word_ngrams(batch, settings, comment_of, space)


def _columns(hashes: NDArray[np.uint32], bits: int) -> NDArray[np.uint32]:
    return (hashes * _SPREAD) >> np.uint32(32 - bits)


def _character_ngrams(
    batch: Batch,
    settings: FeatureSettings,
    comment_of: NDArray[np.intp],
    space: NDArray[np.bool_],
) -> Iterator[Occurrences]:
    codes = batch.codes
    hashes = (codes ^ _FNV_OFFSET) * _FNV_PRIME
    # inside[i]: the n-gram starting at i has no space between its first and last character. Since
    # comments begin and end with a space, this keeps n-grams within one comment, too; only the two
    # spaces where comments meet have none between them, hence the first step.
    inside = np.ones(len(codes), dtype=bool)
    for length in range(2, settings.longest + 1):
        if len(codes) < length:
            return
        count = len(codes) - length + 1
        hashes = (hashes[:count] ^ codes[length - 1 :]) * _FNV_PRIME
        if length == 2:
            inside = ~(space[:-1] & space[1:])
        else:
            inside = inside[:count] & ~space[length - 2 : len(codes) - 1]
        if length >= settings.shortest:
            starts = np.flatnonzero(inside)
            yield Occurrences(
                _columns(hashes[starts], settings.bits), comment_of[starts], starts, starts + length
            )


def _word_ngrams(
    batch: Batch,
    settings: FeatureSettings,
    comment_of: NDArray[np.intp],
    space: NDArray[np.bool_],
) -> Iterator[Occurrences]:
    starts = np.flatnonzero(space[:-1] & ~space[1:]) + 1
    ends = np.flatnonzero(~space[:-1] & space[1:]) + 1
    if not len(starts):
        return
    # A polynomial hash per word without a loop: sum of code * prime ** position, taken with the
    # position in the whole batch and divided by prime ** start (the prime has an inverse mod 2^32).
    powers = _powers(_FNV_PRIME, len(batch.codes))
    inverse = _powers(np.uint32(pow(int(_FNV_PRIME), -1, 2**32)), len(batch.codes))
    terms = np.where(space, np.uint32(0), (batch.codes ^ _WORD_OFFSET) * powers)
    hashes = np.add.reduceat(terms, starts, dtype=np.uint32) * inverse[starts]
    hashes = (hashes ^ (hashes >> np.uint32(15))) * _SPREAD
    comments = comment_of[starts]
    yield Occurrences(_columns(hashes, settings.bits), comments, starts, ends)
    same = comments[:-1] == comments[1:]
    pairs = ((hashes[:-1] * _FNV_PRIME) ^ hashes[1:]) * _FNV_PRIME
    yield Occurrences(
        _columns(pairs[same], settings.bits), comments[:-1][same], starts[:-1][same], ends[1:][same]
    )


def _powers(base: np.uint32, count: int) -> NDArray[np.uint32]:
    """Return base ** 0, base ** 1, … modulo 2 ** 32."""
    powers = np.full(count, base, dtype=np.uint32)
    powers[0] = 1
    return np.multiply.accumulate(powers, dtype=np.uint32)
