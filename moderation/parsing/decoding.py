"""Bytes to text: byte order marks, UTF-16, cp1252 beside UTF-8, and a plain no to binary files."""

from __future__ import annotations

import codecs
import io
from collections.abc import Callable, Iterator
from typing import BinaryIO

from moderation.errors import UnreadableInputError

#: Bytes looked at to tell the encoding and kind of an input.
SNIFFED_BYTES = 64 * 1024
#: A longer line is not held in memory: it is skipped and reported.
MAX_LINE_BYTES = 64 * 2**20

Warn = Callable[[str], None]

# UTF-32 first: its little-endian mark begins with that of UTF-16.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# Files that are not text although they may begin without a zero byte.
_BINARY_MARKS = (b"%PDF", b"PK\x03\x04", b"\x1f\x8b", b"\xfd7zXZ", b"\x89PNG", b"\xff\xd8\xff")
# Control characters that text files do contain: tab, line feed, form feed, carriage return, escape.
_TEXT_CONTROLS = frozenset(b"\t\n\f\r\x1b")
# Exports are full of stray control characters; one byte in twenty is no export any more.
_MAX_CONTROL_SHARE = 0.05
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
    if head.startswith(_BINARY_MARKS) or b"\0" in head or many:
        raise UnreadableInputError(
            f"{source}: binary file, not text; give a text page, plain lines, CSV or JSON Lines"
        )
    return "utf-8", 0


def decoded_lines(stream: BinaryIO, source: str, warn: Warn) -> Iterator[str]:
    """Yield the lines of `stream` as text, with their line ends, in bounded memory.

    Lines that are not UTF-8 are read as cp1252, as German exports often are; `warn` is told once,
    with the number of the first such line. Lines over :data:`MAX_LINE_BYTES` come as empty lines,
    and `warn` is told each time.

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
            yield from _utf8_or_cp1252_lines(rest, source, warn)
        else:
            yield from _wide_lines(rest, encoding, source, warn)
    except OSError as error:
        raise UnreadableInputError(
            f"{source}: cannot be read ({error.strerror or error})"
        ) from error


def _utf8_or_cp1252_lines(stream: BinaryIO, source: str, warn: Warn) -> Iterator[str]:
    warned = False
    number = 0
    while line := stream.readline(MAX_LINE_BYTES + 1):
        number += 1
        if len(line) > MAX_LINE_BYTES:
            while line and not line.endswith(b"\n"):
                line = stream.readline(MAX_LINE_BYTES)
            warn(_too_long(source, number))
            yield "\n"
            continue
        try:
            yield line.decode("utf-8")
        except UnicodeDecodeError:
            text, remark = _decode_other(line)
            if not warned:
                warn(f"{source}, line {number}: not UTF-8; {remark}")
                warned = True
            yield text


def _decode_other(line: bytes) -> tuple[str, str]:
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


def _wide_lines(stream: BinaryIO, encoding: str, source: str, warn: Warn) -> Iterator[str]:
    # "replace": half a character at the end of a cut file must not cost the rest.
    with io.TextIOWrapper(stream, encoding=encoding, errors="replace", newline="") as text:
        number = 0
        while line := text.readline(MAX_LINE_BYTES // 2):
            number += 1
            if len(line) == MAX_LINE_BYTES // 2 and not line.endswith("\n"):
                while line and not line.endswith("\n"):
                    line = text.readline(MAX_LINE_BYTES // 2)
                warn(_too_long(source, number))
                line = "\n"
            yield line


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
