"""Which comment answers which, read from numbers and indentation."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from moderation.parsing import cues
from moderation.parsing.lines import BULLET, Line

_NUMBER = re.compile(r"(\d{1,5}(?:\.\d{1,4}){1,6})[.)]?(?:\s{1,8}|$)|(\d{1,5})[.)](?:\s{1,8}|$)")
#: A gap in a numbered list (deleted comments) may be this wide.
_WIDEST_GAP = 10
#: Columns a reply stands further right at least; one column is an accident of saving.
_REPLY_INDENT = 2


@dataclass(frozen=True, slots=True)
class Mark:
    """The number or bullet that opens a list item.

    ``number`` is ``None`` for a bullet, ``(1, 2)`` for "1.2"; ``text_offset`` is where the item's
    text begins in its line.
    """

    number: tuple[int, ...] | None
    text_offset: int


@dataclass(frozen=True, slots=True)
class Place:
    """Where an item belongs: its label ("1.2") and the position of its parent among the items.

    Bullets give no label.
    """

    label: str | None
    parent: int | None


@dataclass(slots=True)
class _Level:
    indent: int
    position: int
    number: int = 0
    label: str = ""
    step: int = 0


def item_mark(line: Line) -> Mark | None:
    """Return the number or bullet that opens `line`; "1. FC Köln" and "3. Oktober" have none."""
    match = BULLET.match(line.text)
    if match:
        return Mark(None, match.end())
    match = _NUMBER.match(line.text)
    if match is None or cues.match_start("ordinal", line.text):
        return None
    return Mark(tuple(int(part) for part in (match[1] or match[2]).split(".")), match.end())


@dataclass(slots=True)
class Nesting:
    """Places the items of one thread, fed in page order."""

    numbered: bool
    _stack: list[_Level] = field(default_factory=list)
    _by_label: dict[str, int] = field(default_factory=dict)
    _count: int = 0

    def place(self, mark: Mark, line: Line) -> Place | None:
        """Return where a list item belongs, or ``None`` where its mark continues no list."""
        if (mark.number is None) is self.numbered:
            return None
        if mark.number is not None and len(mark.number) > 1:
            return self._place_dotted(mark.number)
        if mark.number is None:
            return Place(None, self.place_by_indent(line))
        return self._place_numbered(mark.number[0], line.indent, gap=line.gap)

    def place_by_indent(self, line: Line) -> int | None:
        """Return the parent of an item without number: the nearest one that stands further left."""
        while self._stack and self._stack[-1].indent > line.indent - _REPLY_INDENT:
            self._stack.pop()
        parent = self._stack[-1].position if self._stack else None
        self._stack.append(_Level(line.indent, self._count))
        self._count += 1
        return parent

    def _place_numbered(self, number: int, indent: int, *, gap: bool) -> Place | None:
        if not self._stack:
            return self._push(indent, number, str(number))
        top = self._stack[-1]
        if indent > top.indent and number == 1:
            return self._push(indent, number, f"{top.label}.1")
        if indent > top.indent and number == top.number + 1 and self._is_running():
            return self._push(indent, number, str(number))
        if number == top.number == 1 and top.step == 0 and gap and abs(top.indent - indent) <= 1:
            # Some converters number every item "1.".
            self._stack.pop()
            return replace(self._push(indent, 1, top.label), label=None)
        for depth in range(len(self._stack) - 1, -1, -1):
            level = self._stack[depth]
            if abs(level.indent - indent) <= 1 and self._goes_on(level, number):
                level.step = level.step or (-1 if number < level.number else 1)
                step = level.step
                above = level.label.rpartition(".")[0]
                del self._stack[depth:]
                return self._push(
                    indent, number, f"{above}.{number}" if above else str(number), step
                )
        return None

    def _goes_on(self, level: _Level, number: int) -> bool:
        distance = number - level.number
        if level.step == 0:
            return 0 < distance <= _WIDEST_GAP or distance == -1
        return 0 < distance * level.step <= _WIDEST_GAP

    def _is_running(self) -> bool:
        """Return whether numbers run through all levels instead of starting anew in each."""
        return "." not in self._stack[-1].label

    def _place_dotted(self, number: tuple[int, ...]) -> Place | None:
        label = ".".join(map(str, number))
        parent = self._by_label.get(".".join(map(str, number[:-1])))
        before = ".".join(map(str, (*number[:-1], number[-1] - 1)))
        if parent is None or label in self._by_label:
            return None
        # "1.5 Millionen" is no reply; replies are counted from one.
        if number[-1] != 1 and before not in self._by_label:
            return None
        self._by_label[label] = self._count
        self._count += 1
        return Place(label, parent)

    def _push(self, indent: int, number: int, label: str, step: int = 0) -> Place:
        parent = self._stack[-1].position if self._stack else None
        self._stack.append(_Level(indent, self._count, number, label, step))
        self._by_label.setdefault(label, self._count)
        self._count += 1
        return Place(label, parent)
