"""CSV, TSV, JSON Lines and plain lines: one row, one comment, in the user's own order."""

from __future__ import annotations

import csv
import itertools
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from moderation.errors import UnreadableInputError
from moderation.parsing.annotations import flattened
from moderation.parsing.columns import choose_text_column, comment_of, distinct
from moderation.parsing.decoding import MAX_LINE_BYTES, Warn
from moderation.parsing.json_lines import (
    Broken,
    array_elements,
    json_value,
    reason_of_json,
    too_deep,
)
from moderation.records import Comment

#: What spreadsheets put in front of a table to say what parts its cells.
SEPARATOR_LINE = re.compile(r"\ufeff?\"?sep=(.)\"?", re.IGNORECASE)
#: What may stand between the cells of a table.
DELIMITERS = ",;\t|"
#: Rows looked at when no column has a telling name.
_GUESS_ROWS = 50
#: Where a row keeps what could not be understood, so that nothing is lost.
UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table, or one plain line.

    Attributes
    ----------
    line
        Number of the row's first line in its file, from 1.
    columns
        The user's own columns in their order; empty for plain lines.
    comment
        What is to be judged; its text is empty where the row has none.
    warnings
        What is wrong with the row.
    unreadable
        The row is no row at all; its raw text stands in ``columns["unreadable"]``.
    """

    line: int
    columns: Mapping[str, Any]
    comment: Comment
    warnings: tuple[str, ...] = ()
    unreadable: bool = False


#: A row before it is looked into: its number among the rows, the number of its first line, and what
#: stood there (a line, cells, or a JSON value). Cheap to hand to another process.
RawRow = tuple[int, int, Any]
RowParser = Callable[[RawRow], Row]


@dataclass(frozen=True, slots=True)
class Table:
    """A table being read.

    Attributes
    ----------
    source
        Its name.
    columns
        Names of the user's columns; empty for plain lines.
    text_column
        Where the comments stand; empty for plain lines.
    guessed
        The text column was guessed from its name or content.
    raw_rows
        The rows, read as they are asked for.
    parse
        Makes a :class:`Row` of one of `raw_rows`, here or in another process.
    position
        Returns how many bytes of the input have been read.
    dropped
        Names of columns that are left out because they hold e-mail or network addresses.
    disguised
        Names of columns whose authors have pseudonyms.
    """

    source: str
    columns: tuple[str, ...]
    text_column: str
    guessed: bool
    raw_rows: Iterator[RawRow] = field(repr=False)
    parse: RowParser = field(repr=False)
    position: Callable[[], int] = field(repr=False, default=lambda: 0)
    dropped: tuple[str, ...] = ()
    disguised: tuple[str, ...] = ()

    def rows(self, warn: Warn) -> Iterator[Row]:
        """Yield the rows; `warn` is told what had to be repaired in them."""
        for row in map(self.parse, self.raw_rows):
            for remark in row_remarks(self.source, row):
                warn(remark)
            yield row


def row_remarks(source: str, row: Row) -> Iterator[str]:
    """Yield what had to be repaired in a row, in one line each; nothing for an unreadable row."""
    if not row.unreadable:
        for remark in row.warnings:
            yield f"{source}, line {row.line}: {remark}"


def read_lines(lines: Iterable[str], source: str) -> Table:
    """Read plain lines: every line is a comment, an empty line an empty one."""
    raw = ((number, number, line) for number, line in enumerate(lines, start=1))
    return Table(source, (), "", False, raw, _line_row)


def _line_row(raw: RawRow) -> Row:
    index, line, content = raw
    return Row(line, {}, Comment(id=str(index), text=content.strip("\r\n")))


def read_csv(
    lines: Iterable[str], source: str, warn: Warn, text_column: str | None = None
) -> Table:
    """Read delimited text with a header line; the delimiter is found in the header.

    A row with too few cells is filled up, one with too many keeps them in its last column; both
    carry a warning.

    Raises
    ------
    UnreadableInputError
        If no column looks like comments, or the table cannot be read on.
    UsageError
        If `text_column` is not there.
    """
    # The limit is the module's only setting; a cell is never longer than the longest line we read.
    csv.field_size_limit(MAX_LINE_BYTES)
    stream = iter(lines)
    header, number, said = "", 0, None
    for header in stream:
        number += 1
        said = said or SEPARATOR_LINE.fullmatch(header.strip())
        if header.strip() and not SEPARATOR_LINE.fullmatch(header.strip()):
            break
    delimiter = said[1] if said else max(DELIMITERS, key=_unquoted(header).count)
    names = distinct(_cells(header, delimiter))
    numbered = _numbered(stream, delimiter, source, warn, number + 1)
    sample = list(itertools.islice(numbered, _GUESS_ROWS))
    column, guessed = choose_text_column(
        names, [dict(zip(names, cells, strict=False)) for _, cells in sample], source, text_column
    )
    raw = (
        (index, line, cells)
        for index, (line, cells) in enumerate(itertools.chain(sample, numbered), start=1)
        # Blank lines are no rows, unless there is one column only.
        if cells or len(names) == 1
    )
    return Table(
        source, tuple(names), column, guessed, raw, _CsvRows(tuple(names), column, delimiter)
    )


@dataclass(frozen=True, slots=True)
class _CsvRows:
    names: tuple[str, ...]
    text_column: str
    delimiter: str

    def __call__(self, raw: RawRow) -> Row:
        index, line, cells = raw
        expected = len(self.names)
        warnings: tuple[str, ...] = ()
        if len(cells) < expected:
            if cells:
                warnings = (f"{len(cells)} cells instead of {expected}",)
            cells = cells + [""] * (expected - len(cells))
        elif len(cells) > expected:
            warnings = (f"{len(cells)} cells instead of {expected}; kept in the last one",)
            cells = [*cells[: expected - 1], self.delimiter.join(cells[expected - 1 :])]
        columns = dict(zip(self.names, cells, strict=True))
        return Row(line, columns, comment_of(columns, self.text_column, index), warnings)


def read_jsonl(lines: Iterable[str], source: str, text_column: str | None = None) -> Table:
    """Read JSON Lines: one object (or one string) a line; blank lines are skipped.

    A JSON array of such objects is read, too; its rows are counted instead of lines.

    A line that is no such thing becomes an unreadable row that keeps the line.

    Raises
    ------
    UnreadableInputError
        If no field looks like comments.
    UsageError
        If `text_column` is in none of the first rows.
    """
    raw = (
        (index, line, content)
        for index, (line, content) in enumerate(_json_contents(lines), start=1)
    )
    return record_table(raw, source, text_column)


def record_table(
    raw: Iterator[RawRow],
    source: str,
    text_column: str | None,
    names: Iterable[str] = (),
    position: Callable[[], int] = lambda: 0,
) -> Table:
    """Return a table of raw rows that are lines of JSON or JSON objects.

    Parameters
    ----------
    raw
        The rows; damage found among the first is raised behind what could be read.
    source
        Name of the input.
    text_column
        Where the comments stand; None: guess.
    names
        The columns of a table without rows.
    position
        Returns how many bytes of the input have been read.

    Raises
    ------
    UnreadableInputError
        If no field looks like comments.
    UsageError
        If `text_column` is in none of the first rows.
    """
    sample: list[RawRow] = []
    damage: UnreadableInputError | None = None
    try:
        sample.extend(itertools.islice(raw, _GUESS_ROWS))
    except UnreadableInputError as error:
        if not sample:
            raise
        damage = error
    rows = [_json_columns(content) for _, _, content in sample]
    objects = [columns for columns, remark in rows if remark is None]
    known = dict.fromkeys(name for columns in objects for name in columns)
    # Without rows, the names alone tell what there would be.
    columns = tuple(known) or tuple(names)
    if not objects and sample:
        raise UnreadableInputError(
            f"{source}, line {sample[0][1]}: {rows[0][1]}, nor are the next lines; "
            "give one JSON object a line"
        )
    column, guessed = choose_text_column(list(columns), objects, source, text_column)
    whole = itertools.chain(sample, raw, _raised(damage))
    return Table(source, columns, column, guessed, whole, _JsonRows(column), position)


def _raised(damage: UnreadableInputError | None) -> Iterator[RawRow]:
    if damage is not None:
        raise damage
    yield from ()


@dataclass(frozen=True, slots=True)
class _JsonRows:
    text_column: str

    def __call__(self, raw: RawRow) -> Row:
        index, line, content = raw
        columns, remark = _json_columns(content)
        comment = comment_of(columns, self.text_column, index)
        if remark is None:
            return Row(line, columns, comment)
        return Row(line, columns, comment, (remark,), unreadable=True)


def _json_columns(content: Any) -> tuple[dict[str, Any], str | None]:
    """Return the columns of a row and what is wrong with it.

    `content` is a line, or an element of an array (which is no string).
    """
    value = content
    if isinstance(content, str):
        try:
            value = json_value(content)
        except ValueError as error:
            reason = reason_of_json(error)
            return {UNREADABLE: content.rstrip("\r\n")}, f"not JSON ({reason})"
        if isinstance(value, str):
            value = {"text": value}
    if isinstance(value, dict):
        return flattened(value) or value, None
    line = content.rstrip("\r\n") if isinstance(content, str) else json.dumps(content)
    return {UNREADABLE: line}, f"a JSON {type(value).__name__}, not an object"


def _json_contents(lines: Iterable[str]) -> Iterator[tuple[int, Any]]:
    """Yield the lines of JSON in `lines` with their numbers; an array is taken apart."""
    numbered = ((number, line) for number, line in enumerate(lines, start=1) if line.strip())
    first = next(numbered, None)
    if first is None:
        return
    if first[1].lstrip("\ufeff \t").startswith("["):
        begun = first[1].lstrip("\ufeff \t").removeprefix("[")
        elements = array_elements(itertools.chain([begun], (line for _, line in numbered)))
        for number, element in enumerate(elements, start=1):
            if isinstance(element, Broken):
                yield number, element.text
            elif isinstance(element, str):
                yield number, {"text": element}
            else:
                # Too deep to be handed to another process as it is.
                yield number, json.dumps(element) if too_deep(element) else element
        return
    if first[1].strip() == "{":
        # Indented: an object goes over many lines.
        for number, element in enumerate(
            array_elements(itertools.chain([first[1]], (line for _, line in numbered))), start=1
        ):
            yield number, element.text if isinstance(element, Broken) else element
        return
    yield first
    yield from numbered


def _unquoted(header: str) -> str:
    return "".join(header.split('"')[::2])


def _numbered(
    lines: Iterator[str], delimiter: str, source: str, warn: Warn, first: int
) -> Iterator[tuple[int, list[str]]]:
    """Yield rows with the number of their first line (a quoted cell may hold line breaks).

    A quote closed at the wrong place, or never, swallows the lines behind it: such a row is
    read again line by line, its quotes as they stand. `first` is the number of the first line.
    """
    raw: list[str] = []
    exhausted = False

    def noted() -> Iterator[str]:
        nonlocal exhausted
        for line in lines:
            raw.append(line)
            yield line
        exhausted = True

    reader = csv.reader(noted(), delimiter=delimiter, strict=True)
    while True:
        remark = None
        try:
            cells = next(reader, None)
        except csv.Error:
            remark = "broken quotes or stray line ends"
            if exhausted:
                remark = "a quote is never closed"
            reader = csv.reader(noted(), delimiter=delimiter, strict=True)
        else:
            if cells is None:
                return
            if exhausted and raw:
                # The reader asked for more after the last line: a quote is still open.
                remark = "a quote is never closed"
            else:
                yield first, cells
        if remark is not None:
            warn(f"{source}, line {first}: {remark}; read on without quotes")
            for number, line in enumerate(raw, start=first):
                yield number, _cells(line, delimiter, csv.QUOTE_NONE)
        first += len(raw)
        raw.clear()


def _cells(line: str, delimiter: str, quoting: Literal[0, 3] = csv.QUOTE_MINIMAL) -> list[str]:
    """Return the cells of a single line, whatever line ends are left inside it."""
    flat = line.replace("\r", " ").replace("\n", " ").rstrip(" ")
    return next(csv.reader([flat], delimiter=delimiter, quoting=quoting), [])
