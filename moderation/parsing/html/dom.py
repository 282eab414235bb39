"""A saved page as a tree with an index: what stands where, how it is classed, and how much it says.

Places are counted in document order, so that "inside" is a comparison of numbers and "how many
dates inside" two look-ups: mining a page stays linear in its size.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from moderation.errors import UnreadableInputError

# lxml has no types of its own.
Element = Any

#: Elements: a page of 4 million characters, the most that is read, has some 60,000.
MAX_ELEMENTS = 100_000
#: Characters in one attribute. Pages that carry their state in one have some 100,000; pictures
#: written into a page (data: addresses) are taken out before.
MAX_ATTRIBUTE = 1_000_000
#: Documents in frames (``srcdoc``) that are read: a comment system's is one of the first.
_MAX_FRAMES = 20
# Control characters but white space, halves of UTF-16 pairs, non-characters: lxml refuses them.
_NO_TEXT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_PROLOG = re.compile(r"\s*<\?xml[^>]{0,300}\?>")
_DATA_ADDRESS = re.compile(
    r"data:[\w.+-]{1,40}/[\w.+-]{1,60}(?:;[\w=.-]{1,60}){0,4},[^\s\"'<>)]{200,}"
)
_CAMEL = re.compile(r"(?<=[a-zäöüß])(?=[A-ZÄÖÜ])")
_NUMBERS = re.compile(r"\d+")
_PARTS = re.compile(r"[^0-9A-Za-zÄÖÜäöüß]+")
#: Characters of a class or id that are looked at, and names in one attribute.
_LONGEST_NAME = 80
_MOST_NAMES = 24


@dataclass(slots=True)
class Document:
    """A parsed page and where its elements stand.

    Attributes
    ----------
    root
        The ``html`` element.
    elements
        All elements, in document order.
    place
        The place of each element in `elements`.
    end
        For each place, the place after the last element inside.
    said, linked
        For each place, the characters of text (and of text in links) before it, in document order;
        one more entry for the whole page.
    """

    root: Element
    elements: list[Element] = field(default_factory=list)
    place: dict[Element, int] = field(default_factory=dict)
    end: list[int] = field(default_factory=list)
    said: list[int] = field(default_factory=list)
    linked: list[int] = field(default_factory=list)

    def holds(self, outer: int, inner: int) -> bool:
        """Return whether the element at `inner` stands inside the one at `outer`."""
        return outer < inner < self.end[outer]

    def characters(self, place: int) -> int:
        """Return the characters of text inside an element."""
        return self.said[self.end[place]] - self.said[place]

    def link_characters(self, place: int) -> int:
        """Return the characters of text inside links inside an element."""
        return self.linked[self.end[place]] - self.linked[place]

    def among(self, places: Sequence[int], place: int) -> int:
        """Return how many of `places` (in order) are the element at `place` or inside it."""
        return bisect_left(places, self.end[place]) - bisect_left(places, place)


#: Elements whose text is none of the page.
SILENT = frozenset(
    ("script", "style", "template", "svg", "object", "head", "title", "canvas", "math", "option")
)


# What is clicked on is no running text.
_CLICKED = frozenset(("a", "button", "summary", "label"))


def parsed(html: str, source: str) -> Element | None:
    """Parse a page; what browsers forgive is forgiven.

    Parameters
    ----------
    html
        Any string.
    source
        Its name, for messages.

    Returns
    -------
    element or None
        The root; ``None`` where there is no element in it.

    Raises
    ------
    UnreadableInputError
        If it is nested too deeply or has more elements or longer attributes than any page.
    """
    import lxml.etree
    import lxml.html

    html = _PROLOG.sub("", _NO_TEXT.sub("", html), count=1)
    if "data:" in html:
        html = _DATA_ADDRESS.sub("data:,", html)
    if html.count("<") > 4 * MAX_ELEMENTS:
        raise _too_many(source)
    if not html.strip():
        return None
    parser = lxml.html.HTMLParser(huge_tree=True, remove_comments=True, remove_pis=True)
    try:
        root = lxml.html.document_fromstring(html, parser=parser)
    except (ValueError, lxml.etree.LxmlError):
        return None
    for entry in parser.error_log:
        if entry.level_name == "FATAL":
            raise UnreadableInputError(
                f"{source}, line {entry.line}: nested too deeply to be read ({entry.message}); "
                "save the page again from a browser, or save it as text"
            )
    for frame in list(root.iter("iframe"))[:_MAX_FRAMES]:
        _unfold(frame, source)
    return root


def _unfold(frame: Element, source: str) -> None:
    """Put the document that a saved page keeps in a frame (``srcdoc``) into the page itself."""
    inner = frame.get("srcdoc")
    if not inner or len(inner) > MAX_ATTRIBUTE:
        return
    del frame.attrib["srcdoc"]
    document = parsed(inner, source)
    body = None if document is None else document.find("body")
    if body is None:
        return
    frame.tag = "div"
    frame.set("data-frame", "srcdoc")
    for child in list(body):
        frame.append(child)


def indexed(root: Element, source: str) -> Document:
    """Return the document with the places of its elements.

    Raises
    ------
    UnreadableInputError
        If it has more elements or longer attributes than any page.
    """
    document = Document(root)
    elements, end, said, linked = document.elements, document.end, document.said, document.linked
    characters = in_links = 0
    # What is still to be left, with its place: (element, place); links and silence are counted.
    stack: list[tuple[Element, int, bool]] = [(root, -1, False)]
    links = silent = 0
    while stack:
        element, place, leaving = stack.pop()
        tag = element.tag
        if leaving:
            end[place] = len(elements)
            links -= tag in _CLICKED
            silent -= tag in SILENT
            if element is not root and element.tail and not silent:
                length = len(element.tail.strip())
                characters += length
                in_links += length if links else 0
            continue
        if not isinstance(tag, str):
            continue
        if len(elements) >= MAX_ELEMENTS:
            raise _too_many(source)
        place = len(elements)
        elements.append(element)
        end.append(place)
        said.append(characters)
        linked.append(in_links)
        links += tag in _CLICKED
        silent += tag in SILENT
        for value in element.attrib.values() if element.attrib else ():
            if len(value) > MAX_ATTRIBUTE:
                raise UnreadableInputError(
                    f"{source}, line {element.sourceline}: an attribute of {len(value)} "
                    f"characters (at most {MAX_ATTRIBUTE}); save the page again without it"
                )
        if element.text and not silent:
            length = len(element.text.strip())
            characters += length
            in_links += length if links else 0
        stack.append((element, place, True))
        stack.extend((child, -1, False) for child in reversed(element))
    said.append(characters)
    linked.append(in_links)
    document.place = {element: place for place, element in enumerate(elements)}
    return document


def _too_many(source: str) -> UnreadableInputError:
    return UnreadableInputError(
        f"{source}: more than {MAX_ELEMENTS} elements, which no page has; cut it into its parts"
    )


#: Attributes in which pages say what an element is.
_NAMING = frozenset(
    (
        "class",
        "id",
        "itemprop",
        "data-testid",
        "data-test",
        "data-qa",
        "data-component",
        "data-spot-im-class",
        "data-element",
        "property",
        "slot",
        "data-hook",
        "data-name",
        "data-role",
    )
)


def names(element: Element) -> tuple[str, ...]:
    """Return the classes of an element, its id and what schema.org calls it."""
    if not element.attrib:
        return (element.tag,) if "-" in element.tag else ()
    # A custom element (``np-comment-text``) says it by its tag.
    found: list[str] = [element.tag] if "-" in element.tag else []
    for attribute, value in element.attrib.items():
        if value and attribute in _NAMING:
            found += value[: _LONGEST_NAME * _MOST_NAMES].split()[:_MOST_NAMES]
    return tuple(name[:_LONGEST_NAME] for name in found)


@lru_cache(maxsize=16384)
def words_of(name: str) -> tuple[str, ...]:
    """Return the words a class or id is made of, without modifiers.

    ``"commentBody"`` is comment, body; ``"comment__text--long"`` is comment, text. Numbers and what
    a program adds to keep names apart (``css-1x2y3z``) say nothing and are left out.
    """
    base = name.partition("--")[0] or name
    parts = [part for part in _PARTS.split(_CAMEL.sub("-", base)) if part]
    return tuple(part.lower() for part in parts if not any(sign.isdigit() for sign in part))


def signature(element: Element) -> tuple[str, frozenset[str]]:
    """Return the tag and classes by which elements of one kind are alike.

    Numbers, states and places in a list differ between elements of one kind and are left out.
    """
    classes = (element.get("class") or "")[: _LONGEST_NAME * _MOST_NAMES].split()[:_MOST_NAMES]
    stable = frozenset(name for name in map(_stable, classes) if name)
    return element.tag, stable or (_CLASSED if classes else stable)


# What is left of classes that are states all.
_CLASSED = frozenset(("*",))


@lru_cache(maxsize=16384)
def _stable(name: str) -> str | None:
    words = [word for word in _PARTS.split(_CAMEL.sub("-", name[:_LONGEST_NAME]).lower()) if word]
    if not words or _STATES.intersection(words):
        return None
    if _STATES.intersection(_NUMBERS.sub("", word) for word in words):
        return None
    return _NUMBERS.sub("#", "-".join(words))


# Words in classes that tell apart elements of one kind.
_STATES = frozenset(
    [
        "odd",
        "even",
        "alt",
        "first",
        "last",
        "depth",
        "level",
        "byuser",
        "bypostauthor",
        "bypostcreator",
        "open",
        "closed",
        "active",
        "new",
        "unread",
        "highlighted",
        "highlight",
        "featured",
        "parent",
        "child",
        "children",
        "reply",
        "replies",
        "answer",
        "antwort",
        "indented",
        "indent",
        "nested",
        "sub",
        "subcomment",
        "root",
        "top",
        "op",
        "author",
        "admin",
        "guest",
        "registered",
        "pinned",
        "sticky",
        "editors",
        "pick",
        "recommended",
        "promoted",
        "premium",
        "left",
        "right",
        "user",
        "staff",
        "redaktion",
        "moderator",
        "has",
        "is",
        "no",
        "js",
        "hidden",
        "visible",
        "collapsed",
        "expanded",
        "clearfix",
        "cf",
        "row",
        "selected",
        "approved",
    ]
)


def text_of(element: Element) -> str:
    """Return the text of an element on one line."""
    return " ".join("".join(_texts(element)).split())


def own_text(element: Element) -> str:
    """Return the text that stands directly in an element, on one line."""
    parts = [element.text or "", *(child.tail or "" for child in element)]
    return " ".join(" ".join(parts).split())


def _texts(element: Element) -> Iterator[str]:
    stack: list[Any] = [element]
    while stack:
        node = stack.pop()
        if isinstance(node, str):
            yield node
            continue
        if isinstance(node.tag, str) and node.tag not in SILENT:
            if node.tag in _BREAKING:
                yield " "
            if node.text:
                yield node.text
            for child in reversed(node):
                if child.tail:
                    stack.append(child.tail)
                stack.append(child)


_BREAKING = frozenset(
    ("br", "p", "div", "li", "dt", "dd", "tr", "td", "h1", "h2", "h3", "h4", "h5", "h6", "section")
)


def cleared(element: Element) -> None:
    """Take an element out of what the page says; what stands behind it stays."""
    element.clear(keep_tail=True)
    element.tag = "wbr"


def detached(element: Element) -> None:
    """Take an element out of its tree, so that it is a tree of its own; leave a mark for it."""
    parent = element.getparent()
    if parent is None:
        return
    mark = element.makeelement("wbr")
    mark.tail, element.tail = element.tail, None
    parent.replace(element, mark)
