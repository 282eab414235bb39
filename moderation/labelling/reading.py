"""A comment as labelling functions see it: folded words that know where they came from."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, compress
from operator import add

from moderation.labelling.clues import WORD_CLUES
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
# Where none of these stands, every word is a plain one. "z.b." masks nothing.
_MASKING_SIGN = re.compile(r"[*#_.][a-z]")
_MASKED_WORD = re.compile(r"[*#_]\.{0,9}[a-z]|[a-z]{2}\.{1,9}[a-z]|[a-z]\.{1,9}[a-z]{2}")
_LINK_TO_W = re.compile(r"\bw\.\S")
_LETTERS_APART = re.compile(r"[ ._*-][a-z][ ._*-][a-z][ ._*-]")


class _Apart(dict[int, int]):
    """Fills itself: writes a space for all that stands between words, code point by code point."""

    def __missing__(self, code: int) -> int:
        apart = self[code] = code if chr(code).isalnum() else ord(" ")
        return apart


_APART = _Apart()
_NOT_A_LETTER = re.compile(r"[ ._*-]")

# "um" where it tells the time: "um 8 Uhr", "um halb neun", "um Punkt zwölf"; nothing is taken back
# by it in "Ich bringe dich um 8 Uhr zum Bahnhof", as "bringe … um" would be.
_HOUR = (
    r"(?:\d{1,2}|ein(?= uhr)|eins|zwei|drei|vier|fuenf|sechs|sieben|acht|neun|zehn|elf|zwoelf"
    r"|dreizehn|vierzehn|fuenfzehn|sechzehn|siebzehn|achtzehn|neunzehn|zwanzig"
    r"|(?:ein|zwei|drei|vier)undzwanzig)"
)
_TIME = re.compile(
    r"\bum(?= (?:(?:punkt|genau|circa|ca\.?|etwa|kurz (?:vor|nach)|exakt|spaetestens) ){0,2}"
    rf"(?:{_HOUR}\b|halb |(?:drei)?viertel |mitternacht\b|(?:die|der) mittagszeit\b"
    r"|(?:diese|die gleiche|dieselbe|welche) (?:uhr)?zeit\b))"
)

#: Signs that end a clause: what stands beyond them says nothing about the words on this side.
_CLAUSE_SIGNS = re.compile(r"[.,;:!?()\n…–]")

# Quotations: double signs up to 80 characters, single ones up to 60, never over a line break.
_QUOTED = re.compile(
    r"[\"„“”»«]([^\s\"„“”»«][^\"„“”»«\n]{0,79})[\"“”»«]"
    r"|(?<!\w)['‚‘›‹]([^\s'‚‘’›‹][^'‚‘’›‹\n]{0,59})['‘’›‹](?!\w)"
)
_QUOTATION_MARK = re.compile(r"[\"„“”»«'‚‘›‹]")


@dataclass(frozen=True, slots=True)
class Hit:
    """Words of a comment that a labelling function objects to.

    ``start`` and ``end`` are code points of the original text; ``strength`` is 1 or 2 as in
    :class:`moderation.records.Label`; ``source`` is the lemma or the pattern that was found, empty
    where neither was.
    """

    start: int
    end: int
    strength: int
    source: str = ""


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
    disguised
        Starts and ends of the words in ``folded``, where not all of them are plain ones; otherwise
        `None`.
    """

    text: str
    folded: str
    words: tuple[str, ...]
    disguised: tuple[tuple[int, ...], tuple[int, ...]] | None = None

    @cached_property
    def _bounds(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        # On first use: the words of many comments are all that is looked at.
        if self.disguised is not None:
            return self.disguised
        pieces = self.folded.translate(_APART).split(" ")
        # A piece starts behind all before it and a space for each; empty ones are no words.
        bounds = accumulate((len(piece) + 1 for piece in pieces), initial=0)
        starts = tuple(compress(bounds, pieces))
        return starts, tuple(map(add, starts, map(len, self.words)))

    @cached_property
    def starts(self) -> tuple[int, ...]:
        """Where each word starts in ``folded``."""
        return self._bounds[0]

    @cached_property
    def ends(self) -> tuple[int, ...]:
        """Where each word ends in ``folded``."""
        return self._bounds[1]

    @cached_property
    def origin(self) -> Folded:
        """The folded text with offsets; made on first use, as most comments have no hit."""
        return fold(self.text)

    @cached_property
    def without_times(self) -> str:
        """``folded``, as long as it is, with a sign that no word is for each "um" of a time."""
        if " um " not in self.folded:
            return self.folded
        return _TIME.sub("__", self.folded)

    @cached_property
    def quotations(self) -> tuple[tuple[int, int], ...]:
        """Spans in ``folded`` between quotation marks, in order."""
        if _QUOTATION_MARK.search(self.folded) is None:
            return ()
        return tuple(match.span(match.lastindex or 0) for match in _QUOTED.finditer(self.folded))

    @cached_property
    def vocabulary(self) -> frozenset[str]:
        """The distinct words."""
        return frozenset(self.words)

    @cached_property
    def suspects(self) -> list[tuple[int, int]]:
        """Places of the words that have clues (:mod:`moderation.labelling.clues`), with them."""
        clues = map(WORD_CLUES.__getitem__, self.words)
        return [(place, found) for place, found in enumerate(clues) if found]

    @cached_property
    def clues(self) -> int:
        """The clues of all words together."""
        together = 0
        for _, found in self.suspects:
            together |= found
        return together

    def places(self, clues: int) -> list[int]:
        """Return the places of the words that have one of `clues`, in order."""
        return [place for place, found in self.suspects if found & clues]

    def joined(self, left: int, right: int) -> bool:
        """Whether no clause sign stands between the words `left` and `right`."""
        gap = self.folded[self.ends[left] : self.starts[right]]
        return gap == " " or not _CLAUSE_SIGNS.search(gap)

    def original(self, index: int) -> str:
        """Return the word at `index` as the commenter wrote it."""
        start, end = self.origin.span(self.starts[index], self.ends[index])
        return self.text[start:end]

    def hit(self, first: int, last: int, strength: int, source: str = "") -> Hit:
        """Return a hit on the words `first` to `last` (included)."""
        return self.hit_on_span(self.starts[first], self.ends[last], strength, source)

    def hit_on_span(self, start: int, end: int, strength: int, source: str = "") -> Hit:
        """Return a hit on the characters `start` to `end` of the folded text."""
        return Hit(*self.origin.span(start, end), strength, source)


def read(text: str) -> Reading:
    """Fold `text` and find its words."""
    folded = fold_text(text)
    if may_be_disguised(folded):
        return _read_disguised(text, folded)
    return Reading(text, folded, tuple(folded.translate(_APART).split()))


def plain_words(folded: str) -> list[str]:
    """Return all runs of letters and digits, in links and disguised words, too."""
    return _PLAIN.findall(folded)


def may_be_disguised(folded: str) -> bool:
    """Whether `folded` may hold a link, a name of an account, or a masked or spelled word."""
    return (
        "@" in folded
        or "://" in folded
        or ("w." in folded and _LINK_TO_W.search(folded) is not None)
        or (_MASKING_SIGN.search(folded) is not None and _MASKED_WORD.search(folded) is not None)
        or _LETTERS_APART.search(folded) is not None
    )


def _read_disguised(text: str, folded: str) -> Reading:
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
    return Reading(text, folded, tuple(words), (tuple(starts), tuple(ends)))


def word_set(words: str) -> frozenset[str]:
    """Return the words of a list, folded as the words of a comment are."""
    return frozenset(fold_text(words).split())
