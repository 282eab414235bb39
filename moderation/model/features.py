"""Hashed n-grams and themes of folded text, computed for a whole batch over one array of codes.

Every feature is an occurrence: a stretch of one comment that falls into one of the columns. A
comment's vector is the sum of its occurrences divided by the square root of their number. Being
additive, a linear score is a plain sum over occurrences, which makes scoring fast (gather and sum,
no matrix) and explanations exact (each occurrence has its share).

Columns: ``2 ** bits`` for hashed n-grams, then one per theme (:class:`Vocabulary`), then one per
ordered pair of themes.
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
#: Letters of the shortest and longest compound heads that are looked for, and of what goes before.
HEAD_LETTERS = (4, 16)
_MIN_MODIFIER = 2


@dataclass(frozen=True, slots=True)
class FeatureSettings:
    """What is counted.

    Attributes
    ----------
    bits
        There are ``2 ** bits`` columns of hashed n-grams.
    shortest, longest
        Lengths of character n-grams (code points), within words and their surrounding spaces.
    words
        Count whole words and pairs of neighbouring words, too.
    """

    bits: int = 18
    shortest: int = 2
    longest: int = 5
    words: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class Vocabulary:
    """Words that are known to belong to themes: what a model knows beyond its training texts.

    A model keeps its own copy, so that its scores do not move when the lexicons it was made from
    do. Words are kept as 32-bit hashes; with some ten thousand entries, one unknown word in a
    hundred thousand is taken for a known one.

    Attributes
    ----------
    themes
        Names of the themes, at most 255.
    hashes
        uint32, shape (k,), ascending: hash of a folded word; a word of two themes stands twice.
    theme_of
        uint8, shape (k,): index of the theme.
    heads
        bool, shape (k,): the word also counts as the last part of a compound.
    """

    themes: tuple[str, ...]
    hashes: NDArray[np.uint32]
    theme_of: NDArray[np.uint8]
    heads: NDArray[np.bool_]

    def columns(self, settings: FeatureSettings) -> int:
        """Return the number of columns there are in all."""
        return int(2**settings.bits) + len(self.themes) * (1 + len(self.themes))


EMPTY_VOCABULARY = Vocabulary(
    (), np.empty(0, np.uint32), np.empty(0, np.uint8), np.empty(0, np.bool_)
)


@dataclass(frozen=True, slots=True)
class Occurrences:
    """Occurrences of one kind in a batch, ordered by comment, then by position.

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


def occurrences(
    batch: Batch, settings: FeatureSettings, vocabulary: Vocabulary = EMPTY_VOCABULARY
) -> Iterator[Occurrences]:
    """Yield the occurrences in `batch`, one kind at a time, in a fixed order.

    Character n-grams by length, then words, pairs of words, themes, and pairs of themes.
    """
    if not len(batch.codes):
        return
    comment_of = np.repeat(np.arange(batch.size, dtype=np.intp), np.diff(batch.bounds))
    yield from _character_ngrams(batch, settings, comment_of)
    if settings.words or vocabulary.themes:
        words = _words(batch, comment_of)
        if settings.words:
            yield from _word_ngrams(words, settings)
        if vocabulary.themes:
            yield from _themes(words, settings, vocabulary)


def word_hashes(words: Sequence[str]) -> NDArray[np.uint32]:
    """Return the hash of each of `words`: uint32, shape (n,). Each must be one word."""
    batch = batch_of(words)
    comment_of = np.repeat(np.arange(batch.size, dtype=np.intp), np.diff(batch.bounds))
    found = _words(batch, comment_of)
    if not np.array_equal(found.comments, np.arange(len(words))):
        raise ValueError("not all of these are single words")
    return found.hashes(found.starts, found.ends)


def _columns(hashes: NDArray[np.uint32], bits: int) -> NDArray[np.uint32]:
    return (hashes * _SPREAD) >> np.uint32(32 - bits)


def _character_ngrams(
    batch: Batch, settings: FeatureSettings, comment_of: NDArray[np.intp]
) -> Iterator[Occurrences]:
    codes = batch.codes
    space = codes == _SPACE
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


@dataclass(frozen=True, slots=True)
class _Words:
    """Where the words of a batch stand, and what the hash of any stretch of one is made from.

    A stretch's hash is polynomial: the sum of code * prime ** position, divided by the power of
    where it begins (the prime has an inverse modulo 2 ** 32). With running sums, any stretch costs
    one subtraction.
    """

    starts: NDArray[np.intp]
    ends: NDArray[np.intp]
    comments: NDArray[np.intp]
    sums: NDArray[np.uint32]
    inverse: NDArray[np.uint32]

    def hashes(self, starts: NDArray[np.intp], ends: NDArray[np.intp]) -> NDArray[np.uint32]:
        """Return the hashes of the stretches from `starts` to `ends`."""
        hashes = (self.sums[ends] - self.sums[starts]) * self.inverse[starts]
        return (hashes ^ (hashes >> np.uint32(15))) * _SPREAD


def _words(batch: Batch, comment_of: NDArray[np.intp]) -> _Words:
    inside = _is_letter(batch.codes)
    # Comments begin and end with a space, so no word touches either end of the array.
    starts = np.flatnonzero(~inside[:-1] & inside[1:]) + 1
    ends = np.flatnonzero(inside[:-1] & ~inside[1:]) + 1
    size = len(batch.codes)
    sums = np.zeros(size + 1, dtype=np.uint32)
    np.cumsum(
        (batch.codes ^ _WORD_OFFSET) * _powers(_FNV_PRIME, size), dtype=np.uint32, out=sums[1:]
    )
    inverse = _powers(np.uint32(pow(int(_FNV_PRIME), -1, 2**32)), size)
    return _Words(starts, ends, comment_of[starts], sums, inverse)


def _is_letter(codes: NDArray[np.uint32]) -> NDArray[np.bool_]:
    """Return where letters and digits of words stand: ASCII by name, above by exclusion."""
    ascii_letter = ((codes >= 97) & (codes <= 122)) | ((codes >= 48) & (codes <= 57))
    # Latin-1 signs (« » §), general punctuation and symbols („ “ – … €), pictures.
    sign = (codes < 0xC0) | ((codes >= 0x2000) & (codes < 0x2C00)) | (codes >= 0x1F000)
    return ascii_letter | ~sign


def _word_ngrams(words: _Words, settings: FeatureSettings) -> Iterator[Occurrences]:
    if not len(words.starts):
        return
    starts, ends, comments = words.starts, words.ends, words.comments
    hashes = words.hashes(starts, ends)
    yield Occurrences(_columns(hashes, settings.bits), comments, starts, ends)
    same = comments[:-1] == comments[1:]
    pairs = ((hashes[:-1] * _FNV_PRIME) ^ hashes[1:]) * _FNV_PRIME
    yield Occurrences(
        _columns(pairs[same], settings.bits), comments[:-1][same], starts[:-1][same], ends[1:][same]
    )


def _themes(
    words: _Words, settings: FeatureSettings, vocabulary: Vocabulary
) -> Iterator[Occurrences]:
    """Yield the themes of words, then each theme with the one that follows it in the comment.

    A word has the themes of the vocabulary, or else those of its longest ending that is the head
    of compounds ("Vollidiot" has those of "Idiot").
    """
    starts, ends = words.starts, words.ends
    where, themes = _lookup(vocabulary.hashes, vocabulary.theme_of, words.hashes(starts, ends))
    open_words = np.ones(len(starts), dtype=bool)
    open_words[where] = False
    head_hashes = vocabulary.hashes[vocabulary.heads]
    head_themes = vocabulary.theme_of[vocabulary.heads]
    shortest, longest = HEAD_LETTERS
    for letters in range(longest, shortest - 1, -1) if len(head_hashes) else ():
        candidates = np.flatnonzero(open_words & (ends - starts >= letters + _MIN_MODIFIER))
        tails = words.hashes(ends[candidates] - letters, ends[candidates])
        found, more = _lookup(head_hashes, head_themes, tails)
        where = np.concatenate([where, candidates[found]])
        themes = np.concatenate([themes, more])
        open_words[candidates[found]] = False
    order = np.lexsort((themes, where))
    where, themes = where[order], themes[order].astype(np.uint32)
    base = np.uint32(2**settings.bits)
    count = np.uint32(len(vocabulary.themes))
    comments = words.comments[where]
    yield Occurrences(base + themes, comments, starts[where], ends[where])
    # Words of several themes make pairs with what follows the last of them only.
    same = (comments[:-1] == comments[1:]) & (where[:-1] != where[1:])
    yield Occurrences(
        base + count + themes[:-1][same] * count + themes[1:][same],
        comments[:-1][same],
        starts[where[:-1][same]],
        ends[where[1:][same]],
    )


def _lookup(
    known: NDArray[np.uint32], values: NDArray[np.uint8], wanted: NDArray[np.uint32]
) -> tuple[NDArray[np.intp], NDArray[np.uint8]]:
    """Return which of `wanted` are `known`, and their values; one known twice comes twice."""
    first = np.searchsorted(known, wanted, side="left")
    counts = np.searchsorted(known, wanted, side="right") - first
    where = np.repeat(np.arange(len(wanted), dtype=np.intp), counts)
    begins = np.repeat(first - (np.cumsum(counts) - counts), counts)
    return where, values[begins + np.arange(len(where))]


def _powers(base: np.uint32, count: int) -> NDArray[np.uint32]:
    """Return base ** 0, base ** 1, … modulo 2 ** 32."""
    powers = np.full(count, base, dtype=np.uint32)
    powers[:1] = 1
    return np.multiply.accumulate(powers, dtype=np.uint32)
