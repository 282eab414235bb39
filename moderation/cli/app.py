"""The verbs of the command line."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from moderation import __version__
from moderation.cli.messages import Messages
from moderation.cli.writers import json_line, output_stream
from moderation.errors import UsageError
from moderation.json_records import page_record
from moderation.parsing.reader import Intake
from moderation.pseudonyms import open_pseudonyms
from moderation.states import Clock, read_clock
from moderation.tasks import pages

#: The model that is used when none is named.
DEFAULT_MODEL = "news"

app = typer.Typer(
    help="A comment desk for German newsrooms: house rules, a trained model, reasons.\n\n"
    "Data goes to standard output, messages to standard error. Exit codes: 0 done, 1 found "
    "something with --fail-on or refused, 2 usage, 3 unreadable input, 4 model missing or damaged.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


class InputKind(StrEnum):
    """What an input is."""

    PAGE = "page"
    HTML = "html"
    LINES = "lines"
    CSV = "csv"
    JSONL = "jsonl"
    PARQUET = "parquet"
    WORDPRESS = "wordpress"
    DISQUS = "disqus"
    CORAL = "coral"
    CORAL_STORIES = "coral-stories"
    ISSO = "isso"
    REMARK42 = "remark42"
    PARSED = "parsed"


Paths = Annotated[
    list[str],
    typer.Argument(
        help="Files, folders or archives; - is standard input.",
        metavar="PATH...",
        show_default=False,
    ),
]
Output = Annotated[
    Path | None, typer.Option("--output", "-o", help="Write to this file.", show_default=False)
]
Rules = Annotated[
    Path | None,
    typer.Option(
        help="House rules: a TOML file, or a page that quotes them; - is standard input.",
        show_default=False,
    ),
]
TextColumn = Annotated[
    str | None,
    typer.Option(help="The column of a table that holds the comments.", show_default=False),
]
InputFormat = Annotated[
    InputKind | None,
    typer.Option(help="What the input is; by default each is looked into.", show_default=False),
]
KeepAuthors = Annotated[
    bool,
    typer.Option(
        "--keep-authors", help="Keep names, and addresses in tables; by default pseudonyms."
    ),
]
Strict = Annotated[
    bool, typer.Option("--strict", help="Stop at the first thing that would need repair.")
]
LabelColumn = Annotated[str | None, typer.Option(help="Column of the labels.", show_default=False)]
Positive = Annotated[
    str | None,
    typer.Option(help="The label that means abusive or rejected.", show_default=False),
]
DataFolder = Annotated[
    Path | None, typer.Option("--data", help="Folder with the corpora.", show_default=False)
]
Now = Annotated[
    str | None,
    typer.Option(
        "--now",
        help="Say which comments would be open, held or closed at this time: now, ISO 8601, or "
        '"25.11.2026 20:14".',
        show_default=False,
    ),
]
Holidays = Annotated[
    str | None,
    typer.Option(
        "--holidays",
        help="For --now: a German state (BY), DE, AT, CH, or a file with one date a line.",
        show_default=False,
    ),
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


def intake(
    messages: Messages,
    input_format: InputKind | None,
    text_column: str | None,
    keep_authors: bool,
) -> Intake:
    """Return how inputs are taken in, as the user said.

    Raises
    ------
    ModerationError
        If pseudonyms are needed and their key cannot be read or made.
    """
    return Intake(
        kind=input_format.value if input_format is not None else None,
        text_column=text_column,
        pseudonyms=None if keep_authors else open_pseudonyms(messages.remark),
    )


def read_once(inputs: Iterable[str | Path | None]) -> None:
    """Refuse standard input where it is named twice.

    Raises
    ------
    UsageError
        If more than one of `inputs` is standard input.
    """
    if sum(str(one) in {"-", "/dev/stdin"} for one in inputs if one is not None) > 1:
        raise UsageError("standard input can be read once only; name it once")


def clock(now: str | None, holidays: str | None) -> Clock | None:
    """Return the time that states are asked for; None if they are not.

    Raises
    ------
    ModerationError
        If it or the holidays cannot be understood.
    """
    if now is None:
        if holidays is not None:
            raise UsageError("--holidays says which days are holidays for --now; give both")
        return None
    return read_clock(now, holidays)


@app.command(no_args_is_help=True)
def parse(
    paths: Paths,
    output: Output = None,
    input_format: InputFormat = None,
    text_column: TextColumn = None,
    keep_authors: KeepAuthors = False,
    strict: Strict = False,
) -> None:
    """Separate article, comments and house rules: one JSON object a page.

    Example: moderation parse seeds/ | jq .comments
    """
    messages = Messages(strict=strict)
    taken = intake(messages, input_format, text_column, keep_authors)
    with output_stream(output, paths) as stream:
        for page in pages(paths, warn=messages.repaired, problem=messages.problem, intake=taken):
            stream.write(json_line(page_record(page)))
    raise typer.Exit(messages.exit_code)
