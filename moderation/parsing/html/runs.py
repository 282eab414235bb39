"""Comments that stand as runs of siblings, a heading and its paragraphs, are wrapped one by one."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from moderation.parsing import cues
from moderation.parsing.html.dom import (
    Document,
    Element,
    signature,
    text_of,
)
from moderation.parsing.html.marks import HEADINGS, LONGEST_HEAD, Evidence, merged_ranges
from moderation.parsing.html.roles import (
    is_widget,
)
from moderation.parsing.html.weighing import SHARE

#: Characters of a name in a line of its own.
_LONGEST_NAME = 80


def wrap_runs(document: Document, marks: Evidence) -> bool:
    """Wrap comments that stand as runs of siblings (a heading and its paragraphs) one by one.

    Returns whether anything was wrapped; then the places of `document` are no longer right.
    """
    sections = merged_ranges(marks.sections)
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
            if several or document.characters(outer) > LONGEST_HEAD:
                break
            child = outer
        parent = document.elements[child].getparent()
        if parent is not None and (
            place in marks.openers or document.characters(child) <= LONGEST_HEAD
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
    if not gaps or sum(gap > 1 for gap in gaps) < SHARE * len(gaps):
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
        element.tag not in HEADINGS
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
