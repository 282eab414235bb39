"""JSON Lines and CSV on standard output or in a file."""

from __future__ import annotations

import codecs
import csv
import errno
import io
import json
import os
import sys
from collections.abc import Container, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, TextIO

from moderation.errors import UsageError, reason_of
from moderation.json_records import ADDED_PREFIX, rounded, verdict_record
from moderation.records import Label, State, Verdict
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
    "status",
    "text",
    "score",
    "decision",
    "labels",
    "reasons",
)
#: Columns that are added to a user's own table.
ADDED_COLUMNS = ("score", "decision", "labels")
#: Columns that are added where a time was asked about.
STATE_COLUMNS = ("state", "held_until")


def _replaced(error: UnicodeError) -> tuple[bytes, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "\ufffd".encode() * (error.end - error.start), error.end


codecs.register_error(_SURROGATES, _replaced)


def part_of(path: Path) -> Path:
    """Return where the output `path` stands until it is complete."""
    path = path.resolve()
    return path.with_name(path.name + ".part")


@contextmanager
def output_stream(
    path: Path | None,
    inputs: Sequence[str] = (),
    append_at: int | None = None,
    option: str = "--output",
) -> Iterator[TextIO]:
    """Open the output: UTF-8, line feeds; lone surrogates, which are no text, become U+FFFD.

    A file gets its name when it is complete; until then, and after an interruption, what was
    written so far stands beside it in ``NAME.part``. With `append_at` writing goes on in that file,
    behind so many bytes; what stands there is left to be cut off by the caller. `option` is the one
    that names the file, for messages.

    Raises
    ------
    UsageError
        If `path` cannot be written, or is one of `inputs` or inside them, or the disk is full.
    """
    if path is None or str(path) == "-":
        yield from _written(sys.stdout.buffer, "stdout")
        return
    with _opened(path, inputs, append_at, option) as raw:
        yield from _written(raw, str(path))


@contextmanager
def output_file(path: Path, inputs: Sequence[str] = ()) -> Iterator[BinaryIO]:
    """Open an output of bytes; it gets its name when it is complete, as :func:`output_stream`.

    Raises
    ------
    UsageError
        If `path` cannot be written, or is one of `inputs` or inside them, or the disk is full.
    """
    with _opened(path, inputs) as raw:
        try:
            yield raw
            raw.flush()
        except OSError as error:
            if error.errno not in _OUTPUT_ERRORS:
                raise
            raise UsageError(
                f"{path}: cannot be written ({error.strerror}); the output is incomplete"
            ) from error


@contextmanager
def _opened(
    path: Path,
    inputs: Sequence[str] = (),
    append_at: int | None = None,
    option: str = "--output",
) -> Iterator[BinaryIO]:
    try:
        for name in inputs:
            if name and Path(name).exists() and (path.exists() and path.samefile(name)):
                raise UsageError(f"{path}: is also an input; choose another {option}")
            if name and path.resolve().is_relative_to(Path(name).resolve()):
                raise UsageError(f"{path}: lies in the input {name}; choose another {option}")
        # Behind a symbolic link, which stays one.
        target = path.resolve()
        if path.is_dir():
            raise UsageError(f"{path}: is a folder; name a file in it")
        # What is no file (/dev/null, a pipe) is written to; a file in its place would break it.
        direct = path.exists() and not path.is_file()
        part = path if direct else part_of(path)
        raw = part.open("wb" if direct or append_at is None else "r+b")
        if append_at is not None and not direct:
            raw.seek(append_at)
    except (OSError, ValueError) as error:
        raise UsageError(
            f"{path}: cannot be written ({reason_of(error)}); choose another {option}"
        ) from error
    with raw:
        yield raw
    if not direct:
        part.replace(target)


def _written(raw: BinaryIO, name: str) -> Iterator[TextIO]:
    stream = io.TextIOWrapper(raw, encoding="utf-8", errors=_SURROGATES, newline="")
    try:
        yield stream
        stream.flush()
        raw.flush()
    except OSError as error:
        left = isinstance(error, BrokenPipeError)
        if not left and error.errno not in _OUTPUT_ERRORS:
            raise
        # Python would try to flush once more at exit, and complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), raw.fileno())
        if left:
            # The reader (head, less) has seen enough, which is no error.
            raise SystemExit(0) from error
        raise UsageError(
            f"{name}: cannot be written ({error.strerror}); the output is incomplete"
        ) from error
    finally:
        stream.detach()


_ENCODE = json.JSONEncoder(ensure_ascii=False).encode


def as_written(text: str) -> str:
    """Return `text` as it comes back from the output: without lone surrogates."""
    return text.encode("utf-8", _SURROGATES).decode("utf-8")


def json_line(record: Any) -> str:
    """Return `record` as one line of JSON."""
    return _ENCODE(record) + "\n"


def json_lines(scored: ScoredPage | ScoredRow) -> str:
    """Return a result as one line of JSON per comment."""
    if isinstance(scored, ScoredPage):
        return "".join(json_line(verdict_record(verdict)) for verdict in scored.verdicts)
    return json_line(row_record(scored))


def row_record(scored: ScoredRow) -> dict[str, Any]:
    """Return a table row's own columns, then what was found; own columns keep their names."""
    if not scored.row.columns:
        return verdict_record(scored.verdict)
    verdict = verdict_record(scored.verdict)
    added = {key: verdict.pop(key) for key in ADDED_COLUMNS} | verdict
    own = scored.row.columns
    if own.keys().isdisjoint(added):
        return {**own, **added}
    record = dict(own)
    for key, value in added.items():
        record[_free_name(key, record)] = value
    return record


def _free_name(name: str, taken: Container[str]) -> str:
    """Return `name`, prefixed until nobody has it."""
    while name in taken:
        name = ADDED_PREFIX + name
    return name


def csv_columns(scored: ScoredPage | ScoredRow, *, with_states: bool) -> tuple[str, ...]:
    """Return the header that the rows of a result stand under."""
    states = STATE_COLUMNS if with_states else ()
    if isinstance(scored, ScoredPage) or not scored.columns:
        return (*_PAGE_COLUMNS, *states)
    added = (_free_name(name, scored.columns) for name in (*ADDED_COLUMNS, *states))
    return (*scored.columns, *added)


def csv_lines(rows: Iterable[Iterable[Any]]) -> str:
    """Return rows of cells as lines of CSV."""
    stream = io.StringIO()
    csv.writer(stream, lineterminator="\n").writerows(rows)
    return stream.getvalue()


def csv_rows(scored: ScoredPage | ScoredRow, *, with_states: bool) -> Iterator[list[Any]]:
    """Yield one row of cells per comment; a table's rows keep their own cells in front."""
    if isinstance(scored, ScoredPage) or not scored.columns:
        for one in scored.verdicts:
            yield [*_page_cells(one), *(_state_cells(one.state) if with_states else ())]
        return
    verdict = scored.verdict
    own = [_cell(scored.row.columns.get(name)) for name in scored.columns]
    found = [_cell(rounded(verdict.score)), verdict.decision, labels_cell(verdict.labels)]
    yield [*own, *found, *(_state_cells(verdict.state) if with_states else ())]


def _state_cells(state: State | None) -> tuple[str, str]:
    return ("", "") if state is None else (state.kind, state.until or "")


def _page_cells(verdict: Verdict) -> list[Any]:
    comment = verdict.comment
    return [
        verdict.source,
        verdict.headline,
        comment.id,
        comment.parent_id,
        comment.author,
        comment.published,
        comment.status,
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
