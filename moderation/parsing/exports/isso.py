"""Isso: its SQLite database, read without trusting anything in it but rows."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from moderation.errors import UnreadableInputError
from moderation.parsing.decoding import Warn, decode_other
from moderation.parsing.exports.fields import display_name, moment_of_seconds, named
from moderation.parsing.exports.gathering import Posted, Thread, gather
from moderation.parsing.markup import text_of_html
from moderation.records import Comment, Page, Status

if TYPE_CHECKING:
    import sqlite3

_STATUSES: Mapping[int, Status] = {1: "approved", 2: "pending", 4: "deleted"}
_WANTED = ("tid", "id", "parent", "created", "mode", "text", "author")
_NEEDED = frozenset({"tid", "id", "text"})
#: Steps of SQLite's machine between two looks at the budget.
_STEPS = 10_000
# Reading a row in order takes about 50 steps, and a row has a hundred bytes and more. Pages that
# point to each other in circles would take forever.
_FREE_STEPS, _STEPS_PER_BYTE = 1_000_000, 4
#: Bytes of a single value; SQLite itself would take a gigabyte.
_LONGEST_VALUE = 16 * 2**20
# Numbers of rows are signed integers of 64 bits.
_BEFORE_ALL, _BEHIND_ALL = -(2**63), 2**63 - 1
#: Tables of a foreign database that are named, and characters of each name.
_NAMED_TABLES, _NAMED_LENGTH = 8, 40

_Row = dict[str, Any]


def read_isso(path: Path, source: str, warn: Warn) -> Iterator[Page]:
    """Yield one page per thread of Isso's database, which is opened for reading only.

    Of a damaged database, what can be read from either end of the table of comments is read.

    Parameters
    ----------
    path
        The database; not written to, not locked.
    source
        Name of the input.
    warn
        Is told of what had to be repaired, and of changes waiting in a write-ahead log.

    Raises
    ------
    UnreadableInputError
        If it is no database of Isso, or damaged; then behind what could be read.
    """
    import sqlite3

    log = path.with_name(f"{path.name}-wal")
    if log.is_file() and log.stat().st_size:
        warn(
            f"{source}: the latest comments may stand in {log.name}, which is not read; "
            "stop Isso, then read again"
        )
    address = f"file:{quote(os.fsencode(path.absolute()))}?mode=ro&immutable=1"
    try:
        with closing(sqlite3.connect(address, uri=True)) as database:
            size = path.stat().st_size
            _restrict(database)
            _allow_steps(database, size)
            columns = _columns_of_comments(database, source)
            yield from gather(source, _found(database, columns, size, source, warn), warn)
    except _damage() as error:
        raise _unreadable(source, error) from error


def _unreadable(source: str, error: Exception, rows: int = 0) -> UnreadableInputError:
    read = f"; {rows:,} rows could be read" if rows else ""
    return UnreadableInputError(
        f"{source}: the database is damaged ({_reason(error)}){read}; give a backup, or a copy "
        "made with sqlite3 comments.db .recover"
    )


def _damage() -> tuple[type[Exception], ...]:
    """Return what the module raises where it meets damage; its messages may be damaged, too."""
    import sqlite3

    return sqlite3.Error, UnicodeDecodeError, OSError, MemoryError


def _reason(error: Exception) -> str:
    if isinstance(error, UnicodeDecodeError):
        return "names that are not UTF-8"
    words = "".join(sign for sign in str(error) if sign.isprintable())[:100]
    return "reading it takes too long" if words == "interrupted" else words or "too large"


def _restrict(database: sqlite3.Connection) -> None:
    """Let the database read its own rows and nothing else, values of bounded length."""
    import sqlite3

    database.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST_VALUE)
    database.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
    # Texts come as bytes, because not all of them are UTF-8.
    database.text_factory = bytes
    for setting in (
        "trusted_schema = OFF",
        "cell_size_check = ON",
        "mmap_size = 0",
        # Nothing is written; but only so is a file read that was cut.
        "writable_schema = ON",
    ):
        database.execute(f"PRAGMA {setting}")


def _allow_steps(database: sqlite3.Connection, size: int) -> None:
    """Interrupt what takes more steps from now on than reading all rows would."""
    left = _FREE_STEPS + _STEPS_PER_BYTE * size

    def exhausted() -> bool:
        nonlocal left
        left -= _STEPS
        return left < 0

    database.set_progress_handler(exhausted, _STEPS)


def _columns_of_comments(database: sqlite3.Connection, source: str) -> frozenset[str]:
    """Return the columns of Isso's comments that hold stored values, in lower case."""
    columns = _stored_columns(database, "comments")
    if columns >= _NEEDED:
        return columns
    rows = database.execute(
        "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') LIMIT ?",
        (_NAMED_TABLES,),
    )
    names = (_text(row[0])[:_NAMED_LENGTH] for row in rows)
    listed = ", ".join("".join(sign for sign in name if sign.isprintable()) for name in names)
    raise UnreadableInputError(
        f"{source}: a SQLite database, but not Isso's (its tables: {listed or 'none'}); give "
        "Isso's comments.db, or the table with comments as CSV"
    )


def _stored_columns(database: sqlite3.Connection, table: str) -> frozenset[str]:
    # Views and virtual tables have no root page: they would run what somebody else wrote.
    real = database.execute(
        "SELECT 1 FROM sqlite_master WHERE type = 'table' AND rootpage > 0"
        " AND lower(name) = ? AND upper(sql) NOT LIKE 'CREATE VIRTUAL%'",
        (table,),
    ).fetchone()
    if real is None:
        return frozenset()
    # Hidden columns are generated from others, by expressions.
    rows = database.execute(f"PRAGMA table_xinfo({table})")
    return frozenset(_text(row[1]).lower() for row in rows if not row[6])


def _found(
    database: sqlite3.Connection,
    columns: frozenset[str],
    size: int,
    source: str,
    warn: Warn,
) -> Iterator[Thread | Posted]:

    try:
        yield from _threads(database)
    except _damage() as error:
        warn(f"{source}: table threads: {_reason(error)}; read on without more headlines")
    damaged: list[Exception] = []
    count = 0
    for row in _rows(database, columns, size, damaged):
        count += 1
        yield _posted(row, source, warn)
    if damaged:
        raise _unreadable(source, damaged[0], count) from damaged[0]
    if not count:
        raise UnreadableInputError(f"{source}: no comments in this database; nothing to read")


def _threads(database: sqlite3.Connection) -> Iterator[Thread]:
    columns = _stored_columns(database, "threads")
    if "id" not in columns:
        return
    wanted = ", ".join(name if name in columns else "NULL" for name in ("id", "uri", "title"))
    query = f"SELECT {wanted} FROM threads"  # noqa: S608 -- all names are ours
    for identity, uri, title in _fetched(database, query):
        yield Thread(_name(identity) or "", _name(title), _name(uri))


def _rows(
    database: sqlite3.Connection,
    columns: frozenset[str],
    size: int,
    damaged: list[Exception],
) -> Iterator[_Row]:
    """Yield the comments in the order of their threads; of a damaged table, in the order of rows.

    What made that necessary is put into `damaged`.
    """
    # All names are ours; those that are missing come as NULL.
    wanted = ", ".join(name if name in columns else f"NULL AS {name}" for name in _WANTED)
    sorting = True
    try:
        _allow_steps(database, size)
        # Sorting reads the whole table before its first row comes; "+" keeps indexes out of it.
        query = f"SELECT {wanted} FROM comments ORDER BY +tid, +id"  # noqa: S608
        for row in _fetched(database, query):
            sorting = False
            yield dict(zip(_WANTED, row, strict=True))
    except _damage() as error:
        damaged.append(error)
    if not damaged or not sorting:
        return
    query = f"SELECT rowid, {wanted} FROM comments"  # noqa: S608
    # From the front to the damage, then from the back to it.
    last = _BEFORE_ALL
    for number, values in _towards_damage(database, query, size, damaged, back=False):
        last = number
        yield dict(zip(_WANTED, values, strict=True))
    for number, values in _towards_damage(database, query, size, damaged, back=True):
        if number <= last:
            return
        yield dict(zip(_WANTED, values, strict=True))


def _towards_damage(
    database: sqlite3.Connection, query: str, size: int, damaged: list[Exception], *, back: bool
) -> Iterator[tuple[int, list[Any]]]:
    """Yield rows with their numbers from the front or back of a table, until it cannot be read."""
    direction, sign = ("DESC", "<") if back else ("ASC", ">")
    number = _BEHIND_ALL if back else _BEFORE_ALL
    order = f"ORDER BY rowid {direction}"
    try:
        _allow_steps(database, size)
        for following, *values in _fetched(database, f"{query} {order}"):
            if (following >= number) if back else (following <= number):
                # Pages that point to each other in circles bring rows again.
                return
            number = following
            yield number, values
    except _damage() as error:
        damaged.append(error)
        try:
            # sqlite3 looks one row ahead, and loses the last one in front of the damage.
            query = f"{query} WHERE rowid {sign} {number} {order} LIMIT 1"
            for following, *values in _fetched(database, query):
                yield following, values
        except _damage() as another:
            damaged.append(another)


def _fetched(database: sqlite3.Connection, query: str) -> Iterator[tuple[Any, ...]]:
    """Yield rows one by one: those in front of a damaged one are not lost with it."""
    with closing(database.execute(query)) as cursor:
        yield from cursor


def _posted(row: _Row, source: str, warn: Warn) -> Posted:
    thread_id = _name(row["tid"]) or ""
    identity = _name(row["id"]) or "unnamed"
    written = row["text"]
    if isinstance(written, bytes):
        try:
            text = written.decode("utf-8")
        except UnicodeDecodeError:
            text, remark = decode_other(written)
            warn(f"{source}, comment {identity}: not UTF-8; {remark}")
    else:
        text = ""
    fragment = text_of_html(text)
    status = _STATUSES.get(row["mode"]) if isinstance(row["mode"], int) else None
    comment = Comment(
        id=identity,
        text=fragment.text,
        parent_id=_name(row["parent"]),
        author=display_name(_text(row["author"])),
        published=moment_of_seconds(row["created"]),
        status=status,
        quotations=fragment.quotations,
    )
    return Posted(thread_id, comment, f"comment {identity}")


def _name(value: Any) -> str | None:
    return named(_text(value) if isinstance(value, bytes) else value)


def _text(value: Any) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else ""
