"""A comment as labelling functions see it: folded words that know where they came from."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from moderation.labelling.masked import MASKED, unmask
from moderation.text import Folded, fold, fold_text

# A word; or single letters kept apart by one and the same sign ("I d i o t", "I.d.i.o.t"), read
# as one word. Four letters at least: "z.b." and "u.s.a" are no disguise.
# Links and names of accounts ("@stasikasper") are no words of the commenter's.
_WORD = re.compile(
    r"(?P<skip>https?://\S+|\bw\.\S+|@\w+)"
    r"|[a-z](?P<sign>[ ._*-])[a-z](?:(?P=sign)[a-z]){2,30}(?![^\W_])"
    r"|[^\W_]+"
)
# The same with masked words ("Id*ot"); tried only where a sign stands between letters.
_MASK = re.compile(r"[a-z][*#_.]{1,9}[a-z]")
_WORD_OR_MASKED = re.compile(
    _WORD.pattern.replace(r"|[^\W_]+", rf"|(?P<masked>{MASKED})" + r"|[^\W_]+")
)
_PLAIN = re.compile(r"[^\W_]+")
_NOT_A_LETTER = re.compile(r"[ ._*-]")

#: Signs that end a clause: what stands beyond them says nothing about the words on this side.
_CLAUSE_SIGNS = re.compile(r"[.,;:!?()\n…–]")

# Quotations: double signs up to 80 characters, single ones up to 60, never over a line break.
_QUOTED = re.compile(
    r"[\"„“”»«]([^\s\"„“”»«][^\"„“”»«\n]{0,79})[\"“”»«]"
    r"|(?<!\w)['‚‘›‹]([^\s'‚‘’›‹][^'‚‘’›‹\n]{0,59})['‘’›‹](?!\w)"
)


@dataclass(frozen=True, slots=True)
class Hit:
    """Words of a comment that a labelling function objects to.

    ``start`` and ``end`` are code points of the original text; ``strength`` is 1 or 2 as in
    :class:`moderation.records.Label`.
    """

    start: int
    end: int
    strength: int


@dataclass(frozen=True, eq=False)
class Reading:
    """A text, its folded form and its words.

    Attributes
    ----------
    text
        The original.
    folded
        ``fold_text(text)``.
    words
        Folded words in order.
    starts, ends
        Span of each word in ``folded``.
    """

    text: str
    folded: str
    words: tuple[str, ...]
    starts: tuple[int, ...]
    ends: tuple[int, ...]

    @cached_property
    def origin(self) -> Folded:
        """The folded text with offsets; made on first use, as most comments have no hit."""
        return fold(self.text)

    @cached_property
    def quotations(self) -> tuple[tuple[int, int], ...]:
        """Spans in ``folded`` between quotation marks, in order."""
        return tuple(match.span(match.lastindex or 0) for match in _QUOTED.finditer(self.folded))

    @cached_property
    def vocabulary(self) -> frozenset[str]:
        """The distinct words."""
        return frozenset(self.words)

    def joined(self, left: int, right: int) -> bool:
        """Whether no clause sign stands between the words `left` and `right`."""
        return not _CLAUSE_SIGNS.search(self.folded, self.ends[left], self.starts[right])

    def original(self, index: int) -> str:
        """Return the word at `index` as the commenter wrote it."""
        start, end = self.origin.span(self.starts[index], self.ends[index])
        return self.text[start:end]

    def hit(self, first: int, last: int, strength: int) -> Hit:
        """Return a hit on the words `first` to `last` (included)."""
        return self.hit_on_span(self.starts[first], self.ends[last], strength)

    def hit_on_span(self, start: int, end: int, strength: int) -> Hit:
        """Return a hit on the characters `start` to `end` of the folded text."""
        return Hit(*self.origin.span(start, end), strength)


def read(text: str) -> Reading:
    """Fold `text` and find its words."""
    folded = fold_text(text)
    words: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    tokens = _WORD_OR_MASKED if _MASK.search(folded) else _WORD
    for match in tokens.finditer(folded):
        if match.lastgroup == "skip":
            continue
        word = match.group()
        if match.lastgroup == "masked":
            unmasked = unmask(word)
            if unmasked is None:
                for part in _PLAIN.finditer(folded, match.start(), match.end()):
                    words.append(part.group())
                    starts.append(part.start())
                    ends.append(part.end())
                continue
            word = unmasked
        words.append(_NOT_A_LETTER.sub("", word) if match.lastgroup == "sign" else word)
        starts.append(match.start())
        ends.append(match.end())
    return Reading(text, folded, tuple(words), tuple(starts), tuple(ends))


def word_set(words: str) -> frozenset[str]:
    """Return the words of a list, folded as the words of a comment are."""
    return frozenset(fold_text(words).split())
