"""``moderation reasons``: what a commenter is told, and the record for the EU's database."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import nullcontext
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from moderation.cli.app import Output, app
from moderation.cli.messages import Messages
from moderation.cli.writers import json_line, output_stream
from moderation.errors import UnreadableInputError, UsageError
from moderation.parsing.decoding import Repairs, decoded_lines
from moderation.parsing.inputs import readable_inputs
from moderation.parsing.json_lines import json_objects
from moderation.reasons import names_law
from moderation.states import read_moment
from moderation.transparency.database import BATCH, database_record
from moderation.transparency.letter import statement
from moderation.transparency.restriction import (
    Decision,
    House,
    ReasonsError,
    id_of,
    is_record,
    load_house,
    recommendation_of,
    restriction_of,
)

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
#: The DSA came into force: no statement was asked for before.
_FIRST_DAY = date(2022, 11, 16)


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
            help="The house rule it breaches, verbatim, in place of those found.",
            show_default=False,
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
        bool,
        typer.Option(
            "--noticed",
            help="Somebody has reported the comment; without it, you looked at it unasked.",
        ),
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
    if database is not None and _place(database) == _place(output):
        raise UsageError("--database and --output are the same; give each its own file")
    for option, words in (("--rule", rule), ("--law", law), *(("--id", one) for one in ids or ())):
        if words is not None and not words.strip():
            raise UsageError(f"{option}: empty; write something behind it, or leave it out")
    if rule is not None and names_law(rule):
        raise UsageError(f"--rule {rule}: a law, and no rule of the house; name it with --law")
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
        law=law.strip() if law is not None else None,
        explanation=explanation.strip(),
        noticed=noticed,
        rule=rule.strip() if rule is not None else None,
    )
    messages = Messages()
    letters: list[str] = []
    reported: list[dict[str, Any]] = []
    found: set[str] = set()
    for record in _records(records, messages):
        name = id_of(record)
        if name not in asked if asked else recommendation_of(record) != "reject":
            continue
        if name in asked and name in found:
            raise UsageError(
                f"--id {name}: stands in several pages of {records}; give the records of one page"
            )
        found.add(name or "")
        try:
            restriction = restriction_of(record, decision)
            if database is not None:
                reported.append(database_record(restriction, about))
            letters.append(statement(restriction, about, confirmed=confirm))
            for remark in restriction.remarks:
                messages.remark(remark)
        except ReasonsError as error:
            messages.problem(error)
    if missing := sorted(asked - found):
        kind = UnreadableInputError if messages.exit_code else UsageError
        raise kind(f"--id {missing[0]}: no comment has this id; see comment.id in {records}")
    # What an earlier run has written stays where there is nothing to put in its place.
    if letters or not messages.exit_code:
        read = [records, *([str(house)] if house is not None else [])]
        with (
            output_stream(output, read) as stream,
            nullcontext()
            if database is None
            else output_stream(database, read, option="--database") as lines,
        ):
            stream.write("\n\n---\n\n".join(letters) + ("\n" if letters else ""))
            if lines is not None:
                for start in range(0, len(reported), BATCH):
                    lines.write(json_line({"statements": reported[start : start + BATCH]}))
    counted = f"{len(letters)} " + ("statement" if confirm else "draft")
    messages.remark(
        counted + ("" if len(letters) == 1 else "s") + ("" if confirm else " (--confirm)")
    )
    raise typer.Exit(messages.exit_code)


def _place(path: Path | None) -> str:
    """Return where an output is written to; "-" is standard output."""
    return "-" if path is None or str(path) == "-" else os.path.realpath(path)


def _day(given: str | None) -> date:
    today = read_moment("now").date()
    if given is None:
        return today
    try:
        day = date.fromisoformat(given if _DAY.fullmatch(given) else "")
    except ValueError:
        raise UsageError(f"--on {given}: no date; write it as 2026-11-25") from None
    if not _FIRST_DAY <= day <= today:
        raise UsageError(
            f"--on {given}: not between the day the DSA came into force ({_FIRST_DAY}) and today; "
            "give the day of the decision"
        )
    return day


def _records(path: str, messages: Messages) -> Iterator[Mapping[str, Any]]:
    def broken(text: str) -> None:
        messages.problem(UnreadableInputError(text))

    for source in readable_inputs([path]):
        found = False
        repairs = Repairs(source.name, broken)
        with source.opened() as stream:
            lines = decoded_lines(stream, source.name, messages.remark)
            for number, record in json_objects(lines, source.name, broken):
                if is_record(record):
                    found = True
                    yield record
                else:
                    repairs.note(number, "no record of moderation score or label; left out")
        repairs.close()
        if not found:
            broken(f"{source.name}: no record; give what moderation score --format jsonl prints")
