"""Which elements of a page hold one comment each: by known markup, by name, or by repetition.

A group of elements is believed to be comments when most of them say when or by whom, and something
to read besides, each once: a wrapper around a comment and its replies says it several times, a
button never.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice, pairwise

from moderation.parsing import cues
from moderation.parsing.html.dates import is_date, opens_with_date
from moderation.parsing.html.dom import Document, Element, own_text, signature, text_of
from moderation.parsing.html.roles import (
    Layout,
    Selected,
    is_widget,
    layouts,
    roles,
    section_heading,
)
from moderation.parsing.html.voting import thread_weight

#: Share of a group's elements that must look like comments.
_SHARE = 0.6
#: Dates in one comment: posted and edited.
_MOST_DATES = 2
#: Names in one comment: of its author, in several elements, and of the one answered.
_MOST_AUTHORS = 4
_LONGEST_HEADING = 120
#: Characters of a line that says who and when.
_LONGEST_HEAD = 160
#: Characters of a name in a line of its own.
_LONGEST_NAME = 80
#: "Max schrieb am 12.05.2016:": characters and elements in it, and how many make a section.
_SHORTEST_HEAD, _MOST_IN_HEAD, _HEADS_ALONE = 12, 8, 2
#: Ancestors climbed from a date to what is around the comment.
_NEAR = 12
_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6", "legend", "summary", "caption"))
_CONTAINERS = frozenset(
    ("div", "section", "ol", "ul", "article", "aside", "main", "details", "dl", "table", "tbody")
)
_ITEM_TAGS = frozenset(
    ("li", "article", "div", "section", "tr", "dd", "p", "blockquote", "table", "details")
)
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


@dataclass(slots=True)
class Evidence:
    """Where a page says when and by whom, and where it speaks of comments.

    `openers` are the elements that begin with a name and a date, by the place of the name;
    `roles` what each element is, and `beside` whether it stands in a box that holds no comments.
    """

    dates: list[int]
    authors: list[int]
    sections: list[tuple[int, int]]
    headings: list[int]
    openers: dict[int, int]
    roles: list[frozenset[str]]
    beside: list[bool]


def find_items(
    document: Document, selected: Selected, marks: Evidence, *, doubted: bool = False
) -> Group | None:
    """Return the elements of a page that hold one comment each, in order.

    With `doubted`, a group must show by itself that it is comments: nothing around it says so.

    Returns
    -------
    Group or None
        With the nearest element of the group around each (``parents``, as indices).
    """
    best: Group | None = None
    best_score = 0.0
    for group in _candidates(document, selected, marks):
        group = _cleaned(document, group, marks)
        score = _score(document, group, marks)
        if score > 0 and (doubted or _is_apart(group, marks)):
            score *= thread_weight(document, group.places, group.parents, marks.dates)
        if score > best_score + 1e-9:
            best, best_score = group, score
    return best


def _is_apart(group: Group, marks: Evidence) -> bool:
    """Return whether elements are called answers or contributions where no comments are headed."""
    return (
        group.layout is None
        and group.named
        and len(group.places) > 1
        and not any(start <= group.places[0] < stop for start, stop in marks.sections)
        and "weak_item" in marks.roles[group.places[0]]
    )


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
    all_roles = [roles(element) for element in document.elements]
    beside = _beside(document, all_roles)
    for place, element in enumerate(document.elements):
        found = all_roles[place]
        if (
            document.end[place] - place <= _MOST_IN_HEAD
            and _SHORTEST_HEAD < document.characters(place) <= _LONGEST_HEAD
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
        short = 0 < document.characters(place) <= _LONGEST_HEADING
        if (
            short
            and not (authors and document.holds(authors[-1], place))
            and _names(element, found)
        ):
            authors.append(place)
        if element.tag in _CONTAINERS and "list" in found and not is_widget(element):
            sections.append((place, document.end[place]))
        elif short and len(headings) < _MOST_SECTIONS and _heads_comments(element):
            sections.extend(_below(document, place))
            headings.append(place)
    if everywhere:
        sections.append((_headline_end(document), len(document.elements)))
    if len(heads) >= _HEADS_ALONE:
        sections.append(_around(document, heads))
    # Who is named around a date is the whole head, or the whole comment.
    authors = [place for place in authors if not document.among(dates, place) or place in dates]
    return Evidence(dates, authors, sections, headings, openers, all_roles, beside)


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
    heading = element.tag in _HEADINGS
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


def wrap_runs(document: Document, marks: Evidence) -> bool:
    """Wrap comments that stand as runs of siblings (a heading and its paragraphs) one by one.

    Returns whether anything was wrapped; then the places of `document` are no longer right.
    """
    sections = _merged(marks.sections)
    by_parent: dict[int, dict[int, None]] = {}
    for place in sorted({*marks.dates, *marks.authors}):
        if not any(start <= place < stop for start, stop in sections):
            continue
        child = marks.openers.get(place, place)
        while True:
            above = document.elements[child].getparent()
            if above is None or above.tag in {"html", "body"}:
                break
            outer = document.place[above]
            several = document.among(marks.dates or marks.authors, outer) > 1
            if several or document.characters(outer) > _LONGEST_HEAD:
                break
            child = outer
        parent = document.elements[child].getparent()
        if parent is not None and (
            place in marks.openers or document.characters(child) <= _LONGEST_HEAD
        ):
            by_parent.setdefault(document.place[parent], {})[child] = None
    wrapped = False
    for place, heads in by_parent.items():
        for run in _runs(document, place, heads, sections):
            box = document.root.makeelement("article", {"class": "comment", "data-run": ""})
            run[0].addprevious(box)
            for element in run:
                box.append(element)
            wrapped = True
    return wrapped


def _runs(
    document: Document, place: int, marked: dict[int, None], sections: Sequence[tuple[int, int]]
) -> list[list[Element]]:
    """Part the children of an element into comments, by those that say who and when."""
    children = [
        child
        for child in document.elements[place]
        if (at := document.place.get(child)) is not None
        and any(start <= at < stop for start, stop in sections)
    ]
    first = next((child for child in children if document.place[child] in marked), None)
    if first is None:
        return []
    kind = first.tag
    heads = [
        index
        for index, child in enumerate(children)
        if document.place[child] in marked and child.tag == kind
    ]
    gaps = [below - above for above, below in pairwise(heads)]
    if not gaps or sum(gap > 1 for gap in gaps) < _SHARE * len(gaps):
        return []
    above = [child for child in children[: heads[0]] if _is_running(document, child)]
    runs: list[list[Element]] = []
    if above:
        # Who and when stand below the words.
        start = children.index(above[0])
        if len(heads) > 1 and heads[0] + 1 < len(children):
            # The second comment shows how the first one begins.
            alike = signature(children[heads[0] + 1])
            kin = [index for index in range(heads[0]) if signature(children[index]) == alike]
            start = kin[0] if kin else start
        for head in heads:
            runs.append(children[start : head + 1])
            start = head + 1
        return runs
    before = [children[head - 1] for head in heads if head]
    if (
        len(before) == len(heads)
        and len({signature(child) for child in before}) == 1
        and all(0 < document.characters(document.place[child]) <= _LONGEST_NAME for child in before)
    ):
        # The name stands in an element of its own, above the date.
        heads = [head - 1 for head in heads]
    tags = {child.tag for head, below in pairwise(heads) for child in children[head + 1 : below]}
    for head, below in pairwise([*heads, len(children)]):
        run = children[head:below]
        if below == len(children):
            last = next(
                (
                    index
                    for index, child in enumerate(run)
                    if index and (child.tag not in tags or is_widget(child) or child.tag == "form")
                ),
                len(run),
            )
            run = run[:last]
        runs.append(run)
    if len(runs) > 1 and all(run[-1].tag == "hr" for run in runs[:-1]):
        rules = [index for index, child in enumerate(runs[-1]) if child.tag == "hr"]
        runs[-1] = runs[-1][: rules[0]] if rules else runs[-1]
    return runs


def _is_running(document: Document, element: Element) -> bool:
    return (
        element.tag not in _HEADINGS
        and document.characters(document.place[element]) > 0
        and not cues.is_line(
            text_of(element)[:300],
            "comments_heading",
            "comments_heading_weak",
            "comments_form",
            "comments_offer",
            "interface",
            "more_comments",
        )
    )


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


def _candidates(document: Document, selected: Selected, marks: Evidence) -> Iterator[Group]:
    for layout in layouts():
        places = [document.place[one] for one in selected.all(layout.items)]
        if places:
            yield Group(places, layout, named=layout.alone)
    named: list[int] = []
    groups: dict[object, list[int]] = {}
    sections = _merged(marks.sections)
    current = 0
    for place, element in enumerate(document.elements):
        if element.tag not in _ITEM_TAGS and "-" not in element.tag:
            continue
        found = marks.roles[place]
        while current < len(sections) and sections[current][1] <= place:
            current += 1
        inside = current < len(sections) and sections[current][0] <= place
        is_item = "item" in found
        if is_item and document.characters(place):
            named.append(place)
        if is_item or inside:
            alike = signature(element)
            groups.setdefault(alike, []).append(place)
            exact = element.get("class")
            if exact and any(sign.isdigit() for sign in exact):
                groups.setdefault(exact, []).append(place)
            if len(alike[1]) > 1:
                for name in alike[1]:
                    groups.setdefault((element.tag, name), []).append(place)
    if named:
        yield Group(named, named=True)
    for least in _LEAST_BEHIND:
        if places := _around_marks(document, marks, sections, least):
            yield Group(places, named=False, mined=True)
    for places in groups.values():
        named_so = "item" in marks.roles[places[0]]
        yield Group(places, named=named_so)
        for part in _clusters(document, places):
            yield Group(part, named=named_so)


def _clusters(document: Document, places: Sequence[int]) -> Iterator[list[int]]:
    """Yield the elements that stand in one list with those inside them, where there are several."""
    lists: dict[Element, list[int]] = {}
    end = -1
    around: Element | None = None
    for place in places:
        if place >= end:
            end = document.end[place]
            around = document.elements[place].getparent()
        lists.setdefault(around, []).append(place)
    if len(lists) > 1:
        yield from (part for part in lists.values() if len(part) > 1)


def _around_marks(
    document: Document, marks: Evidence, sections: Sequence[tuple[int, int]], least: int
) -> list[int]:
    """Return the nearest elements around dates (or names) that also hold words behind them.

    `least` is how many characters that are no link stand between one mark and the next.
    """
    places = marks.dates if len(marks.dates) > 1 else marks.authors
    inside = [
        place for place in places if any(a <= place < b for a, b in sections[:_MOST_SECTIONS])
    ]
    found: list[int] = []
    for index, place in enumerate(inside):
        following = inside[index + 1] if index + 1 < len(inside) else len(document.elements)
        start = document.end[place]
        element = document.elements[place]
        for _ in range(_NEAR):
            element = element.getparent()
            if element is None or element.tag in {"body", "html", "main"}:
                break
            outer = document.place[element]
            if index and outer < inside[index - 1]:
                break
            stop = min(document.end[outer], following)
            # What is below a heading of comments is another part of the page.
            if bisect_left(marks.headings, start) < bisect_left(marks.headings, stop):
                break
            said = document.said[stop] - document.said[start]
            said -= document.linked[stop] - document.linked[start]
            boxed = element.tag in _ITEM_TAGS or "-" in element.tag
            if stop > start and said >= least and boxed:
                found.append(outer)
                break
    # Who shares an element with another mark stands in a run of siblings.
    return sorted(place for place, count in Counter(found).items() if count == 1)


#: Characters behind a mark: any, more than a name, and a sentence.
_LEAST_BEHIND = (1, 25, 60)
_MOST_SECTIONS = 200


def _merged(ranges: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, stop in sorted(ranges):
        if merged and start <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(stop, merged[-1][1])
        else:
            merged.append((start, stop))
    return merged


def _cleaned(document: Document, group: Group, marks: Evidence) -> Group:
    """Leave out what is no comment: wrappers, boxes beside the comments, parts of comments."""
    places = [
        place
        for place in group.places
        if not marks.beside[place]
        and (document.elements[place].tag != "main" or group.layout is not None)
    ]
    parents = _parents(document, places)
    own_dates = _own(document, places, parents, marks.dates)
    own_authors = _own(document, places, parents, marks.authors)
    said = _own_characters(document, places, parents)
    children = [0] * len(places)
    for parent in parents:
        if parent is not None:
            children[parent] += 1
    kept: list[int] = []
    absorbed: set[int] = set()
    for index, place in enumerate(places):
        if not said[index] and not children[index]:
            continue
        bare = not own_dates[index] and not own_authors[index]
        parent = parents[index]
        # A part of a comment named like it ("comment-reply", "comment__comment").
        if bare and parent is not None and (own_dates[parent] or own_authors[parent]):
            continue
        # A wrapper around comments, or around one and the replies to it.
        if bare and children[index]:
            if not _is_outer(document, places, parents, index, children[index]):
                continue
            absorbed.add(index + 1)
        if index in absorbed:
            continue
        kept.append(place)
    return Group(kept, group.layout, group.named, group.mined, parents=_parents(document, kept))


def _is_outer(
    document: Document,
    places: Sequence[int],
    parents: Sequence[int | None],
    index: int,
    children: int,
) -> bool:
    """Return whether an element is the outer shell of the first one inside it.

    So it is if nothing else is inside but shells like it, which hold replies.
    """
    element, inner = document.elements[places[index]], document.elements[places[index + 1]]
    if signature(inner) == signature(element):
        return False
    others = [
        document.elements[places[other]]
        for other in range(index + 2, min(len(places), index + 200))
        if parents[other] == index
    ]
    if not others:
        return document.characters(places[index]) == document.characters(places[index + 1])
    return all(signature(other) == signature(element) for other in others)


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


def _parents(document: Document, places: Sequence[int]) -> list[int | None]:
    """Return for each place the index of the nearest one around it."""
    parents: list[int | None] = []
    open_: list[int] = []
    for index, place in enumerate(places):
        while open_ and document.end[places[open_[-1]]] <= place:
            open_.pop()
        parents.append(open_[-1] if open_ else None)
        open_.append(index)
    return parents


def _own(
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


def _own_characters(
    document: Document, places: Sequence[int], parents: Sequence[int | None]
) -> list[int]:
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


def _score(document: Document, group: Group, marks: Evidence) -> float:
    """Return how many comments a group holds; 0 where it holds none."""
    places, parents = group.places, group.parents
    if not places:
        return 0.0
    dates = _own(document, places, parents, marks.dates)
    authors = _own(document, places, parents, marks.authors)
    said = _own_characters(document, places, parents)
    links = _own_links(document, places, parents)
    signs = _own_signs(document, places, parents, marks)
    dated = sum(count > 0 for count in dates) >= _SHARE * len(places)
    good = 0
    bad = 0
    for index in range(len(places)):
        fits = said[index] > signs[index] and (dates[index] or (authors[index] and not dated))
        good += bool(fits) and dates[index] <= _MOST_DATES and authors[index] <= _MOST_AUTHORS
        bad += dates[index] > _MOST_DATES or authors[index] > _MOST_AUTHORS
    if good < _SHARE * len(places) or (len(places) == 1 and not group.named):
        return 0.0
    if sum(links) > _LINKS * sum(said):
        return 0.0
    # A teaser says how many comments its article has.
    counters = [place for place in marks.headings if "omment" in text_of(document.elements[place])]
    counted = sum(document.among(counters, place) > 0 for place in places)
    if len(places) > 1 and counted >= _SHARE * len(places):
        return 0.0
    if group.layout is None and any(_holds_headline(document, place) for place in places):
        return 0.0
    score = good - 2.0 * bad - 0.5 * (len(places) - good)
    # Heads of comments are as many as comments, but hold little of what is said among them.
    whole = document.said[document.end[_last(document, places)]] - document.said[places[0]]
    whole -= _said_beside(document, marks, places[0], document.end[_last(document, places)])
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


def _said_beside(document: Document, marks: Evidence, start: int, stop: int) -> int:
    """Return the characters of boxes that are no comments, as advertisements, in a range."""
    said = 0
    place = start
    while place < stop:
        if marks.beside[place]:
            said += document.characters(place)
            place = document.end[place]
        else:
            place += 1
    return said


def _last(document: Document, places: Sequence[int]) -> int:
    """Return the place that ends last."""
    return max(places, key=document.end.__getitem__)


def _own_signs(
    document: Document, places: Sequence[int], parents: Sequence[int | None], marks: Evidence
) -> list[int]:
    """Return how many characters of each element only say when or by whom."""
    signs = sorted({*marks.dates, *marks.authors})
    lengths = [0]
    end = -1
    for place in signs:
        inside = place < end
        end = end if inside else document.end[place]
        lengths.append(lengths[-1] + (0 if inside else document.characters(place)))
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
