"""What was found out about a word, kept for the next time it is read."""

from __future__ import annotations

from collections.abc import Callable

#: Words kept at most, and the length of the longest: hostile texts fill less than a hundred
#: megabytes.
MAX_WORDS = 2**17
MAX_LENGTH = 64


class Memo(dict[str, int]):
    """Asks `find` once for each word; looked up in C from then on. Bounded, see below.

    Half of the words kept are recent ones. Where they grow too many they become the older half, and
    what was older is forgotten unless it was read again meanwhile: common words stay.

    Examples
    --------
    >>> lengths = Memo(len)
    >>> lengths["Wort"], dict(lengths)
    (4, {'Wort': 4})
    """

    __slots__ = ("_find", "_older")

    def __init__(self, find: Callable[[str], int]) -> None:
        self._find = find
        self._older: dict[str, int] = {}

    def __missing__(self, word: str) -> int:
        found = self._older.get(word)
        if found is None:
            found = self._find(word)
        if len(word) <= MAX_LENGTH:
            if len(self) >= MAX_WORDS // 2:
                self._older = dict(self)
                self.clear()
            self[word] = found
        return found
