"""The verbs of the command line."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Annotated, TextIO

import typer

from moderation import __version__
from moderation.cli.messages import Messages
from moderation.cli.writers import (
    CsvWriter,
    json_line,
    output_stream,
    row_record,
)
from moderation.errors import ModerationError
from moderation.json_records import labelled_record, page_record, verdict_record
from moderation.parsing.reader import Kind, find_inputs, read_as_page
from moderation.scoring import Desk, ScoredPage, ScoredRow, open_desk, score_inputs

#: The model that is used when none is named.
DEFAULT_MODEL = "news"
#: Columns of the picture when standard output is no terminal (a log, a pipe).
_PICTURE_WIDTH = 110

app = typer.Typer(
    help="A comment desk for German newsrooms: house rules, a trained model, reasons.\n\n"
    "Data goes to standard output, messages to standard error. Exit codes: 0 done, 1 found "
    "something with --fail-on or refused, 2 usage, 3 unreadable input, 4 model missing or damaged.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


class Format(StrEnum):
    """How results are written."""

    TABLE = "table"
    JSONL = "jsonl"
    CSV = "csv"


class InputKind(StrEnum):
    """What an input is."""

    PAGE = "page"
    LINES = "lines"
    CSV = "csv"
    JSONL = "jsonl"


class FailOn(StrEnum):
    """From which recommendation on the program ends with exit code 1."""

    REVIEW = "review"
    REJECT = "reject"


Paths = Annotated[
    list[str],
    typer.Argument(
        help="Files or folders; - is standard input.", metavar="PATH...", show_default=False
    ),
]
Output = Annotated[
    Path | None, typer.Option("--output", "-o", help="Write to this file.", show_default=False)
]
Rules = Annotated[
    Path | None,
    typer.Option(help="House rules: a TOML file, or a page that quotes them.", show_default=False),
]
InputFormat = Annotated[
    InputKind | None,
    typer.Option(help="What the input is; by default each is looked into.", show_default=False),
]
TextColumn = Annotated[
    str | None,
    typer.Option(help="The column of a table that holds the comments.", show_default=False),
]
LabelColumn = Annotated[str | None, typer.Option(help="Column of the labels.", show_default=False)]
Positive = Annotated[
    str | None,
    typer.Option(help="The label that means abusive or rejected.", show_default=False),
]
DataFolder = Annotated[
    Path | None, typer.Option("--data", help="Folder with the corpora.", show_default=False)
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object, as in a pipe.")]


@app.callback(invoke_without_command=True)
def root(
    version: Annotated[bool, typer.Option("--version", help="Show the version and stop.")] = False,
) -> None:
    """Handle options that go before the verb."""
    if version:
        sys.stdout.write(f"moderation {__version__}\n")
        raise typer.Exit


@app.command(no_args_is_help=True)
def parse(paths: Paths, output: Output = None) -> None:
    """Separate article, comments and house rules: one JSON object a page.

    Example: moderation parse seeds/ | jq .comments
    """
    messages = Messages()
    with output_stream(output, paths) as stream:
        for source in find_inputs(paths):
            try:
                if isinstance(source, ModerationError):
                    raise source
                stream.write(json_line(page_record(read_as_page(source, messages.remark))))
            except ModerationError as error:
                messages.problem(error)
    raise typer.Exit(messages.exit_code)


@app.command(no_args_is_help=True)
def label(
    paths: Paths,
    rules: Rules = None,
    output: Output = None,
    input_format: InputFormat = None,
    text_column: TextColumn = None,
) -> None:
    """Apply house rules, without the model: one JSON object a comment.

    Without --rules the rules quoted in the given pages apply, else the packaged default.

    Example: moderation label seeds/ | jq .labels
    """
    messages = Messages()
    desk = open_desk(None, rules, messages.remark)
    with output_stream(output, _read(paths, rules)) as stream:
        for scored in _scored(paths, desk, messages, input_format, text_column):
            stream.writelines(json_line(labelled_record(verdict)) for verdict in scored.verdicts)
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
    fail_on: Annotated[
        FailOn | None,
        typer.Option(help="End with exit code 1 from this recommendation on.", show_default=False),
    ] = None,
    input_format: InputFormat = None,
    text_column: TextColumn = None,
) -> None:
    """Judge comments: one recommendation each, with score, labels and reasons.

    Tables keep their columns and order and get score, decision and labels added.

    Example: moderation score export.csv --text-column Kommentar --format csv -o scored.csv
    """
    messages = Messages()
    desk = open_desk(model, rules, messages.remark)
    chosen = output_format or _usual_format(output)
    worst = 0
    with output_stream(output, _read(paths, rules)) as stream:
        write = _Results(chosen, stream)
        for scored in _scored(paths, desk, messages, input_format, text_column):
            write(scored)
            worst = max([worst, *(_SEVERITY[verdict.decision] for verdict in scored.verdicts)])
        write.finish()
    if messages.exit_code:
        raise typer.Exit(messages.exit_code)
    if fail_on is not None and worst >= _SEVERITY[fail_on.value]:
        raise typer.Exit(1)


_SEVERITY = {None: 0, "publish": 0, "review": 1, "reject": 2}


def _read(paths: list[str], rules: Path | None) -> list[str]:
    return paths if rules is None else [*paths, str(rules)]


def _usual_format(output: Path | None) -> Format:
    if output is not None:
        return Format.CSV if output.suffix.lower() == ".csv" else Format.JSONL
    return Format.TABLE if sys.stdout.isatty() else Format.JSONL


def _scored(
    paths: list[str],
    desk: Desk,
    messages: Messages,
    input_format: InputKind | None,
    text_column: str | None,
) -> Iterator[ScoredPage | ScoredRow]:
    kind: Kind | None = input_format.value if input_format is not None else None
    for scored in score_inputs(
        paths,
        desk,
        report=messages.remark,
        problem=messages.problem,
        kind=kind,
        text_column=text_column,
    ):
        yield scored
        messages.count(len(scored.verdicts))
    messages.close()


class _Results:
    """Writes results in the chosen format."""

    def __init__(self, chosen: Format, stream: TextIO) -> None:
        self._stream = stream
        self._csv = CsvWriter(stream) if chosen is Format.CSV else None
        self._picture = None
        if chosen is Format.TABLE:
            # rich takes a quarter of the start-up time; a pipe does not need it.
            from rich.console import Console

            from moderation.cli.picture import Picture

            wide = None if stream.isatty() or "COLUMNS" in os.environ else _PICTURE_WIDTH
            console = Console(file=stream, width=wide, highlight=False)
            self._picture = Picture(console)

    def __call__(self, scored: ScoredPage | ScoredRow) -> None:
        """Write one result."""
        writer = self._csv or self._picture
        if writer is not None:
            writer.page(scored) if isinstance(scored, ScoredPage) else writer.row(scored)
        elif isinstance(scored, ScoredPage):
            self._stream.writelines(json_line(verdict_record(v)) for v in scored.verdicts)
        else:
            self._stream.write(json_line(row_record(scored)))

    def finish(self) -> None:
        """Write what comes last."""
        if self._picture is not None:
            self._picture.summary()
