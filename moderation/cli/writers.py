"""JSON Lines and CSV on standard output or in a file."""

from __future__ import annotations

import csv
import io
import json
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, TextIO

from moderation.errors import UsageError
from moderation.json_records import rounded, verdict_record
from moderation.records import Label, Verdict
from moderation.scoring import ScoredPage, ScoredRow

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


@contextmanager
def output_stream(path: Path | None, inputs: Sequence[str] = ()) -> Iterator[TextIO]:
    """Open the output: UTF-8, line feeds; lone surrogates, which are no text, become "\ufffd".

    Raises
    ------
    UsageError
        If `path` cannot be written, or is one of `inputs`, or the disk is full.
    """
    raw: BinaryIO
    if path is None:
        raw = sys.stdout.buffer
    else:
        if any(Path(name).exists() and path.exists() and path.samefile(name) for name in inputs):
            raise UsageError(f"{path}: is also an input; choose another --output")
        try:
            raw = path.open("wb")
        except OSError as error:
            raise UsageError(f"{path}: cannot be written ({error.strerror})") from error
    stream = io.TextIOWrapper(raw, encoding="utf-8", errors="replace", newline="")
    try:
        yield stream
        stream.flush()
        raw.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        # Python would try to flush once more at exit, and complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), raw.fileno())
        raise UsageError(
            f"{path or 'stdout'}: cannot be written ({error.strerror}); the output is incomplete"
        ) from error
    finally:
        if path is None:
            stream.detach()
        else:
            stream.close()


def json_line(record: Any) -> str:
    """Return `record` as one line of JSON.

    Lone surrogates stay what they were by being escaped, as JSON allows.
    """
    line = json.dumps(record, ensure_ascii=False)
    try:
        line.encode()
    except UnicodeEncodeError:
        line = json.dumps(record)
    return line + "\n"


def row_record(scored: ScoredRow) -> dict[str, Any]:
    """Return a table row's own columns, then what was found; own columns keep their names."""
    if not scored.row.columns:
        return verdict_record(scored.verdict)
    record = dict(scored.row.columns)
    verdict = verdict_record(scored.verdict)
    for key in (*ADDED_COLUMNS, *verdict):
        name = key if key not in scored.row.columns else _PREFIX + key
        record[name] = verdict[key]
    return record


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
        added = tuple(
            name if name not in scored.columns else _PREFIX + name for name in ADDED_COLUMNS
        )
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
