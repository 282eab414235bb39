"""Paths in, tasks out: everything that is to be read, in pieces worth being judged together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from moderation.errors import ModerationError, UnreadableInputError
from moderation.labelling.rules_file import default_rules, with_legal_rules
from moderation.parsing.exports.gathering import Thread
from moderation.parsing.inputs import Input, find_inputs
from moderation.parsing.reader import (
    PAGE_KINDS,
    PLAIN,
    Intake,
    Pages,
    kind_of,
    open_input,
    read_as_pages,
    read_page,
    read_stories,
)
from moderation.parsing.tables import RawRow, RowParser, Table
from moderation.records import HouseRule, Page

#: Comments and characters judged at once: enough to keep NumPy busy, little enough to keep memory
#: flat.
_BATCH, _BATCH_CHARACTERS = 1024, 500_000

Report = Callable[[str], None]
Problem = Callable[[ModerationError], None]


@dataclass(frozen=True, slots=True)
class Task:
    """Comments to be judged together: a page, or some rows of a table.

    Tasks are small and can be handed to another process; what they hold is read there.

    Attributes
    ----------
    source
        The name of the input.
    rules
        The house rules that apply.
    share
        How much of all inputs has been read when this task is done, 0 to 1; None: not known.
    page
        The page; None: rows of a table.
    columns, raw_rows, parse
        The rows, as :class:`moderation.parsing.tables.Table` has them.
    skip
        Leave out so many comments in front, which have been judged before.
    """

    source: str
    rules: tuple[HouseRule, ...]
    share: float | None = None
    page: Page | None = None
    columns: tuple[str, ...] = ()
    raw_rows: tuple[RawRow, ...] = ()
    parse: RowParser | None = None
    skip: int = 0

    @property
    def comments(self) -> int:
        """How many there are, those to be left out included."""
        return len(self.raw_rows) if self.page is None else len(self.page.comments)


def tasks(
    paths: Sequence[str],
    rules: tuple[HouseRule, ...] | None,
    *,
    report: Report,
    warn: Report,
    problem: Problem,
    intake: Intake = PLAIN,
    skip: int = 0,
) -> Iterator[Task]:
    """Read everything that `paths` name, in order, and yield it in pieces to be judged.

    Parameters
    ----------
    paths
        Files, folders, or ``-`` for standard input.
    rules
        House rules for every comment; None: those the page quotes, else those quoted in the other
        pages given, else the packaged default.
    report
        Is told, in one line each, what was guessed or disguised.
    warn
        Is told, in one line each, what was repaired.
    problem
        Is told what could not be read; the rest goes on.
    intake
        How inputs are taken in.
    skip
        Leave out so many comments in front.
    """
    inputs = list(find_inputs(paths))
    known = _survey(inputs, intake, quoted_rules=rules is None)
    intake = replace(intake, stories=known.stories)
    sizes = [0 if isinstance(source, ModerationError) else source.size() for source in inputs]
    total = sum(size or 0 for size in sizes) if None not in sizes else 0
    before = 0
    for source, size in zip(inputs, sizes, strict=True):
        if isinstance(source, ModerationError):
            problem(source)
            continue
        try:
            with open_input(source, warn, intake) as opened:
                if isinstance(opened, Table):
                    _announce(source.name, opened, report)
                for piece in _pieces(source.name, opened, rules, known.rules):
                    left_out = min(skip, piece.comments)
                    skip -= left_out
                    if left_out and left_out == piece.comments:
                        continue
                    share = min(1.0, (before + opened.position()) / total) if total else None
                    yield replace(piece, share=share, skip=left_out)
        except ModerationError as error:
            problem(error)
        before += size or 0


def _pieces(
    name: str,
    opened: Pages | Table,
    rules: tuple[HouseRule, ...] | None,
    gathered: tuple[HouseRule, ...],
) -> Iterator[Task]:
    """Yield what was opened in pieces that are worth being judged together."""
    if isinstance(opened, Table):
        applied = rules or with_legal_rules(gathered or default_rules())
        for batch in _batches(opened.raw_rows):
            yield Task(
                name, applied, columns=opened.columns, raw_rows=tuple(batch), parse=opened.parse
            )
        return
    for page in opened.pages:
        applied = rules or with_legal_rules(page.house_rules or gathered or default_rules())
        # A page without comments is a result, too: it is drawn, and its state told.
        for start in range(0, max(len(page.comments), 1), _BATCH):
            part = page.comments[start : start + _BATCH]
            yield Task(
                name,
                applied,
                page=page if len(part) == len(page.comments) else replace(page, comments=part),
            )


def pages(
    paths: Sequence[str], *, warn: Report, problem: Problem, intake: Intake = PLAIN
) -> Iterator[Page]:
    """Read everything that `paths` name, in order, as pages.

    The parameters are those of :func:`tasks`.
    """
    inputs = list(find_inputs(paths))
    intake = replace(intake, stories=_survey(inputs, intake, quoted_rules=False).stories)
    for source in inputs:
        try:
            if isinstance(source, ModerationError):
                raise source
            yield from read_as_pages(source, warn, problem, intake)
        except ModerationError as error:
            problem(error)


def _batches(raw_rows: Iterable[RawRow]) -> Iterator[list[RawRow]]:
    batch: list[RawRow] = []
    characters = 0
    for raw in raw_rows:
        batch.append(raw)
        characters += _weight(raw[2])
        if len(batch) == _BATCH or characters >= _BATCH_CHARACTERS:
            yield batch
            batch, characters = [], 0
    if batch:
        yield batch


def _weight(content: Any) -> int:
    """Return about how many characters a raw row has."""
    if isinstance(content, str):
        return len(content)
    cells = content.values() if isinstance(content, dict) else content
    if not isinstance(cells, Iterable):
        return 0
    return sum(len(cell) for cell in cells if isinstance(cell, str))


def _announce(name: str, table: Table, report: Report) -> None:
    if table.guessed:
        report(f"{name}: comments taken from column {table.text_column!r} (--text-column)")
    private = [f"{', '.join(table.dropped)} left out"] if table.dropped else []
    private += [f"{', '.join(table.disguised)} with pseudonyms"] if table.disguised else []
    if private:
        report(f"{name}: {'; '.join(private)} (--keep-authors)")


@dataclass(frozen=True, slots=True)
class _Known:
    """What some inputs say about others."""

    rules: tuple[HouseRule, ...]
    stories: Mapping[str, Thread]


def _survey(
    inputs: Iterable[Input | UnreadableInputError], intake: Intake, *, quoted_rules: bool
) -> _Known:
    """Return the rules quoted in any of the pages, each clause once, and Coral's stories."""
    rules: dict[str, HouseRule] = {}
    stories: dict[str, Thread] = {}
    for source in inputs:
        if isinstance(source, ModerationError):
            continue
        try:
            kind = intake.kind or kind_of(source)
            if kind in PAGE_KINDS and quoted_rules and source.can_be_read_again:
                for rule in read_page(source, _silent, kind).house_rules:
                    rules.setdefault(rule.quote, rule)
            elif kind == "coral-stories" and source.can_be_read_again:
                stories |= read_stories(source, _silent)
        except ModerationError:
            # Told when the input is read for its comments.
            continue
    return _Known(tuple(rules.values()), stories)


def _silent(remark: str) -> None:
    """Leave a repair to be told when the input is read for its comments."""
