"""A text as lines that know where they stand; lines wrapped at a fixed width are joined again."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

#: Columns a tab counts as; only comparisons between lines of one page matter.
_TAB_WIDTH = 4
#: Characters: longer lines are prose and never looked up among the cues.
LONGEST_CUE_LINE = 200

_LINE_BREAK = re.compile(r"\r\n|\r|\n")
_SPACE = re.compile(r"\s+")
_MARKDOWN_LINK = re.compile(r"\[([^\[\]]{1,200})\]\([^()\s]{1,500}\)")
# "[7]Thomas Schade": the number of a link in a page dumped by a text browser.
LINK_NUMBER = re.compile(r"\[\d{1,3}\](?=\S)")
# The list of these links at its end.
_REFERENCES = frozenset({"references", "verweise", "links", "visible links"})
_REFERENCE = re.compile(r"\d{1,4}\. \S{2,20}://")
_HEADING_MARK = re.compile(r"#{1,6}\s+")
# Underlines of headings and rules between blocks: they separate and say nothing.
_RULE_SIGNS = frozenset("=-_*~–—─━═")
#: The sign that opens a list item: "*", "•" and dashes.
BULLET = re.compile(r"[*\-–—•·‣◦▪●](?:\s|$)\s{0,8}")
#: What opens a list item: a bullet, or a number as in "1.", "2)", "(3)", "§ 4".
ITEM = re.compile(rf"{BULLET.pattern}|\(?\d{{1,3}}[.)]\s{{1,8}}|§\s?\d{{1,3}}\s{{1,4}}")

# A page counts as hard-wrapped when no line is longer than this (characters) …
_WRAP_WIDTH = 110
# … and at least this many lines go on in lower case after a line of at least _WRAP_FILLED.
_WRAP_EVIDENCE = 2
_WRAP_FILLED = 45
# Where nearly all lines are indented, a line goes on also with a capital letter.
_INDENTED_SHARE = 0.7
_FILLED_INDENTED = 55


@dataclass(frozen=True, slots=True)
class Line:
    """One line that is not blank; in a hard-wrapped page one paragraph, or one list item.

    Attributes
    ----------
    number
        Line number in the text, from 1.
    start, end
        Span of ``text`` in the whole text, in code points.
    indent
        Columns of white space in front.
    text
        ``whole[start:end]``: the line as it stands, without white space around it.
    plain
        The line for look-ups: white space collapsed, Markdown marks removed; empty when the line
        is longer than ``LONGEST_CUE_LINE`` and so cannot be a cue.
    gap
        Whether a blank line (or the start of the text) precedes.
    """

    number: int
    start: int
    end: int
    indent: int
    text: str
    plain: str
    gap: bool


def read_lines(text: str, start: int = 0, end: int | None = None) -> tuple[Line, ...]:
    """Split ``text[start:end]`` into its lines, leaving out blank ones and drawn rules."""
    end = len(text) if end is None else end
    lines: list[Line] = []
    gap = True
    for number, (left, right) in enumerate(_spans(text, start, end), 1):
        raw = text[left:right]
        stripped = raw.strip("\ufeff").strip()
        if not stripped or (len(stripped) > 2 and _RULE_SIGNS.issuperset(stripped)):
            gap = True
            continue
        offset = raw.index(stripped[0])
        begin = left + offset
        lines.append(
            Line(
                number=number,
                start=begin,
                end=begin + len(stripped),
                indent=len(raw[:offset].expandtabs(_TAB_WIDTH)),
                text=stripped,
                plain=_plain(stripped),
                gap=gap,
            )
        )
        gap = False
    lines = _without_references(lines)
    return tuple(_joined(lines, text)) if _is_hard_wrapped(lines) else tuple(lines)


def unwrapped(text: str) -> str:
    """Return the text of a line without the indentation of the lines it was joined from."""
    if "\n" not in text and "\r" not in text:
        return text
    return "\n".join(part.strip() for part in _LINE_BREAK.split(text))


def _spans(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    left = start
    for match in _LINE_BREAK.finditer(text, start, end):
        yield left, match.start()
        left = match.end()
    yield left, end


def _without_references(lines: list[Line]) -> list[Line]:
    """Cut off the numbered addresses below the last lines of a dumped page."""
    for index, (line, below) in enumerate(pairwise(lines)):
        if line.plain.casefold() in _REFERENCES and _REFERENCE.match(below.plain):
            return lines[:index]
    return lines


def _plain(line: str) -> str:
    if len(line) > LONGEST_CUE_LINE:
        return ""
    plain = _MARKDOWN_LINK.sub(r"\1", line)
    plain = LINK_NUMBER.sub("", plain) if "[" in plain else plain
    plain = _HEADING_MARK.sub("", plain, count=1) if plain.startswith("#") else plain
    if plain[:2] in {"**", "__"}:
        plain = plain.replace("**", "").replace("__", "")
    return _SPACE.sub(" ", plain).strip()


def _is_hard_wrapped(lines: Sequence[Line]) -> bool:
    """Return whether paragraphs run over several lines of a fixed width."""
    if any(len(line.text) > _WRAP_WIDTH for line in lines):
        return False
    evidence = sum(
        not line.gap and len(before.text) >= _WRAP_FILLED and line.text[0].islower()
        for before, line in pairwise(lines)
    )
    return evidence >= _WRAP_EVIDENCE or _is_indented_dump(lines)


def _is_indented_dump(lines: Sequence[Line]) -> bool:
    """Return whether an indented page breaks its sentences at a fixed width."""
    if sum(line.indent > 0 for line in lines) < _INDENTED_SHARE * len(lines):
        return False
    evidence = sum(
        not line.gap
        and line.indent == before.indent
        and len(before.text) >= _FILLED_INDENTED
        and (before.text[-1].isalnum() or before.text[-1] == ",")
        for before, line in pairwise(lines)
    )
    return evidence >= _WRAP_EVIDENCE


def _joined(lines: Sequence[Line], text: str) -> Iterator[Line]:
    group: list[Line] = []
    for line in lines:
        if group and not _continues(group[-1], line):
            yield _join(group, text)
            group = []
        group.append(line)
    if group:
        yield _join(group, text)


def _join(group: Sequence[Line], text: str) -> Line:
    if len(group) == 1:
        return group[0]
    whole = text[group[0].start : group[-1].end]
    return replace(group[0], end=group[-1].end, text=whole, plain=_plain(whole))


def _continues(before: Line, line: Line) -> bool:
    """Return whether `line` goes on with the paragraph of the line before it."""
    if line.gap or ITEM.match(line.text) or before.text.endswith(":"):
        return False
    return len(before.text) >= _WRAP_FILLED
