"""JSON that strangers wrote: bounded depth, and objects one by one, whatever stands around them."""

from __future__ import annotations

import itertools
import json
import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from moderation.parsing.decoding import MAX_LINE_BYTES, Repairs, Warn

#: Levels of JSON that are read: more depends on how much stack is left, and no export has them.
MAX_DEPTH = 100

# What parts the objects of an array, or of several arrays behind each other.
_AROUND = " \t\r\n,[]\ufeff"
_BETWEEN = re.compile(rf"[{re.escape(_AROUND)}]*")
# What parts the elements of an array, and its end.
_PARTING = re.compile(r"[ \t\r\n,\]]*")
# Where reading goes on behind what is broken.
_NEXT_OBJECT = re.compile(r"(?<=[\n,\]\[])\s{0,100}\{\s{0,100}\"")
#: The longest word of JSON that the end of a buffer may cut ("-Infinity", "\\u00fc").
_LONGEST_LITERAL = 12
# Strings (JSON has no line feeds in them) and the brackets between them.
_BRACKETS = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"?|[{}\[\]]')
_OPENING, _CLOSING = frozenset("{["), frozenset("}]")
_KINDS = {list: "list", str: "string", bool: "truth value", int: "number", float: "number"}


def _finite(digits: str) -> float | None:
    number = float(digits)
    return number if math.isfinite(number) else None


# NaN and Infinity are no JSON, but pandas writes them; null says the same.
_DECODER = json.JSONDecoder(parse_constant=lambda _: None, parse_float=_finite)


def json_value(text: str, *, any_depth: bool = False) -> Any:
    """Return the JSON value that `text` is; NaN, Infinity and numbers beyond floats are null.

    Parameters
    ----------
    text
        The JSON.
    any_depth
        The caller asks :func:`too_deep` of the parts.

    Raises
    ------
    ValueError
        If it is none, or nested more than :data:`MAX_DEPTH` levels deep; says why.
    """
    try:
        value = _DECODER.decode(text)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    brackets = text.count("[") + text.count("{")
    if not any_depth and brackets > MAX_DEPTH and too_deep(value):
        raise ValueError("nested too deeply")
    return value


def reason_of_json(error: ValueError) -> str:
    """Return why something is no JSON, without the place."""
    return error.msg if isinstance(error, json.JSONDecodeError) else str(error).split(":")[0]


def too_deep(value: Any) -> bool:
    """Return whether a value is nested more than :data:`MAX_DEPTH` levels deep."""
    level = [value]
    for _ in range(MAX_DEPTH):
        level = [
            inner
            for outer in level
            if isinstance(outer, dict | list)
            for inner in (outer.values() if isinstance(outer, dict) else outer)
        ]
        if not level:
            return False
    return True


def json_objects(
    lines: Iterable[str], source: str, warn: Warn
) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the objects of JSON Lines, of an array or of indented JSON, one by one.

    An object may take several lines, and a line may hold several objects. An object that is cut
    ends where the next one begins at the start of a line.

    Parameters
    ----------
    lines
        The decoded input.
    source
        Its name, for messages.
    warn
        Is told of what is no object, with its line; it is passed over.

    Yields
    ------
    tuple of int and dict
        The number of the line where the object begins, from 1, and the object.
    """
    repairs = Repairs(source, warn)
    lines = iter(lines)
    begun = next(lines, "")
    one_line = begun.lstrip(" \t\ufeff").startswith("[") and not begun.endswith("\n")
    if one_line and not _has_no_object(begun):
        # An array that is one line, of which this may be a piece: its objects are counted.
        yield from _counted(itertools.chain([begun], lines), repairs)
        return
    held: list[str] = []
    first = depth = length = 0
    for number, line in enumerate(itertools.chain([begun], lines), start=1):
        if held and line.startswith(("{", "[{")):
            yield from _values("".join(held), first, repairs)
            held, depth, length = [], 0, 0
        if not held:
            # The bracket around all objects stays open until the end: it is no part of one.
            whole, line = line, line.lstrip(_AROUND)
            if not line:
                continue
            if not line.startswith("{"):
                if _has_no_object(whole):
                    repairs.note(number, "a JSON list, not an object; left out")
                    continue
                yield from _values(line, number, repairs)
                continue
            # Most lines are one object; brackets are counted only where an object goes on.
            if line.rstrip(_AROUND).endswith("}") and (found := _whole(line)) is not None:
                yield number, found
                continue
            first = number
        held.append(line)
        length += len(line)
        depth += _opened(line)
        if depth <= 0 or length > MAX_LINE_BYTES:
            yield from _values("".join(held), first, repairs)
            held, depth, length = [], 0, 0
    if held:
        yield from _values("".join(held), first, repairs)
    repairs.close()


# The name of a field and how its value begins.
_NAME = re.compile(r'"((?:[^"\\]|\\.){0,200})"\s{0,20}:\s{0,20}(.)', re.DOTALL)


def cut_object(text: str) -> dict[str, Any]:
    """Return the outer names of an object that is cut off, with empty values of their kinds."""
    found: dict[str, Any] = {}
    depth = 0
    for match in _BRACKETS.finditer(text):
        sign = match.group()
        if sign in _OPENING:
            depth += 1
        elif sign in _CLOSING:
            depth -= 1
            if depth <= 0:
                break
        elif depth == 1 and (name := _NAME.match(text, match.start())):
            found[name[1]] = {"{": {}, "[": []}.get(name[2])
    return found


@dataclass(frozen=True, slots=True)
class Broken:
    """A piece of an array that is no JSON, as it stands."""

    text: str


def array_elements(pieces: Iterable[str]) -> Iterator[Any]:
    """Yield the elements of a JSON array one by one, in memory that its length does not matter to.

    What is broken comes as :class:`Broken`; reading goes on with the next object.

    Parameters
    ----------
    pieces
        The decoded array, cut anywhere; a cut end is broken.
    """
    stream = iter(pieces)
    buffer, place, ended = "", 0, False
    while True:
        between = _PARTING.match(buffer, place)
        place = between.end() if between else place
        if place >= len(buffer) - 1 and not ended:
            buffer, place, ended = _more(buffer, place, stream)
            continue
        if place >= len(buffer):
            return
        try:
            value, end = _DECODER.raw_decode(buffer, place)
        except (ValueError, RecursionError) as error:
            if (
                not ended
                and _may_go_on(error, len(buffer))
                and len(buffer) - place < MAX_LINE_BYTES
            ):
                buffer, place, ended = _more(buffer, place, stream)
                continue
            found = _NEXT_OBJECT.search(buffer, place + 1)
            end = found.start() if found else len(buffer)
            rest = buffer[place:end].rstrip(_AROUND)
            if rest:
                yield Broken(rest)
            place = end
            continue
        if end >= len(buffer) and not ended:
            # A number may go on.
            buffer, place, ended = _more(buffer, place, stream)
            continue
        yield value
        place = end


def _counted(pieces: Iterator[str], repairs: Repairs) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the objects of an array with their numbers."""
    first = next(pieces).lstrip(" \t\ufeff").removeprefix("[")
    for number, element in enumerate(array_elements(itertools.chain([first], pieces)), start=1):
        if isinstance(element, Broken):
            repairs.note(number, "not JSON; left out")
        elif not isinstance(element, dict):
            kind = _KINDS.get(type(element), "null")
            repairs.note(number, f"a JSON {kind}, not an object; left out")
        elif too_deep(element):
            repairs.note(number, "not JSON (nested too deeply); left out")
        else:
            yield number, element
    repairs.close()


def _more(buffer: str, place: int, stream: Iterator[str]) -> tuple[str, int, bool]:
    """Return what is left of a buffer with twice as much behind it, and whether that was all."""
    parts = [buffer[place:]]
    wanted = max(len(parts[0]), 1)
    for piece in stream:
        parts.append(piece)
        wanted -= len(piece)
        if wanted <= 0:
            return "".join(parts), 0, False
    return "".join(parts), 0, True


def _may_go_on(error: Exception, length: int) -> bool:
    """Whether JSON is only cut by the end of the buffer, as far as one can tell."""
    if not isinstance(error, json.JSONDecodeError):
        return False
    return error.pos >= length - _LONGEST_LITERAL or error.msg.startswith("Unterminated string")


def _has_no_object(line: str) -> bool:
    """Return whether a line is a whole JSON list, and nothing in it is an object."""
    line = line.strip(" \t\r\n,\ufeff")
    if "{" in line or not line.startswith("["):
        return False
    try:
        return isinstance(json_value(line), list)
    except ValueError:
        return False


def _whole(line: str) -> dict[str, Any] | None:
    try:
        value = json_value(line.rstrip(_AROUND))
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def _opened(line: str) -> int:
    """Return how many more brackets a line opens than it closes."""
    signs = _BRACKETS.findall(line)
    return sum((sign in _OPENING) - (sign in _CLOSING) for sign in signs)


def _values(text: str, number: int, repairs: Repairs) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the objects in a piece of text that begins in line `number`."""
    place = counted = 0
    while True:
        between = _BETWEEN.match(text, place)
        place = between.end() if between else place
        if place >= len(text):
            return
        number += text.count("\n", counted, place)
        counted = place
        if text[place] == "}":
            # Far faster than asking the decoder, should there be millions of them.
            repairs.note(number, "not JSON (a bracket too many); left out")
            return
        try:
            value, place = _DECODER.raw_decode(text, place)
        except RecursionError:
            repairs.note(number, "not JSON (nested too deeply); left out")
            return
        except ValueError as error:
            repairs.note(number, f"not JSON ({reason_of_json(error)}); left out")
            return
        if not isinstance(value, dict):
            kind = _KINDS.get(type(value), "null")
            repairs.note(number, f"a JSON {kind}, not an object; left out")
        elif text.count("{", counted, place) > MAX_DEPTH and too_deep(value):
            repairs.note(number, "not JSON (nested too deeply); left out")
        else:
            yield number, value
