"""``moderation convert``: comments in, records for labelling tools out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any, BinaryIO

import typer

from moderation.annotation_records import (
    FLAT_COLUMNS,
    argilla_record,
    argilla_settings,
    doccano_record,
    doccano_settings,
    flat_record,
    label_studio_interface,
    label_studio_task,
)
from moderation.cli.app import (
    DEFAULT_MODEL,
    InputFormat,
    KeepAuthors,
    Output,
    Rules,
    Strict,
    TextColumn,
    app,
    intake,
    read_once,
)
from moderation.cli.messages import Messages
from moderation.cli.writers import (
    as_written,
    csv_lines,
    json_line,
    labels_cell,
    output_file,
    output_stream,
)
from moderation.errors import UsageError
from moderation.records import Verdict
from moderation.scoring import Desk, ScoredPage, judge, open_desk
from moderation.tasks import Task, tasks

#: Digits of a model's digest that tell it from others, as ``moderation train`` prints them.
_DIGEST_DIGITS = 16
_NAME_CHARACTERS = 100
#: Rows of a Parquet row group, and characters at which one is written before it has them: little
#: enough to keep memory flat, enough to be read fast.
_GROUP_ROWS, _GROUP_CHARACTERS = 4096, 32_000_000


class Target(StrEnum):
    """What records are written for."""

    JSONL = "jsonl"
    CSV = "csv"
    PARQUET = "parquet"
    LABEL_STUDIO = "label-studio"
    ARGILLA = "argilla"
    DOCCANO = "doccano"


@dataclass(frozen=True, slots=True)
class Converted:
    """A judged comment on its way into a record.

    Attributes
    ----------
    verdict
        What was judged.
    thread
        The text of the comment it answers; empty where that is not known.
    """

    verdict: Verdict
    thread: str = ""


_TOOLS = (Target.LABEL_STUDIO, Target.ARGILLA, Target.DOCCANO)
_SETTINGS: dict[Target, Callable[[], str]] = {
    Target.LABEL_STUDIO: label_studio_interface,
    Target.ARGILLA: argilla_settings,
    Target.DOCCANO: doccano_settings,
}


@app.command(no_args_is_help=True)
def convert(
    to: Annotated[Target, typer.Option("--to", help="What to write records for.")],
    paths: Annotated[
        list[str] | None,
        typer.Argument(
            help="Files, folders or archives; - is standard input.",
            metavar="PATH...",
            show_default=False,
        ),
    ] = None,
    output: Output = None,
    model: Annotated[str, typer.Option(help="Name or folder of a model.")] = DEFAULT_MODEL,
    no_model: Annotated[
        bool, typer.Option("--no-model", help="No suggestions of a model, only the rules'.")
    ] = False,
    rules: Rules = None,
    input_format: InputFormat = None,
    text_column: TextColumn = None,
    keep_authors: KeepAuthors = False,
    strict: Strict = False,
    settings: Annotated[
        bool,
        typer.Option("--settings", help="Print what to set up in the labelling tool, and stop."),
    ] = False,
) -> None:
    """Write comments as records for labelling tools, with the model's suggestions.

    A suggestion is "abusive" or "ok", whichever the model thinks more likely, and never a label:
    doccano, which knows no suggestions, gets it as a field of its own. What people labelled there
    is read back by moderation train. Cells and texts are written as they are.

    Example: moderation convert export.xml --to label-studio -o tasks.json
    """
    if settings:
        if to not in _SETTINGS:
            raise UsageError(f"--settings: {to} needs none; choose {', '.join(_TOOLS)}")
        with output_stream(output) as stream:
            stream.write(_SETTINGS[to]())
        return
    if not paths:
        raise UsageError("nothing to convert; name files or folders, or - for standard input")
    if to is Target.PARQUET and (output is None or str(output) == "-"):
        raise UsageError("--to parquet writes a file; name it with --output")
    read_once([*paths, rules])
    messages = Messages(strict=strict)
    desk = open_desk(None if no_model else model, rules, messages.remark)
    pieces = tasks(
        paths,
        desk.rules,
        report=messages.remark,
        warn=messages.repaired,
        problem=messages.problem,
        intake=intake(messages, input_format, text_column, keep_authors),
    )
    judged = _judged(desk, pieces, messages)
    read = paths if rules is None else [*paths, str(rules)]
    if to is Target.PARQUET and output is not None:
        with output_file(output, read) as file:
            _write_parquet(file, judged)
    else:
        with output_stream(output, read) as stream:
            stream.writelines(lines(judged, to, _agent(desk), messages.remark))
    raise typer.Exit(messages.exit_code)


def _agent(desk: Desk) -> str | None:
    if desk.classifier is None:
        return None
    # Argilla takes no other signs in names, and 200 of them.
    name = "".join(
        sign if sign.isascii() and (sign.isalnum() or sign in "-_.") else "-"
        for sign in desk.classifier.name[:_NAME_CHARACTERS]
    )
    return f"{name} {desk.classifier.digest[:_DIGEST_DIGITS]}".strip()


def _judged(desk: Desk, pieces: Iterable[Task], messages: Messages) -> Iterator[Converted]:
    """Judge task by task and say what there is to say of each."""
    for task in pieces:
        judged = judge(desk, task)
        for remark in judged.remarks:
            messages.repaired(remark)
        for error in judged.problems:
            messages.problem(error)
        count = 0
        for scored in judged.results:
            # What a row of a table answers may stand anywhere in it, and is not looked for.
            texts = (
                {comment.id: comment.text for comment in scored.page.comments}
                if isinstance(scored, ScoredPage)
                else {}
            )
            for verdict in scored.verdicts:
                count += 1
                yield Converted(verdict, texts.get(verdict.comment.parent_id or "", ""))
        messages.count(count, task.share)
    messages.close()


def lines(
    judged: Iterable[Converted], to: Target, agent: str | None, report: Callable[[str], None]
) -> Iterator[str]:
    """Yield what to write, piece by piece, as comments come.

    Parameters
    ----------
    judged
        The comments.
    to
        What to write for; not Parquet, which is no text.
    agent
        Name and digest of the model; None: none was used.
    report
        Is told how many comments without text were left out: tools cannot show them.
    """
    if to is Target.CSV:
        yield csv_lines([FLAT_COLUMNS])
        for one in judged:
            yield csv_lines([_cells(one.verdict)])
    elif to is Target.JSONL:
        for one in judged:
            yield json_line(flat_record(one.verdict))
    elif to is Target.DOCCANO:
        for one in _with_text(judged, report):
            yield json_line(doccano_record(one.verdict, agent))
    else:
        record = label_studio_task if to is Target.LABEL_STUDIO else argilla_record
        yield from _array(
            record(one.verdict, agent, one.thread) for one in _with_text(judged, report)
        )


def _cells(verdict: Verdict) -> list[Any]:
    record = {**flat_record(verdict), "labels": labels_cell(verdict.labels)}
    return ["" if record[name] is None else record[name] for name in FLAT_COLUMNS]


def _array(records: Iterable[Any]) -> Iterator[str]:
    """Yield a JSON array, one record a line."""
    before = "[\n"
    for record in records:
        yield before + json_line(record).rstrip("\n")
        before = ",\n"
    yield "[]\n" if before == "[\n" else "\n]\n"


def _with_text(judged: Iterable[Converted], report: Callable[[str], None]) -> Iterator[Converted]:
    left_out = 0
    for one in judged:
        if one.verdict.comment.text.strip():
            yield one
        else:
            left_out += 1
    if left_out:
        report(f"comments without text left out, there is nothing to label: {left_out:,}")


def _write_parquet(file: BinaryIO, judged: Iterable[Converted]) -> None:
    """Write flat records as Parquet, row group by row group."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    text = pa.string()
    evidence = pa.struct([("start", pa.int32()), ("end", pa.int32()), ("text", text)])
    label = pa.struct(
        [
            ("category", text),
            ("rule_id", text),
            ("strength", pa.int8()),
            ("evidence", pa.list_(evidence)),
        ]
    )
    types = {"score": pa.float64(), "labels": pa.list_(label)}
    schema = pa.schema([(name, types.get(name, text)) for name in FLAT_COLUMNS])
    with pq.ParquetWriter(file, schema, compression="zstd") as writer:
        for group in _groups(judged):
            writer.write_table(pa.Table.from_pylist(group, schema=schema))


def _groups(judged: Iterable[Converted]) -> Iterator[list[Any]]:
    group: list[Any] = []
    characters = 0
    for one in judged:
        group.append(_without_surrogates(flat_record(one.verdict)))
        characters += len(one.verdict.comment.text)
        if len(group) == _GROUP_ROWS or characters >= _GROUP_CHARACTERS:
            yield group
            group, characters = [], 0
    if group:
        yield group


def _without_surrogates(value: Any) -> Any:
    """Return `value` as the text formats write it: half of a UTF-16 pair is no text."""
    if isinstance(value, str):
        return as_written(value)
    if isinstance(value, dict):
        return {name: _without_surrogates(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_without_surrogates(inner) for inner in value]
    return value
