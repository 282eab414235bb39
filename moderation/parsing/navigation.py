"""Entries of menus: words like "Kommentare" among the sections a newspaper links to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from moderation.parsing import cues
from moderation.parsing.lines import Line

#: Characters and words an entry of a menu has at most.
_LONGEST_ENTRY = 30
_MOST_WORDS = 3
#: Entries looked at on either side, and how many make a menu.
_NEIGHBOURS = 4
_MENU = 2

_HEADINGS = ("comments_heading", "comments_heading_weak")
_SECTIONS = ("section", "furniture", "section_end", "footer")


def menu_headings(lines: Sequence[Line], first_paragraph: int) -> frozenset[int]:
    """Return the lines above the article that look like headings of comments but are in a menu."""
    return frozenset(
        index
        for index in range(max(first_paragraph, 0))
        if cues.is_line(lines[index].plain, *_HEADINGS)
        and not any(sign.isdigit() for sign in lines[index].plain)
        and _is_in_menu(lines, index)
    )


def _is_in_menu(lines: Sequence[Line], index: int) -> bool:
    around = [*_entries(lines, index, -1), *_entries(lines, index, 1)]
    return len(around) >= _MENU and any(cues.is_line(line.plain, *_SECTIONS) for line in around)


def _entries(lines: Sequence[Line], index: int, step: int) -> Iterator[Line]:
    """Yield the entries next to the one at `index`, upwards or downwards."""
    for _ in range(_NEIGHBOURS):
        here, index = index, index + step
        if not 0 <= index < len(lines) or not _is_entry(lines[index]):
            return
        # Entries parted by blank lines are known by their words only.
        parted = lines[max(here, index)].gap
        if parted and not cues.is_line(lines[index].plain, *_SECTIONS):
            return
        yield lines[index]


def _is_entry(line: Line) -> bool:
    words = line.plain.split()
    return (
        0 < len(words) <= _MOST_WORDS
        and len(line.plain) <= _LONGEST_ENTRY
        and line.plain[-1] not in ".!?:,;"
        and not any(sign.isdigit() for sign in line.plain)
    )
