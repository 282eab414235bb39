"""Token by token: a linear score as a sum over whitespace-separated tokens, each computed once.

No n-gram reaches over white space, so everything a comment is scored by is a sum over its tokens,
except for pairs of words and of themes that stand in neighbouring tokens. And most tokens of a
comment have been met before. What was computed for them is kept, in bounded memory, and added up.
"""

from __future__ import annotations

import threading
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from moderation.model.features import (
    Batch,
    FeatureSettings,
    Vocabulary,
    codes_of,
    occurrences,
    spaced,
    words_of,
)
from moderation.model.style import token_counts
from moderation.text import LEET, fold_text, written_out

#: Tokens and characters that are kept; what is beyond makes the memo start over.
MAX_TOKENS, MAX_CHARACTERS = 2**17, 2**21
#: Characters of unknown tokens computed at once: bounds memory for a text of one long token, too.
_SLICE_CHARACTERS = 250_000
#: Columns of :attr:`TokenFacts.ends`.
FIRST_WORD, LAST_WORD, FIRST_THEME, LAST_THEME = range(4)
_LINE_FEED = ord("\n")
_LAST_ASCII = 127
# By code point, everything beyond ASCII together: whether it may stand for a letter.
_IS_SIGN = np.array([chr(code) in LEET for code in range(_LAST_ASCII + 1)] + [True])


@dataclass(frozen=True, slots=True)
class TokenFacts:
    """What a score is made from, for each of some tokens.

    Attributes
    ----------
    sums
        float64, shape (n, heads + 1): sums of the weights of the token's occurrences, and last
        their number.
    counts
        float32, shape (n, TOKEN_COUNTS), see :func:`moderation.model.style.token_counts`.
    ends
        int64, shape (n, 4): hashes of the first and last word, and the first and last theme; -1
        where there is none. In this order, see :data:`FIRST_WORD` and the others.
    """

    sums: NDArray[np.float64]
    counts: NDArray[np.float32]
    ends: NDArray[np.int64]

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return the arrays by name."""
        return {one.name: getattr(self, one.name) for one in fields(self)}


def token_facts(
    tokens: Sequence[str],
    weights: NDArray[np.float32],
    settings: FeatureSettings,
    vocabulary: Vocabulary,
) -> TokenFacts:
    """Compute the facts of `tokens`, which hold no white space; there must be at least one."""
    size, heads = len(tokens), weights.shape[1]
    batch = _batch(tokens)
    words = words_of(batch, vocabulary)
    found = list(occurrences(batch, settings, vocabulary, words))
    # With such settings that nothing is counted in a short token, there is nothing to join.
    token_of = np.concatenate([words.comments[:0], *(kind.comments for kind in found)])
    columns = np.concatenate([words.hashes[:0], *(kind.columns for kind in found)])
    gathered = weights.take(columns, axis=0)
    sums = np.empty((size, heads + 1))
    for head in range(heads):
        # One by one in float64, in a fixed order: a token's sum does not depend on the others.
        sums[:, head] = np.bincount(token_of, weights=gathered[:, head], minlength=size)
    sums[:, heads] = np.bincount(token_of, minlength=size)
    ends = np.full((size, 4), -1, dtype=np.int64)
    themed = words.comments[words.themed]
    # Where one index comes several times, the last assignment stays.
    ends[words.comments[::-1], FIRST_WORD] = words.hashes[::-1]
    ends[words.comments, LAST_WORD] = words.hashes
    ends[themed[::-1], FIRST_THEME] = words.themes[::-1]
    ends[themed, LAST_THEME] = words.themes
    return TokenFacts(sums, token_counts(tokens), ends)


def _batch(tokens: Sequence[str]) -> Batch:
    """Fold `tokens`, all at once, and lay them out; folding does not reach over white space.

    Lowering and spelling out umlauts is all that folding does to most tokens; the others are folded
    by themselves.
    """
    lowered = written_out("\n".join(tokens))
    parts = lowered.split("\n")
    for token in _to_be_folded(codes_of(lowered)).tolist():
        parts[token] = spaced(fold_text(tokens[token]))[1:-1]
    bounds = np.zeros(len(parts) + 1, dtype=np.intp)
    np.cumsum(np.array(list(map(len, parts)), dtype=np.intp) + 2, out=bounds[1:])
    return Batch(codes_of(f" {'  '.join(parts)} "), bounds)


def _to_be_folded(codes: NDArray[np.uint32]) -> NDArray[np.intp]:
    """Return which of some lowered tokens (one a line) folding may still change.

    Those with a letter three times in a row, a sign for a letter right before one ("1d10t", but
    not "@name"), or a character beyond ASCII that folding does not leave alone.
    """
    letter = ((codes >= ord("a")) & (codes <= ord("z"))) | (codes > _LAST_ASCII)
    special = np.zeros(len(codes), dtype=bool)
    special[2:] = letter[2:] & (codes[2:] == codes[1:-1]) & (codes[1:-1] == codes[:-2])
    # What stands before the first token is no sign, either.
    before = np.concatenate(([_LINE_FEED], codes[:-2])) if len(codes) > 1 else codes[:0]
    sign = _IS_SIGN.take(codes[:-1], mode="clip")
    special[:-1] |= sign & letter[1:] & ((codes[:-1] != ord("@")) | (before != _LINE_FEED))
    beyond = (codes > _LAST_ASCII).nonzero()[0]
    if len(beyond):
        staying = list(filter(_stays, np.unique(codes[beyond]).tolist()))
        special[beyond] |= ~np.isin(codes[beyond], staying)
    if not special.any():
        return beyond[:0]
    return np.unique(np.cumsum(codes == _LINE_FEED)[special])


@lru_cache(maxsize=4096)
def _stays(code: int) -> bool:
    """Whether a character is a sign that folding leaves alone, whatever it stands beside."""
    character = chr(code)
    return unicodedata.category(character)[0] in "PS" and fold_text(character) == character


class TokenMemo:
    """Facts of tokens met before. Safe to share between threads; not carried to other processes."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._start_over()

    def __reduce__(self) -> tuple[type[TokenMemo], tuple[()]]:
        return TokenMemo, ()

    def facts(
        self, tokens: Sequence[str], compute: Callable[[Sequence[str]], TokenFacts]
    ) -> tuple[TokenFacts, list[int]]:
        """Return the facts of `tokens`, and hashes that are equal where they differ in case only.

        Parameters
        ----------
        tokens
            At least one, without white space.
        compute
            Computes the facts of tokens that are new.
        """
        with self._lock:
            try:
                rows = np.array(list(map(self._rows.__getitem__, tokens)), dtype=np.intp)
                for part in _slices(self._rows.new()):
                    self._add(part, compute(part))
            except BaseException:
                # Numbers without facts must not stay.
                self._start_over()
                raise
            facts = {name: array.take(rows, axis=0) for name, array in self._table.items()}
            cases: list[int] = self._cases.take(rows).tolist()
            # Now, not the next time: one batch may have brought a great deal.
            self._keep_small()
            return TokenFacts(**facts), cases

    def _keep_small(self) -> None:
        if len(self._rows) > MAX_TOKENS or self._characters > MAX_CHARACTERS:
            self._start_over()

    def _start_over(self) -> None:
        self._rows = _Numbers()
        self._filled = 0
        self._characters = 0
        self._table: dict[str, NDArray[Any]] = {}
        self._cases = np.empty(0, dtype=np.int64)

    def _add(self, tokens: Sequence[str], facts: TokenFacts) -> None:
        first = self._filled
        cases = np.array(list(map(hash, map(str.lower, tokens))), dtype=np.int64)
        self._cases = _filled(self._cases, first, cases)
        for name, rows in facts.arrays().items():
            self._table[name] = _filled(self._table.get(name, rows[:0]), first, rows)
        self._filled += len(tokens)
        self._characters += sum(map(len, tokens))


class _Numbers(dict[str, int]):
    """Numbers strings in the order in which they are first asked for."""

    def __init__(self) -> None:
        self._new: list[str] = []

    def __missing__(self, string: str) -> int:
        number = self[string] = len(self)
        self._new.append(string)
        return number

    def new(self) -> list[str]:
        """Return the strings that got their number since this was called last."""
        new, self._new = self._new, []
        return new


def _filled(array: NDArray[Any], first: int, rows: NDArray[Any]) -> NDArray[Any]:
    """Return `array` with `rows` from `first` on, in room that doubles when it is used up."""
    end = first + len(rows)
    if end > len(array):
        room = np.empty((max(end, 2 * len(array)), *array.shape[1:]), dtype=array.dtype)
        room[:first] = array[:first]
        array = room
    array[first:end] = rows
    return array


def _slices(tokens: list[str]) -> Iterator[list[str]]:
    """Cut `tokens` into lists of about :data:`_SLICE_CHARACTERS` each."""
    ends = np.cumsum(np.array(list(map(len, tokens)), dtype=np.intp))
    begin = 0
    while begin < len(tokens):
        done = ends[begin - 1] if begin else 0
        end = max(int(np.searchsorted(ends, done + _SLICE_CHARACTERS, side="right")), begin + 1)
        yield tokens[begin:end]
        begin = end
