"""``--resume``: what a run that was interrupted has written so far."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from moderation.cli.writers import part_of
from moderation.errors import UsageError, reason_of


@dataclass(frozen=True, slots=True)
class Resumed:
    """A half-written output.

    Attributes
    ----------
    path
        Where it lies.
    comments
        How many comments are complete.
    end
        Where the last complete one ends, in bytes; what follows is cut off.
    last
        Its text, to be compared with what comes out now; empty if there is none.
    header
        The header line of CSV.
    """

    path: Path
    comments: int
    end: int
    last: str
    header: str


def half_written(output: Path, csv_format: bool, report: Callable[[str], None]) -> Resumed | None:
    """Look at what an interrupted run has left of `output`; None if there is nothing.

    Raises
    ------
    UsageError
        If it cannot be read.
    """
    records, end, last, header = 0, 0, b"", b""
    try:
        part = part_of(output)
        if not part.exists():
            report(f"{part}: is not there; nothing to go on with, scoring from the beginning")
            return None
        with part.open("rb") as stream:
            for record in _complete_records(stream, csv_format):
                if csv_format and not records:
                    header = record
                else:
                    last = record
                records += 1
                end += len(record)
    except (OSError, ValueError) as error:
        raise UsageError(f"{output}: cannot be read ({reason_of(error)})") from error
    comments = records - bool(header)
    report(f"{part}: going on behind {comments:,} comments")
    texts = (text.decode("utf-8", "replace") for text in (last, header))
    return Resumed(part, comments, end, *texts)


def _complete_records(stream: BinaryIO, csv_format: bool) -> Iterator[bytes]:
    """Yield lines that have an end; in CSV a line break between quotes is none."""
    lines: list[bytes] = []
    quoted = False
    for line in stream:
        lines.append(line)
        quoted ^= csv_format and line.count(b'"') % 2 == 1
        if line.endswith(b"\n") and not quoted:
            yield b"".join(lines)
            lines.clear()
