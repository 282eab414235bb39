"""``moderation reasons``: what a commenter is told, and the record for the EU's database."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from moderation.cli.app import Output, app
from moderation.cli.messages import Messages
from moderation.cli.writers import json_line, output_stream
from moderation.errors import UsageError
from moderation.parsing.decoding import decoded_lines
from moderation.parsing.inputs import readable_inputs
from moderation.parsing.json_lines import json_objects
from moderation.transparency.database import BATCH, database_record
from moderation.transparency.letter import statement
from moderation.transparency.restriction import (
    Decision,
    House,
    ReasonsError,
    id_of,
    load_house,
    restriction_of,
)

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


class MeasureTaken(StrEnum):
    """What was done with the comment."""

    NOT_PUBLISHED = "not-published"
    REMOVED = "removed"


@app.command(no_args_is_help=True)
def reasons(
    records: Annotated[
        str,
        typer.Argument(
            help="What moderation score --format jsonl has written; - is standard input.",
            metavar="RECORDS",
            show_default=False,
        ),
    ],
    ids: Annotated[
        list[str] | None,
        typer.Option(
            "--id",
            help="The comment's id; may be given again. Default: all recommended for rejection.",
            show_default=False,
        ),
    ] = None,
    confirm: Annotated[
        bool,
        typer.Option("--confirm", help="A person has decided so; without it, drafts are written."),
    ] = False,
    house: Annotated[
        Path | None,
        typer.Option(
            help="About the house (TOML): name, objection, settlement, rules_url, territory.",
            show_default=False,
        ),
    ] = None,
    rule: Annotated[
        str | None,
        typer.Option(
            help="The house rule it breaches, verbatim, if none was found.", show_default=False
        ),
    ] = None,
    law: Annotated[
        str | None,
        typer.Option(
            help="A law that a person says it breaks, e.g. '§ 185 StGB'.", show_default=False
        ),
    ] = None,
    explanation: Annotated[
        str, typer.Option(help="What you want to add, in German.", show_default=False)
    ] = "",
    measure: Annotated[
        MeasureTaken, typer.Option(help="What was done.")
    ] = MeasureTaken.NOT_PUBLISHED,
    noticed: Annotated[
        bool, typer.Option("--noticed", help="Somebody has reported the comment.")
    ] = False,
    on: Annotated[
        str | None,
        typer.Option(help="Date of the decision, YYYY-MM-DD. Default: today.", show_default=False),
    ] = None,
    database: Annotated[
        Path | None,
        typer.Option(
            help="Write records for the DSA Transparency Database to this file; needs --confirm.",
            show_default=False,
        ),
    ] = None,
    output: Output = None,
) -> None:
    """Write statements of reasons (Art. 17 DSA) for comments that a person has restricted.

    Says what was done, why, by which rule or law, what was automated, and how to object. Nothing is
    said about the law unless a person says it. The file of --database has lines of JSON as the API
    takes them, without personal data and checked against the schema.

    Example: moderation reasons scored.jsonl --id 4711 --confirm --house house.toml
    """
    if database is not None and not confirm:
        raise UsageError("--database needs --confirm: only what a person has decided is reported")
    about = load_house(house) if house is not None else House()
    if confirm and not about.objection:
        raise UsageError(
            '--confirm needs --house FILE with objection = "…": where and by when to object'
        )
    asked = frozenset(ids or ())
    if confirm and not asked:
        raise UsageError("--confirm needs --id: a person decides on each comment, not on all")
    decision = Decision(
        measure="removed" if measure is MeasureTaken.REMOVED else "not_published",
        decided_on=_day(on),
        law=law,
        explanation=explanation.strip(),
        noticed=noticed,
        rule=rule,
    )
    messages = Messages()
    letters: list[str] = []
    reported: list[dict[str, Any]] = []
    found: set[str] = set()
    for record in _records(records, messages):
        name = id_of(record)
        if name not in asked if asked else record.get("decision") != "reject":
            continue
        if name in asked and name in found:
            raise UsageError(
                f"--id {name}: stands in several pages of {records}; give the records of one page"
            )
        found.add(name or "")
        try:
            restriction = restriction_of(record, decision)
            letters.append(statement(restriction, about, confirmed=confirm))
            if database is not None:
                reported.append(database_record(restriction, about))
        except ReasonsError as error:
            messages.problem(error)
    if missing := sorted(asked - found):
        raise UsageError(f"--id {missing[0]}: no comment has this id; see comment.id in {records}")
    with output_stream(output, [records]) as stream:
        stream.write("\n\n---\n\n".join(letters) + ("\n" if letters else ""))
    if database is not None:
        with output_stream(database, [records]) as stream:
            for start in range(0, len(reported), BATCH):
                stream.write(json_line({"statements": reported[start : start + BATCH]}))
    messages.remark(f"{len(letters)} statements" + ("" if confirm else ", drafts (--confirm)"))
    raise typer.Exit(messages.exit_code)


def _day(given: str | None) -> str:
    if given is None:
        return date.today().isoformat()
    try:
        if _DAY.fullmatch(given):
            return date.fromisoformat(given).isoformat()
    except ValueError:
        pass
    raise UsageError(f"--on {given}: no date; write it as 2026-11-25")


def _records(path: str, messages: Messages) -> Iterator[Mapping[str, Any]]:
    for source in readable_inputs([path]):
        with source.opened() as stream:
            lines = decoded_lines(stream, source.name, messages.remark)
            for _, record in json_objects(lines, source.name, messages.remark):
                yield record
