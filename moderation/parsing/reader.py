"""Find inputs, look inside to see what they are, and hand them to the reader that fits."""

from __future__ import annotations

import csv
import io
import itertools
import json
import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO, Literal

from moderation.errors import UnreadableInputError, UsageError
from moderation.parsing.decoding import SNIFFED_BYTES, Warn, decoded_lines, prepended
from moderation.parsing.page_text import looks_like_page, parse_page_text
from moderation.parsing.tables import (
    DELIMITERS,
    TEXT_COLUMNS,
    Table,
    read_csv,
    read_jsonl,
    read_lines,
)
from moderation.records import Page

Kind = Literal["page", "lines", "csv", "jsonl"]

#: A saved article page has kilobytes; more than this is no page.
MAX_PAGE_CHARACTERS = 4_000_000
#: Lines looked at to tell what an input is.
_SNIFFED_LINES = 400
#: Lines in which a table must show its shape.
_HEADER_ROWS = 20
#: A column name is not longer than this.
_MAX_COLUMN_NAME = 40
# White space and byte order marks in any encoding.
_BLANK_BYTES = b"\x00\xff\xfe\xef\xbb\xbf \t\r\n"
_SENTENCE = re.compile(r"[.!?…]\s*$|\S+(?:\s+\S+){4,}")


@dataclass(frozen=True, slots=True)
class Input:
    """Something to read: a file, or standard input.

    Attributes
    ----------
    name
        As the user gave it; for messages and records.
    path
        The file; None for standard input.
    head
        Standard input only: the bytes that were read to look inside.
    rest
        Standard input only: what follows `head`; can be read once.
    """

    name: str
    path: Path | None
    head: bytes = b""
    rest: BinaryIO | None = None

    @contextmanager
    def opened(self) -> Iterator[BinaryIO]:
        """Open the input for reading bytes from its beginning.

        Raises
        ------
        UnreadableInputError
            If it cannot be opened.
        """
        if self.path is None:
            yield prepended(self.head, self.rest)
            return
        try:
            stream = self.path.open("rb")
        except OSError as error:
            raise UnreadableInputError(
                f"{self.name}: cannot be read ({error.strerror}); check the path and permissions"
            ) from error
        with stream:
            yield stream

    def first_bytes(self) -> bytes:
        """Return the first bytes without using them up."""
        if self.path is None:
            return self.head
        with self.opened() as stream:
            try:
                return stream.read(SNIFFED_BYTES)
            except OSError as error:
                raise UnreadableInputError(
                    f"{self.name}: cannot be read ({error.strerror}); check the file"
                ) from error


def find_inputs(paths: Sequence[str]) -> Iterator[Input | UnreadableInputError]:
    """Yield the inputs that `paths` name, in order; directories are walked in name order.

    ``-`` is standard input. Hidden files and folders inside directories are passed over. What is
    not there comes as an error among the inputs, so that the rest can still be read.
    """
    for path in paths:
        if path == "-":
            try:
                yield standard_input()
            except UnreadableInputError as error:
                yield error
        elif not Path(path).exists():
            yield UnreadableInputError(f"{path}: no such file or folder; check the path")
        elif Path(path).is_dir():
            files = sorted(
                file
                for file in Path(path).rglob("*")
                if file.is_file()
                and not any(part.startswith(".") for part in file.relative_to(path).parts)
            )
            if not files:
                yield UnreadableInputError(f"{path}: no files in this folder; name pages or tables")
            yield from (Input(str(file), file) for file in files)
        else:
            yield Input(path, Path(path))


def standard_input() -> Input:
    """Return standard input. A page is read whole; of a table only the head, for it may be long.

    Raises
    ------
    UnreadableInputError
        If it is closed or cannot be read.
    """
    if sys.stdin is None:
        raise UnreadableInputError("stdin: closed; name a file or pipe something in")
    stream = sys.stdin.buffer
    try:
        head = stream.read(SNIFFED_BYTES)
    except OSError as error:
        raise UnreadableInputError(f"stdin: cannot be read ({error.strerror})") from error
    source = Input("stdin", None, head, stream)
    try:
        whole = kind_of(source) == "page"
    except UnreadableInputError:
        # Whoever reads it gets this error again, and can name it.
        return source
    if whole:
        return Input("stdin", None, head + stream.read(4 * MAX_PAGE_CHARACTERS))
    return source


def sniff(head: str) -> Kind:
    """Tell what the first lines of an input are.

    Parameters
    ----------
    head
        The beginning of the decoded input.
    """
    lines = head.splitlines()
    first = next((line for line in lines if line.strip()), "")
    if first.lstrip().startswith("{") and _is_json_object(first):
        return "jsonl"
    if _is_header(lines[lines.index(first) :] if first else ()):
        return "csv"
    return "page" if looks_like_page(head) else "lines"


def read_page(source: Input, warn: Warn) -> Page:
    """Parse one text page.

    Raises
    ------
    UnreadableInputError
        If it is empty, too long, not text, or cannot be read.
    """
    remarks: list[str] = []

    def note(remark: str) -> None:
        remarks.append(remark)
        warn(remark)

    parts: list[str] = []
    length = 0
    with source.opened() as stream:
        for line in decoded_lines(stream, source.name, note):
            parts.append(line)
            length += len(line)
            if length > MAX_PAGE_CHARACTERS:
                raise UnreadableInputError(
                    f"{source.name}: longer than {MAX_PAGE_CHARACTERS:,} characters, no article "
                    "page; give tables as CSV or JSON Lines"
                )
    text = "".join(parts)
    if not text.strip():
        raise UnreadableInputError(f"{source.name}: empty; nothing to read")
    page = parse_page_text(text, source.name)
    return replace(page, warnings=(*page.warnings, *remarks))


def read_as_page(source: Input, warn: Warn) -> Page:
    """Read any input as one page: a table becomes a page with comments and no article.

    Raises
    ------
    UnreadableInputError
        If nothing can be read from it.
    """
    if kind_of(source) not in {"csv", "jsonl"}:
        return read_page(source, warn)
    with open_input(source, warn) as table:
        if isinstance(table, Page):
            return table
        comments, remarks = [], []
        for row in table.rows:
            if row.comment.text.strip():
                comments.append(row.comment)
            else:
                remarks.append(f"line {row.line}: {', '.join(row.warnings) or 'no text'}")
    return Page(source.name, comments=tuple(comments), warnings=tuple(remarks))


@contextmanager
def open_input(
    source: Input, warn: Warn, *, kind: Kind | None = None, text_column: str | None = None
) -> Iterator[Page | Table]:
    """Open an input and yield it as a page or as a table whose rows are read on demand.

    Parameters
    ----------
    source
        What to read.
    warn
        Is told what had to be repaired, one line each.
    kind
        What the input is; None: look inside.
    text_column
        Where the comments of a table stand; None: guess.

    Raises
    ------
    UnreadableInputError
        If nothing can be read from it.
    UsageError
        If it has no such column.
    """
    kind = kind or kind_of(source)
    if kind == "page":
        if text_column is not None:
            raise UsageError(f"{source.name}: a page has no columns; leave out --text-column")
        yield read_page(source, warn)
        return
    with source.opened() as stream:
        lines = decoded_lines(stream, source.name, warn)
        if kind == "csv":
            yield read_csv(lines, source.name, warn, text_column)
        elif kind == "jsonl":
            yield read_jsonl(lines, source.name, text_column)
        else:
            yield read_lines(lines)


def kind_of(source: Input) -> Kind:
    """Look inside an input and tell what it is.

    Raises
    ------
    UnreadableInputError
        If it is empty or not text.
    """
    # What was repaired on the way is reported when the input is read, not twice.
    return sniff("".join(_first_lines(source)))


def _first_lines(source: Input) -> Iterator[str]:
    head = source.first_bytes()
    if not head.strip(_BLANK_BYTES):
        raise UnreadableInputError(f"{source.name}: empty; nothing to read")
    lines = decoded_lines(io.BytesIO(head), source.name, lambda remark: None)
    return itertools.islice(lines, _SNIFFED_LINES)


def _is_json_object(line: str) -> bool:
    # A line cut by the look-ahead is no whole object, but begins like one.
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return re.match(r'\s*\{\s*"', line) is not None


def _is_header(lines: Sequence[str]) -> bool:
    """Whether `lines` are a table: column names, and rows that have as many cells right below."""
    if not lines or (len(lines) > 1 and not lines[1].strip()):
        # A kicker ("Kommentar"), then a blank line: a page, whatever it is called.
        return False
    if lines[0].strip().strip('"').casefold() in TEXT_COLUMNS:
        return not looks_like_page("\n".join(lines[1:]))
    for delimiter in DELIMITERS:
        try:
            names, *rows = csv.reader(lines[:_HEADER_ROWS], delimiter=delimiter)
        except csv.Error:
            continue
        if len(names) > 1 and all(
            len(name) <= _MAX_COLUMN_NAME and not _SENTENCE.search(name) for name in names
        ):
            telling = any(name.strip().casefold() in TEXT_COLUMNS for name in names)
            fitting = sum(len(row) == len(names) for row in rows if row)
            wanted = len(rows) / 2 if telling else len(rows)
            if fitting >= wanted and (telling or rows):
                return True
    return False
