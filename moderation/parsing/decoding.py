"""Bytes to text: byte order marks, UTF-16, cp1252 beside UTF-8, and a plain no to binary files."""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Callable, Iterator
from typing import BinaryIO

from moderation.errors import UnreadableInputError

#: Bytes looked at to tell the encoding and kind of an input.
SNIFFED_BYTES = 64 * 1024
#: A longer line is not held in memory: it is skipped and reported.
MAX_LINE_BYTES = 64 * 2**20

#: Where lines need not stay whole, a longer one comes in pieces.
_PIECE_BYTES = 2**20
#: Places of one kind of repair that are named; more are counted.
_NAMED_PLACES = 5

Warn = Callable[[str], None]

# UTF-32 first: its little-endian mark begins with that of UTF-16.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# Controls that no text needs; exports of old systems are full of them.
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f\x7f]")
# How UTF-8 looks that was read as cp1252 or Latin-1 and written again: "fÃ¼r", "â€ž", "Â§".
_MAYBE_DOUBLED = re.compile(r"[ÂÃâÄÅ][\x80-\xbf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]")
# Files that are not text although they may begin without a zero byte.
_BINARY_MARKS = (b"%PDF", b"PK\x03\x04", b"\x1f\x8b", b"\xfd7zXZ", b"\x89PNG", b"\xff\xd8\xff")
# Control characters that text files do contain: tab, line feed, form feed, carriage return, escape.
_TEXT_CONTROLS = frozenset(b"\t\n\f\r\x1b")
# Exports are full of stray control characters; one byte in twenty is no export any more.
_MAX_CONTROL_SHARE = 0.05
_MAX_ZERO_SHARE = 0.005
# So few say nothing in a short input.
_FEW_CONTROLS = 3


def sniff_encoding(head: bytes, source: str) -> tuple[str, int]:
    """Return the encoding of an input by its first bytes, and the length of its byte order mark.

    ``"utf-8"`` may turn out to be cp1252 further down; :func:`decoded_lines` sees to that.

    Raises
    ------
    UnreadableInputError
        If the bytes are not text.
    """
    for mark, encoding in _MARKS:
        if head.startswith(mark):
            return encoding, len(mark)
    # UTF-16 without a mark: nearly every second byte of German text is zero.
    half = max(len(head) // 2, 1)
    if len(head) >= 4:
        if head[1::2].count(0) > 0.7 * half and head[0::2].count(0) < 0.1 * half:
            return "utf-16-le", 0
        if head[0::2].count(0) > 0.7 * half and head[1::2].count(0) < 0.1 * half:
            return "utf-16-be", 0
    controls = sum(byte < 32 and byte not in _TEXT_CONTROLS for byte in head)
    many = controls > max(_MAX_CONTROL_SHARE * len(head), _FEW_CONTROLS)
    # A stray zero is a repair; a binary file is full of them.
    zeros = head.count(0) > max(_MAX_ZERO_SHARE * len(head), _FEW_CONTROLS)
    if head.startswith(_BINARY_MARKS) or zeros or many:
        raise UnreadableInputError(
            f"{source}: binary file, not text; give a text page, plain lines, CSV or JSON Lines"
        )
    return "utf-8", 0


def decoded_lines(
    stream: BinaryIO, source: str, warn: Warn, *, whole: bool = True
) -> Iterator[str]:
    """Yield the lines of `stream` as text, with their line ends, in bounded memory.

    Lines that are not UTF-8 are read as cp1252, as German exports often are; a doubled encoding is
    undone, and control characters are left out. `warn` is told of the first line of each kind at
    once, and of the others at the end. Lines over :data:`MAX_LINE_BYTES` come as empty lines,
    and `warn` is told each time; unless they need not be `whole`: then long lines come in pieces.

    Raises
    ------
    UnreadableInputError
        If the stream is not text or cannot be read on.
    """
    try:
        head = stream.read(SNIFFED_BYTES)
        encoding, mark = sniff_encoding(head, source)
        # Carriage returns alone end lines in files of old Macs.
        old_mac = encoding == "utf-8" and b"\r" in head and b"\n" not in head
        rest = prepended(head[mark:], stream, old_mac=old_mac)
        if encoding == "utf-8":
            yield from _utf8_or_cp1252_lines(rest, source, warn, whole)
        else:
            yield from _wide_lines(rest, encoding, source, warn, whole)
    except OSError as error:
        raise UnreadableInputError(
            f"{source}: cannot be read ({error.strerror or error})"
        ) from error


class Repairs:
    """Tells of repairs: of the first of each kind at once, of the others in one line at the end.

    Parameters
    ----------
    source
        Name of the input.
    warn
        Is told.
    """

    def __init__(self, source: str, warn: Warn) -> None:
        self._source = source
        self._warn = warn
        self._places: dict[str, list[int]] = {}
        self._counts: dict[str, int] = {}

    def note(self, line: int, what: str) -> None:
        """Note a repair of a line; `what` says what was wrong and how it was read."""
        count = self._counts[what] = self._counts.get(what, 0) + 1
        if count == 1:
            self._warn(f"{self._source}, line {line}: {what}")
        elif count <= _NAMED_PLACES + 1:
            self._places.setdefault(what, []).append(line)

    def close(self) -> None:
        """Tell of what was not told yet."""
        for what, places in self._places.items():
            more = self._counts[what] - 1
            named = ", ".join(map(str, places)) + (", …" if more > len(places) else "")
            self._warn(f"{self._source}: {more:,} more of “{what}” (line {named})")
        self._places.clear()


def _utf8_or_cp1252_lines(stream: BinaryIO, source: str, warn: Warn, whole: bool) -> Iterator[str]:
    repairs = Repairs(source, warn)
    longest = MAX_LINE_BYTES if whole else _PIECE_BYTES
    number, ended, carried = 0, True, b""
    while line := stream.readline(longest + 1):
        number += ended
        if whole and len(line) > longest:
            while line and not line.endswith(b"\n"):
                line = stream.readline(longest)
            warn(_too_long(source, number))
            yield "\n"
            continue
        line, ended = carried + line, line.endswith(b"\n")
        carried = b""
        if len(line) > longest and not ended:
            # A piece may end within a letter.
            line, carried = _at_letter(line)
        try:
            text = line.decode("utf-8")
        except UnicodeDecodeError:
            text, remark = decode_other(line)
            repairs.note(number, f"not UTF-8; {remark}")
        yield _mended(text, number, repairs)
    if carried:
        yield carried.decode("utf-8", "replace")
    repairs.close()


def _at_letter(piece: bytes) -> tuple[bytes, bytes]:
    """Cut a piece of UTF-8 in front of a letter that is not complete at its end."""
    for length in range(1, min(4, len(piece)) + 1):
        byte = piece[-length]
        if byte >= 0xC0:
            return piece[:-length], piece[-length:]
        if byte < 0x80:
            break
    return piece, b""


def _mended(text: str, number: int, repairs: Repairs) -> str:
    """Return a line without control characters, its doubled encoding undone."""
    if _CONTROLS.search(text):
        repairs.note(number, "control characters; left out")
        text = _CONTROLS.sub("", text)
    if _MAYBE_DOUBLED.search(text):
        # It takes a moment to load, and few files need it.
        import ftfy

        single = ftfy.fix_encoding(text)
        if single != text:
            repairs.note(number, "encoded twice; read once more")
            return single
    return text


def decode_other(line: bytes) -> tuple[str, str]:
    """Return the text of bytes that are not UTF-8, and in a few words how they were read."""
    replaced = line.decode("utf-8", "replace")
    # More intact multi-byte letters than damaged places: cut or spoilt UTF-8, not cp1252.
    damaged = replaced.count("\ufffd")
    intact = sum(ord(character) > 127 for character in replaced) - damaged
    if intact > damaged:
        return replaced, "damaged characters are shown as \ufffd"
    try:
        return line.decode("cp1252"), "read as cp1252"
    except UnicodeDecodeError:
        return line.decode("latin-1"), "read as Latin-1"


def _wide_lines(
    stream: BinaryIO, encoding: str, source: str, warn: Warn, whole: bool
) -> Iterator[str]:
    # "replace": half a character at the end of a cut file must not cost the rest.
    with io.TextIOWrapper(stream, encoding=encoding, errors="replace", newline="") as text:
        repairs = Repairs(source, warn)
        longest = (MAX_LINE_BYTES if whole else _PIECE_BYTES) // 2
        number, ended = 0, True
        while line := text.readline(longest):
            number += ended
            ended = line.endswith("\n")
            if whole and len(line) == longest and not ended:
                while line and not line.endswith("\n"):
                    line = text.readline(longest)
                warn(_too_long(source, number))
                line, ended = "\n", True
            yield _mended(line, number, repairs)
        repairs.close()


def _too_long(source: str, number: int) -> str:
    return (
        f"{source}, line {number}: longer than {MAX_LINE_BYTES // 2**20} MB, not read; "
        "split the file into lines"
    )


def prepended(head: bytes, rest: BinaryIO | None, *, old_mac: bool = False) -> BinaryIO:
    """Return a stream of `head`, then `rest`: bytes that were read to look inside are put back.

    With `old_mac` carriage returns come as line feeds.
    """
    return io.BufferedReader(_Prepended(head, rest or io.BytesIO(), old_mac))


class _Prepended(io.RawIOBase):
    def __init__(self, head: bytes, rest: BinaryIO, old_mac: bool) -> None:
        self._head = head
        self._rest = rest
        self._old_mac = old_mac

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        if self._head:
            chunk, self._head = self._head[: len(buffer)], self._head[len(buffer) :]
        else:
            chunk = self._rest.read(len(buffer))
        if self._old_mac:
            chunk = chunk.replace(b"\r", b"\n")
        buffer[: len(chunk)] = chunk
        return len(chunk)
