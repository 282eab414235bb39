"""Which elements of a page hold one comment each: by known markup, by name, or by repetition.

A group of elements is believed to be comments when most of them say when or by whom, and something
to read besides, each once: a wrapper around a comment and its replies says it several times, a
button never.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence

from moderation.parsing.html.dom import (
    Document,
    Element,
    names,
    signature,
    words_of,
)
from moderation.parsing.html.marks import ITEM_TAGS, MOST_SECTIONS, Evidence, merged_ranges
from moderation.parsing.html.roles import (
    Selected,
    layouts,
)
from moderation.parsing.html.voting import ANSWERS_NEEDED, thread_weight, votes
from moderation.parsing.html.weighing import (
    Group,
    comments_in_group,
    own_characters,
    own_marks,
    parents_among,
)

#: Ancestors climbed from a date to what is around the comment.
_NEAR = 12


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
    voted = 0
    for group in _candidates(document, selected, marks):
        group = _cleaned(document, group, marks)
        score = comments_in_group(document, group, marks)
        if score <= best_score + 1e-9:
            continue
        if doubted:
            voted += 1
            if voted > _MOST_VOTED:
                break
            score *= thread_weight(document, group.places, group.parents, marks.dates)
        elif _are_answers(document, group, marks):
            found = votes(document, group.places, group.parents, marks.dates)
            score *= found >= ANSWERS_NEEDED
        if score > best_score + 1e-9:
            best, best_score = group, score
    return best


#: Groups whose kinds of evidence are counted: pages have some ten.
_MOST_VOTED = 200


def _are_answers(document: Document, group: Group, marks: Evidence) -> bool:
    """Return whether elements are called answers, but no comments are headed."""
    first = group.places[0]
    return (
        group.layout is None
        and group.named
        and len(group.places) > 1
        and not any(start <= first < stop for start, stop in marks.sections)
        and any(not _ANSWERS.isdisjoint(words_of(name)) for name in names(document.elements[first]))
    )


_ANSWERS = frozenset(("antwort", "answer", "antworten"))


def _candidates(document: Document, selected: Selected, marks: Evidence) -> Iterator[Group]:
    for layout in layouts():
        places = [document.place[one] for one in selected.all(layout.items)]
        if places:
            yield Group(places, layout, named=layout.alone)
    named: list[int] = []
    groups: dict[object, list[int]] = {}
    sections = merged_ranges(marks.sections)
    current = 0
    for place, element in enumerate(document.elements):
        if element.tag not in ITEM_TAGS and "-" not in element.tag:
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
        for part in () if named_so else _clusters(document, places):
            yield Group(part)


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
    inside = [place for place in places if any(a <= place < b for a, b in sections[:MOST_SECTIONS])]
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
            boxed = element.tag in ITEM_TAGS or "-" in element.tag
            if stop > start and said >= least and boxed:
                found.append(outer)
                break
    # Who shares an element with another mark stands in a run of siblings.
    return sorted(place for place, count in Counter(found).items() if count == 1)


#: Characters behind a mark: any, more than a name, and a sentence.
_LEAST_BEHIND = (1, 25, 60)


def _cleaned(document: Document, group: Group, marks: Evidence) -> Group:
    """Leave out what is no comment: wrappers, boxes beside the comments, parts of comments."""
    places = [
        place
        for place in group.places
        if not marks.beside[place]
        and (document.elements[place].tag != "main" or group.layout is not None)
    ]
    parents = parents_among(document, places)
    own_dates = own_marks(document, places, parents, marks.dates)
    own_authors = own_marks(document, places, parents, marks.authors)
    borne = own_marks(document, places, parents, marks.bearers)
    said = own_characters(document, places, parents)
    children = [0] * len(places)
    for parent in parents:
        if parent is not None:
            children[parent] += 1
    kept: list[int] = []
    absorbed: set[int] = set()
    for index, place in enumerate(places):
        if not said[index] and not children[index]:
            continue
        bare = not own_dates[index] and not own_authors[index] and not borne[index]
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
    return Group(
        kept, group.layout, group.named, group.mined, parents=parents_among(document, kept)
    )


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
