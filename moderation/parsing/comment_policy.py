"""How commenting works on a page: open, empty, closed or elsewhere, and the words that say so."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from math import ceil
from typing import Literal

from moderation.hours import closing_after, release_hours
from moderation.parsing import cues
from moderation.parsing.lines import Line
from moderation.records import Category, CommentPolicy, Evidence, HouseRule
from moderation.text import sentences

_QUOTES = '„“"»«‚‘'
#: Characters: a longer paragraph is no notice about comments.
_LONGEST_NOTICE = 600


@dataclass(frozen=True, slots=True)
class SectionFacts:
    """What is known of the comment section before its notices are read.

    Attributes
    ----------
    heading
        The line that heads the section, if there is one.
    form
        A line of a comment form, if there is one.
    declared
        Number of comments announced.
    comments
        Number of comments read.
    unread_lines
        Lines below the heading whose layout was not recognised.
    """

    heading: Line | None
    form: Line | None
    declared: int | None
    comments: int
    unread_lines: int


def closed_notice(text: str, line: Line) -> Evidence | None:
    """Return the sentence of `line` that says this section is closed, if one does.

    Sentences about hours and days ("closes after three days") are rules, not the state of the
    section, and quoted speech is someone else's.
    """
    if line.end - line.start > _LONGEST_NOTICE:
        return None
    if cues.find_first("closed", line.text) is None:
        return None
    for left, right in sentences(line.text):
        start, end = line.start + left, line.start + right
        hit = cues.find_first("closed", text[start:end])
        timed = any(
            cues.find_first(f"rule_{category}", text, start, end)
            for category in (Category.OPENING_HOURS, Category.CLOSING_TIME)
        )
        reported = cues.find_first("speech", text, start, end) or text[start] in _QUOTES
        if hit and not timed and not reported:
            return Evidence(start, end, text[start:end])
    return None


def points_elsewhere(line: Line) -> bool:
    """Return whether `line` says that comments are kept by another system."""
    if len(line.text) > _LONGEST_NOTICE // 2:
        return False
    return any(cues.find_first(role, line.text) for role in ("elsewhere", "system"))


def read_policy(
    text: str, margin: Sequence[Line], rules: Sequence[HouseRule], facts: SectionFacts
) -> CommentPolicy:
    """Read how commenting works.

    Parameters
    ----------
    text
        The decoded page.
    margin
        The lines that are neither article nor comment.
    rules
        The house rules quoted in the page.
    facts
        What is known of the comment section.

    Returns
    -------
    CommentPolicy
        A closed notice outweighs everything else; then comments or a form; then an announced
        emptiness; then the systems that keep comments elsewhere.
    """
    systems = tuple(dict.fromkeys(_systems(text, margin)))
    status, statement = _status(text, margin, facts, systems)
    link = _guidelines_link(text, margin, quoted=bool(rules))
    return CommentPolicy(
        status=status,
        statement=statement,
        declared=facts.declared,
        systems=systems,
        guidelines="quoted" if rules else "linked" if link else "none",
        guidelines_link=link,
        release_hours=tuple(hours for rule in rules for hours in release_hours(rule)),
        closes_after_days=next(filter(None, map(_closing_days, rules)), None),
    )


_Status = Literal["open", "empty", "elsewhere", "closed", "unknown"]


def _status(
    text: str, margin: Sequence[Line], facts: SectionFacts, systems: tuple[str, ...]
) -> tuple[_Status, Evidence | None]:
    closed = next(filter(None, (closed_notice(text, line) for line in margin)), None)
    if closed:
        return "closed", closed
    if facts.comments or facts.unread_lines:
        return "open", _quote(facts.heading)
    none = next((line for line in margin if cues.is_line(line.plain, "comments_none")), None)
    if none is not None or facts.declared == 0:
        return "empty", _quote(none or facts.heading)
    elsewhere = _elsewhere(text, margin)
    if elsewhere or facts.declared:
        return "elsewhere", elsewhere or _quote(facts.heading)
    if facts.form is not None:
        return "open", _quote(facts.form)
    if systems:
        return "elsewhere", _first_system(text, margin)
    return ("empty", _quote(facts.heading)) if facts.heading else ("unknown", None)


def _quote(line: Line | None) -> Evidence | None:
    return None if line is None else Evidence(line.start, line.end, line.text)


def _elsewhere(text: str, margin: Iterable[Line]) -> Evidence | None:
    for line in margin:
        if cues.find_first("elsewhere", text, line.start, line.end):
            return _quote(line)
    return None


def _first_system(text: str, margin: Iterable[Line]) -> Evidence | None:
    for line in margin:
        if cues.find_first("system", text, line.start, line.end):
            return _quote(line)
    return None


def _systems(text: str, margin: Iterable[Line]) -> Iterable[str]:
    for line in margin:
        for hit in cues.find_all("system", text, line.start, line.end):
            name = cues.named(hit, "system")
            if name:
                yield name


def _guidelines_link(text: str, margin: Sequence[Line], *, quoted: bool) -> Evidence | None:
    """Return the words naming rules that stand elsewhere: in a line of their own, or a sentence.

    Where rules are quoted, such a line is their heading.
    """
    for line in () if quoted else margin:
        match = cues.match_line("guidelines_link_line", line.plain)
        if match:
            start = text.find(match["link"], line.start, line.end)
            if start >= 0:
                return Evidence(start, start + len(match["link"]), match["link"])
    for line in margin:
        if cues.find_first("pointer", line.text):
            hits = list(cues.find_all("guidelines_link", text, line.start, line.end))
            if hits:
                return Evidence(hits[-1].start(), hits[-1].end(), hits[-1].group())
    return None


def _closing_days(rule: HouseRule) -> int | None:
    after = closing_after(rule)
    return None if after is None else ceil(after / timedelta(days=1))
