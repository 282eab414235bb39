"""A house's own labelled comments: which column is the label, and what its moderators decided."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pandas as pd

from moderation.errors import UnreadableInputError, UsageError
from moderation.parsing.columns import has_id
from moderation.parsing.inputs import Input, readable_inputs
from moderation.parsing.reader import PLAIN, Intake, open_input
from moderation.parsing.tables import Row, Table
from moderation.records import Comment, Page, Status
from moderation.training.frames import HEADS, house_frame

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


#: What moderators' decisions say about a head: 1 yes, 0 no; what is missing says nothing about it.
#: Advertising is no abuse, and what is deleted may have been taken back by its author.
DECISIONS: Mapping[str, Mapping[str, int]] = {
    head: {"approved": 0, "rejected": 1} for head in HEADS
} | {"rejected": {"approved": 0, "rejected": 1, "spam": 1, "deleted": 1}}
#: The head that is learned unless the user names one: from decisions, and from labels.
_USUAL_OF_DECISIONS, _USUAL_OF_LABELS = "rejected", "abusive"


#: A text and what was decided about it.
Decided = tuple[str, Status | None]


@dataclass(frozen=True, slots=True)
class HouseComment:
    """A comment about which the house has said something.

    Attributes
    ----------
    comment
        The comment; where there is no label, its status is what was decided.
    label
        What a table says: 1 yes, 0 no; None in exports and tables with decisions.
    url
        Where it stands, as far as the input says so.
    numbered
        The input has no id for it: that of `comment` is the number of its row, which other inputs
        have, too.
    """

    comment: Comment
    label: int | None = None
    url: str | None = None
    numbered: bool = False


@dataclass(slots=True)
class _Gathered:
    """Labelled comments of all inputs, and decided ones, whose meaning depends on the head."""

    texts: list[str] = field(default_factory=list)
    labels: list[int] = field(default_factory=list)
    decided: dict[str, list[Decided]] = field(default_factory=dict)
    labelled: list[str] = field(default_factory=list)


def read_house(
    paths: Sequence[str],
    columns: HouseColumns,
    head: str | None,
    report: Report,
    stored: Mapping[str, Sequence[Decided]] | None = None,
) -> pd.DataFrame:
    """Read labelled comments from tables, and decided ones from exports of comment systems.

    Parameters
    ----------
    paths
        Files, folders or archives.
    columns
        What the user said about the columns of tables.
    head
        The score these labels are gold for; None: ``rejected`` where they are moderators'
        decisions, otherwise ``abusive``.
    report
        Is told what was guessed and left out.
    stored
        Decided comments that were read elsewhere, by the name of their source.

    Returns
    -------
    pandas.DataFrame
        As :func:`moderation.training.frames.house_frame`; :func:`learned_head` names the head.

    Raises
    ------
    ModerationError
        If a file cannot be read, has no such columns, or its labels cannot be understood.
    """
    gathered = _Gathered(decided={name: list(them) for name, them in (stored or {}).items()})
    names = [*gathered.decided, *paths]
    for source in readable_inputs(paths):
        try:
            _gather(source, columns, gathered, report)
        except UnreadableInputError as error:
            # What lies beside an export in its folder need not be one.
            if source.name in paths:
                raise
            report(f"{error}; left out")
    if head is None:
        head = _usual_head(gathered, report)
    for name, comments in gathered.decided.items():
        _learn_decisions(name, comments, head, gathered, report)
    if not gathered.texts:
        raise UnreadableInputError(
            f"{', '.join(names)}: no labelled comments; check --label-column"
        )
    if gathered.decided and len(set(gathered.labels)) == 1:
        raise _one_sided(names, gathered.labels[0], head)
    return house_frame(gathered.texts, gathered.labels, head)


def _gather(source: Input, columns: HouseColumns, gathered: _Gathered, report: Report) -> None:
    """Gather the comments of one input, all or none."""
    decided: list[Decided] = []
    for one in list(house_comments(source, columns, report)):
        if one.label is None:
            decided.append((one.comment.text, one.comment.status))
            continue
        gathered.texts.append(one.comment.text)
        gathered.labels.append(one.label)
        if source.name not in gathered.labelled:
            gathered.labelled.append(source.name)
    if decided:
        gathered.decided.setdefault(source.name, []).extend(decided)


def house_comments(
    source: Input, columns: HouseColumns, report: Report, intake: Intake = PLAIN
) -> Iterator[HouseComment]:
    """Yield the comments of one input with what the house has said about them.

    Parameters
    ----------
    source
        A table with labels or decisions, or an export of a comment system.
    columns
        What the user said about the columns of tables.
    report
        Is told what was guessed and left out.
    intake
        How to take it in; the text column is that of `columns`.

    Raises
    ------
    ModerationError
        If it cannot be read, or nothing was said about its comments; behind what could be read.
    """
    with open_input(source, report, replace(intake, text_column=columns.text)) as opened:
        if not isinstance(opened, Table):
            yield from _decided(source.name, opened.pages)
            return
        if not opened.columns:
            raise UnreadableInputError(
                f"{source.name}: not a table; training takes tables with a column of comments "
                "and one of labels, or exports with moderators' decisions"
            )
        rows = []
        for row in opened.rows(report):
            if row.unreadable:
                report(f"{source.name}, line {row.line}: {row.warnings[0]}; left out")
            elif row.comment.text.strip():
                rows.append(row)
        if _holds_decisions(opened, rows, columns):
            for row in rows:
                yield HouseComment(row.comment, numbered=not has_id(row.columns))
            return
        yield from _labelled(source.name, opened, rows, columns, report)


def _holds_decisions(table: Table, rows: Sequence[Row], columns: HouseColumns) -> bool:
    """Whether a table has moderators' decisions in words, as exports have, and no label."""
    if columns.label is not None or columns.positive is not None:
        return False
    lowered = {column.casefold() for column in table.columns}
    labelled = lowered.intersection(LABEL_COLUMNS[: LABEL_COLUMNS.index("status")])
    return not labelled and any(row.comment.status is not None for row in rows)


def learned_head(frame: pd.DataFrame) -> str:
    """Return the head that the labels of a frame of :func:`read_house` are gold for."""
    return next(head for head in HEADS if head in frame and frame[head].notna().any())


def _decided(name: str, pages: Iterable[Page]) -> Iterator[HouseComment]:
    """Yield the comments of an export with what was decided.

    Raises
    ------
    UnreadableInputError
        If nothing was decided.
    """
    anything = False
    for page in pages:
        for comment in page.comments:
            if comment.text.strip():
                anything = anything or comment.status is not None
                yield HouseComment(comment, url=page.url)
    if not anything:
        # Pages of an archive carry their own names; the export's is the one the user knows.
        raise UnreadableInputError(
            f"{name}: its comments carry no decisions of moderators; training takes exports that "
            "do, or tables with a column of labels"
        )


def _usual_head(gathered: _Gathered, report: Report) -> str:
    if not gathered.decided:
        return _USUAL_OF_LABELS
    decided = next(iter(gathered.decided))
    if gathered.labelled:
        raise UsageError(
            f"{decided} has moderators' decisions and {gathered.labelled[0]} has labels; say what "
            "both are gold for: --head rejected or --head abusive"
        )
    report(
        f"{decided}: moderators' decisions teach the head {_USUAL_OF_DECISIONS!r} "
        "(--head for another)"
    )
    return _USUAL_OF_DECISIONS


def _learn_decisions(
    name: str,
    comments: Sequence[Decided],
    head: str,
    gathered: _Gathered,
    report: Report,
) -> None:
    meanings = DECISIONS[head]
    counts: Counter[str | None] = Counter(status for _, status in comments)
    for text, status in comments:
        if status is not None and status in meanings:
            gathered.texts.append(text)
            gathered.labels.append(meanings[status])
    learned = ", ".join(
        f"{status} = {'yes' if meanings[status] else 'no'} ({counts[status]:,})"
        for status in meanings
        if counts[status]
    )
    left_out = ", ".join(
        f"{status or 'none'} ({count:,})"
        for status, count in counts.most_common()
        if status not in meanings
    )
    report(
        f"{name}: status {learned or 'of no use for this head'}"
        + (f"; left out: {left_out}" if left_out else "")
    )


def _one_sided(paths: Sequence[str], label: int, head: str) -> UnreadableInputError:
    yes = " or ".join(status for status, meaning in DECISIONS[head].items() if meaning)
    there, missing = ("abusive", "approved") if label else ("harmless", yes)
    return UnreadableInputError(
        f"{', '.join(paths)}: all comments that can be learned from are {there}; "
        f"give some that are {missing}, too"
    )


def _labelled(
    name: str, table: Table, rows: Sequence[Row], columns: HouseColumns, report: Report
) -> Iterator[HouseComment]:
    """Yield the comments of a table whose labels are understood, and report on the others."""
    column = _label_column(name, table, rows, columns.label)
    values = [_plain(row.columns.get(column)) for row in rows]
    positive = _positive_values(name, column, values, columns.positive)
    negative = NEGATIVE if columns.positive is None else set(values) - positive - {""}
    used: Counter[str] = Counter()
    left_out: Counter[str] = Counter()
    for row, value in zip(rows, values, strict=True):
        if value in positive or value in negative:
            numbered = not has_id(row.columns)
            yield HouseComment(row.comment, int(value in positive), numbered=numbered)
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
    # What the model recommended is no label.
    names = {column.removeprefix("moderation_") for column in lowered}
    recommended = {"score", "decision", "labels"} <= names
    for telling in LABEL_COLUMNS:
        if telling == "decision" and recommended:
            continue
        if telling in lowered and lowered[telling] != table.text_column:
            return lowered[telling]
    for column in table.columns:
        if recommended and column.casefold().endswith("decision"):
            continue
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
