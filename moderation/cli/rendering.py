"""A task judged and made into text: what is done in another process, if there are several."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from moderation.cli.writers import csv_columns, csv_lines, csv_rows, json_line, json_lines
from moderation.errors import ModerationError
from moderation.json_records import labelled_record
from moderation.records import Decision, Verdict
from moderation.scoring import Desk, ScoredPage, ScoredRow, judge
from moderation.states import is_unread
from moderation.tasks import Task

#: Recommendations by how much they ask for.
SEVERITY: dict[Decision | None, int] = {None: 0, "publish": 0, "review": 1, "reject": 2}


class Form(StrEnum):
    """What a result is made into."""

    RECORDS = "records"
    LABELS = "labels"
    CSV = "csv"
    PICTURE = "picture"


@dataclass(frozen=True, slots=True)
class Rendered:
    """What came of a task, ready to be written.

    Attributes
    ----------
    source, share
        As the task has them.
    comments
        How many there were.
    severity
        That of the gravest recommendation, see :data:`SEVERITY`.
    text
        The lines to write; empty where a picture is wanted.
    columns
        The header that lines of CSV stand under.
    results
        What a picture is to be drawn of; empty where there is text.
    remarks, problems
        What was repaired, and what could not be read.
    unread_time
        The first of the times at which comments were sent, where states are asked for, that nobody
        can tell; None: there is none.
    """

    source: str
    share: float | None
    comments: int
    severity: int
    text: str
    columns: tuple[str, ...]
    results: tuple[ScoredPage | ScoredRow, ...]
    remarks: tuple[str, ...]
    problems: tuple[ModerationError, ...]
    unread_time: str | None


def render(desk: Desk, task: Task, form: Form) -> Rendered:
    """Judge a task and render what comes of it."""
    judged = judge(desk, task)
    results = judged.results
    verdicts = [verdict for scored in results for verdict in scored.verdicts]
    text = ""
    columns: tuple[str, ...] = ()
    if form is Form.RECORDS:
        text = "".join(map(json_lines, results))
    elif form is Form.LABELS:
        text = "".join(json_line(labelled_record(verdict)) for verdict in verdicts)
    elif form is Form.CSV:
        with_states = desk.clock is not None
        columns = csv_columns(results[0], with_states=with_states)
        text = csv_lines(
            row for scored in results for row in csv_rows(scored, with_states=with_states)
        )
    return Rendered(
        task.source,
        task.share,
        comments=len(verdicts),
        severity=max((SEVERITY[verdict.decision] for verdict in verdicts), default=0),
        text=text,
        columns=columns,
        results=results if form is Form.PICTURE else (),
        remarks=judged.remarks,
        problems=judged.problems,
        unread_time=_unread_time(verdicts) if desk.clock is not None else None,
    )


def _unread_time(verdicts: Iterable[Verdict]) -> str | None:
    times = (verdict.comment.published for verdict in verdicts)
    return next(filter(is_unread, times), None)
