"""``moderation label`` and ``moderation score``: comments in, findings and recommendations out."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Annotated, TextIO

import typer

from moderation.cli.app import (
    DEFAULT_MODEL,
    Holidays,
    InputFormat,
    KeepAuthors,
    Now,
    Output,
    Paths,
    Rules,
    Strict,
    TextColumn,
    app,
    clock,
    intake,
    read_once,
)
from moderation.cli.messages import Messages
from moderation.cli.rendering import SEVERITY, Form, Rendered, render
from moderation.cli.resuming import Resumed, half_written
from moderation.cli.uncertain_times import tell_comments, tell_rules
from moderation.cli.writers import as_written, csv_lines, output_stream, part_of
from moderation.errors import UsageError
from moderation.model.persistence import model_folder
from moderation.parsing.reader import Intake
from moderation.scoring import Desk, open_desk
from moderation.spreading import spare_the_collector, spread_here, spread_on_dask
from moderation.states import is_moving
from moderation.tasks import Task, tasks

#: Columns of the picture when standard output is no terminal (a log, a pipe).
_PICTURE_WIDTH = 110
#: Processes at most: more is a slip of the keyboard.
_MAX_JOBS = 256


class Format(StrEnum):
    """How results are written."""

    TABLE = "table"
    JSONL = "jsonl"
    CSV = "csv"


_FORMS = {Format.TABLE: Form.PICTURE, Format.JSONL: Form.RECORDS, Format.CSV: Form.CSV}


class FailOn(StrEnum):
    """From which recommendation on the program ends with exit code 1."""

    REVIEW = "review"
    REJECT = "reject"


class Backend(StrEnum):
    """Where the work is done."""

    LOCAL = "local"
    DASK = "dask"


@app.command(no_args_is_help=True)
def label(
    paths: Paths,
    rules: Rules = None,
    output: Output = None,
    input_format: InputFormat = None,
    text_column: TextColumn = None,
    keep_authors: KeepAuthors = False,
    strict: Strict = False,
    now: Now = None,
    holidays: Holidays = None,
) -> None:
    """Apply house rules, without the model: one JSON object a comment.

    Without --rules the rules quoted in the given pages apply, else the packaged default.

    Example: moderation label seeds/ | jq .labels
    """
    read_once([*paths, rules])
    messages = Messages(strict=strict)
    desk = open_desk(None, rules, messages.remark, clock=clock(now, holidays))
    taken = intake(messages, input_format, text_column, keep_authors)
    pieces = _tasks(paths, desk, messages, taken)
    with output_stream(output, _read(paths, rules)) as stream:
        _write(stream, (render(desk, task, Form.LABELS) for task in pieces), messages)
    raise typer.Exit(messages.exit_code)


@app.command(no_args_is_help=True)
def score(
    paths: Paths,
    model: Annotated[str, typer.Option(help="Name or folder of a model.")] = DEFAULT_MODEL,
    rules: Rules = None,
    output_format: Annotated[
        Format | None,
        typer.Option(
            "--format",
            help="table on a terminal, jsonl in a pipe, unless you say; csv for spreadsheets.",
            show_default=False,
        ),
    ] = None,
    output: Output = None,
    resume: Annotated[
        bool,
        typer.Option(
            "--resume",
            help="Go on with an --output that was interrupted; its last comment is compared.",
        ),
    ] = False,
    policy: Annotated[
        Path | None,
        typer.Option(
            help="Your table of recommendations (TOML); see default_policy.toml.",
            show_default=False,
        ),
    ] = None,
    fail_on: Annotated[
        FailOn | None,
        typer.Option(help="End with exit code 1 from this recommendation on.", show_default=False),
    ] = None,
    input_format: InputFormat = None,
    text_column: TextColumn = None,
    keep_authors: KeepAuthors = False,
    strict: Strict = False,
    jobs: Annotated[int, typer.Option("--jobs", "-j", help="Processes; 0 is all cores.")] = 1,
    backend: Annotated[
        Backend, typer.Option(help="local, or a dask.distributed cluster.")
    ] = Backend.LOCAL,
    scheduler: Annotated[
        str | None,
        typer.Option(
            help="Address of the cluster's scheduler (tcp://host:8786).", show_default=False
        ),
    ] = None,
    now: Now = None,
    holidays: Holidays = None,
) -> None:
    """Judge comments: one recommendation each, with score, labels and reasons.

    Tables keep their columns and order and get score, decision and labels added.

    Example: moderation score export.csv --text-column Kommentar --format csv -o scored.csv
    """
    _check_options(jobs, backend, scheduler, output, resume, fail_on)
    if resume and is_moving(now):
        raise UsageError(
            "--resume goes on with the time of the interrupted run; give that to --now, it was told"
        )
    read_once([*paths, rules, policy])
    spare_the_collector()
    messages = Messages(strict=strict)
    desk = open_desk(model, rules, messages.remark, policy, clock(now, holidays))
    form = _FORMS[output_format or _usual_format(output)]
    if resume and form is Form.PICTURE:
        raise UsageError("--resume goes on with records; use --format jsonl or csv")
    moment = desk.clock.now.isoformat() if desk.clock is not None else None
    if is_moving(now) and output is not None and form is not Form.PICTURE:
        messages.remark(f"now is {moment}; --resume would need --now {moment}")
    done = half_written(output, form is Form.CSV, messages.remark) if resume and output else None
    taken = intake(messages, input_format, text_column, keep_authors)
    pieces = _tasks(paths, desk, messages, taken, done)
    work = partial(render, form=form)
    if scheduler is not None:
        rendered = spread_on_dask(work, desk, scheduler, pieces)
    else:
        folder = model_folder(model)
        rendered = spread_here(work, desk, folder, pieces, jobs or _cores())
    try:
        with output_stream(
            output, _read(paths, rules), append_at=done.end if done else None
        ) as stream:
            if form is Form.PICTURE:
                worst = _draw(stream, rendered, messages)
            else:
                worst = _write(stream, rendered, messages, done)
    except KeyboardInterrupt:
        messages.close()
        if output is not None and str(output) != "-" and form is not Form.PICTURE:
            going_on = "--resume" if moment is None else f"--resume --now {moment}"
            messages.remark(f"interrupted; {part_of(output)} has what is done, {going_on} goes on")
        raise
    if messages.exit_code:
        raise typer.Exit(messages.exit_code)
    if fail_on is not None and worst >= SEVERITY[fail_on.value]:
        raise typer.Exit(1)


def _check_options(
    jobs: int,
    backend: Backend,
    scheduler: str | None,
    output: Path | None,
    resume: bool,
    fail_on: FailOn | None,
) -> None:
    if not 0 <= jobs <= _MAX_JOBS:
        raise UsageError(f"--jobs {jobs}: must be 0 (all cores) to {_MAX_JOBS}")
    if (backend is Backend.DASK) != (scheduler is not None):
        raise UsageError("--backend dask and --scheduler ADDRESS go together; give both")
    if backend is Backend.DASK and jobs != 1:
        raise UsageError("--jobs is for this machine; a cluster has the workers it has")
    if resume and (output is None or str(output) == "-"):
        raise UsageError("--resume goes on with a file; name it with --output")
    if resume and fail_on is not None:
        raise UsageError("--fail-on needs all comments of one run; leave out --resume")


def _cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _read(paths: list[str], rules: Path | None) -> list[str]:
    return paths if rules is None else [*paths, str(rules)]


def _usual_format(output: Path | None) -> Format:
    if output is not None:
        return Format.CSV if output.suffix.lower() == ".csv" else Format.JSONL
    return Format.TABLE if sys.stdout.isatty() else Format.JSONL


def _tasks(
    paths: Sequence[str],
    desk: Desk,
    messages: Messages,
    taken: Intake,
    done: Resumed | None = None,
) -> Iterator[Task]:
    pieces = tasks(
        paths,
        desk.rules,
        report=messages.remark,
        warn=messages.repaired,
        problem=messages.problem,
        intake=taken,
        # The last one is judged again, to see that it comes out as it stands there.
        skip=max(done.comments - 1, 0) if done else 0,
    )
    return tell_rules(pieces, messages) if desk.clock is not None else pieces


def _told(rendered: Iterable[Rendered], messages: Messages) -> Iterator[Rendered]:
    """Pass results on and say what there is to say of each."""
    for one in tell_comments(rendered, messages):
        for remark in one.remarks:
            messages.repaired(remark)
        for error in one.problems:
            messages.problem(error)
        yield one
        messages.count(one.comments, one.share)
    messages.close()


def _write(
    stream: TextIO,
    rendered: Iterable[Rendered],
    messages: Messages,
    done: Resumed | None = None,
) -> int:
    """Write lines of JSON or CSV; return the severity of the gravest recommendation."""
    worst = 0
    header, last = (done.header, done.last) if done else ("", "")
    if done and not last:
        stream.truncate(done.end)
    for one in _told(rendered, messages):
        text = one.text
        if one.columns:
            line = as_written(csv_lines([one.columns]))
            if not header:
                header = line
                stream.write(line)
            elif line != header:
                raise _foreign(done) if done and last else _other_columns(one.source)
        # A page without comments that are to be written has no text.
        if done and last and text:
            if not as_written(text).startswith(last):
                raise _foreign(done)
            stream.truncate(done.end)
            text, last = as_written(text)[len(last) :], ""
        stream.write(text)
        worst = max(worst, one.severity)
    if last and done:
        raise _foreign(done)
    return worst


def _other_columns(source: str) -> UsageError:
    return UsageError(
        f"{source}: has other columns than the input before it; score them one by one, or use "
        "--format jsonl"
    )


def _foreign(done: Resumed) -> UsageError:
    return UsageError(
        f"{done.path}: comes from another input, model, format or version; remove it, or leave "
        "out --resume"
    )


def _draw(stream: TextIO, rendered: Iterable[Rendered], messages: Messages) -> int:
    """Draw a picture of every result; return the severity of the gravest recommendation."""
    # rich takes a quarter of the start-up time; a pipe does not need it.
    from rich.console import Console

    from moderation.cli.picture import Picture

    worst = 0
    wide = None if stream.isatty() or "COLUMNS" in os.environ else _PICTURE_WIDTH
    picture = Picture(Console(file=stream, width=wide, highlight=False))
    for one in _told(rendered, messages):
        for scored in one.results:
            picture.draw(scored)
        worst = max(worst, one.severity)
    picture.summary()
    return worst
