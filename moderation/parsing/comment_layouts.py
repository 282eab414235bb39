"""How the comments below a heading are laid out: numbered, bulleted, headed or signed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

from moderation.parsing import cues
from moderation.parsing.comment_headers import (
    date_only,
    foot_date,
    is_name,
    item_header,
    read_header,
)
from moderation.parsing.comment_nesting import item_mark
from moderation.parsing.lines import Line

#: ``dated`` to ``date_first`` have headers; ``footed`` comments end with an "Antworten" line,
#: ``signed`` ones with "Max Muster, Musterstadt", and ``spoken`` ones begin with "Max: ".
Layout = Literal[
    "numbered",
    "bulleted",
    "dated",
    "loose",
    "undated",
    "date_first",
    "footed",
    "spoken",
    "signed",
]

#: Lines looked at below a heading for the first comment, and unknown lines tolerated among them.
_SEARCHED = 40
_TOLERATED = 6
#: Comments that must agree before a layout without dates or numbers is believed.
_AGREEING = 2

#: Roles of lines between heading and first comment that are neither.
PREAMBLE = ("interface", "badge", "more_comments", "comments_offer", "comments_none", "furniture")


def find_opening(
    lines: Sequence[Line], skipped: frozenset[int], heading: int, *, strong: bool
) -> tuple[Layout, int, int] | None:
    """Return the layout below a heading, its first line, and how many unknown lines are above it.

    Parameters
    ----------
    lines
        All lines of the page.
    skipped
        Indices of lines known to be something else.
    heading
        Index of the heading.
    strong
        Whether the heading cannot be part of an article; only then may a mere number, bullet,
        name or signature tell comments apart.
    """
    unknown = 0
    below = [
        index
        for index in range(heading + 1, min(len(lines), heading + _SEARCHED))
        if index not in skipped and not cues.is_line(lines[index].plain, *PREAMBLE)
    ]
    for position, index in enumerate(below):
        line = lines[index]
        if cues.is_line(line.plain, "comments_form", "comments_heading", "comments_heading_weak"):
            continue
        if cues.is_line(line.plain, "section_end", "teaser_heading", "tags_heading"):
            break
        # A numbered list whose items have headers is still told apart by its numbers.
        mark = item_mark(line)
        if mark is not None and mark.number is not None and len(mark.number) == 1:
            item = [lines[i] for i in below[position : position + 3]]
            if (strong and unknown == 0) or item_header(item, line.text[mark.text_offset :])[0]:
                return "numbered", index, unknown
        following = lines[below[position + 1]] if position + 1 < len(below) else None
        header = read_header(line, following)
        if header is not None and (header.kind != "undated" or unknown == 0):
            return header.kind, index, unknown
        if unknown == 0 and date_only(line):
            return "date_first", index, 0
        if strong and unknown == 0 and mark is not None and mark.number is None:
            return "bulleted", index, 0
        unknown += 1
        if unknown > _TOLERATED:
            break
    return _undated_opening(lines, skipped, heading) if strong else None


def _undated_opening(
    lines: Sequence[Line], skipped: frozenset[int], heading: int
) -> tuple[Layout, int, int] | None:
    """Recognise comments without dates and numbers, where all of them are alike."""
    region: list[int] = []
    for index in range(heading + 1, min(len(lines), heading + _SEARCHED)):
        line = lines[index]
        if cues.is_line(line.plain, "section_end", "teaser_heading", "comments_form"):
            break
        foot = cues.is_line(line.plain, "comment_foot")
        if index not in skipped and (foot or not cues.is_line(line.plain, *PREAMBLE)):
            region.append(index)
    if not region:
        return None
    section = [lines[index] for index in region]
    if _are_footed(section):
        return "footed", region[0], 0
    if _are_signed(section):
        return "signed", region[0], 0
    return ("spoken", region[0], 0) if _are_spoken(section) else None


def _are_footed(section: Sequence[Line]) -> bool:
    """Return whether each comment is a name, text, and an "Antworten" line."""
    size = feet = 0
    dated = False
    for line in section:
        if is_foot(line, "footed"):
            if size == 1:
                return False
            feet += size > 1
            size = 0
            dated |= foot_date(line) is not None
        else:
            if size == 0 and not (is_name(line.text) and line.text[0].isupper()):
                return False
            size += 1
    return feet >= _AGREEING or (feet > 0 and dated)


def _are_signed(section: Sequence[Line]) -> bool:
    """Return whether the comments are letters that end with name and place."""
    feet = [position for position, line in enumerate(section) if is_foot(line, "signed")]
    texts = all(later - foot > 1 for foot, later in zip([-1, *feet], feet, strict=False))
    ends = bool(feet) and (feet[-1] == len(section) - 1 or len(section) >= _SEARCHED - 1)
    return len(feet) >= _AGREEING and texts and ends


def _are_spoken(section: Sequence[Line]) -> bool:
    """Return whether each paragraph begins with a name and a colon, and not always the same."""
    names = {
        match["author"] if (match := spoken_header(line)) else None
        for line in section
        if line.gap or line is section[0]
    }
    return None not in names and len(names) >= _AGREEING


def spoken_header(line: Line) -> re.Match[str] | None:
    """Return how `line` begins with "Name: " and text (groups ``author`` and ``text``)."""
    return cues.match_start("header_spoken", line.text)


def is_foot(line: Line, layout: Layout) -> bool:
    """Return whether `line` ends a comment of a section in `layout`."""
    if layout == "signed":
        return cues.is_line(line.plain, "signature")
    return layout == "footed" and cues.is_line(line.plain, "comment_foot")
