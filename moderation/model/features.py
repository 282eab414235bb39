"""Hashed n-grams and themes of folded text, computed for a whole batch over one array of codes.

Every feature is an occurrence: a stretch of one comment that falls into one of the columns. A
comment's vector is the sum of its occurrences divided by the square root of their number. Being
additive, a linear score is a plain sum over occurrences, which makes scoring fast (gather and sum,
no matrix) and explanations exact (each occurrence has its share).

Columns: ``2 ** bits`` for hashed n-grams, then one per theme (:class:`Vocabulary`), then one per
ordered pair of themes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

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
# Shift that leaves 18 bits of a hash: a quarter of a megabyte to look into, a fifth of it filled.
_TOP_BITS = np.uint32(14)


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


_Found = tuple[NDArray[np.intp], NDArray[np.uint8]]


@dataclass(frozen=True, slots=True)
class _ThemeIndex:
    """Hashes in ascending order, their themes, and which top bits of hashes occur at all."""

    hashes: NDArray[np.uint32]
    themes: NDArray[np.uint8]
    occurring: NDArray[np.bool_]

    def lookup(self, wanted: NDArray[np.uint32]) -> _Found:
        # Nearly all words are unknown; most of them are told by their top bits.
        likely = self.occurring.take(wanted >> _TOP_BITS).nonzero()[0]
        if not len(likely):
            return likely, self.themes[:0]
        hashes = wanted[likely]
        first = np.searchsorted(self.hashes, hashes, side="left")
        counts = np.searchsorted(self.hashes, hashes, side="right") - first
        where = np.repeat(likely, counts)
        begins = np.repeat(first - (np.cumsum(counts) - counts), counts)
        return where, self.themes[begins + np.arange(len(where))]


def _theme_index(hashes: NDArray[np.uint32], themes: NDArray[np.uint8]) -> _ThemeIndex:
    occurring = np.zeros(1 << (32 - int(_TOP_BITS)), dtype=bool)
    occurring[hashes >> _TOP_BITS] = True
    return _ThemeIndex(hashes, themes, occurring)


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
    _words: _ThemeIndex = field(init=False, repr=False)
    _heads: _ThemeIndex = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_words", _theme_index(self.hashes, self.theme_of))
        object.__setattr__(
            self, "_heads", _theme_index(self.hashes[self.heads], self.theme_of[self.heads])
        )

    def themes_of_words(self, hashes: NDArray[np.uint32]) -> _Found:
        """Look whole words up: the indices of those known, and a theme of each.

        One that has two themes comes twice.
        """
        return self._words.lookup(hashes)

    def themes_of_heads(self, hashes: NDArray[np.uint32]) -> _Found:
        """Look endings of words up, as :meth:`themes_of_words` does words."""
        return self._heads.lookup(hashes)

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

    def comment_of(self) -> NDArray[np.intp]:
        """Return the index of the comment that each code belongs to: intp, shape (k,)."""
        return np.repeat(np.arange(self.size), self.bounds[1:] - self.bounds[:-1])


def spaced(folded: str) -> str:
    """Return `folded` with single spaces between words and one space on either side."""
    return f" {' '.join(folded.split())} "


def batch_of(texts: Sequence[str]) -> Batch:
    """Fold `texts` and lay them out one behind the other."""
    parts = [spaced(fold_text(text)) for text in texts]
    bounds = np.zeros(len(parts) + 1, dtype=np.intp)
    np.cumsum([len(part) for part in parts], out=bounds[1:])
    return Batch(codes_of("".join(parts)), bounds)


def codes_of(text: str) -> NDArray[np.uint32]:
    """Return the code points of `text`: uint32, shape (len(text),)."""
    # Lone surrogates are legal in Python strings and must not stop a batch.
    encoded = text.encode("utf-32-le", "surrogatepass")
    return np.frombuffer(encoded, dtype="<u4").astype(np.uint32, copy=False)


def sums_by(
    group_of: NDArray[np.intp], rows: NDArray[np.floating], groups: int
) -> NDArray[np.float64]:
    """Add up `rows` by group: float64, shape (groups, columns).

    `group_of`, shape (m,), is in ascending order, so that the rows of a group are added one by one
    in their order: what comes out does not depend, to the last bit, on the groups beside it.
    """
    sums = np.zeros((groups, rows.shape[1]))
    if len(group_of):
        begins = np.concatenate(([0], (group_of[1:] != group_of[:-1]).nonzero()[0] + 1))
        sums[group_of[begins]] = np.add.reduceat(rows, begins, axis=0, dtype=np.float64)
    return sums


def occurrences(
    batch: Batch,
    settings: FeatureSettings,
    vocabulary: Vocabulary = EMPTY_VOCABULARY,
    words: Words | None = None,
) -> Iterator[Occurrences]:
    """Yield the occurrences in `batch`, one kind at a time, in a fixed order.

    Character n-grams by length, then words, pairs of words, themes, and pairs of themes. Whoever
    has the `words` of the batch already passes them on.
    """
    if not len(batch.codes):
        return
    yield from _character_ngrams(batch, settings)
    words = words_of(batch, vocabulary) if words is None else words
    if settings.words:
        yield from _word_ngrams(words, settings)
    if vocabulary.themes:
        yield from _theme_ngrams(words, settings, vocabulary)


def word_hashes(words: Sequence[str]) -> NDArray[np.uint32]:
    """Return the hash of each of `words`: uint32, shape (n,). Each must be one word."""
    found = words_of(batch_of(words), EMPTY_VOCABULARY)
    if not np.array_equal(found.comments, np.arange(len(words))):
        raise ValueError("not all of these are single words")
    return found.hashes


def _columns(hashes: NDArray[np.uint32], bits: int) -> NDArray[np.uint32]:
    return (hashes * _SPREAD) >> np.uint32(32 - bits)


def _character_ngrams(batch: Batch, settings: FeatureSettings) -> Iterator[Occurrences]:
    codes = batch.codes
    comment_of = batch.comment_of()
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
            starts = inside.nonzero()[0]
            yield Occurrences(
                _columns(hashes[starts], settings.bits), comment_of[starts], starts, starts + length
            )


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a batch, in order, and their themes.

    Attributes
    ----------
    starts, ends
        intp, shape (w,): the span of each word in ``Batch.codes``.
    comments
        intp, shape (w,): the index of the comment it stands in.
    hashes
        uint32, shape (w,).
    themed
        intp, shape (t,), ascending: index of a word that has a theme; one of two stands twice.
    themes
        uint8, shape (t,): its theme; those of one word in ascending order.
    """

    starts: NDArray[np.intp]
    ends: NDArray[np.intp]
    comments: NDArray[np.intp]
    hashes: NDArray[np.uint32]
    themed: NDArray[np.intp]
    themes: NDArray[np.uint8]


def words_of(batch: Batch, vocabulary: Vocabulary) -> Words:
    """Find the words of `batch` and their themes."""
    inside = _is_letter(batch.codes)
    # Comments begin and end with a space, so no word touches either end of the array.
    starts = (~inside[:-1] & inside[1:]).nonzero()[0] + 1
    ends = (inside[:-1] & ~inside[1:]).nonzero()[0] + 1
    hash_of = _stretch_hashes(batch.codes)
    hashes = hash_of(starts, ends)
    themed, themes = _themes(starts, ends, hashes, hash_of, vocabulary)
    return Words(starts, ends, batch.comment_of()[starts], hashes, themed, themes)


_HashOf = Callable[[NDArray[np.intp], NDArray[np.intp]], NDArray[np.uint32]]


def _stretch_hashes(codes: NDArray[np.uint32]) -> _HashOf:
    """Return a function from starts and ends to the hashes of the stretches between them.

    A stretch's hash is polynomial: the sum of code * prime ** position, divided by the power of
    where it begins (the prime has an inverse modulo 2 ** 32). With running sums, any stretch costs
    one subtraction.
    """
    sums = np.zeros(len(codes) + 1, dtype=np.uint32)
    np.cumsum(
        (codes ^ _WORD_OFFSET) * _powers(_FNV_PRIME, len(codes)), dtype=np.uint32, out=sums[1:]
    )
    inverse = _powers(np.uint32(pow(int(_FNV_PRIME), -1, 2**32)), len(codes))

    def hash_of(starts: NDArray[np.intp], ends: NDArray[np.intp]) -> NDArray[np.uint32]:
        hashes = (sums[ends] - sums[starts]) * inverse[starts]
        return (hashes ^ (hashes >> np.uint32(15))) * _SPREAD

    return hash_of


def _is_letter(codes: NDArray[np.uint32]) -> NDArray[np.bool_]:
    """Return where letters and digits of words stand: ASCII by name, above by exclusion."""
    ascii_letter = ((codes >= 97) & (codes <= 122)) | ((codes >= 48) & (codes <= 57))
    # Latin-1 signs (« » §), general punctuation and symbols („ “ – … €), pictures.
    sign = (codes < 0xC0) | ((codes >= 0x2000) & (codes < 0x2C00)) | (codes >= 0x1F000)
    return ascii_letter | ~sign


def _word_ngrams(words: Words, settings: FeatureSettings) -> Iterator[Occurrences]:
    starts, ends, comments, hashes = words.starts, words.ends, words.comments, words.hashes
    yield Occurrences(_columns(hashes, settings.bits), comments, starts, ends)
    same = comments[:-1] == comments[1:]
    yield Occurrences(
        word_pair_columns(hashes[:-1][same], hashes[1:][same], settings),
        comments[:-1][same],
        starts[:-1][same],
        ends[1:][same],
    )


def word_pair_columns(
    left: NDArray[np.integer], right: NDArray[np.integer], settings: FeatureSettings
) -> NDArray[np.uint32]:
    """Return the columns of pairs of neighbouring words, given their hashes."""
    hashes = (left.astype(np.uint32) * _FNV_PRIME) ^ right.astype(np.uint32)
    return _columns(hashes * _FNV_PRIME, settings.bits)


def _themes(
    starts: NDArray[np.intp],
    ends: NDArray[np.intp],
    hashes: NDArray[np.uint32],
    hash_of: _HashOf,
    vocabulary: Vocabulary,
) -> tuple[NDArray[np.intp], NDArray[np.uint8]]:
    """Return which words have themes, and those.

    A word has the themes of the vocabulary, or else those of its longest ending that is the head
    of compounds ("Vollidiot" has those of "Idiot").
    """
    where, themes = vocabulary.themes_of_words(hashes)
    shortest, longest = HEAD_LETTERS
    # All endings of the other words at once, shortest first.
    endings = np.clip(ends - starts - _MIN_MODIFIER, 0, longest) - shortest + 1
    endings[where] = 0
    endings = np.maximum(endings, 0)
    word_of = np.repeat(np.arange(len(starts)), endings)
    letters = shortest + np.arange(len(word_of)) - np.repeat(np.cumsum(endings) - endings, endings)
    found, more = vocabulary.themes_of_heads(hash_of(ends[word_of] - letters, ends[word_of]))
    if len(found):
        words, letters = word_of[found], letters[found]
        most = np.zeros(len(starts), dtype=letters.dtype)
        np.maximum.at(most, words, letters)
        kept = letters == most[words]
        where = np.concatenate([where, words[kept]])
        themes = np.concatenate([themes, more[kept]])
    order = np.lexsort((themes, where))
    return where[order], themes[order]


def _theme_ngrams(
    words: Words, settings: FeatureSettings, vocabulary: Vocabulary
) -> Iterator[Occurrences]:
    """Yield the themes of words, then each theme with the one that follows it in the comment."""
    where, themes = words.themed, words.themes
    comments = words.comments[where]
    base = np.uint32(2**settings.bits)
    yield Occurrences(base + themes, comments, words.starts[where], words.ends[where])
    # Words of several themes make pairs with what follows the last of them only.
    same = (comments[:-1] == comments[1:]) & (where[:-1] != where[1:])
    yield Occurrences(
        theme_pair_columns(themes[:-1][same], themes[1:][same], settings, vocabulary),
        comments[:-1][same],
        words.starts[where[:-1][same]],
        words.ends[where[1:][same]],
    )


def theme_pair_columns(
    left: NDArray[np.integer],
    right: NDArray[np.integer],
    settings: FeatureSettings,
    vocabulary: Vocabulary,
) -> NDArray[np.uint32]:
    """Return the columns of pairs of themes that follow one another."""
    count = np.uint32(len(vocabulary.themes))
    first = np.uint32(2**settings.bits) + count
    return first + left.astype(np.uint32) * count + right.astype(np.uint32)


def _powers(base: np.uint32, count: int) -> NDArray[np.uint32]:
    """Return base ** 0, base ** 1, … modulo 2 ** 32."""
    powers = np.full(count, base, dtype=np.uint32)
    powers[:1] = 1
    return np.multiply.accumulate(powers, dtype=np.uint32)
