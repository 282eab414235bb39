"""Parquet: row by row, every value as plain as JSON has it."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from moderation.errors import UnreadableInputError
from moderation.parsing.columns import distinct
from moderation.parsing.decoding import Warn
from moderation.parsing.json_lines import MAX_DEPTH
from moderation.parsing.tables import RawRow, Table, record_table

#: Rows decoded at once: where repeated texts stay words and places, and where they do not.
_BATCH_ROWS, _PLAIN_BATCH_ROWS = 1024, 128
#: Bytes of a row group up to which its texts stay words and places: Arrow keeps the words of a
#: group until its end, with about five times their bytes.
_MAX_WORDS_BYTES = 32 * 2**20
#: Bytes that the values of the rows decoded at once may have as Python objects.
_BATCH_BYTES = 64 * 2**20
#: Bytes of a row group as it declares them; writers make groups of 128 MB to 1 GB.
_MAX_GROUP_BYTES = 2 * 2**30
#: Bytes of a single text in the footer, and number of entries of its lists (columns, row groups):
#: versions of Arrow before 24 go down nested columns by recursion, for which ten thousand are safe.
_FOOTER_TEXT, _FOOTER_ENTRIES = 16 * 2**20, 10_000
# Index columns that pandas writes beside the user's own.
_INDEX_COLUMN = re.compile(r"__index_level_\d+__")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_REMEDY = "write it again, or give CSV or JSON Lines"


def read_parquet(path: Path, source: str, warn: Warn, text_column: str | None = None) -> Table:
    """Read a Parquet file; its rows are counted instead of lines.

    Dates and times come as ISO 8601 (in UTC, where a column has a zone), decimals as text, bytes as
    text where they are UTF-8; other bytes are empty. Nothing is ever unpickled.

    Parameters
    ----------
    path
        The file.
    source
        Name of the input.
    warn
        Is told of columns that cannot be read; they are empty.
    text_column
        Where the comments stand; None: guess.

    Raises
    ------
    UnreadableInputError
        If it cannot be read; while rows are read, behind what could be.
    UsageError
        If there is no such column.
    """
    rows = _Rows(path, source, warn)
    return record_table(rows.raw(), source, text_column, rows.names, rows.position)


class _Rows:
    """The rows of a Parquet file, and how far they have been read."""

    def __init__(self, path: Path, source: str, warn: Warn) -> None:
        self._path, self._source, self._warn = path, source, warn
        self._read, self._rows = 0, _BATCH_ROWS
        self._unreadable: set[str] = set()
        with _told(source), closing(self._opened()) as file:
            names = file.schema_arrow.names
            self._total = int(file.metadata.num_rows)
            self._size = path.stat().st_size
        kept = [place for place, name in enumerate(names) if not _INDEX_COLUMN.fullmatch(name)]
        self.names = distinct([names[place] for place in kept])
        self._places = dict(zip(self.names, kept, strict=True))

    def position(self) -> int:
        """Return about how many bytes have been read."""
        return self._size * min(self._read, self._total) // max(self._total, 1)

    def raw(self) -> Iterator[RawRow]:
        """Yield the rows as objects, numbered from 1."""
        with _told(self._source), closing(self._opened()) as file:
            for group in range(file.metadata.num_row_groups):
                # Group by group: a batch over two of them would be lost with the second.
                for batch in file.iter_batches(self._rows, row_groups=[group], use_threads=False):
                    for row in self._rows_of(batch):
                        self._read += 1
                        yield self._read, self._read, row

    def _opened(self) -> Any:
        import pyarrow as pa
        import pyarrow.parquet as pq

        settings: dict[str, Any] = {
            "thrift_string_size_limit": _FOOTER_TEXT,
            "thrift_container_size_limit": _FOOTER_ENTRIES,
        }
        file = pq.ParquetFile(self._path, **settings)
        groups = range(file.metadata.num_row_groups)
        sizes = [file.metadata.row_group(group).total_byte_size for group in groups]
        for group, size in enumerate(sizes, start=1):
            if not 0 <= size <= _MAX_GROUP_BYTES:
                file.close()
                raise UnreadableInputError(
                    f"{self._source}: row group {group} has {size:,} bytes, more than "
                    f"{_MAX_GROUP_BYTES:,}; write smaller row groups"
                )
        if max(sizes, default=0) > _MAX_WORDS_BYTES:
            self._rows = _PLAIN_BATCH_ROWS
            return file
        # Words and places: a page of a few bytes can repeat a long text a million times.
        texts = [one.name for one in file.schema_arrow if pa.types.is_string(one.type)]
        file.close()
        return pq.ParquetFile(self._path, read_dictionary=texts, **settings)

    def _rows_of(self, batch: Any) -> Iterator[dict[str, Any]]:
        rows = _rows_at_once(batch)
        for start in range(0, batch.num_rows, rows):
            part = batch.slice(start, rows)
            columns = {
                name: self._values(name, part.column(place)) for name, place in self._places.items()
            }
            for place in range(part.num_rows):
                yield {name: values[place] for name, values in columns.items()}

    def _values(self, name: str, column: Any) -> list[Any]:
        import pyarrow as pa

        try:
            return _plain_values(column)
        except (pa.ArrowException, ValueError, ArithmeticError, LookupError, ImportError):
            if name not in self._unreadable:
                self._unreadable.add(name)
                self._warn(
                    f"{self._source}, row {self._read + 1}: column {name!r} ({column.type}) cannot "
                    "be read; its values are left out"
                )
            return [None] * len(column)


@contextmanager
def _told(source: str) -> Iterator[None]:
    """Tell of whatever Arrow finds wrong in one line."""
    import pyarrow as pa

    try:
        yield
    except (
        pa.ArrowException,
        ArithmeticError,
        LookupError,
        MemoryError,
        OSError,
        RecursionError,
        TypeError,
        ValueError,
    ) as error:
        words = " ".join(str(error).split())[:150]
        reason = "".join(sign for sign in words if sign.isprintable()) or type(error).__name__
        raise UnreadableInputError(
            f"{source}: no Parquet file that can be read on ({reason}); {_REMEDY}"
        ) from error


def _rows_at_once(batch: Any) -> int:
    """Return how many rows of a batch become Python objects at once."""
    import pyarrow as pa

    # The longest a row may be: words in a dictionary can stand in every row.
    longest: int = batch.nbytes // max(batch.num_rows, 1) + sum(
        column.dictionary.nbytes for column in batch.columns if pa.types.is_dictionary(column.type)
    )
    return max(1, min(_BATCH_ROWS, _BATCH_BYTES // max(longest, 1)))


def _plain_values(column: Any) -> list[Any]:
    import pyarrow as pa

    if pa.types.is_dictionary(column.type):
        # Few rows, so that the words they repeat are few: see `_rows_at_once`.
        column = column.dictionary_decode()
    if pa.types.is_timestamp(column.type):
        # As numbers: nanoseconds would need pandas, and zones a database of them.
        moments = column.cast(pa.timestamp("us", column.type.tz), safe=False).cast(pa.int64())
        zoned = column.type.tz is not None
        return [_moment(one, zoned=zoned) for one in moments.to_pylist()]
    if pa.types.is_time64(column.type):
        column = column.cast(pa.time64("us"), safe=False)
    elif pa.types.is_duration(column.type):
        column = column.cast(pa.int64())
    return [_plain(one) for one in column.to_pylist()]


def _moment(microseconds: int | None, *, zoned: bool) -> str | None:
    if microseconds is None:
        return None
    try:
        moment = _EPOCH + timedelta(microseconds=microseconds)
    except OverflowError:  # beyond the calendar
        return None
    return (moment if zoned else moment.replace(tzinfo=None)).isoformat()


def _plain(value: Any, depth: int = 0) -> Any:
    """Return a value as JSON has it; None for what has no such form."""
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, bytes):
        try:
            return value.decode("utf-8")
        except UnicodeDecodeError:
            return None
    if isinstance(value, date | time):
        return value.isoformat()
    if depth >= MAX_DEPTH:
        return None
    if isinstance(value, dict):
        return {str(name): _plain(inner, depth + 1) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner, depth + 1) for inner in value]
    return str(value)
