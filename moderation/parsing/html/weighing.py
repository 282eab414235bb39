"""How much a group of elements looks like comments, and what each of them says."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field

from moderation.parsing.html.dom import (
    Document,
    text_of,
)
from moderation.parsing.html.marks import Evidence
from moderation.parsing.html.roles import (
    Layout,
)

#: Share of a group's elements that must look like comments.
SHARE = 0.6


#: Dates in one comment: posted and edited.
_MOST_DATES = 2


#: Names in one comment: of its author, in several elements, and of the one answered.
_MOST_AUTHORS = 4


#: Characters of links among all characters of a group, from which it is a list of links.
_LINKS = 0.7


#: Share of what is said among comments that must be theirs, or they may be runs of siblings.
_COVERED = 0.97


#: How much better an unknown group must be than one in known markup.
_KNOWN_BONUS = 1.25


@dataclass(slots=True)
class Group:
    """Elements that may hold one comment each, as places in order.

    `named` are those whose classes say so, `mined` those found around dates, `ragged` those of
    which some look like no comment.
    """

    places: list[int]
    layout: Layout | None = None
    named: bool = False
    mined: bool = False
    ragged: bool = False
    parents: list[int | None] = field(default_factory=list)


def parents_among(document: Document, places: Sequence[int]) -> list[int | None]:
    """Return for each place the index of the nearest one around it."""
    parents: list[int | None] = []
    open_: list[int] = []
    for index, place in enumerate(places):
        while open_ and document.end[places[open_[-1]]] <= place:
            open_.pop()
        parents.append(open_[-1] if open_ else None)
        open_.append(index)
    return parents


def own_marks(
    document: Document,
    places: Sequence[int],
    parents: Sequence[int | None],
    marks: Sequence[int],
) -> list[int]:
    """Return how many marks each element has that none of the group inside it has."""
    counts = [document.among(marks, place) for place in places]
    own = list(counts)
    for index, parent in enumerate(parents):
        if parent is not None:
            own[parent] -= counts[index]
    return own


def own_characters(
    document: Document, places: Sequence[int], parents: Sequence[int | None]
) -> list[int]:
    """Return the characters in each element that are in none of the group inside it."""
    own = [document.characters(place) for place in places]
    for index, parent in enumerate(parents):
        if parent is not None:
            own[parent] -= document.characters(places[index])
    return own


def _own_links(
    document: Document, places: Sequence[int], parents: Sequence[int | None]
) -> list[int]:
    own = [document.link_characters(place) for place in places]
    for index, parent in enumerate(parents):
        if parent is not None:
            own[parent] -= document.link_characters(places[index])
    return own


def comments_in_group(document: Document, group: Group, marks: Evidence) -> float:
    """Return how many comments a group holds; 0 where it holds none."""
    places, parents = group.places, group.parents
    if not places:
        return 0.0
    dates = own_marks(document, places, parents, marks.dates)
    authors = own_marks(document, places, parents, marks.authors)
    borne = own_marks(document, places, parents, marks.bearers)
    said = own_characters(document, places, parents)
    links = _own_links(document, places, parents)
    signs = _own_signs(document, places, parents, marks)
    dated = sum(count > 0 for count in dates) >= SHARE * len(places)
    good = 0
    bad = 0
    for index in range(len(places)):
        says = dates[index] or borne[index] or (authors[index] and not dated)
        fits = said[index] > signs[index] and says
        good += bool(fits) and dates[index] <= _MOST_DATES and authors[index] <= _MOST_AUTHORS
        bad += dates[index] > _MOST_DATES or authors[index] > _MOST_AUTHORS
    if good < SHARE * len(places) or (len(places) == 1 and not group.named):
        return 0.0
    if sum(links) > _LINKS * sum(said):
        return 0.0
    # A teaser says how many comments its article has.
    counters = [place for place in marks.headings if "omment" in text_of(document.elements[place])]
    counted = sum(document.among(counters, place) > 0 for place in places)
    if len(places) > 1 and counted >= SHARE * len(places):
        return 0.0
    if group.layout is None and any(_holds_headline(document, place) for place in places):
        return 0.0
    score = good - 2.0 * bad - 0.5 * (len(places) - good)
    # Heads of comments are as many as comments, but hold little of what is said among them.
    whole = document.said[document.end[_last(document, places)]] - document.said[places[0]]
    whole -= marks.quiet[document.end[_last(document, places)]] - marks.quiet[places[0]]
    covered = sum(said) / max(whole, 1)
    score *= 0.6 + 0.4 * covered
    group.ragged = good < len(places) or covered < _COVERED
    if group.layout is not None:
        score *= _KNOWN_BONUS
    elif group.named:
        score *= 1.1
    elif group.mined:
        score *= 0.97
    # Of wrappers around the same comments, the outermost keeps the nesting.
    score += min(sum(said), 10**6) / 10**9 + 0.001 * any(p is not None for p in parents)
    identified = sum(document.elements[place].get("id") is not None for place in places)
    return score + 0.0005 * (identified == len(places))


def _last(document: Document, places: Sequence[int]) -> int:
    """Return the place that ends last."""
    return max(places, key=document.end.__getitem__)


def _own_signs(
    document: Document, places: Sequence[int], parents: Sequence[int | None], marks: Evidence
) -> list[int]:
    """Return how many characters of each element only say when or by whom."""
    signs, lengths = marks.signs, marks.lengths
    counts = [
        lengths[bisect_left(signs, document.end[place])] - lengths[bisect_left(signs, place)]
        for place in places
    ]
    own = list(counts)
    for index, parent in enumerate(parents):
        if parent is not None:
            own[parent] -= counts[index]
    return own


def _holds_headline(document: Document, place: int) -> bool:
    return any(
        document.elements[inner].tag == "h1"
        for inner in range(place, min(document.end[place], place + 60))
    )
