"""Paths in, verdicts out, in batches and in order: what the command line and the service share."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from moderation.errors import ModerationError, UnreadableInputError, UsageError
from moderation.labelling.functions import label_text
from moderation.labelling.off_topic import MAX_THREAD, Subject, subject_of
from moderation.labelling.rules_file import (
    default_rules,
    is_rules_file,
    legal_rules,
    load_rules,
    read_written,
)
from moderation.language import is_foreign, language_of
from moderation.model.classifier import Classifier
from moderation.model.explanation import telling_words
from moderation.model.persistence import load, model_folder
from moderation.parsing.inputs import readable_inputs
from moderation.parsing.reader import PLAIN, Intake, read_netiquette_in, unreadable_row
from moderation.parsing.tables import Row, row_remarks
from moderation.policy import Policy, decide, load_policy
from moderation.reasons import foreign_reasons, reasons
from moderation.records import (
    Category,
    Comment,
    Contribution,
    HouseRule,
    Label,
    Language,
    Page,
    Verdict,
)
from moderation.states import Clock, state_of
from moderation.tasks import Problem, Report, Task, tasks

#: A longer comment is judged by its beginning, and a person has to look at the rest. A newspaper
#: comment has a few thousand characters at most.
MAX_JUDGED_CHARACTERS = 100_000
_CUT = f"only the first {MAX_JUDGED_CHARACTERS:,} characters were judged"
#: What rules find by numbers and addresses, not by words.
_IN_ANY_LANGUAGE = frozenset({Category.PRIVACY, Category.ADVERTISING})
#: Words named in the reason of a comment that only the model flags.
_TELLING_WORDS = 3


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
    policy
        The newsroom's table of recommendations; None: the packaged one.
    clock
        The time for which verdicts say whether a comment can appear; None: they say nothing.
    """

    classifier: Classifier | None = None
    rules: tuple[HouseRule, ...] | None = None
    policy: Policy | None = None
    clock: Clock | None = None

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
            Where the comments stand: its source, headline and URL; its article, where a rule asks
            for comments on the subject; its comments, where they are answered.
        """
        judged = [own_words(comment) for comment in comments]
        languages = [language_of(text) for text in judged]
        subject = _subject(page, rules)
        threads = threads_of(comments, page) if subject is not None else [None] * len(judged)
        labels = [
            _labels(text, rules, language, subject, thread)
            for text, language, thread in zip(judged, languages, threads, strict=True)
        ]
        scores: list[Mapping[str, float]] = [{}] * len(judged)
        telling: Mapping[int, tuple[Contribution, ...]] = {}
        if self.classifier is not None:
            german = [index for index, one in enumerate(languages) if not is_foreign(one)]
            scored = self.classifier.scores([judged[index] for index in german])
            for index, found in zip(german, scored, strict=True):
                scores[index] = found
            telling = self._telling_words(judged, scores, labels)
        verdicts = [
            self._verdict(
                comment,
                page,
                judged[index],
                languages[index],
                scores[index],
                labels[index],
                telling.get(index, ()),
            )
            for index, comment in enumerate(comments)
        ]
        if self.clock is None:
            return verdicts
        # Last, so that it can touch nothing else.
        return [
            replace(one, state=state_of(one.comment, page, rules, self.clock)) for one in verdicts
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
            if not found and scores[index].get(main, 0.0) >= review
        ]
        words = telling_words(self.classifier, [texts[index] for index in flagged], _TELLING_WORDS)
        return dict(zip(flagged, words, strict=True))

    def _verdict(
        self,
        comment: Comment,
        page: Page,
        text: str,
        language: Language,
        scores: Mapping[str, float],
        labels: tuple[Label, ...],
        telling: tuple[Contribution, ...],
    ) -> Verdict:
        source, headline, url = page.source, page.article.headline, page.url
        if not text or text.isspace():
            nothing = ("no text: nothing to judge",)
            return Verdict(comment, source, headline, url, score=None, warnings=nothing)
        cut = len(comment.text) > MAX_JUDGED_CHARACTERS
        warnings = (_CUT,) if cut else ()
        verdict = Verdict(
            comment,
            source,
            headline,
            url,
            score=None,
            labels=labels,
            warnings=warnings,
            language=language,
        )
        if self.classifier is None:
            return verdict
        if is_foreign(language):
            return replace(verdict, decision="review", reasons=foreign_reasons(language, labels))
        score, thresholds = scores[self.classifier.main], self.classifier.thresholds
        decision = decide(score, labels, thresholds, self.policy, scores)
        return replace(
            verdict,
            score=score,
            scores=scores,
            # What was not read cannot be recommended.
            decision="review" if cut and decision == "publish" else decision,
            reasons=reasons(score, labels, thresholds, [one.evidence for one in telling]),
            contributions=telling,
        )


def _subject(page: Page, rules: Sequence[HouseRule]) -> Subject | None:
    """Return what the article of `page` is about, if any of `rules` asks for that."""
    article = page.article
    if not article.body or not any(
        rule.category is Category.OFF_TOPIC and rule.modality != "permits" for rule in rules
    ):
        return None
    return subject_of(
        headline=article.headline,
        body=article.body,
        tags=article.tags,
        section=article.section,
        teasers=article.teasers,
    )


def threads_of(comments: Sequence[Comment], page: Page) -> list[tuple[str, ...] | None]:
    """Return the texts that each comment answers, nearest first.

    None where they are not known: a parent is not on `page`, or somebody is quoted without one.
    """
    known: dict[str, Comment] = {}
    if any(comment.parent_id is not None for comment in comments):
        known = {comment.id: comment for comment in (*page.comments, *comments)}
    return [_thread(comment, known) for comment in comments]


def _thread(comment: Comment, known: Mapping[str, Comment]) -> tuple[str, ...] | None:
    if comment.parent_id is None:
        # Who quotes answers somebody.
        return () if not comment.quotations else None
    texts: list[str] = []
    parent: str | None = comment.parent_id
    while parent is not None and len(texts) < MAX_THREAD:
        if parent not in known:
            return None
        texts.append(known[parent].text)
        parent = known[parent].parent_id
    return tuple(texts)


def _labels(
    text: str,
    rules: Sequence[HouseRule],
    language: Language,
    subject: Subject | None,
    thread: tuple[str, ...] | None,
) -> tuple[Label, ...]:
    """Return what house rules find; in another language only what cannot mean anything else.

    A comment whose `thread` is not known is not measured by the article's `subject`.
    """
    if is_foreign(language):
        return tuple(
            label
            for label in label_text(text, rules)
            if label.strength > 1 or label.category in _IN_ANY_LANGUAGE
        )
    return label_text(text, rules, subject if thread is not None else None, thread or ())


def own_words(comment: Comment) -> str:
    """Return what is judged of a comment: its text with spaces where it quotes somebody else.

    Places stay where they are, so that what is found can be quoted from the comment. A comment
    that is nothing but a quotation is judged as it stands: its author chose to say that.
    """
    text = comment.text[:MAX_JUDGED_CHARACTERS]
    if not comment.quotations:
        return text
    own, end = [], 0
    for quotation in comment.quotations:
        own += [text[end : quotation.start], " " * len(text[quotation.start : quotation.end])]
        end = quotation.end
    masked = "".join([*own, text[end:]])
    return masked if any(map(str.isalnum, masked)) else text


def open_desk(
    model: str | None,
    rules: Path | None,
    report: Report,
    policy: Path | None = None,
    clock: Clock | None = None,
) -> Desk:
    """Load what comments are judged with.

    Parameters
    ----------
    model
        Name or folder of the model; None: no model.
    rules
        A rules file (TOML), or a page or text that quotes house rules.
    report
        Is told what had to be repaired.
    policy
        A policy file (TOML); None: the packaged table.
    clock
        The time for which verdicts say whether a comment can appear.

    Raises
    ------
    ModelError
        If the model is missing or damaged.
    ModerationError
        If the rules cannot be read or there are none in the file, or the policy is not valid.
    """
    classifier = load(model_folder(model)) if model is not None else None
    own_rules = read_rules(rules, report) if rules is not None else None
    return Desk(
        classifier=classifier,
        rules=own_rules,
        policy=read_policy(policy, classifier, own_rules, report) if policy is not None else None,
        clock=clock,
    )


def read_policy(
    path: Path, classifier: Classifier | None, rules: tuple[HouseRule, ...] | None, report: Report
) -> Policy:
    """Read a newsroom's own table, and hold it against the model and the rules.

    Parameters
    ----------
    path
        The policy file (TOML).
    classifier
        The model whose scores it may ask for; None: no model, and nothing is asked of it.
    rules
        The rules that are loaded; None: those that pages bring.
    report
        Is told which ids no rule has.

    Raises
    ------
    PolicyError
        If it is not valid, or asks for scores the model does not have.
    """
    policy = load_policy(path)
    if classifier is not None:
        policy.check_heads(classifier.heads, str(path))
    known = {rule.id for rule in (*default_rules(), *legal_rules()) if rules is None}
    known |= {rule.id for rule in rules or ()}
    for name in policy.rule_ids():
        if name not in known and not (rules is None and _LIKE_A_PAGES.fullmatch(name)):
            report(f"{path}: no rule has the id {name!r}; what it says of it never applies")
    return policy


# How rules are called that a page brings: "insult", "insult-2".
_LIKE_A_PAGES = re.compile(rf"(?:{'|'.join(map(str, Category))})(?:-[1-9]\d*)?")


def read_rules(path: Path, report: Report) -> tuple[HouseRule, ...]:
    """Read house rules from a TOML rules file or from a text that quotes them.

    ``-`` is standard input. What is no regular file (a pipe, ``/dev/stdin``) is read once, and told
    for a rules file by its content.

    Raises
    ------
    ModerationError
        If they cannot be read, or there are none.
    """
    if path.suffix.lower() == ".toml":
        return load_rules(path)
    try:
        if path.is_dir():
            raise UsageError(f"{path}: a folder; --rules takes a rules file (TOML) or a page")
    except OSError as error:
        raise UnreadableInputError(f"{path}: cannot be read ({error.strerror})") from error
    source = next(readable_inputs([str(path)]))
    if is_rules_file(source.first_bytes()):
        with source.opened() as stream:
            return tuple(one.rule for one in read_written(stream, source.name))
    rules = read_netiquette_in(source, report)[0].rules
    if not rules:
        raise UnreadableInputError(
            f"{path}: quotes no house rules; give a page with its netiquette or a TOML rules file"
        )
    return rules


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

    def tell(self, report: Report, problem: Problem) -> None:
        """Say what was repaired and what could not be read."""
        for remark in self.remarks:
            report(remark)
        for error in self.problems:
            problem(error)


def judge(desk: Desk, task: Task) -> Judged:
    """Judge the comments of a task."""
    if task.page is not None:
        verdicts = desk.judge(task.page.comments, task.rules, task.page)
        return Judged((ScoredPage(task.page, tuple(verdicts[task.skip :])),))
    assert task.parse is not None  # noqa: S101 -- rows come with their parser
    rows = [task.parse(raw) for raw in task.raw_rows[task.skip :]]
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
    intake: Intake = PLAIN,
) -> Iterator[ScoredPage | ScoredRow]:
    """Judge everything that `paths` name, in order, and yield results as they come.

    The parameters are those of :func:`tasks`, where `report` is told of repairs, too; `desk` is
    what to judge with.
    """
    for task in tasks(
        paths, desk.rules, report=report, warn=report, problem=problem, intake=intake
    ):
        judged = judge(desk, task)
        judged.tell(report, problem)
        yield from judged.results
