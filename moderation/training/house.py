"""A house's own labelled comments: which column is the label, and which value means abusive."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from moderation.errors import ModerationError, UnreadableInputError, UsageError
from moderation.parsing.inputs import find_inputs
from moderation.parsing.reader import Intake, open_input
from moderation.parsing.tables import Row, Table
from moderation.training.frames import house_frame

#: Column names that mean "the label", most telling first; compared in lower case.
LABEL_COLUMNS = (
    "label",
    "gold",
    "abusive",
    "rejected",
    "toxic",
    "offensive",
    "hate",
    "status",
    "decision",
    "klasse",
    "class",
    "bewertung",
    "target",
    "y",
)
#: Values that mean yes and no, in lower case: numbers, words, and the states of comment systems.
POSITIVE = frozenset(
    {
        "1",
        "1.0",
        "true",
        "yes",
        "ja",
        "abusive",
        "offensive",
        "offense",
        "toxic",
        "hate",
        "hateful",
        "rejected",
        "reject",
        "abgelehnt",
        "gelöscht",
        "deleted",
        "spam",
        "beleidigend",
        "gesperrt",
    }
)
NEGATIVE = frozenset(
    {
        "0",
        "0.0",
        "false",
        "no",
        "nein",
        "other",
        "ok",
        "none",
        "neutral",
        "harmless",
        "approved",
        "approve",
        "accepted",
        "published",
        "publish",
        "freigegeben",
        "veröffentlicht",
        "harmlos",
    }
)

Report = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class HouseColumns:
    """What the user said about the columns; None: guess.

    Attributes
    ----------
    text
        Column of the comments.
    label
        Column of the labels.
    positive
        The label that means abusive (or rejected); all others mean not.
    """

    text: str | None = None
    label: str | None = None
    positive: str | None = None


def read_house(
    paths: Sequence[str], columns: HouseColumns, head: str, report: Report
) -> pd.DataFrame:
    """Read labelled comments from CSV or JSON Lines.

    Parameters
    ----------
    paths
        Files or folders.
    columns
        What the user said about them.
    head
        The score these labels are gold for.
    report
        Is told what was guessed and left out.

    Returns
    -------
    pandas.DataFrame
        As :func:`moderation.training.frames.house_frame`.

    Raises
    ------
    ModerationError
        If a file cannot be read, has no such columns, or its labels cannot be understood.
    """
    texts: list[str] = []
    labels: list[int] = []
    for source in find_inputs(paths):
        if isinstance(source, ModerationError):
            raise source
        with open_input(source, report, Intake(text_column=columns.text)) as opened:
            if not isinstance(opened, Table) or not opened.columns:
                raise UnreadableInputError(
                    f"{source.name}: not a table; training takes CSV or JSON Lines with a column "
                    "of comments and one of labels"
                )
            rows = []
            for row in opened.rows(report):
                if row.unreadable:
                    report(f"{source.name}, line {row.line}: {row.warnings[0]}; left out")
                elif row.comment.text.strip():
                    rows.append(row)
            _read_table(source.name, opened, rows, columns, report, texts, labels)
    if not texts:
        raise UnreadableInputError(
            f"{', '.join(paths)}: no labelled comments; check --label-column"
        )
    return house_frame(texts, labels, head)


def _read_table(
    name: str,
    table: Table,
    rows: Sequence[Row],
    columns: HouseColumns,
    report: Report,
    texts: list[str],
    labels: list[int],
) -> None:
    column = _label_column(name, table, rows, columns.label)
    values = [_plain(row.columns.get(column)) for row in rows]
    positive = _positive_values(name, column, values, columns.positive)
    negative = NEGATIVE if columns.positive is None else set(values) - positive - {""}
    used: Counter[str] = Counter()
    left_out: Counter[str] = Counter()
    for row, value in zip(rows, values, strict=True):
        if value in positive or value in negative:
            texts.append(row.comment.text)
            labels.append(int(value in positive))
            used[value] += 1
        else:
            left_out[value or "(empty)"] += 1
    counted = ", ".join(
        f"{value!r} = {'yes' if value in positive else 'no'} ({count:,})"
        for value, count in used.most_common()
    )
    report(f"{name}: comments from {table.text_column!r}, labels from {column!r}: {counted}")
    if left_out:
        listed = ", ".join(f"{value!r} ({count:,})" for value, count in left_out.most_common(5))
        report(f"{name}: left out, label not understood: {listed} (--positive VALUE)")


def _plain(value: Any) -> str:
    return "" if value is None else str(value).strip().casefold()


def _label_column(name: str, table: Table, rows: Sequence[Row], wanted: str | None) -> str:
    if wanted is not None:
        if wanted in table.columns:
            return wanted
        raise UsageError(
            f"{name}: no column {wanted!r}; the columns are: {', '.join(table.columns)}"
        )
    lowered = {column.casefold(): column for column in reversed(table.columns)}
    for telling in LABEL_COLUMNS:
        if telling in lowered and lowered[telling] != table.text_column:
            return lowered[telling]
    for column in table.columns:
        values = {_plain(row.columns.get(column)) for row in rows} - {""}
        if column != table.text_column and values & POSITIVE and values & NEGATIVE:
            return column
    raise UnreadableInputError(
        f"{name}: no column looks like labels; name one of these with --label-column: "
        f"{', '.join(table.columns)}"
    )


def _positive_values(
    name: str, column: str, values: Sequence[str], wanted: str | None
) -> frozenset[str]:
    present = set(values) - {""}
    if wanted is not None:
        if wanted.casefold() not in present:
            raise UsageError(
                f"{name}: no row has {wanted!r} in column {column!r}; it has "
                f"{', '.join(sorted(present)[:8]) or 'no values'}"
            )
        return frozenset({wanted.casefold()})
    if not (present & POSITIVE and present & NEGATIVE):
        raise UnreadableInputError(
            f"{name}: the labels in column {column!r} cannot be told apart "
            f"({', '.join(sorted(present)[:8]) or 'no values'}); name the abusive one: --positive"
        )
    return POSITIVE
