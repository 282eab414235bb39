"""Paths in, verdicts out, in batches and in order: what the command line and the service share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from moderation.errors import ModerationError, UnreadableInputError, UsageError
from moderation.labelling.functions import label_text
from moderation.labelling.rules_file import default_rules, load_rules
from moderation.model.classifier import Classifier
from moderation.model.explanation import telling_words
from moderation.model.persistence import load, model_folder
from moderation.parsing.reader import Input, Kind, find_inputs, kind_of, open_input, read_page
from moderation.parsing.tables import RawRow, Row, RowParser, Table, row_remarks
from moderation.policy import decide, reasons
from moderation.records import Comment, Contribution, HouseRule, Label, Page, Verdict

#: Comments and characters judged at once: enough to keep NumPy busy, little enough to keep memory
#: flat.
BATCH, BATCH_CHARACTERS = 1024, 500_000
#: A longer comment is judged by its beginning, and a person has to look at the rest. A newspaper
#: comment has a few thousand characters at most.
MAX_JUDGED_CHARACTERS = 100_000
_CUT = f"only the first {MAX_JUDGED_CHARACTERS:,} characters were judged"
#: Words named in the reason of a comment that only the model flags.
_TELLING_WORDS = 3

Report = Callable[[str], None]
Problem = Callable[[ModerationError], None]


@dataclass(frozen=True, slots=True)
class ScoredPage:
    """A page and one verdict per comment, in page order."""

    page: Page
    verdicts: tuple[Verdict, ...]


@dataclass(frozen=True, slots=True)
class ScoredRow:
    """A row of the table `source`, whose columns are `columns`, and its verdict."""

    source: str
    columns: tuple[str, ...]
    row: Row
    verdict: Verdict

    @property
    def verdicts(self) -> tuple[Verdict]:
        """The one verdict, as a page has its many."""
        return (self.verdict,)


@dataclass(frozen=True, slots=True)
class Desk:
    """What comments are judged with.

    Attributes
    ----------
    classifier
        The model; None: rules only (scores and decisions stay None).
    rules
        House rules given by the user, used for every comment; None: those the page quotes, else
        those quoted in the other pages given, else the packaged default.
    """

    classifier: Classifier | None = None
    rules: tuple[HouseRule, ...] | None = None

    def judge(
        self, comments: Sequence[Comment], rules: Sequence[HouseRule], page: Page
    ) -> list[Verdict]:
        """Return one verdict per comment, in order.

        Parameters
        ----------
        comments
            What to judge.
        rules
            The house rules that apply.
        page
            Where the comments stand; only its source, headline and URL are used.
        """
        judged = [comment.text[:MAX_JUDGED_CHARACTERS] for comment in comments]
        labels = [label_text(text, rules) for text in judged]
        scores: Sequence[Mapping[str, float]] = [{}] * len(judged)
        telling: Mapping[int, tuple[Contribution, ...]] = {}
        if self.classifier is not None:
            scores = self.classifier.scores(judged)
            telling = self._telling_words(judged, scores, labels)
        return [
            self._verdict(comment, page, text, scores[index], labels[index], telling.get(index, ()))
            for index, (comment, text) in enumerate(zip(comments, judged, strict=True))
        ]

    def _telling_words(
        self,
        texts: Sequence[str],
        scores: Sequence[Mapping[str, float]],
        labels: Sequence[Sequence[Label]],
    ) -> dict[int, tuple[Contribution, ...]]:
        """Return the words that raised the score most, for texts that only the model flags."""
        assert self.classifier is not None  # noqa: S101 -- there are scores
        main, review = self.classifier.main, self.classifier.thresholds.review
        flagged = [
            index
            for index, found in enumerate(labels)
            # Where a rule fired, its words say enough.
            if not found and scores[index][main] >= review
        ]
        words = telling_words(self.classifier, [texts[index] for index in flagged], _TELLING_WORDS)
        return dict(zip(flagged, words, strict=True))

    def _verdict(
        self,
        comment: Comment,
        page: Page,
        text: str,
        scores: Mapping[str, float],
        labels: tuple[Label, ...],
        telling: tuple[Contribution, ...],
    ) -> Verdict:
        source, headline, url = page.source, page.article.headline, page.url
        if not text or text.isspace():
            nothing = ("no text: nothing to judge",)
            return Verdict(comment, source, headline, url, score=None, warnings=nothing)
        cut = len(text) < len(comment.text)
        warnings = (_CUT,) if cut else ()
        if self.classifier is None:
            return Verdict(
                comment, source, headline, url, score=None, labels=labels, warnings=warnings
            )
        score, thresholds = scores[self.classifier.main], self.classifier.thresholds
        decision = decide(score, labels, thresholds)
        return Verdict(
            comment,
            source,
            headline,
            url,
            score=score,
            scores=scores,
            labels=labels,
            # What was not read cannot be recommended.
            decision="review" if cut and decision == "publish" else decision,
            reasons=reasons(score, labels, thresholds, [one.evidence for one in telling]),
            contributions=telling,
            warnings=warnings,
        )


def open_desk(model: str | None, rules: Path | None, report: Report) -> Desk:
    """Load what comments are judged with.

    Parameters
    ----------
    model
        Name or folder of the model; None: no model.
    rules
        A rules file (TOML), or a page or text that quotes house rules.
    report
        Is told what had to be repaired.

    Raises
    ------
    ModelError
        If the model is missing or damaged.
    ModerationError
        If the rules cannot be read or there are none in the file.
    """
    return Desk(
        classifier=load(model_folder(model)) if model is not None else None,
        rules=read_rules(rules, report) if rules is not None else None,
    )


def read_rules(path: Path, report: Report) -> tuple[HouseRule, ...]:
    """Read house rules from a TOML rules file or from a text that quotes them."""
    if path.suffix.lower() == ".toml":
        return load_rules(path)
    try:
        if path.is_dir():
            raise UsageError(f"{path}: a folder; --rules takes a rules file (TOML) or a page")
    except OSError as error:
        raise UnreadableInputError(f"{path}: cannot be read ({error.strerror})") from error
    rules = read_page(Input(str(path), path), report).house_rules
    if not rules:
        raise UnreadableInputError(
            f"{path}: quotes no house rules; give a page with its netiquette or a TOML rules file"
        )
    return rules


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
    share: float | None
    page: Page | None = None
    columns: tuple[str, ...] = ()
    raw_rows: tuple[RawRow, ...] = ()
    parse: RowParser | None = None
    skip: int = 0


@dataclass(frozen=True, slots=True)
class Judged:
    """What came of a task.

    Attributes
    ----------
    results
        A page, or rows, in order.
    remarks
        What was repaired, one line each.
    problems
        What could not be read.
    """

    results: tuple[ScoredPage | ScoredRow, ...]
    remarks: tuple[str, ...] = ()
    problems: tuple[ModerationError, ...] = ()


def tasks(
    paths: Sequence[str],
    rules: tuple[HouseRule, ...] | None,
    *,
    report: Report,
    problem: Problem,
    kind: Kind | None = None,
    text_column: str | None = None,
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
        Is told, in one line each, what was guessed or repaired.
    problem
        Is told what could not be read; the rest goes on.
    kind
        What the inputs are; None: look inside each.
    text_column
        Where the comments of tables stand; None: guess.
    skip
        Leave out so many comments in front.
    """
    inputs = list(find_inputs(paths))
    gathered = () if rules is not None else _quoted_rules(inputs, kind)
    sizes = [0 if isinstance(source, ModerationError) else source.size() for source in inputs]
    total = sum(size or 0 for size in sizes) if None not in sizes else 0
    before = 0
    for source, size in zip(inputs, sizes, strict=True):
        if isinstance(source, ModerationError):
            problem(source)
            continue
        try:
            with open_input(source, report, kind=kind, text_column=text_column) as opened:
                if isinstance(opened, Page):
                    applied = rules or opened.house_rules or gathered or default_rules()
                    share = (before + (size or 0)) / total if total else None
                    left_out = min(skip, len(opened.comments))
                    skip -= left_out
                    yield Task(source.name, applied, share, page=opened, skip=left_out)
                else:
                    _announce(source.name, opened, report)
                    applied = rules or gathered or default_rules()
                    # The loop reads the rows to skip, too.
                    for batch in _batches(opened.raw_rows):
                        left_out = min(skip, len(batch))
                        skip -= left_out
                        if left_out == len(batch):
                            continue
                        share = min(1.0, (before + opened.position()) / total) if total else None
                        yield Task(
                            source.name,
                            applied,
                            share,
                            columns=opened.columns,
                            raw_rows=tuple(batch[left_out:]),
                            parse=opened.parse,
                        )
        except ModerationError as error:
            problem(error)
        before += size or 0


def judge(desk: Desk, task: Task) -> Judged:
    """Judge the comments of a task."""
    if task.page is not None:
        verdicts = desk.judge(task.page.comments, task.rules, task.page)
        return Judged((ScoredPage(task.page, tuple(verdicts[task.skip :])),))
    assert task.parse is not None  # noqa: S101 -- rows come with their parser
    rows = [task.parse(raw) for raw in task.raw_rows]
    verdicts = desk.judge([row.comment for row in rows], task.rules, Page(source=task.source))
    remarks: list[str] = []
    problems: list[ModerationError] = []
    results = []
    for row, verdict in zip(rows, verdicts, strict=True):
        if row.warnings:
            verdict = replace(verdict, warnings=(*row.warnings, *verdict.warnings))
            remarks += row_remarks(task.source, row)
            if row.unreadable:
                problems.append(unreadable_row(task.source, row))
        results.append(ScoredRow(task.source, task.columns, row, verdict))
    return Judged(tuple(results), tuple(remarks), tuple(problems))


def score_inputs(
    paths: Sequence[str],
    desk: Desk,
    *,
    report: Report,
    problem: Problem,
    kind: Kind | None = None,
    text_column: str | None = None,
) -> Iterator[ScoredPage | ScoredRow]:
    """Judge everything that `paths` name, in order, and yield results as they come.

    The parameters are those of :func:`tasks`; `desk` is what to judge with.
    """
    for task in tasks(
        paths, desk.rules, report=report, problem=problem, kind=kind, text_column=text_column
    ):
        judged = judge(desk, task)
        for remark in judged.remarks:
            report(remark)
        for error in judged.problems:
            problem(error)
        yield from judged.results


def _batches(raw_rows: Iterable[RawRow]) -> Iterator[list[RawRow]]:
    batch: list[RawRow] = []
    characters = 0
    for raw in raw_rows:
        batch.append(raw)
        characters += _weight(raw[2])
        if len(batch) == BATCH or characters >= BATCH_CHARACTERS:
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


def unreadable_row(name: str, row: Row) -> UnreadableInputError:
    """Return the error that names a row of the table `name` which could not be read."""
    return UnreadableInputError(f"{name}, line {row.line}: {row.warnings[0]}; mend the line")


def _announce(name: str, table: Table, report: Report) -> None:
    if table.guessed:
        report(f"{name}: comments taken from column {table.text_column!r} (--text-column)")


def _quoted_rules(
    inputs: Iterable[Input | UnreadableInputError], kind: Kind | None
) -> tuple[HouseRule, ...]:
    """Return the rules quoted in any of the pages, each clause once."""
    rules: dict[str, HouseRule] = {}
    for source in inputs:
        if isinstance(source, ModerationError):
            continue
        try:
            if (kind or kind_of(source)) == "page":
                for rule in read_page(source, lambda remark: None).house_rules:
                    rules.setdefault(rule.quote, rule)
        except ModerationError:
            # Told when the input is read for its comments.
            continue
    return tuple(rules.values())
