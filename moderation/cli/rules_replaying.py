"""``moderation rules replay``: what a rule would have changed, before it goes live."""

from __future__ import annotations

import sys
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Annotated, TextIO

import typer

from moderation.cli.app import (
    DEFAULT_MODEL,
    AsJson,
    InputFormat,
    KeepAuthors,
    Paths,
    Strict,
    TextColumn,
    intake,
    read_once,
)
from moderation.cli.messages import Messages
from moderation.cli.rules_verbs import rules_app
from moderation.cli.writers import json_line, output_stream
from moderation.errors import UsageError
from moderation.replaying import Summary, change_record, label_of, replay
from moderation.scoring import open_desk, read_policy, read_rules
from moderation.text import printable

#: Characters of a comment that is shown around the words a rule found.
_AROUND = 60


@rules_app.command(name="replay", no_args_is_help=True)
def replay_rules(
    paths: Paths,
    rules: Annotated[
        Path | None,
        typer.Option(help="The new rules: TOML, or a page that quotes them.", show_default=False),
    ] = None,
    against: Annotated[
        Path | None,
        typer.Option(
            help="The rules until now. Default: those the pages quote, else the packaged ones.",
            show_default=False,
        ),
    ] = None,
    policy: Annotated[
        Path | None, typer.Option(help="The new policy (TOML).", show_default=False)
    ] = None,
    against_policy: Annotated[
        Path | None,
        typer.Option(help="The policy until now. Default: the packaged one.", show_default=False),
    ] = None,
    model: Annotated[str, typer.Option(help="Name or folder of a model.")] = DEFAULT_MODEL,
    examples: Annotated[int, typer.Option(help="Examples to show for each rule.", min=0)] = 3,
    flips: Annotated[
        Path | None,
        typer.Option(help="Write all comments that change to this file.", show_default=False),
    ] = None,
    as_json: AsJson = False,
    input_format: InputFormat = None,
    text_column: TextColumn = None,
    keep_authors: KeepAuthors = False,
    strict: Strict = False,
) -> None:
    """Judge an archive with new rules and with the old ones: what changes, by rule, with examples.

    Example: moderation rules replay 2025.jsonl --rules new.toml --against old.toml
    """
    if rules is None and policy is None:
        raise UsageError("nothing to try; give --rules FILE, --policy FILE or both")
    read_once([*paths, rules, against, policy, against_policy])
    messages = Messages(strict=strict)
    before = open_desk(model, against, messages.remark, against_policy)
    after = before
    if rules is not None:
        after = replace(after, rules=read_rules(rules, messages.remark))
    if policy is not None:
        table = read_policy(policy, after.classifier, after.rules, messages.remark)
        after = replace(after, policy=table)
    taken = intake(messages, input_format, text_column, keep_authors)
    summary = Summary()
    replayed = replay(
        paths,
        before,
        after,
        report=messages.remark,
        warn=messages.repaired,
        problem=messages.problem,
        intake=taken,
    )
    read = [*paths, *(str(one) for one in (rules, against, policy, against_policy) if one)]
    with (
        nullcontext() if flips is None else output_stream(flips, read, option="--flips") as changed
    ):
        for one in replayed:
            summary.add(one, examples)
            if one.changed and changed is not None:
                changed.write(json_line(change_record(one)))
            messages.count(1, one.share)
    messages.close()
    with output_stream(None) as stream:
        if as_json or not sys.stdout.isatty():
            stream.write(json_line(summary.record()))
        else:
            _draw(summary, stream)
    raise typer.Exit(messages.exit_code)


def _draw(summary: Summary, stream: TextIO) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(file=stream, highlight=False)
    console.print(
        Text(f"{summary.changed:,} of {summary.comments:,} comments would be judged differently")
    )
    for (before, after), count in sorted(summary.moves.items()):
        console.print(Text(f"  {before} → {after}: {count:,}", style="bold"))
    table = Table(box=None, header_style="dim", padding=(0, 2, 0, 0))
    table.add_column("rule")
    for name in ("new", "gone", "other decision"):
        table.add_column(name, justify="right")
    for one in summary.ordered():
        table.add_row(printable(one.name), f"{one.new:,}", f"{one.gone:,}", f"{one.decisions:,}")
    if summary.rules:
        console.print(table)
    for one in summary.ordered():
        for example in one.examples:
            label = label_of(example, one.name)
            if label is None:
                continue
            place, text = label.evidence[0], example.after.comment.text
            line = Text(f"{example.before.decision} → {example.after.decision}  ", style="dim")
            line.append(_words(text[max(0, place.start - _AROUND) : place.start], first=1))
            line.append(printable(place.text), style="red")
            line.append(_words(text[place.end : place.end + _AROUND], last=-1))
            console.print(line)


def _words(text: str, first: int = 0, last: int | None = None) -> str:
    """Return a stretch of a comment in one line; its first or last word may be cut."""
    words = printable(text).split(" ")
    return " ".join(" ".join(words[first:last]).split()).join(("… ", " ") if first else (" ", " …"))
