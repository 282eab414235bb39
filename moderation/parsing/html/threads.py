"""Comments in the tree of a page: who answers whom, which are removed, and what each says."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from moderation.parsing import cues
from moderation.parsing.html.answering import (
    answered_id,
    answered_link,
    earlier_named,
    parents_of,
    without_circles,
)
from moderation.parsing.html.dom import (
    Document,
    Element,
    detached,
    indexed,
    names,
    text_of,
    words_of,
)
from moderation.parsing.html.items import read_item
from moderation.parsing.html.marks import evidence
from moderation.parsing.html.mining import find_items
from moderation.parsing.html.reading import Reading, cut_text, titled
from moderation.parsing.html.roles import Selected, selectable
from moderation.parsing.html.runs import wrap_runs
from moderation.parsing.html.weighing import Group
from moderation.records import Comment

_IDS = ("data-comment-id", "data-commentid", "data-comment", "data-post-id", "data-id", "data-cid")


_DIGITS = re.compile(r"\d{1,20}(?!.*\d)")


_PINGBACKS = frozenset(("pingback", "trackback", "mention", "repost"))


_NUMBER = re.compile(r"#?(\d{1,6})\.?")


@dataclass(frozen=True, slots=True)
class DomThread:
    """The comments found in the tree of a page.

    Attributes
    ----------
    comments
        In page order.
    removed, empty
        Comments of which only a note is left, and those without text.
    system
        Name of the known markup, if it is one.
    """

    comments: tuple[Comment, ...]
    removed: int = 0
    empty: int = 0
    system: str | None = None


def take_comments(
    document: Document, selected: Selected, source: str
) -> tuple[DomThread | None, Selected]:
    """Find the comments of a page and take them out of its tree.

    Also return the index of the page, which is a new one where comments were wrapped.

    Returns
    -------
    DomThread or None
        ``None`` where no markup of comments was found; then nothing is taken out.
    """
    marks = evidence(document)
    group = find_items(document, selected, marks)
    doubtful = group is None or (group.ragged and not group.named and group.layout is None)
    if doubtful and wrap_runs(document, marks):
        document = indexed(document.root, source)
        selected = selectable(document)
        group = find_items(document, selected, evidence(document))
    if group is None:
        marks = evidence(document, everywhere=True)
        group = find_items(document, selected, marks, doubted=True)
        if group is None:
            return None, selected
    elements = [document.elements[place] for place in group.places]
    parents = parents_of(document, group, elements)
    ids = [_own_id(element) for element in elements]
    answered = [answered_id(element) for element in elements]
    pingbacks = [_is_pingback(element) for element in elements]
    other_ids = [
        [value for name, value in element.attrib.items() if name.endswith("id") and value]
        for element in elements
    ]
    boxes = [element.getparent() for element in elements]
    for element in reversed(elements):
        detached(element)
    answered = [
        one if one is not None else answered_link(element)
        for one, element in zip(answered, elements, strict=True)
    ]
    readings = [read_item(element, group.layout) for element in elements]
    _without_constants(readings)
    shown_twice = _shown_twice(readings, boxes)
    pingbacks = [one or index in shown_twice for index, one in enumerate(pingbacks)]
    _drop_numbers(readings)
    _drop_titles(readings, document)
    readings = [titled(reading) for reading in readings]
    return _thread(group, ids, parents, answered, pingbacks, other_ids, readings), selected


def _shown_twice(readings: Sequence[Reading], boxes: Sequence[Element]) -> frozenset[int]:
    """Return the comments that a box of the best ones repeats from the list."""
    places: dict[tuple[str | None, str | None, str], int] = {}
    repeated: set[int] = set()
    for index, reading in enumerate(readings):
        if reading.author is None or reading.published is None or not reading.text:
            continue
        earlier = places.setdefault((reading.author, reading.published, reading.text), index)
        if earlier != index and boxes[earlier] is not boxes[index]:
            repeated.add(index if _holds_more(boxes, earlier, index) else earlier)
    return frozenset(repeated)


def _holds_more(boxes: Sequence[Element], one: int, other: int) -> bool:
    """Return whether the list around `one` holds more comments than that around `other`."""
    return boxes.count(boxes[one]) > boxes.count(boxes[other])


def _drop_numbers(readings: Sequence[Reading]) -> None:
    """Cut off the numbers a page gives its comments: "1. Recht so", "2. Nie im Leben"."""
    matches = [_NUMBERED.match(reading.text) for reading in readings]
    numbers = [int(match[1]) for match in matches if match]
    if len(numbers) < 2 or len(numbers) != len(readings):
        return
    steps = {below - above for above, below in pairwise(numbers)}
    if steps in ({1}, {-1}):
        for reading, match in zip(readings, matches, strict=True):
            if match:
                cut_text(reading, match.end(), len(reading.text))


_NUMBERED = re.compile(r"#?(\d{1,6})[.):]?\s{1,4}(?=\S)")


def _drop_titles(readings: Sequence[Reading], document: Document) -> None:
    """Forget titles that are not the readers': of the article or topic, or the same all over."""
    repeated = Counter(reading.title for reading in readings)
    given = {text_of(one) for one in document.root.iter("h1")}
    answers = {
        title.partition(":")[2].strip()
        for title in repeated
        if title and title.lower().startswith(_RE)
    }
    for reading in readings:
        title = reading.title
        if title and (
            repeated[title] > 1
            or title in given
            or title in answers
            or title.lower().startswith(_RE)
            or any(title in text for text in given)
        ):
            reading.title = None


_RE = ("re:", "aw:", "antw:")


def _is_pingback(element: Element) -> bool:
    return any(not _PINGBACKS.isdisjoint(words_of(name)) for name in names(element))


def _own_id(element: Element) -> str | None:
    """Return the page's own id of a comment, where it has one."""
    own: str | None = element.get("id")
    if own and any(sign.isdigit() for sign in own):
        return own
    found: str | None
    for name in _IDS:
        if found := element.get(name):
            return str(found)
    tags = () if element.get("data-run") is not None else ("a", "article", "div", "section")
    for one in element.iter(*tags):
        found = one.get("id") or (one.get("name") if one.tag == "a" else None)
        if one is not element and found and any(sign.isdigit() for sign in found):
            return str(found)
        if one.tag in {"article", "div"} and (found := one.get("data-comment-id")):
            return str(found)
    return own or None


#: Comments that show what is the same in all, the share that must have it, and its characters.
_ALIKE, _ALIKE_SHARE, _LONGEST_ALIKE = 3, 0.6, 60


#: Lines cut off from each end at most.
_MOST_CUT = 6


def _without_constants(readings: Sequence[Reading]) -> None:
    """Cut off first and last lines that most comments share: they are the page's, not the readers'.

    Numbers differ ("12 Stimmen") and are no difference.
    """
    if len(readings) < _ALIKE:
        return
    for last in (True, False):
        for _ in range(_MOST_CUT):
            ends = [_end_line(reading.text, last=last) for reading in readings]
            counts = Counter(end for end in ends if end is not None)
            shared, count = counts.most_common(1)[0] if counts else ("", 0)
            if count < max(_ALIKE, _ALIKE_SHARE * len(readings)):
                break
            for reading, end in zip(readings, ends, strict=True):
                if end == shared:
                    line = len(reading.text.split("\n")[-1 if last else 0])
                    start = 0 if last else line
                    cut_text(reading, start, len(reading.text) - (line if last else 0))


def _end_line(text: str, *, last: bool) -> str | None:
    """Return the last or first line of a text of several, with its numbers made alike."""
    above, feed, below = text.rpartition("\n") if last else text.partition("\n")
    line = below if last else above
    # A sentence is somebody's words.
    if not feed or not line.strip() or len(line) > _LONGEST_ALIKE or line.endswith(_SENTENCES):
        return None
    return _NUMBERS.sub("#", line.strip())


_SENTENCES = (".", "!", "?", "…")


_NUMBERS = re.compile(r"[+−–-]?\d+")


def _is_removed(text: str) -> bool:
    """Return whether a text is nothing but the note that a comment was removed."""
    lines = [" ".join(line.split()) for line in text.split("\n") if line.strip()]
    return bool(lines) and (
        cues.is_line(" ".join(lines), "removed")
        or all(cues.is_line(line, "removed") for line in lines)
    )


def _thread(
    group: Group,
    ids: Sequence[str | None],
    parents: Sequence[int | None],
    answered: Sequence[str | None],
    pingbacks: Sequence[bool],
    other_ids: Sequence[Sequence[str]],
    readings: Sequence[Reading],
) -> DomThread:
    unique: list[str] = []
    taken: set[str] = set()
    by_name: dict[str, int] = {}
    for index, own in enumerate(ids):
        label = (own or str(index + 1))[:200]
        name, count = label, 1
        while name in taken:
            count += 1
            name = f"{label}-{count}"
        taken.add(name)
        unique.append(name)
        by_name.setdefault(name, index)
        digits = _DIGITS.search(name)
        if digits:
            by_name.setdefault(digits.group(), index)
    for index, attributes in enumerate(other_ids):
        for value in attributes:
            by_name.setdefault(value, index)
    resolved: list[int | None] = []
    for index, parent in enumerate(parents):
        wanted = answered[index]
        if wanted is not None:
            found = by_name.get(wanted)
            if found is None and (digits := _DIGITS.search(wanted)):
                found = by_name.get(digits.group())
            if found is not None and found != index:
                parent = found
        elif parent is None and readings[index].reply_to is not None:
            parent = earlier_named(readings[index].reply_to or "", index, by_name, readings)
        resolved.append(parent)
    resolved = without_circles(resolved)
    comments: list[Comment] = []
    gone = [_is_removed(reading.text) for reading in readings]
    removed = sum(one and not other for one, other in zip(gone, pingbacks, strict=True))
    empty = sum(
        not reading.text and not other for reading, other in zip(readings, pingbacks, strict=True)
    )
    kept = {
        index
        for index, reading in enumerate(readings)
        if reading.text and not gone[index] and not pingbacks[index]
    }
    for index, reading in enumerate(readings):
        if index not in kept:
            continue
        parent = resolved[index]
        while parent is not None and parent not in kept:
            parent = resolved[parent]
        comments.append(
            Comment(
                id=unique[index],
                text=reading.text,
                parent_id=None if parent is None else unique[parent],
                author=reading.author,
                published=reading.published,
                status=reading.status,
                quotations=reading.quotations,
            )
        )
    system = group.layout.name if group.layout else None
    return DomThread(tuple(comments), removed, empty, system)
