"""Who answers whom: by nesting, depth, attributes, links, and names above the words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import islice

from moderation.parsing import cues
from moderation.parsing.html.dom import (
    Document,
    Element,
    names,
    signature,
    text_of,
    words_of,
)
from moderation.parsing.html.reading import Reading
from moderation.parsing.html.weighing import Group

_PARENTS = (
    "data-parent-id",
    "data-parent",
    "data-parentid",
    "data-parent-comment-id",
    "data-reply-to",
    "data-in-reply-to",
    "data-parent-comment",
    "data-reply",
    "data-answer-to",
    "data-antwort-auf",
    "data-replyto",
    "data-inreplyto",
    "parent",
    "parent-id",
    "reply-to",
)


_LEVEL_NAMES = re.compile(
    r"(?:^|[-_])(?:depth|level|lvl|indent|ebene|stufe|nested|tiefe)[-_]{0,2}(\d{1,2})$",
    re.IGNORECASE,
)


_MARGIN = re.compile(
    r"(?:margin|padding)-(?:left|inline-start)\s*:\s*(?:calc\()?\s*(\d{1,4})(?:\.\d+)?\s*(?:px|em|rem|%)?"
    r"|--(?:depth|level|indent|ebene|tiefe)\s*:\s*(\d{1,3})"
)


_REPLIES = frozenset(
    [
        "children",
        "child",
        "replies",
        "reply",
        "antworten",
        "antwort",
        "indented",
        "indent",
        "nested",
        "responses",
        "answers",
        "subcomments",
        "unterkommentare",
        "kinder",
        "subthread",
    ]
)


_REPLY = frozenset(
    ["reply", "antwort", "child", "indented", "nested", "answer", "subcomment", "sub"]
)


#: Ancestors climbed to find the comment a list of replies belongs to.
_CLIMB = 12


def answered_id(element: Element) -> str | None:
    """Return the id of the comment answered, where an attribute names it."""
    for name in _PARENTS:
        value: str = (element.get(name) or "").strip()
        if value and value not in {"0", "null", "none", "-1"}:
            return value
    return None


def answered_link(element: Element) -> str | None:
    """Return the id of the comment answered, where a link above the text or markup names it."""
    for one in element.iter():
        if not isinstance(one.tag, str):
            continue
        if "parentItem" in (one.get("itemprop") or "").split():
            for part in one.iter():
                target: str | None = (
                    part.get("href")
                    or part.get("itemid")
                    or part.get("content")
                    or part.get("resource")
                )
                if target:
                    return target.rpartition("#")[2]
        href: str = one.get("href") or "" if one.tag == "a" else ""
        if "#" in href:
            text = text_of(one)
            before = one.getprevious()
            lead = (
                (before.tail if before is not None else one.getparent().text)
                if one is not element
                else ""
            )
            if _ANSWERS_END.search((lead or "")[-_LONGEST_LEAD:]):
                return href.rpartition("#")[2]
            if (
                cues.is_line(text, "reply_to")
                or _ANSWERS.match(text)
                or _names_answered(one)
                or (one is not element and _names_answered(one.getparent()))
            ):
                return href.rpartition("#")[2]
    return None


def _names_answered(element: Element) -> bool:
    """Return whether the classes of an element say that it leads to what is answered."""
    words = {word for name in names(element) for word in words_of(name)}
    return not _ANSWERS_NAME.isdisjoint(words) or {"reply", "to"} <= words


_ANSWERS = re.compile(
    r"(?:[↑↶↳↪]|als )?\s?(?:in )?(?:antwort (?:auf|an)|antwortet|reply to|in reply to|@)",
    re.IGNORECASE,
)


_ANSWERS_END = re.compile(
    r"(?:antwort (?:auf|an)|antwortet(?: auf)?|reply to|bezug(?: auf)?:?)\s{0,4}$", re.IGNORECASE
)


_LONGEST_LEAD = 80  # characters


_ANSWERS_NAME = frozenset(("inreplyto", "parent", "replyto"))


def _level(element: Element) -> int | None:
    value = (
        element.get("aria-level")
        or element.get("data-level")
        or element.get("data-depth")
        or element.get("data-indent")
        or element.get("data-ebene")
        or element.get("depth")
        or element.get("level")
    )
    if value and value.isdecimal() and len(value) < 4:
        return int(value)
    for name in (element.get("class") or "").split():
        match = _LEVEL_NAMES.search(name)
        if match:
            return int(match[1])
    match = _MARGIN.search((element.get("style") or "")[:500])
    if match:
        return int(match[1] or match[2])
    return _spacer(element)


def _spacer(element: Element) -> int | None:
    """Return how far a comment is moved to the right by a cell or picture with nothing in it."""
    for one in islice(element.iter("td", "img", "spacer"), _FIRST):
        if one.tag == "td" and text_of(one):
            continue
        width = one.get("width") or one.get("indent") or ""
        if width.isdecimal() and len(width) < 4:
            return int(width)
        if one.tag == "td" and one.find(".//img") is None:
            return None
    return None


#: Cells and pictures looked at for one that only takes room.
_FIRST = 4


def _by_heading(elements: Sequence[Element]) -> list[int | None]:
    """Return the levels of the headings that comments begin with, where all do and they differ."""
    levels: list[int | None] = []
    for element in elements:
        inner = (one for one in element.iter() if one is not element and isinstance(one.tag, str))
        first = next((one for one in islice(inner, _FIRST) if one.tag in _RANKS), None)
        if first is None:
            return [None] * len(elements)
        levels.append(_RANKS.index(first.tag))
    return levels if len(set(levels)) > 1 else [None] * len(elements)


_RANKS = ("h1", "h2", "h3", "h4", "h5", "h6")


def parents_of(document: Document, group: Group, elements: Sequence[Element]) -> list[int | None]:
    """Return the position of the comment that each answers, by how they are nested."""
    parents = list(group.parents)
    if not any(parent is not None for parent in parents):
        parents = [_beside(document, group, index) for index in range(len(elements))]
    if not any(parent is not None for parent in parents):
        parents = _by_level(elements)
    return parents


def _beside(document: Document, group: Group, index: int) -> int | None:
    """Return the comment before the list of replies that the comment at `index` stands in."""
    branch = document.elements[group.places[index]]
    for step in range(_CLIMB):
        above = branch.getparent()
        if above is None:
            return None
        if step and _is_replies(branch):
            before = branch.getprevious()
            while before is not None:
                place = document.place.get(before)
                if place is not None and signature(before) != signature(branch):
                    found = _first_inside(document, group, place, index)
                    if found is not None:
                        return found
                before = before.getprevious()
        branch = above
    return None


def _is_replies(element: Element) -> bool:
    return any(not _REPLIES.isdisjoint(words_of(name)) for name in names(element)) or (
        element.tag in {"ol", "ul"}
        and element.getparent() is not None
        and element.getparent().tag in {"li", "article"}
    )


def _first_inside(document: Document, group: Group, place: int, before: int) -> int | None:
    """Return the first comment that is, or is in, the element at `place`."""
    from bisect import bisect_left

    at = bisect_left(group.places, place)
    if at < before and at < len(group.places) and group.places[at] < document.end[place]:
        return at
    return None


def _by_level(elements: Sequence[Element]) -> list[int | None]:
    levels: list[int | None] = []
    for element in elements:
        level = _level(element)
        above = element.getparent()
        if level is None and above is not None:
            alone = element.getnext() is None and element.getprevious() is None
            level = _level(above) if alone else None
        if level is None and any(
            not _REPLY.isdisjoint(words_of(name)) for name in (element.get("class") or "").split()
        ):
            level = -1
        levels.append(level)
    if not any(level is not None for level in levels):
        levels = _by_heading(elements)
    found = {level for level in levels if level is not None}
    if not found:
        return [None] * len(elements)
    if found == {-1}:
        if all(level == -1 for level in levels):
            return [None] * len(elements)
        levels = [1 if level == -1 else 0 for level in levels]
    parents: list[int | None] = []
    stack: list[tuple[int, int]] = []
    for index, level in enumerate(levels):
        here = 0 if level is None else level
        while stack and stack[-1][0] >= here:
            stack.pop()
        parents.append(stack[-1][1] if stack else None)
        stack.append((here, index))
    return parents


def earlier_named(
    wanted: str, index: int, by_name: dict[str, int], readings: Sequence[Reading]
) -> int | None:
    """Return the earlier comment that has this number or, latest, this author."""
    if wanted.isdecimal():
        found = by_name.get(wanted)
        if found is None and 0 < int(wanted) <= index:
            found = int(wanted) - 1
        return found if found is not None and found < index else None
    name = wanted.casefold().strip(" @")
    for earlier in range(index - 1, max(-1, index - _LOOKED_BACK), -1):
        author = (readings[earlier].author or "").casefold()
        if author and (name == author or name.startswith(author + " ")):
            return earlier
    return None


#: Comments looked back at for an author who is answered.
_LOOKED_BACK = 500


def without_circles(parents: Sequence[int | None]) -> list[int | None]:
    """Return the parents without those by which a comment would answer itself."""
    sound: list[int | None] = list(parents)
    known: set[int] = set()
    for index in range(len(sound)):
        path: list[int] = []
        on_path: set[int] = set()
        here: int | None = index
        while here is not None and here not in known:
            if here in on_path:
                sound[path[-1]] = None
                break
            path.append(here)
            on_path.add(here)
            here = sound[here]
        known.update(path)
    return sound
