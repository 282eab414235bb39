"""The verbs of the command line."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from moderation import __version__
from moderation.cli.messages import Messages
from moderation.cli.writers import json_line, output_stream
from moderation.errors import ModerationError
from moderation.json_records import page_record
from moderation.parsing.reader import find_inputs, read_as_page

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
