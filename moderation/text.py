"""Folding with offsets kept, and sentences.

Folding makes spellings comparable ("1D10T", "Ｉｄｉｏｔ", "Idiiiot" all become "idiot"; "Mädchen"
and "Maedchen" meet at "maedchen") and remembers where each folded character came from, so that a
hit in the folded text can be quoted from the original.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise

# Letters of other scripts that look like Latin ones and are used to slip past word lists; source:
# Unicode confusables (UTS #39), reduced to letters that are Latin-like at a glance.
_LOOK_ALIKES = dict(
    zip(
        "аеорсухіјѕԁһցոԝѵΑΒΕΖΗΙΚΜΝΟΡΤΥΧαοινρυıɡ",
        "aeopcyxijsdhgnwvabezhikmnoptyxaoivpuig",
        strict=True,
    )
)
# German letters beyond ASCII and how they are spelled without.
_SPELLED_OUT = {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"}
_DIGRAPHS = {**_SPELLED_OUT, "æ": "ae", "œ": "oe", "ø": "oe"}
#: Digits and signs written for letters inside words ("1d10t", "4rsch").
LEET = {"0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t", "@": "a", "$": "s", "€": "e"}
_SIGNS = "".join(re.escape(sign) for sign in LEET)
# Letters on both sides, or word-like signs behind a leading one: "b2b", "20er", "@name" and "3D"
# stay as they are.
_LEET_IN_WORD = re.compile(
    rf"(?<=[a-z])[{_SIGNS}]+(?=[a-z])"
    rf"|(?<![\w@])[{_SIGNS.replace('@', '')}](?=[a-z][a-z{_SIGNS}]{{2}})"
)
# Possessive: a megabyte of one letter needs no way back.
_REPEATED = re.compile(r"([^\W\d_])\1{2,}+")
_MAYBE_LEET = re.compile(rf"[{_SIGNS}][a-z]")
_REPEATED_ASCII = re.compile(r"([a-z])\1\1")
_LETTER_BEYOND_ASCII = re.compile(r"[^\W\d_\x00-\x7f]")
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]+")


def _fold_character(character: str) -> str:
    folded = ""
    for part in unicodedata.normalize("NFKC", character).casefold():
        part = _DIGRAPHS.get(part) or _LOOK_ALIKES.get(part, part)
        for base in unicodedata.normalize("NFKD", part):
            # Marks (Mn, Me) and invisible format characters (Cf: zero-width space, soft hyphen).
            if unicodedata.category(base) not in {"Mn", "Me", "Cf"}:
                folded += _LOOK_ALIKES.get(base, base)
    return folded


class _CharacterTable(dict[int, str]):
    """Fills itself: each code point is folded once per process, then looked up in C."""

    def __missing__(self, code: int) -> str:
        folded = self[code] = _fold_character(chr(code))
        return folded


_TABLE = _CharacterTable()

Replace = Callable[[re.Match[str]], str]


def _leet(match: re.Match[str]) -> str:
    return "".join(LEET[sign] for sign in match.group())


def _once(match: re.Match[str]) -> str:
    return match.group(1)


def _may_be_leet(text: str) -> bool:
    return _MAYBE_LEET.search(text) is not None


def _may_be_repeated(text: str) -> bool:
    return _REPEATED_ASCII.search(text) is not None or (
        not text.isascii() and _LETTER_BEYOND_ASCII.search(text) is not None
    )


# Each with what tells, many times faster, that it changes nothing: most texts need no rewriting.
_REWRITES: tuple[tuple[re.Pattern[str], Replace, Callable[[str], bool]], ...] = (
    (_LEET_IN_WORD, _leet, _may_be_leet),
    (_REPEATED, _once, _may_be_repeated),
)


@dataclass(frozen=True, slots=True)
class Folded:
    """A folded text that knows its origin.

    Attributes
    ----------
    text
        The folded text.
    starts, ends
        For each folded character, the span of original characters it stands for (code points).
    """

    text: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return the original span of the folded characters ``start`` to ``end`` (not empty)."""
        return self.starts[start], self.ends[end - 1]


def fold(text: str) -> Folded:
    """Fold `text` and keep offsets.

    Parameters
    ----------
    text
        Any text; lone surrogates are kept as they are.

    Returns
    -------
    Folded
        ``fold(text).text == fold_text(text)``; spans are within ``len(text)``.
    """
    beyond = "".join(_BEYOND_ASCII.findall(text))
    if any(map(unicodedata.combining, beyond)):
        folded, starts, ends = _folded_by_cluster(text)
    else:
        folded, starts, ends = _folded_by_character(text)
    for pattern, replace, may_change in _REWRITES:
        if may_change(folded):
            folded, starts, ends = _rewrite(pattern, replace, folded, starts, ends)
    return Folded(folded, tuple(starts), tuple(ends))


def fold_text(text: str) -> str:
    """Fold `text` without offsets: the same characters as :func:`fold`, many times faster.

    Whitespace stays whitespace, and what is folded depends on nothing beyond it: the words of a
    text are those of its parts. (The one exception needs 31 combining marks behind a space.)
    """
    folded = written_out(text)
    if not folded.isascii():
        # Normalising sorts runs of marks in quadratic time; the slow way cuts them first.
        if _MARK_RUN.search(text) or not unicodedata.is_normalized("NFC", text):
            return fold(text).text
        folded = _BEYOND_ASCII.sub(_looked_up, folded)
    for pattern, replace, may_change in _REWRITES:
        if may_change(folded):
            folded = pattern.sub(replace, folded)
    return folded


def written_out(text: str) -> str:
    """Return `text` in lower case with German letters written out, ASCII as a rule.

    A character folds like its lower case: nothing is lost for the table, which folds the rest.
    """
    text = text.lower()
    if not text.isascii():
        for letter, spelled in _SPELLED_OUT.items():
            text = text.replace(letter, spelled)
    return text


def _looked_up(match: re.Match[str]) -> str:
    return match.group().translate(_TABLE)


def _folded_by_character(text: str) -> tuple[str, list[int], list[int]]:
    starts: list[int] = []
    ends: list[int] = []
    done = 0
    for match in _BEYOND_ASCII.finditer(text):
        starts += range(done, match.start())
        ends += range(done + 1, match.start() + 1)
        for place, character in enumerate(match.group(), match.start()):
            length = len(_TABLE[ord(character)])
            starts += [place] * length
            ends += [place + 1] * length
        done = match.end()
    starts += range(done, len(text))
    ends += range(done + 1, len(text) + 1)
    folded = _BEYOND_ASCII.sub(_looked_up, written_out(text))
    return folded, starts, ends


def _folded_by_cluster(text: str) -> tuple[str, list[int], list[int]]:
    characters: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for start, end in _clusters(text):
        folded = unicodedata.normalize("NFC", text[start:end]).translate(_TABLE)
        characters.append(folded)
        starts += [start] * len(folded)
        ends += [end] * len(folded)
    return "".join(characters), starts, ends


# No letter of any language carries so many marks; longer runs are decoration ("Zalgo") or attacks.
_MAX_CLUSTER = 32
_MARK_RUN = re.compile(
    rf"[\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u0610-\u061a\u064b-\u065f\u0730-\u074a\u1ab0-\u1aff"
    rf"\u1dc0-\u1dff\u20d0-\u20f0\ufe20-\ufe2f]{{{_MAX_CLUSTER - 1}}}"
)


def _clusters(text: str) -> Iterator[tuple[int, int]]:
    """Yield spans of one base character with its combining marks."""
    start = 0
    for index in range(1, len(text) + 1):
        if (
            index == len(text)
            or index - start >= _MAX_CLUSTER
            or not unicodedata.combining(text[index])
        ):
            yield start, index
            start = index


def _rewrite(
    pattern: re.Pattern[str],
    replace: Replace,
    text: str,
    starts: list[int],
    ends: list[int],
) -> tuple[str, list[int], list[int]]:
    pieces: list[str] = []
    new_starts: list[int] = []
    new_ends: list[int] = []
    done = 0
    for match in pattern.finditer(text):
        pieces.append(text[done : match.start()])
        new_starts += starts[done : match.start()]
        new_ends += ends[done : match.start()]
        replacement = replace(match)
        if len(replacement) == len(match.group()):
            new_starts += starts[match.start() : match.end()]
            new_ends += ends[match.start() : match.end()]
        else:
            new_starts += [starts[match.start()]] * len(replacement)
            new_ends += [ends[match.end() - 1]] * len(replacement)
        pieces.append(replacement)
        done = match.end()
    return (
        "".join((*pieces, text[done:])),
        new_starts + starts[done:],
        new_ends + ends[done:],
    )


#: Numbers as headings and rules spell them ("Ein Kommentar", "zwei Links").
NUMBER_WORDS: dict[str, int] = {
    word: number
    for number, words in enumerate(
        (
            "null kein keine",
            "ein eine einen einem einer",
            "zwei",
            "drei",
            "vier",
            "fünf",
            "sechs",
            "sieben",
            "acht",
            "neun",
            "zehn",
            "elf",
            "zwölf",
        )
    )
    for word in words.split()
}


def printable(text: str) -> str:
    """Return `text` as one line that no terminal can misunderstand (no control characters)."""
    return "".join(
        character if character.isprintable() else "\ufffd" for character in " ".join(text.split())
    )


# Abbreviations after which a full stop ends no sentence (German newspaper usage).
_ABBREVIATION = re.compile(
    r"(?:\b(?:z\.\s?B|u\.\s?a|d\.\s?h|o\.\s?ä|i\.\s?d\.\s?R|bzw|usw|ca|Dr|Prof|St|Nr|Abs|Art|evtl|ggf"
    r"|inkl|exkl|vgl|max|min|[A-Za-z])|\b\d{1,2})\.$"
)
# Days, months and measures of time, which may also end one: where a figure, a dash, another day or
# a word in lower case follows, they do not. "Das ist so." is no Sunday.
_DAY = r"(?:Mo|Di|Mi|Do|Fr|Sa|So)\."
_SHORT_TIME = re.compile(
    rf"\b(?:{_DAY}|(?:Jan|Feb|Febr|Mrz|Apr|Jun|Jul|Aug|Sep|Sept|Okt|Nov|Dez|Std|Min|Sek|Wo|Mon"
    r"|[Tt]gl|[Ww]erkt|[Ww]ochent|[Ff]eiert)\.)$"
)
_GOES_ON = re.compile(rf"\s+(?:\(?\d|[–—,;/&+-]|[a-zäöü]|{_DAY})")
_SENTENCE_END = re.compile(r"(?<![.!?…])[.!?…]+[\"”“»«')\]]*(?=\s|$)|\n\s*\n")


def sentences(text: str) -> Iterator[tuple[int, int]]:
    """Yield the spans of the sentences of `text`, without surrounding white space, in order.

    Blank lines end a sentence; full stops after common abbreviations, initials and ordinals do not,
    nor do those after days, months and measures of time where the sentence visibly goes on.
    """
    boundaries = [0]
    for match in _SENTENCE_END.finditer(text):
        window = text[max(boundaries[-1], match.end() - 12) : match.end()]
        if match.group() == "." and _ABBREVIATION.search(window):
            continue
        # Also in brackets: "werktags (Mo.–Fr.) von 8 bis 18 Uhr".
        short = match.group() in {".", ".)"} and _SHORT_TIME.search(window.rstrip(")"))
        if short and _GOES_ON.match(text, match.end()):
            continue
        boundaries.append(match.end())
    boundaries.append(len(text))
    for left, right in pairwise(boundaries):
        stripped = text[left:right].strip()
        if stripped:
            start = text.index(stripped[0], left)
            yield start, start + len(stripped)
