"""JSON Lines and CSV on standard output or in a file."""

from __future__ import annotations

import codecs
import csv
import errno
import io
import json
import os
import sys
from collections.abc import Container, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, TextIO

from moderation.errors import UsageError, reason_of
from moderation.json_records import rounded, verdict_record
from moderation.records import Label, Verdict
from moderation.scoring import ScoredPage, ScoredRow

# What can go wrong with a disk while it is written to.
_OUTPUT_ERRORS = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EROFS})
# Half of a UTF-16 pair is no text: UTF-8 cannot hold it and JSON readers choke on it.
_SURROGATES = "moderation.surrogates"

#: Columns of CSV output when the input is pages or plain lines.
_PAGE_COLUMNS = (
    "source",
    "headline",
    "comment_id",
    "parent_id",
    "author",
    "published",
    "text",
    "score",
    "decision",
    "labels",
    "reasons",
)
#: Columns that are added to a user's own table.
ADDED_COLUMNS = ("score", "decision", "labels")
#: Prefix of an added column whose name the user's table already has.
_PREFIX = "moderation_"


def _replaced(error: UnicodeError) -> tuple[bytes, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "\ufffd".encode() * (error.end - error.start), error.end


codecs.register_error(_SURROGATES, _replaced)


@contextmanager
def output_stream(path: Path | None, inputs: Sequence[str] = ()) -> Iterator[TextIO]:
    """Open the output: UTF-8, line feeds; lone surrogates, which are no text, become U+FFFD.

    A file gets its name when it is complete; until then, and after an interruption, what was
    written so far stands beside it in ``NAME.part``.

    Raises
    ------
    UsageError
        If `path` cannot be written, or is one of `inputs` or inside them, or the disk is full.
    """
    if path is None or str(path) == "-":
        yield from _written(sys.stdout.buffer, "stdout")
        return
    try:
        for name in inputs:
            if name and Path(name).exists() and (path.exists() and path.samefile(name)):
                raise UsageError(f"{path}: is also an input; choose another --output")
            if name and path.resolve().is_relative_to(Path(name).resolve()):
                raise UsageError(f"{path}: lies in the input {name}; choose another --output")
        part = path.with_name(path.name + ".part")
        raw = part.open("wb")
    except (OSError, ValueError) as error:
        raise UsageError(
            f"{path}: cannot be written ({reason_of(error)}); choose another --output"
        ) from error
    with raw:
        yield from _written(raw, str(path))
    part.replace(path)


def _written(raw: BinaryIO, name: str) -> Iterator[TextIO]:
    stream = io.TextIOWrapper(raw, encoding="utf-8", errors=_SURROGATES, newline="")
    try:
        yield stream
        stream.flush()
        raw.flush()
    except OSError as error:
        if error.errno not in _OUTPUT_ERRORS:
            raise
        # Python would try to flush once more at exit, and complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), raw.fileno())
        raise UsageError(
            f"{name}: cannot be written ({error.strerror}); the output is incomplete"
        ) from error
    finally:
        stream.detach()


def json_line(record: Any) -> str:
    """Return `record` as one line of JSON."""
    return json.dumps(record, ensure_ascii=False) + "\n"


def row_record(scored: ScoredRow) -> dict[str, Any]:
    """Return a table row's own columns, then what was found; own columns keep their names."""
    if not scored.row.columns:
        return verdict_record(scored.verdict)
    record = dict(scored.row.columns)
    verdict = verdict_record(scored.verdict)
    for key in dict.fromkeys((*ADDED_COLUMNS, *verdict)):
        record[_free_name(key, record)] = verdict[key]
    return record


def _free_name(name: str, taken: Container[str]) -> str:
    """Return `name`, prefixed until nobody has it."""
    while name in taken:
        name = _PREFIX + name
    return name


class CsvWriter:
    """Writes verdicts as CSV; the header comes from the first result."""

    def __init__(self, stream: TextIO) -> None:
        self._writer = csv.writer(stream, lineterminator="\n")
        self._columns: tuple[str, ...] | None = None

    def page(self, scored: ScoredPage) -> None:
        """Write one row per comment of a page."""
        self._header(_PAGE_COLUMNS, scored.page.source)
        for verdict in scored.verdicts:
            self._writer.writerow(_page_cells(verdict))

    def row(self, scored: ScoredRow) -> None:
        """Write a table row with the columns added."""
        if not scored.columns:
            self._header(_PAGE_COLUMNS, scored.source)
            self._writer.writerow(_page_cells(scored.verdict))
            return
        added = tuple(_free_name(name, scored.columns) for name in ADDED_COLUMNS)
        self._header((*scored.columns, *added), scored.source)
        cells = [_cell(scored.row.columns.get(name)) for name in scored.columns]
        verdict = scored.verdict
        self._writer.writerow(
            [*cells, _cell(rounded(verdict.score)), verdict.decision, labels_cell(verdict.labels)]
        )

    def _header(self, columns: tuple[str, ...], source: str) -> None:
        if self._columns is None:
            self._columns = columns
            self._writer.writerow(columns)
        elif self._columns != columns:
            raise UsageError(
                f"{source}: has other columns than the input before it; score them one by one, or "
                "use --format jsonl"
            )


def _page_cells(verdict: Verdict) -> list[Any]:
    comment = verdict.comment
    return [
        verdict.source,
        verdict.headline,
        comment.id,
        comment.parent_id,
        comment.author,
        comment.published,
        comment.text,
        _cell(rounded(verdict.score)),
        verdict.decision,
        labels_cell(verdict.labels),
        " ".join(verdict.reasons),
    ]


def labels_cell(labels: Sequence[Label]) -> str:
    """Return labels for one cell: ``group_abuse: „…“, „…“; insult: „…“``."""
    return "; ".join(
        f"{label.category}: {', '.join(f'„{one.text}“' for one in label.evidence)}"
        for label in labels
    )


def _cell(value: Any) -> Any:
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    return "" if value is None else value
