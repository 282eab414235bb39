"""What was found out about a word, kept for the next time it is read."""

from __future__ import annotations

from collections.abc import Callable

#: Words kept at most, and the length of the longest: hostile texts fill some ten megabytes and no
#: more. The vocabulary of some hundred thousand comments fits.
MAX_WORDS = 2**17
MAX_LENGTH = 64


class Memo(dict[str, int]):
    """Asks `find` once for each word; looked up in C from then on. Bounded: full, it starts anew.

    Examples
    --------
    >>> lengths = Memo(len)
    >>> lengths["Wort"], dict(lengths)
    (4, {'Wort': 4})
    """

    __slots__ = ("_find",)

    def __init__(self, find: Callable[[str], int]) -> None:
        self._find = find

    def __missing__(self, word: str) -> int:
        found = self._find(word)
        if len(word) <= MAX_LENGTH:
            if len(self) >= MAX_WORDS:
                self.clear()
            self[word] = found
        return found
