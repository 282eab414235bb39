"""What a page says besides its comments, as a text like those that people save by hand."""

from __future__ import annotations

from typing import Any

from moderation.parsing.html_dom import SILENT, Element
from moderation.parsing.html_roles import is_widget

_NONE, _SPACE, _LINE, _PARAGRAPH = range(4)
_BREAKS = {_NONE: "", _SPACE: " ", _LINE: "\n", _PARAGRAPH: "\n\n"}
_PARAGRAPHS = frozenset(
    """p blockquote ul ol dl pre table h1 h2 h3 h4 h5 h6 figure section article aside header footer
    main nav details fieldset hr address""".split()
)
_LINES = frozenset(
    "div li dt dd tr td th br figcaption summary label legend form option center caption button".split()
)
#: Elements that say nothing here: what a script made, and fields to fill in.
_LEFT_OUT = (SILENT | {"select", "iframe", "audio", "video", "dialog", "picture", "map"}) - {"title"}


def plain_text(root: Element) -> str:
    """Return the text of a page: blocks on lines, paragraphs parted by blank lines.

    Comments are to be taken out before. Lists keep a dash per item only where they are running
    text; menus are lines.
    """
    parts: list[str] = []
    pending = _NONE
    stack: list[tuple[Any, bool]] = [(root, False)]
    while stack:
        node, leaving = stack.pop()
        tag = node.tag if isinstance(node.tag, str) else None
        if tag in _PARAGRAPHS:
            pending = max(pending, _PARAGRAPH)
        elif tag in _LINES:
            pending = max(pending, _LINE)
        if not leaving and tag is not None and tag not in _LEFT_OUT and not _is_hidden(node):
            pending = _write(parts, node.text, pending)
            stack.append((node, True))
            stack.extend((child, False) for child in reversed(node))
            continue
        if node is not root:
            pending = _write(parts, node.tail, pending)
    return "".join(parts)


def _is_hidden(element: Element) -> bool:
    return element.get("hidden") is not None or element.tag == "title"


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
