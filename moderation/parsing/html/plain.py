"""What a page says besides its comments, as a text like those that people save by hand."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from moderation.parsing.html.dom import SILENT, Element, names, own_text, words_of
from moderation.parsing.markup import LINE_TAGS, PARAGRAPH_TAGS

_NONE, _SPACE, _LINE, _PARAGRAPH = range(4)
_BREAKS = {_NONE: "", _SPACE: " ", _LINE: "\n", _PARAGRAPH: "\n\n"}
# In a page more elements are blocks than in a comment.
_PARAGRAPHS = PARAGRAPH_TAGS | frozenset(
    {"aside", "header", "footer", "main", "nav", "details", "fieldset", "address"}
)
_LINES = (LINE_TAGS - _PARAGRAPHS) | frozenset(
    {"td", "th", "br", "label", "legend", "form", "option", "caption", "button"}
)
#: Elements that say nothing here: what a script made, and fields to fill in.
_LEFT_OUT = (SILENT | {"select", "nav", "iframe", "audio", "video", "dialog", "picture", "map"}) - {
    "title"
}


def plain_text(root: Element, article: Element | None = None) -> tuple[str, int | None]:
    """Return the text of a page: blocks on lines, paragraphs parted by blank lines.

    Comments are to be taken out before; menus are left out.

    Parameters
    ----------
    root
        The page.
    article
        The element around its article, if it is known.

    Returns
    -------
    tuple
        The text, and where the article ends in it, in code points; None where that is unknown.
    """
    ends: int | None = None
    parts: list[str] = []
    pending = _NONE
    listed: dict[Any, bool] = {}
    stack: list[tuple[Any, bool]] = [(root, False)]
    while stack:
        node, leaving = stack.pop()
        tag = node.tag if isinstance(node.tag, str) else None
        if node is article and leaving:
            ends = sum(map(len, parts))
        if tag in _PARAGRAPHS:
            pending = max(pending, _PARAGRAPH)
        elif tag in _LINES or (tag == "a" and _is_listed(node.getparent(), listed)):
            pending = max(pending, _LINE)
        if not leaving and tag is not None and tag not in _LEFT_OUT and not _is_hidden(node):
            pending = _write(parts, node.text, pending)
            stack.append((node, True))
            stack.extend((child, False) for child in reversed(node))
            continue
        if node is not root:
            pending = _write(parts, node.tail, pending)
    return "".join(parts), ends


def _is_listed(parent: Element | None, listed: dict[Any, bool]) -> bool:
    """Return whether links stand in an element one after the other, without words between them."""
    if parent is None or parent.tag not in _LISTS:
        return False
    if parent not in listed:
        listed[parent] = not own_text(parent).strip(" |·•/,-–»>")
    return listed[parent]


_LISTS = frozenset(("nav", "footer", "div", "header", "section"))


def _is_hidden(element: Element) -> bool:
    if element.tag == "title":
        return True
    if not element.attrib:
        return False
    if element.get("hidden") is not None or element.get("role") in _HIDDEN_ROLES:
        return True
    return any(map(_is_menu, names(element)))


_HIDDEN_ROLES = frozenset(("dialog", "alertdialog", "navigation", "search"))
# Words of boxes that ask about cookies, lead to other pages or share this one.
_MENUS = frozenset(
    (
        "cookie",
        "cookies",
        "consent",
        "cmp",
        "breadcrumb",
        "breadcrumbs",
        "share",
        "sharing",
        "social",
        "skip",
    )
)


@lru_cache(maxsize=16384)
def _is_menu(name: str) -> bool:
    return not _MENUS.isdisjoint(words_of(name))


def _write(parts: list[str], text: str | None, pending: int) -> int:
    if not text:
        return pending
    words = text.split()
    if not words:
        return max(pending, _SPACE)
    if text[0].isspace():
        pending = max(pending, _SPACE)
    if parts:
        parts.append(_BREAKS[pending])
    parts.append(" ".join(words))
    return _SPACE if text[-1].isspace() else _NONE
