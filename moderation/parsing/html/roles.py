"""What an element of a page is, by the words of its classes; and a small language of selectors."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from typing import Any

from moderation.parsing.html.dom import Document, Element, names, words_of

_COMPOUND = re.compile(r"(?P<tag>[\w:-]+)?(?P<rest>(?:[.#][\w-]+|\[[\w-]+(?:[*^$]?=[^\]]+)?\])*)$")
_SIMPLE = re.compile(r"([.#])([\w-]+)|\[([\w-]+)(?:([*^$]?)=([^\]]+))?\]")
#: Unsplit compounds ("kommentartext") are known by their last part, which has this many characters.
_SHORTEST_HEAD = 4
_LONGEST_CHAIN = 64


@dataclass(frozen=True, slots=True)
class Layout:
    """The markup of a comment system: its name, and selectors of comments and their parts.

    `alone` says whether a single element of this kind is a comment already.
    """

    name: str
    items: Selector
    text: Selector | None = None
    author: Selector | None = None
    published: Selector | None = None
    alone: bool = True


@dataclass(frozen=True, slots=True)
class System:
    """A comment system that a script loads: what the page holds of it, and where its export is."""

    name: str
    signs: Selector
    export: str


@dataclass(frozen=True, slots=True)
class _Compound:
    tag: str | None
    ids: tuple[str, ...]
    classes: tuple[str, ...]
    attributes: tuple[tuple[str, str, str | None], ...]

    def fits(self, element: Element) -> bool:
        if self.tag and element.tag != self.tag:
            return False
        if self.ids and element.get("id") not in self.ids:
            return False
        if self.classes:
            classes = (element.get("class") or "").split()
            if any(name not in classes for name in self.classes):
                return False
        for name, how, value in self.attributes:
            found = element.get(name)
            if found is None or (value is not None and not _compares(found, how, value)):
                return False
        return True


def _compares(found: str, how: str, value: str) -> bool:
    if how == "*":
        return value in found
    if how == "^":
        return found.startswith(value)
    if how == "$":
        return found.endswith(value)
    return value in found.split()


@dataclass(frozen=True, slots=True)
class Selector:
    """Compounds inside each other, in alternatives: a small part of CSS."""

    source: str
    chains: tuple[tuple[_Compound, ...], ...]

    def fits(self, element: Element, within: Element | None = None) -> bool:
        """Return whether the selector selects `element`; `within` bounds what stands around it."""
        return any(_chain_fits(chain, element, within) for chain in self.chains)


def _chain_fits(chain: tuple[_Compound, ...], element: Element, within: Element | None) -> bool:
    if not chain[-1].fits(element):
        return False
    wanted = len(chain) - 2
    above = element.getparent()
    steps = 0
    while wanted >= 0 and above is not None and steps < _LONGEST_CHAIN:
        if chain[wanted].fits(above):
            wanted -= 1
        if above is within:
            break
        above = above.getparent()
        steps += 1
    return wanted < 0


@cache
def selector(source: str) -> Selector:
    """Read a selector.

    Raises
    ------
    ValueError
        If it is not one of the small language.
    """
    chains = []
    for alternative in source.split(","):
        chain = []
        for part in alternative.split():
            match = _COMPOUND.match(part)
            if match is None:
                raise ValueError(f"no selector: {part}")
            ids: list[str] = []
            classes: list[str] = []
            attributes: list[tuple[str, str, str | None]] = []
            for sign, name, attribute, how, value in _SIMPLE.findall(match["rest"]):
                if sign:
                    (ids if sign == "#" else classes).append(name)
                else:
                    attributes.append((attribute, how, value or None))
            chain.append(_Compound(match["tag"], tuple(ids), tuple(classes), tuple(attributes)))
        chains.append(tuple(chain))
    return Selector(source, tuple(chains))


@dataclass(frozen=True, slots=True)
class Selected:
    """Finds the elements a selector selects without asking every element."""

    by_name: dict[str, list[Element]]
    document: Document

    def all(self, wanted: Selector) -> list[Element]:
        """Return the selected elements in document order."""
        found: dict[Element, None] = {}
        for chain in wanted.chains:
            last = chain[-1]
            if last.classes:
                pool = self.by_name.get("." + last.classes[0], [])
            elif last.ids:
                pool = self.by_name.get("#" + last.ids[0], [])
            elif last.tag:
                pool = self.by_name.get(last.tag, [])
            elif last.attributes and _is_looked_up(last.attributes[0][0]):
                pool = self.by_name.get("[" + last.attributes[0][0], [])
            else:
                pool = self.document.elements
            found.update(dict.fromkeys(one for one in pool if _chain_fits(chain, one, None)))
        return sorted(found, key=self.document.place.__getitem__)

    def left(self, wanted: Selector) -> list[Element]:
        """Return the selected elements that were not taken out of the page meanwhile."""
        root = self.document.root
        return [one for one in self.all(wanted) if _top(one) is root]


def _top(element: Element) -> Element:
    while (above := element.getparent()) is not None:
        element = above
    return element


#: Attributes by which selectors look things up.
_LOOKED_UP = frozenset(("itemprop", "itemtype", "src", "data-isso", "data-spotim-module"))


def _is_looked_up(attribute: str) -> bool:
    return attribute in _LOOKED_UP or attribute.startswith("data-")


def selectable(document: Document) -> Selected:
    """Return the index by which selectors find elements."""
    by_name: dict[str, list[Element]] = {}
    for element in document.elements:
        by_name.setdefault(element.tag, []).append(element)
        for name, value in element.attrib.items():
            if name == "class":
                for one in dict.fromkeys(value[:2000].split()):
                    by_name.setdefault("." + one, []).append(element)
            elif name == "id":
                by_name.setdefault("#" + value[:200], []).append(element)
            elif _is_looked_up(name):
                by_name.setdefault("[" + name, []).append(element)
    return Selected(by_name, document)


@cache
def _data() -> dict[str, Any]:
    path = resources.files("moderation.parsing.html") / "layouts.toml"
    return tomllib.loads(path.read_text("utf-8"))


def _optional(source: str | None) -> Selector | None:
    return None if source is None else selector(source)


@cache
def layouts() -> tuple[Layout, ...]:
    """Return the known layouts."""
    return tuple(
        Layout(
            entry["name"],
            selector(entry["items"]),
            text=_optional(entry.get("text")),
            author=_optional(entry.get("author")),
            published=_optional(entry.get("published")),
            alone=entry.get("alone", True),
        )
        for entry in _data()["layout"]
    )


@cache
def systems() -> tuple[System, ...]:
    """Return the systems whose comments a script loads."""
    return tuple(
        System(entry["name"], selector(", ".join(entry["signs"])), entry["export"])
        for entry in _data()["system"]
    )


@cache
def _roles_by_word() -> dict[str, frozenset[str]]:
    by_word: dict[str, frozenset[str]] = {}
    for role, words in _data()["words"].items():
        for word in words.split():
            by_word[word] = by_word.get(word, frozenset()) | {role}
    return by_word


@cache
def _widget_words() -> frozenset[str]:
    return frozenset(_data()["widgets"]["words"].split())


@cache
def section_heading() -> re.Pattern[str]:
    """Return what the whole of a heading above comments matches."""
    return re.compile(_data()["headings"]["pattern"], re.IGNORECASE)


_NOTHING: frozenset[str] = frozenset()
# Words for "what is written here", and what may be written.
_CARRIERS = frozenset(("text", "content", "value", "label", "link", "txt"))
_PARTS = frozenset(("author", "published", "badge", "title"))


@lru_cache(maxsize=16384)
def roles_of_name(name: str) -> frozenset[str]:
    """Return what the last word of a class or id says."""
    by_word = _roles_by_word()
    words = list(words_of(name))
    while len(words) > 1 and "structure" in by_word.get(words[-1], _NOTHING):
        words.pop()
    if not words:
        return _NOTHING
    head = words[-1]
    # "CommentInfoNameText" is the name, "comment-text" the comment's text.
    if len(words) > 1 and head in _CARRIERS and by_word.get(words[-2], _NOTHING) & _PARTS:
        head = words[-2]
    if head in by_word:
        return by_word[head] - {"structure"}
    for start in range(1, len(head) - _SHORTEST_HEAD + 1):
        if head[start:] in by_word:
            return by_word[head[start:]] - {"structure", "weak_item"}
    return _NOTHING


def roles(element: Element) -> frozenset[str]:
    """Return what an element is, by all its names."""
    return _roles_of(names(element))


@lru_cache(maxsize=16384)
def _roles_of(all_names: tuple[str, ...]) -> frozenset[str]:
    found = _NOTHING
    for name in all_names:
        found |= roles_of_name(name)
    return found


@lru_cache(maxsize=16384)
def _names_widget(name: str) -> bool:
    return not _widget_words().isdisjoint(words_of(name))


def is_widget(element: Element) -> bool:
    """Return whether the classes of an element say that it is a box beside article and comments."""
    return bool(element.attrib) and any(map(_names_widget, names(element)))


def first(elements: Iterable[Element], wanted: Selector, within: Element) -> Element | None:
    """Return the first of `elements` inside `within` that a selector selects."""
    return next((one for one in elements if wanted.fits(one, within)), None)
