"""Find inputs, look inside to see what they are, and hand them to the reader that fits."""

from __future__ import annotations

import csv
import io
import itertools
import json
import os
import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO, Literal

from moderation.errors import UnreadableInputError, UsageError, reason_of
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
#: Share of rows that must have as many cells as the header.
_FITTING_SHARE = 0.8
# A column name: one or two words that begin with a letter, no sentence, nothing after a comma and a
# space ("Sie Idiot, echt" is no header).
_COLUMN_NAME = re.compile(r"\ufeff?[^\W\d][\w./()-]{0,39}(?: [\w./()-]{1,20})? ?")
_STANDARD_INPUT = "-"
_STDIN = "stdin"
# White space and byte order marks in any encoding.
_BLANK_BYTES = b"\x00\xff\xfe\xef\xbb\xbf \t\r\n"
_JSON_ARRAY = re.compile(r"\s*\[\s*[{\"]")
_MARKUP = re.compile(r"\s*<(?:!doctype\b|html\b|\?xml\b)", re.IGNORECASE)


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

    def size(self) -> int | None:
        """Return the number of bytes, or None where that is not known before reading."""
        if self.path is None:
            return None
        try:
            return self.path.stat().st_size
        except OSError:
            return None

    @contextmanager
    def opened(self) -> Iterator[BinaryIO]:
        """Open the input for reading bytes from its beginning.

        Raises
        ------
        UnreadableInputError
            If it cannot be opened.
        """
        if self.path is None:
            try:
                yield prepended(self.head, self.rest)
            finally:
                if self.rest is not None and self.name != _STDIN:
                    self.rest.close()
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
    not there or cannot be opened comes as an error among the inputs, so that the rest can still be
    read.

    Raises
    ------
    UsageError
        If a path is empty, or standard input is named twice.
    """
    if "" in paths:
        raise UsageError("an empty path; name a file or folder (. is the current folder)")
    if paths.count(_STANDARD_INPUT) > 1:
        raise UsageError("standard input (-) can be read once only; name it once")
    for path in paths:
        try:
            if path == _STANDARD_INPUT:
                yield standard_input()
            elif not Path(path).exists():
                yield UnreadableInputError(f"{path}: no such file or folder; check the path")
            elif Path(path).is_dir():
                yield from _walk(Path(path))
            elif Path(path).is_file():
                yield Input(path, Path(path))
            else:
                # A pipe or device can be read once, like standard input.
                yield _once(path, Path(path).open("rb"))  # noqa: SIM115 -- read by the caller
        except UnreadableInputError as error:
            yield error
        except (OSError, ValueError) as error:
            yield UnreadableInputError(
                f"{path}: cannot be read ({reason_of(error)}); check the path"
            )


def _walk(folder: Path) -> Iterator[Input | UnreadableInputError]:
    """Yield the files below `folder` in name order; links to folders are not followed."""
    refused: list[UnreadableInputError] = []

    def refuse(error: OSError) -> None:
        refused.append(
            UnreadableInputError(f"{error.filename}: cannot be read ({error.strerror}); not walked")
        )

    files: list[Path] = []
    for place, folders, names in os.walk(folder, onerror=refuse):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        files += [Path(place, name) for name in names if not name.startswith(".")]
        refused += [
            UnreadableInputError(f"{Path(place, name)}: a link to a folder; name it to read it")
            for name in folders
            if Path(place, name).is_symlink()
        ]
    if not files and not refused:
        yield UnreadableInputError(f"{folder}: no files in this folder; name pages or tables")
    for file in sorted(files):
        if file.is_file():
            yield Input(str(file), file)
        else:
            yield UnreadableInputError(f"{file}: no regular file; name it to read it")
    yield from refused


def standard_input() -> Input:
    """Return standard input.

    Raises
    ------
    UnreadableInputError
        If it is closed or cannot be read.
    """
    if sys.stdin is None:
        raise UnreadableInputError("stdin: closed; name a file or pipe something in")
    return _once(_STDIN, sys.stdin.buffer)


def _once(name: str, stream: BinaryIO) -> Input:
    """Return a stream that can be read once as an input.

    A page is read whole; of a table only the head, for it may be long.
    """
    try:
        head = stream.read(SNIFFED_BYTES)
    except OSError as error:
        raise UnreadableInputError(f"{name}: cannot be read ({error.strerror})") from error
    source = Input(name, None, head, stream)
    try:
        whole = kind_of(source) == "page"
    except UnreadableInputError:
        # Whoever reads it gets this error again, and can name it.
        return source
    if whole:
        whole_page = head + stream.read(4 * MAX_PAGE_CHARACTERS)
        if name != _STDIN:
            stream.close()
        return Input(name, None, whole_page)
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
    if _is_json_object(first) or _JSON_ARRAY.match(head):
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
    kind = kind_of(source)
    if kind not in {"csv", "jsonl"}:
        return read_page(source, warn)
    with open_input(source, warn, kind=kind) as table:
        if isinstance(table, Page):
            return table
        comments, remarks = [], []
        for row in table.rows(warn):
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
        Where the comments of a table stand; None: guess. Pages have no columns.

    Raises
    ------
    UnreadableInputError
        If nothing can be read from it.
    UsageError
        If a table has no such column.
    """
    kind = kind or kind_of(source)
    if kind == "page":
        yield read_page(source, warn)
        return
    with source.opened() as stream:
        lines = decoded_lines(stream, source.name, warn)
        if kind == "csv":
            table = read_csv(lines, source.name, warn, text_column)
        elif kind == "jsonl":
            table = read_jsonl(lines, source.name, text_column)
        else:
            table = read_lines(lines, source.name)
        yield table if source.path is None else replace(table, position=stream.tell)


def kind_of(source: Input) -> Kind:
    """Look inside an input and tell what it is.

    Raises
    ------
    UnreadableInputError
        If it is empty or not text.
    """
    # What was repaired on the way is reported when the input is read, not twice.
    head = "".join(_first_lines(source))
    if _MARKUP.match(head):
        raise UnreadableInputError(
            f"{source.name}: HTML or XML, which is not read yet; save the page as text"
        )
    return sniff(head)


def _first_lines(source: Input) -> Iterator[str]:
    head = source.first_bytes()
    if not head.strip(_BLANK_BYTES):
        raise UnreadableInputError(f"{source.name}: empty; nothing to read")
    lines = decoded_lines(io.BytesIO(head), source.name, lambda remark: None)
    return itertools.islice(lines, _SNIFFED_LINES)


def _is_json_object(line: str) -> bool:
    if not line.lstrip().startswith("{"):
        return False
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
        if len(names) < 2 or not all(_COLUMN_NAME.fullmatch(name) for name in names):
            continue
        telling = any(name.strip().casefold() in TEXT_COLUMNS for name in names)
        fitting = sum(len(row) == len(names) for row in rows if row)
        # Without a telling name, only rows of one shape tell a table from sentences with commas.
        if telling or (rows and fitting >= _FITTING_SHARE * len(rows)):
            return True
    return False
