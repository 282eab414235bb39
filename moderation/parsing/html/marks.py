"""Where a page says when and by whom, and where it speaks of comments."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from moderation.parsing import cues
from moderation.parsing.html.authors import attribute_author
from moderation.parsing.html.dates import attribute_moment, is_date, opens_with_date
from moderation.parsing.html.dom import (
    Document,
    Element,
    own_text,
    text_of,
)
from moderation.parsing.html.roles import (
    is_widget,
    roles,
    section_heading,
)

_LONGEST_HEADING = 120


#: Characters of a line that says who and when.
LONGEST_HEAD = 160


#: "Max schrieb am 12.05.2016:": characters and elements in it, and how many make a section.
_SHORTEST_HEAD, _MOST_IN_HEAD, _HEADS_ALONE = 12, 8, 2


HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6", "legend", "summary", "caption"))


_CONTAINERS = frozenset(
    ("div", "section", "ol", "ul", "article", "aside", "main", "details", "dl", "table", "tbody")
)


#: Elements that may hold one comment, besides custom ones.
ITEM_TAGS = frozenset(
    ("li", "article", "div", "section", "tr", "dd", "p", "blockquote", "table", "details")
)


@dataclass(slots=True)
class Evidence:
    """Where a page says when and by whom, and where it speaks of comments.

    `openers` are the elements that begin with a name and a date, by the place of the name;
    `roles` what each element is, `beside` whether it stands in a box that holds no comments, and
    `bearers` the elements whose own attributes say who wrote or when. `quiet` counts, for each
    place, the characters before it that stand in boxes beside the comments, as advertisements.
    `signs` are the places of all that says when or by whom, `lengths` the characters in those
    before each of them, those inside another not counted again.
    """

    dates: list[int]
    authors: list[int]
    sections: list[tuple[int, int]]
    headings: list[int]
    openers: dict[int, int]
    roles: list[frozenset[str]]
    beside: list[bool]
    bearers: list[int]
    quiet: list[int]
    signs: list[int]
    lengths: list[int]


def evidence(document: Document, *, everywhere: bool = False) -> Evidence:
    """Return what a page says of times, names and sections of comments.

    With `everywhere`, all below its headline is looked at as a section.
    """
    dates: list[int] = []
    authors: list[int] = []
    sections: list[tuple[int, int]] = []
    heads: list[int] = []
    headings: list[int] = []
    openers: dict[int, int] = {}
    bearers: list[int] = []
    quiet = [0]
    all_roles = [roles(element) for element in document.elements]
    beside = _beside(document, all_roles)
    for place, apart in enumerate(beside):
        own = document.said[place + 1] - document.said[place]
        quiet.append(quiet[-1] + (own if apart else 0))
    for place, element in enumerate(document.elements):
        found = all_roles[place]
        if (
            document.end[place] - place <= _MOST_IN_HEAD
            and _SHORTEST_HEAD < document.characters(place) <= LONGEST_HEAD
            and element.tag not in {"time", "span", "a", "b"}
            and not (heads and document.holds(heads[-1], place))
            and _SPOKE.search(text := text_of(element))
            and cues.is_line(text, "header")
        ):
            heads.append(place)
        if dates and document.holds(dates[-1], place):
            pass
        elif opens_with_date(element):
            # The name in front stands for both; the rest of the element may be the comment.
            dates.append(place + 1)
            openers[place + 1] = place
            if element.text and element.text.strip():
                heads.append(place)
        elif is_date(element) is not None:
            dates.append(place)
        if (
            element.tag in ITEM_TAGS
            and len(element.attrib) > 1
            and (attribute_author(element) or attribute_moment(element, None))
        ):
            bearers.append(place)
        short = 0 < document.characters(place) <= _LONGEST_HEADING
        if (
            short
            and not (authors and document.holds(authors[-1], place))
            and _names(element, found)
        ):
            authors.append(place)
        if element.tag in _CONTAINERS and "list" in found and not is_widget(element):
            sections.append((place, document.end[place]))
        elif short and len(headings) < MOST_SECTIONS and _heads_comments(element):
            sections.extend(_below(document, place))
            headings.append(place)
    if everywhere:
        sections.append((_headline_end(document), len(document.elements)))
    if len(heads) >= _HEADS_ALONE:
        sections.append(_around(document, heads))
    # Who is named around a date is the whole head, or the whole comment.
    authors = [place for place in authors if not document.among(dates, place) or place in dates]
    return Evidence(
        dates,
        authors,
        sections,
        headings,
        openers,
        all_roles,
        beside,
        bearers,
        quiet,
        *_lengths(document, dates, authors),
    )


def _lengths(
    document: Document, dates: Sequence[int], authors: Sequence[int]
) -> tuple[list[int], list[int]]:
    """Return the places of all marks in order, and the characters in them added up."""
    signs = sorted({*dates, *authors})
    lengths = [0]
    end = -1
    for place in signs:
        inside = place < end
        end = end if inside else document.end[place]
        lengths.append(lengths[-1] + (0 if inside else document.characters(place)))
    return signs, lengths


def _around(document: Document, places: Sequence[int]) -> tuple[int, int]:
    """Return the range from the first of some elements to the end of what is around all."""
    above = document.elements[places[-1]]
    child = places[0]
    while above is not None and not document.holds(document.place[above], places[0]):
        above = above.getparent()
    if above is None:
        return places[0], document.end[places[-1]]
    outer = document.place[above]
    while (parent := document.elements[child].getparent()) is not None and parent is not above:
        child = document.place[parent]
    return child, document.end[outer]


# What tells "Max schrieb am 12.05.2016:" from "8.412 Aufrufe · 12.05.2016".
_SPOKE = re.compile(
    r"\b(?:schr(?:ieb|eibt)|sagte?|meinte?|kommentierte?|antwortete?|says|said|wrote)\b|:$",
    re.IGNORECASE,
)


def _names(element: Element, found: frozenset[str]) -> bool:
    """Return whether an element says by whom."""
    return (
        "author" in found
        or element.tag == "cite"
        or element.get("rel") == "author"
        or cues.match_line("signature", own_text(element)) is not None
    )


def _heads_comments(element: Element) -> bool:
    """Return whether an element is the heading of a section of comments, or its counter."""
    heading = element.tag in HEADINGS
    if not heading and (element.tag not in _COUNTERS or len(element) > _MOST_IN_COUNTER):
        return False
    text = text_of(element)
    return cues.is_line(text, "comments_heading") or (
        heading
        and (
            cues.is_line(text, "comments_heading_weak")
            or (section_heading().fullmatch(text) is not None and not _OTHERS.search(text))
        )
    )


# Who praises a shop is no reader.
_OTHERS = re.compile(r"kund|patient|presse|produkt", re.IGNORECASE)


_COUNTERS = frozenset(("div", "p", "span", "strong", "b", "a", "button"))


_MOST_IN_COUNTER = 3  # elements


def _headline_end(document: Document) -> int:
    """Return the place behind the headline."""
    for place, element in enumerate(document.elements):
        if element.tag == "h1":
            return document.end[place]
    return 0


def _below(document: Document, place: int) -> Iterator[tuple[int, int]]:
    """Yield the range from a heading to the end of the first ancestor that goes on behind it."""
    element = document.elements[place]
    start = document.end[place]
    for _ in range(4):
        element = element.getparent()
        if element is None or (element.tag in {"body", "html"} and _ > 0):
            return
        stop = document.end[document.place[element]]
        said = document.said[stop] - document.said[start]
        many = said > _LEAST_BELOW and stop - start >= _LEAST_ELEMENTS
        if said > _LONGEST_HEADING or many:
            yield start, _next_part(document, place, element) or stop
            return


def _next_part(document: Document, place: int, above: Element) -> int | None:
    """Return where the next part of the page begins, if one heading like that at `place` says so.

    Several headings of the same kind head comments.
    """
    heading = document.elements[place]
    if heading.tag not in _LEVELS or heading.getparent() is not above:
        return None
    following = [
        one
        for one in islice(heading.itersiblings(), _MOST_SIBLINGS)
        if isinstance(one.tag, str) and one.tag in _LEVELS and one.tag <= heading.tag
    ]
    return document.place.get(following[0]) if len(following) == 1 else None


_MOST_SIBLINGS = 500  # elements behind a heading looked at


_LEVELS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))


#: Characters and elements below a heading that are more than buttons to sort by.
_LEAST_BELOW, _LEAST_ELEMENTS = 30, 10


MOST_SECTIONS = 200


def merged_ranges(ranges: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return ranges of places in order, those that overlap as one."""
    merged: list[tuple[int, int]] = []
    for start, stop in sorted(ranges):
        if merged and start <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(stop, merged[-1][1])
        else:
            merged.append((start, stop))
    return merged


_ASIDE = frozenset(("nav", "form", "head", "aside", "dialog", "footer"))


#: Share of the page's text from which a box is the page itself, whatever its classes say.
_WHOLE = 0.5


def _beside(document: Document, all_roles: Sequence[frozenset[str]]) -> list[bool]:
    """Return for each element whether it stands in a box that holds no comments.

    A list of comments inside such a box holds comments again.
    """
    beside: list[bool] = []
    whole = _WHOLE * document.said[-1]
    for place, element in enumerate(document.elements):
        above = element.getparent()
        inherited = above is not None and beside[document.place[above]]
        if element.tag in {"html", "body", "main"}:
            beside.append(False)
        elif element.tag in _ASIDE or is_widget(element):
            beside.append(inherited or document.characters(place) < whole)
        elif inherited and element.tag in _CONTAINERS and "list" in all_roles[place]:
            beside.append("item" in all_roles[place])
        else:
            beside.append(inherited)
    return beside
