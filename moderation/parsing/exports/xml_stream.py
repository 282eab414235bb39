"""XML as exports really have it, read from front to back in flat memory.

Exports are cut off, stitched together and full of what XML forbids. A strict parser stops there,
and a recovering one guesses without saying where; this reader looks for tags and tells of every
repair with its line. It knows no document types: entities that a file declares, and everything
outside the file, are refused, so nothing can be expanded or fetched.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

from moderation.errors import UnreadableInputError
from moderation.parsing.decoding import Warn

#: Characters of a tag, with all its attributes; an export's have some hundreds.
_LONGEST_TAG = 1_000_000
#: Characters of the text of one element; a longer one is cut.
MAX_TEXT = 10_000_000
#: Elements within one another. Exports have five, and text that was not wrapped up some more.
_DEEPEST = 100
#: Characters that may be looked at in vain for the end of tags: hostile files are all such tags.
_MOST_WASTED = 20_000_000
#: Trying costs about as much as looking at so many characters.
_COST_OF_TRYING = 100
#: Characters that are kept to be cut into tokens at once.
_BUFFER = 256 * 1024
# A tag: its closing slash, its name, its attributes (which may hold ">" between quotes).
_TAG = re.compile(
    r"<(?P<closing>/?)(?P<name>[A-Za-z_][\w.:-]{0,200})"
    r"(?P<attributes>(?:[^<>\"']|\"[^\"]*\"|'[^']*')*)>"
)
_TAG_START = re.compile(r"</?[A-Za-z_]")
_DECLARATION = re.compile(r"<!(?:[^<>\"']|\"[^\"]*\"|'[^']*')*>")
# As far as a tag reaches if it never ends: to a "<" outside quotes, or into a quote left open.
_REACH = re.compile(r"</?(?:[^<>\"']|\"[^\"]*\"|'[^']*')*(?:\"[^\"]*\Z|'[^']*\Z)?")
_LOOSE_TAG = re.compile(r"<(?P<closing>/?)(?P<name>[A-Za-z_][\w.:-]{0,200})(?P<attributes>[^<>]*)>")
_ATTRIBUTE = re.compile(r"([\w.:-]{1,200})\s{0,20}=\s{0,20}(?:\"([^\"]*)\"|'([^']*)')")
_OUTSIDE = re.compile(r"<!DOCTYPE[^<]*(?:\[|\b(?:SYSTEM|PUBLIC)\b)|<!ENTITY", re.IGNORECASE)
_CDATA, _CDATA_END = "<![CDATA[", "]]>"
#: The longest reference to a letter: "&CounterClockwiseContourIntegral;".
_LONGEST_REFERENCE = 40


class Token(NamedTuple):
    """A piece of XML: text (`name` is empty), or a tag as it stands in `text`.

    A short element that holds nothing but text comes as one token with its `content`.
    """

    line: int
    text: str
    name: str = ""
    attributes: str = ""
    closing: bool = False
    verbatim: bool = False
    content: str | None = None


@dataclass(frozen=True, slots=True)
class Opened:
    """A record begins: an element that holds fields."""

    name: str
    attributes: Mapping[str, str]
    line: int


@dataclass(frozen=True, slots=True)
class Field:
    """An element within a record: its text, tags in it as they stand.

    Where the file ends in its middle it is not `complete`.
    """

    name: str
    attributes: Mapping[str, str]
    text: str
    complete: bool = True


@dataclass(frozen=True, slots=True)
class Closed:
    """A record ends; where the file ends in its middle it is not `complete`."""

    name: str
    line: int
    complete: bool = True


def read_records(
    pieces: Iterable[str], source: str, warn: Warn, holders: Mapping[str, frozenset[str]]
) -> Iterator[Opened | Field | Closed]:
    """Yield the records of an export and their fields, in order.

    Parameters
    ----------
    pieces
        The decoded export.
    source
        Its name, for messages.
    warn
        Is told of tags that are missing and of where the file was cut.
    holders
        Which records each record may hold; those under ``""`` stand alone. Names are without prefix
        ("comment" for ``<wp:comment>``).

    Raises
    ------
    UnreadableInputError
        If it declares a document type with entities or points outside, nests too deeply, or has
        a tag of a megabyte; behind everything that stood before.
    """
    opened: list[str] = []
    field: _Collecting | None = None
    line = 1
    for token in read_tokens(pieces, source):
        line = token.line
        name = token.name.rpartition(":")[2]
        inner = holders.get(opened[-1] if opened else "", frozenset())
        if field is not None:
            if not token.name:
                field.add(token.text, token.verbatim)
                continue
            if token.closing and name == field.name:
                yield field.field()
                field = None
                continue
            if name not in opened and (token.closing or name not in inner):
                field.tag(token, source)
                continue
            warn(f"{source}, line {line}: <{field.name}> is never closed; closed here")
            yield field.field()
            field = None
        if not token.name:
            continue
        if token.closing:
            if name in opened:
                while opened:
                    last = opened.pop()
                    yield Closed(last, line)
                    if last == name:
                        break
            continue
        # No record holds one of its own kind: it begins anew where the end of the last is missing.
        while name in opened:
            last = opened.pop()
            warn(f"{source}, line {line}: <{last}> is never closed; closed here")
            yield Closed(last, line)
        inner = holders.get(opened[-1] if opened else "", frozenset())
        attributes = _attributes(token.attributes) if token.attributes else {}
        empty = token.content is not None or token.attributes.rstrip().endswith("/")
        if name in inner:
            yield Opened(name, attributes, line)
            if empty:
                yield Closed(name, line)
            else:
                opened.append(name)
        elif opened:
            if empty:
                text = token.content or ""
                yield Field(name, attributes, text if token.verbatim else html.unescape(text))
            else:
                field = _Collecting(token.name, name, attributes)
    if field is not None and opened:
        yield replace(field.field(), complete=False)
    if opened:
        warn(f"{source}, line {line}: the file ends in the middle of a <{opened[-1]}>")
    while opened:
        yield Closed(opened.pop(), line, complete=False)


class _Collecting:
    """The text of a field while it is read."""

    def __init__(self, tag: str, name: str, attributes: Mapping[str, str]) -> None:
        self.name = name
        self._attributes = attributes
        self._parts: list[str] = []
        self._length = 0
        self._depth = 0

    def add(self, text: str, verbatim: bool) -> None:
        """Add text; what was not wrapped up in CDATA has its references resolved."""
        if self._length < MAX_TEXT:
            self._parts.append(text if verbatim else html.unescape(text))
            self._length += len(text)

    def tag(self, token: Token, source: str) -> None:
        """Add a tag that stands in the text without being wrapped up."""
        if token.content is None and not token.attributes.rstrip().endswith("/"):
            self._depth += -1 if token.closing else 1
        if self._depth > _DEEPEST:
            raise UnreadableInputError(
                f"{source}, line {token.line}: elements nested more than {_DEEPEST} deep, as in "
                "no export; mend the file"
            )
        self.add(token.text, verbatim=True)

    def field(self) -> Field:
        """Return the field as it is now."""
        return Field(self.name, self._attributes, "".join(self._parts)[:MAX_TEXT])


def _attributes(text: str) -> dict[str, str]:
    return {
        name.rpartition(":")[2]: html.unescape(double or single)
        for name, double, single in _ATTRIBUTE.findall(text)
    }


def read_tokens(pieces: Iterable[str], source: str) -> Iterator[Token]:
    """Cut decoded XML into text and tags; comments and instructions are passed over.

    Raises
    ------
    UnreadableInputError
        As :func:`read_records`.
    """
    buffer, line, until, wasted = "", 1, "", 0
    for chunk, last in _chunks(pieces):
        buffer += chunk
        position = 0
        while position < len(buffer):
            if until:
                end = buffer.find(until, position)
                stop = end if end >= 0 else len(buffer) - (0 if last else len(until) - 1)
                stop = max(stop, position)
                if until == _CDATA_END and stop > position:
                    yield Token(line, buffer[position:stop], verbatim=True)
                line += buffer.count("\n", position, stop)
                if end < 0:
                    position = stop
                    break
                position, until = end + len(until), ""
                continue
            start = buffer.find("<", position)
            if start != position:
                stop = len(buffer) if start < 0 else start
                if start < 0 and not last:
                    stop = _before_reference(buffer, position)
                if stop > position:
                    yield Token(line, buffer[position:stop])
                    line += buffer.count("\n", position, stop)
                position = stop
                if start < 0:
                    break
                continue
            if not last and len(buffer) - position < len(_CDATA):
                break
            if buffer.startswith(_CDATA, position):
                position, until = position + len(_CDATA), _CDATA_END
                continue
            if buffer.startswith(("<!--", "<?"), position):
                until = "-->" if buffer[position + 1] == "!" else "?>"
                continue
            if buffer.startswith("<!", position):
                end = _declaration_end(buffer, position, source, line)
                if end < 0 and not last:
                    break
                stop = end if end >= 0 else len(buffer)
                line += buffer.count("\n", position, stop)
                position = stop
                continue
            tag = _TAG.match(buffer, position)
            if tag is None and _TAG_START.match(buffer, position):
                reach = _end_of(_REACH.match(buffer, position), position)
                if reach - position > _LONGEST_TAG or wasted > _MOST_WASTED:
                    raise UnreadableInputError(
                        f"{source}, line {line}: a tag of more than {_LONGEST_TAG:,} characters, "
                        "or too many that never end; mend the file"
                    )
                if reach == len(buffer):
                    # It goes on behind what was read so far, or the file is cut here.
                    position = reach if last else position
                    break
                wasted += reach - position + _COST_OF_TRYING
                tag = _LOOSE_TAG.match(buffer, position)
            if tag is None:
                # No tag: "a < b", "<3".
                yield Token(line, "<")
                position += 1
                continue
            token = Token(line, tag.group(), tag["name"], tag["attributes"], bool(tag["closing"]))
            position = tag.end()
            # Nearly all elements of an export are read here in one go.
            if not token.closing and (whole := _whole(buffer, position, token)):
                token, position = whole
            yield token
            line += token.text.count("\n")
        buffer = buffer[position:]


def _chunks(pieces: Iterable[str]) -> Iterator[tuple[str, bool]]:
    """Yield the text in chunks, and with each whether it is the last."""
    parts: list[str] = []
    length = 0
    for piece in pieces:
        parts.append(piece)
        length += len(piece)
        if length >= _BUFFER:
            yield "".join(parts), False
            parts, length = [], 0
    yield "".join(parts), True


def _before_reference(buffer: str, position: int) -> int:
    """Return where to cut text so that no reference ("&amp;") is cut in two."""
    ampersand = buffer.rfind("&", max(position, len(buffer) - _LONGEST_REFERENCE))
    cut = ampersand >= 0 and ";" not in buffer[ampersand:]
    return ampersand if cut else len(buffer)


def _whole(buffer: str, position: int, tag: Token) -> tuple[Token, int] | None:
    """Return the element that `tag` opens, and where it ends, if it holds nothing but text."""
    verbatim = buffer.startswith(_CDATA, position)
    if verbatim:
        end = buffer.find(_CDATA_END, position)
        content, end = buffer[position + len(_CDATA) : end], end + len(_CDATA_END)
        if end < len(_CDATA_END):
            return None
    else:
        end = buffer.find("<", position)
        content = buffer[position:end]
    closing = f"</{tag.name}>"
    if not buffer.startswith(closing, end):
        return None
    stop = end + len(closing)
    text = tag.text + buffer[position:stop]
    return tag._replace(text=text, verbatim=verbatim, content=content), stop


def _end_of(match: re.Match[str] | None, position: int) -> int:
    return match.end() if match else position


def _declaration_end(buffer: str, position: int, source: str, line: int) -> int:
    """Return where a declaration ends, or -1; refuse what declares entities or points outside."""
    whole = _DECLARATION.match(buffer, position)
    end = whole.end() - 1 if whole else buffer.find(">", position)
    declared = buffer[position : end if end >= 0 else position + _LONGEST_TAG + 1]
    if _OUTSIDE.search(declared):
        raise UnreadableInputError(
            f"{source}, line {line}: declares a document type with entities or addresses outside, "
            "which no export needs; remove the declaration if you trust the file"
        )
    if end < 0 and len(declared) > _LONGEST_TAG:
        raise UnreadableInputError(
            f"{source}, line {line}: a declaration that never ends; mend the file"
        )
    return end + 1 if end >= 0 else -1
