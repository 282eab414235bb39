"""CSV, TSV, JSON Lines and plain lines: one row, one comment, in the user's own order."""

from __future__ import annotations

import csv
import itertools
import json
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from moderation.errors import UnreadableInputError, UsageError
from moderation.parsing.decoding import MAX_LINE_BYTES, Warn
from moderation.records import Comment

#: Column names that mean "the comment", most telling first; compared in lower case.
TEXT_COLUMNS = (
    "text",
    "comment_text",
    "kommentartext",
    "comment_content",
    "comment_body",
    "kommentar",
    "comment",
    "body",
    "message",
    "content",
    "beitrag",
    "inhalt",
    "nachricht",
    "leserkommentar",
    "tweet",
)
_ID_COLUMNS = ("id", "comment_id", "kommentar_id", "uuid")
_PARENT_COLUMNS = ("parent_id", "parentid", "parent", "comment_parent", "antwort_auf")
_AUTHOR_COLUMNS = ("author", "autor", "user", "username", "name", "comment_author", "nutzer")
_PUBLISHED_COLUMNS = ("published", "date", "datum", "created_at", "createdat", "time", "zeit")
#: What may stand between the cells of a table.
DELIMITERS = ",;\t|"
#: Rows looked at when no column has a telling name.
_GUESS_ROWS = 50
#: A column of running text has at least this many characters a cell on average.
_GUESS_LENGTH = 20
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


@dataclass(frozen=True, slots=True)
class Table:
    """A table being read.

    Attributes
    ----------
    columns
        Names of the user's columns; empty for plain lines.
    text_column
        Where the comments stand; empty for plain lines.
    guessed
        The text column was guessed from its name or content.
    rows
        The rows, read as they are asked for.
    """

    columns: tuple[str, ...]
    text_column: str
    guessed: bool
    rows: Iterator[Row] = field(repr=False)


def read_lines(lines: Iterable[str]) -> Table:
    """Read plain lines: every line is a comment, an empty line an empty one."""
    rows = (
        Row(number, {}, Comment(id=str(number), text=line.strip("\r\n")))
        for number, line in enumerate(lines, start=1)
    )
    return Table((), "", False, rows)


def read_csv(
    lines: Iterable[str], source: str, warn: Warn, text_column: str | None = None
) -> Table:
    """Read delimited text with a header line; the delimiter is found in the header.

    A row with too few cells is filled up, one with too many keeps them in its last column; both
    are reported to `warn` with their line.

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
    header = next(stream, "")
    delimiter = max(DELIMITERS, key=_unquoted(header).count)
    names = _distinct(_cells(header, delimiter))
    numbered = _numbered(stream, delimiter, source, warn)
    sample = list(itertools.islice(numbered, _GUESS_ROWS))
    column, guessed = _choose_text_column(
        names, [dict(zip(names, cells, strict=False)) for _, cells in sample], source, text_column
    )

    def rows() -> Iterator[Row]:
        for index, (line, cells) in enumerate(itertools.chain(sample, numbered), start=1):
            remarks: list[str] = []
            if not cells and len(names) > 1:
                continue
            if len(cells) < len(names):
                if cells:
                    remarks.append(f"{len(cells)} cells instead of {len(names)}")
                cells = cells + [""] * (len(names) - len(cells))
            elif len(cells) > len(names):
                remarks.append(f"{len(cells)} cells instead of {len(names)}; kept in the last one")
                last = len(names) - 1
                cells = [*cells[:last], delimiter.join(cells[last:])]
            for remark in remarks:
                warn(f"{source}, line {line}: {remark}")
            columns = dict(zip(names, cells, strict=True))
            yield Row(line, columns, _comment(columns, column, index), tuple(remarks))

    return Table(tuple(names), column, guessed, rows())


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
    parsed = _json_rows(lines)
    sample = list(itertools.islice(parsed, _GUESS_ROWS))
    objects = [columns for _, columns, remark in sample if remark is None]
    names = list(dict.fromkeys(name for columns in objects for name in columns))
    if not objects and sample:
        raise UnreadableInputError(
            f"{source}, line {sample[0][0]}: {sample[0][2]}, nor are the next lines; "
            "give one JSON object a line"
        )
    column, guessed = _choose_text_column(names, objects, source, text_column)

    def rows() -> Iterator[Row]:
        for index, (line, columns, remark) in enumerate(itertools.chain(sample, parsed), start=1):
            comment = _comment(columns, column, index)
            if remark is None:
                yield Row(line, columns, comment)
            else:
                yield Row(line, columns, comment, (remark,), unreadable=True)

    return Table(tuple(names), column, guessed, rows())


def _json_rows(lines: Iterable[str]) -> Iterator[tuple[int, dict[str, Any], str | None]]:
    for number, line in _json_texts(lines):
        try:
            value = _loaded(line)
        except (ValueError, RecursionError) as error:
            value, remark = None, f"not JSON ({_short(error)})"
        else:
            remark = f"a JSON {type(value).__name__}, not an object"
        if isinstance(value, str):
            value = {"text": value}
        if isinstance(value, dict):
            yield number, value, None
        else:
            yield number, {UNREADABLE: line.rstrip("\r\n")}, remark


def _json_texts(lines: Iterable[str]) -> Iterator[tuple[int, str]]:
    """Yield the JSON texts of `lines` with their numbers; an array is taken apart."""
    numbered = ((number, line) for number, line in enumerate(lines, start=1) if line.strip())
    first = next(numbered, None)
    if first is None:
        return
    if first[1].lstrip().startswith("["):
        whole = "".join(itertools.chain([first[1]], (line for _, line in numbered)))
        try:
            rows = _loaded(whole)
        except (ValueError, RecursionError):
            rows = None
        if isinstance(rows, list):
            yield from ((number, json.dumps(row)) for number, row in enumerate(rows, start=1))
            return
        # No array after all: every line is reported for itself.
        numbered = (
            (first[0] + number, line)
            for number, line in enumerate(whole.splitlines()[1:], start=1)
            if line.strip()
        )
    yield first
    yield from numbered


def _loaded(text: str) -> Any:
    # NaN and Infinity are no JSON, but pandas writes them; null says the same.
    return json.loads(text, parse_constant=lambda _: None, parse_float=_finite)


def _finite(digits: str) -> float | None:
    number = float(digits)
    return number if math.isfinite(number) else None


def _short(error: Exception) -> str:
    return "nested too deeply" if isinstance(error, RecursionError) else str(error).split(":")[0]


def _unquoted(header: str) -> str:
    return "".join(header.split('"')[::2])


def _numbered(
    lines: Iterator[str], delimiter: str, source: str, warn: Warn
) -> Iterator[tuple[int, list[str]]]:
    """Yield rows with the number of their first line (a quoted cell may hold line breaks).

    A quote that is never closed swallows all lines behind it: such a row is read again line by
    line, its quotes taken as they stand.
    """
    raw: list[str] = []
    exhausted = False

    def noted() -> Iterator[str]:
        nonlocal exhausted
        for line in lines:
            raw.append(line)
            yield line
        exhausted = True

    # Line 1 is the header.
    first = 2
    reader = csv.reader(noted(), delimiter=delimiter)
    while True:
        remark = None
        try:
            cells = next(reader, None)
        except csv.Error:
            remark = "broken quotes or stray line ends"
            reader = csv.reader(noted(), delimiter=delimiter)
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


def _distinct(names: list[str]) -> list[str]:
    """Return column names without surrounding space; empty or repeated ones get a number."""
    distinct: list[str] = []
    for index, name in enumerate(names, start=1):
        candidate = name.strip() or f"column_{index}"
        while candidate in distinct:
            candidate = f"{candidate}_{index}"
        distinct.append(candidate)
    return distinct


def _choose_text_column(
    names: list[str], sample: list[dict[str, Any]], source: str, wanted: str | None
) -> tuple[str, bool]:
    if wanted is not None:
        if wanted in names:
            return wanted, False
        raise UsageError(
            f"{source}: no column {wanted!r}; the columns are: {', '.join(names) or 'none'}"
        )
    lowered = {name.casefold(): name for name in reversed(names)}
    for telling in TEXT_COLUMNS:
        if telling in lowered:
            return lowered[telling], True
    lengths = {
        name: sum(len(_text(row.get(name))) for row in sample) / max(len(sample), 1)
        for name in names
    }
    longest = max(lengths, key=lambda name: lengths[name], default=None)
    if longest is not None and (lengths[longest] >= _GUESS_LENGTH or len(names) == 1):
        return longest, True
    raise UnreadableInputError(
        f"{source}: no column looks like comments; name one of these with --text-column: "
        f"{', '.join(names) or 'none'}"
    )


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, dict):
        # Our own records and several exports keep the text inside a comment object.
        return _text(value.get("text"))
    if isinstance(value, bool) or value is None:
        return ""
    if isinstance(value, int) or (isinstance(value, float) and math.isfinite(value)):
        return str(value)
    return ""


def _comment(columns: Mapping[str, Any], text_column: str, index: int) -> Comment:
    lowered = {name.casefold(): value for name, value in reversed(list(columns.items()))}

    def first(names: tuple[str, ...]) -> str | None:
        for name in names:
            if text := _text(lowered.get(name)):
                return text
        return None

    return Comment(
        id=first(_ID_COLUMNS) or str(index),
        text=_text(columns.get(text_column)),
        parent_id=first(_PARENT_COLUMNS),
        author=first(_AUTHOR_COLUMNS),
        published=first(_PUBLISHED_COLUMNS),
    )
