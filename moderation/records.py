"""The records that flow through the package: plain, frozen, without behaviour that needs learning.

Offsets count Unicode code points, start included, end excluded, as Python slices do.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Literal


class Category(StrEnum):
    """What a house rule is about.

    The first ten can be breached by a comment; the others describe how the newsroom works and are
    never the fault of a comment.
    """

    INSULT = "insult"
    GROUP_ABUSE = "group_abuse"
    DEFAMATION = "defamation"
    INDECENCY = "indecency"
    INCIVILITY = "incivility"
    OFF_TOPIC = "off_topic"
    ADVERTISING = "advertising"
    PRIVACY = "privacy"
    LINKS = "links"
    LENGTH_LIMIT = "length_limit"
    LANGUAGE = "language"
    REAL_NAMES = "real_names"
    PROCEDURE = "procedure"
    OPENING_HOURS = "opening_hours"
    CLOSING_TIME = "closing_time"


#: Categories that state how the newsroom works; no labelling function serves them.
PROCEDURAL: frozenset[Category] = frozenset(
    {
        Category.LANGUAGE,
        Category.REAL_NAMES,
        Category.PROCEDURE,
        Category.OPENING_HOURS,
        Category.CLOSING_TIME,
    }
)

Decision = Literal["publish", "review", "reject"]
#: What a clause does: forbids something, asks for it, permits it, or states how the house works.
Modality = Literal["forbids", "asks", "permits", "states"]
#: What the house has done with a comment; ``pending`` waits for a person.
Status = Literal["approved", "rejected", "spam", "deleted", "pending"]


@dataclass(frozen=True, slots=True)
class Evidence:
    """A stretch of a text, quoted.

    ``text`` equals ``source[start:end]`` in code points.
    """

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Comment:
    """One reader comment as parsed: text with paragraphs separated by one blank line.

    ``id`` is unique within its page; ``parent_id`` names the comment it answers. ``published`` is
    the time as ISO 8601 where it could be understood, otherwise the page's own words. ``status`` is
    the moderators' decision where the source has it. ``quotations`` are the stretches of ``text``
    that repeat somebody else's words, in order and without overlap: they are not judged.
    """

    id: str
    text: str
    parent_id: str | None = None
    author: str | None = None
    published: str | None = None
    status: Status | None = None
    quotations: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class Article:
    """The editorial part of a page. ``agency`` is a news agency's sign ("afp"), in lower case."""

    headline: str | None = None
    section: str | None = None
    published: str | None = None
    author: str | None = None
    agency: str | None = None
    body: str = ""
    tags: tuple[str, ...] = ()
    teasers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class HouseRule:
    """One clause of the house rules, in the newsroom's own words.

    Attributes
    ----------
    id
        Unique within its source, e.g. ``"group_abuse"`` or ``"procedure-2"``.
    category
        What the clause is about.
    quote
        The clause, verbatim: ``source_text[start:end]``, where ``source_text`` is the decoded page.
    source
        Path or name of the document the clause was read from.
    start, end
        Span of ``quote`` in the decoded source, in code points.
    sentence
        The whole sentence the clause stands in, verbatim; it contains ``quote``.
    modality
        What the clause does. A permission is never held against a comment.
    aspect
        What a clause of procedure is about (``deletion``, ``no_claim`` …); empty where nothing
        more is known.
    """

    id: str
    category: Category
    quote: str
    source: str
    start: int
    end: int
    sentence: str
    modality: Modality = "forbids"
    aspect: str = ""


@dataclass(frozen=True, slots=True)
class ReleaseHours:
    """Hours in which comments are released, or in which none are, as a house rule says.

    Attributes
    ----------
    rule_id
        The house rule that says so.
    released
        True: comments are released in these hours, and outside all hours said so they are not;
        False: none are released in these hours.
    start, end
        German time, "17:00" to "09:00"; the start is included, the end is not. Hours that end
        before they start go over midnight; 00:00 to 24:00 is the whole day.
    days
        The days on which these hours begin, 1 (Monday) to 7 (Sunday), in order; None: every day.
    holidays
        True: also on every holiday; False: on no holiday; None: the rule says nothing of them.
    """

    rule_id: str
    released: bool
    start: str = "00:00"
    end: str = "24:00"
    days: tuple[int, ...] | None = None
    holidays: bool | None = None


@dataclass(frozen=True, slots=True)
class CommentPolicy:
    """How commenting works on a page, as far as the page says so.

    Attributes
    ----------
    status
        ``open`` (comments or a form are there), ``empty`` (a comment section without comments),
        ``elsewhere`` (comments are kept by another system and not in this text), ``closed``, or
        ``unknown``.
    statement
        The sentence or line that says so, quoted from the page.
    declared
        Number of comments the page itself announces.
    systems
        Names of comment systems or logins the page offers, in page order.
    guidelines
        ``quoted`` (house rules stand in the page), ``linked`` (named but not quoted), ``none``.
    guidelines_link
        The words that name the rules standing elsewhere.
    release_hours
        Hours with and without release, as far as the rules quoted in the page could be understood.
    closes_after_days
        The section closes this many days after publication, begun days counted whole.
    """

    status: Literal["open", "empty", "elsewhere", "closed", "unknown"] = "unknown"
    statement: Evidence | None = None
    declared: int | None = None
    systems: tuple[str, ...] = ()
    guidelines: Literal["quoted", "linked", "none"] = "none"
    guidelines_link: Evidence | None = None
    release_hours: tuple[ReleaseHours, ...] = ()
    closes_after_days: int | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """One parsed page: the article, and, kept apart from it, everything about its comments."""

    source: str
    article: Article = field(default_factory=Article)
    comments: tuple[Comment, ...] = ()
    house_rules: tuple[HouseRule, ...] = ()
    comment_policy: CommentPolicy = field(default_factory=CommentPolicy)
    warnings: tuple[str, ...] = ()
    url: str | None = None


@dataclass(frozen=True, slots=True)
class State:
    """Whether a comment can appear now, by the house's hours: a state of the page, never a fault.

    Attributes
    ----------
    kind
        ``open`` (nothing stands in its way), ``held`` (it waits for the hours in which the house
        releases comments) or ``closed`` (its section takes no more comments).
    until
        When a held comment can be released, as ISO 8601 with offset; None otherwise.
    rule
        The house rule that says so; None where the page itself does.
    reason
        German sentence for whoever asks; empty for ``open``.
    """

    kind: Literal["open", "held", "closed"]
    until: str | None = None
    rule: HouseRule | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Label:
    """A house rule applies to these words of a comment.

    ``strength`` is 1 (may be meant otherwise: a person should look) or 2 (unmistakable in
    itself). ``function`` names the labelling function that found it.
    """

    rule: HouseRule
    category: Category
    evidence: tuple[Evidence, ...]
    function: str
    strength: int = 1


@dataclass(frozen=True, slots=True)
class Contribution:
    """What a stretch of a comment adds to the log-odds of a score; negative lowers it."""

    evidence: Evidence
    log_odds: float


_NO_SCORES: Mapping[str, float] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Language:
    """The language of a text: ISO 639-1 code, None where nobody can tell, and how sure that is.

    ``confidence`` lies between 0 and 1.
    """

    code: str | None
    confidence: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the software recommends for one comment, and why.

    ``score`` and ``decision`` are ``None`` where there was nothing to judge; ``reasons`` are German
    sentences; ``contributions`` are the words that raised the score most, strongest first, where
    the model flags a comment in which no rule found anything. A comment whose ``language`` is
    another than German has no score: the model has learned German, and a person must read it.
    ``state`` says whether it can appear at the time asked about, None where no time was asked
    about; it touches neither score nor decision.
    """

    comment: Comment
    source: str
    headline: str | None
    url: str | None
    score: float | None
    scores: Mapping[str, float] = field(default_factory=lambda: _NO_SCORES)
    labels: tuple[Label, ...] = ()
    decision: Decision | None = None
    reasons: tuple[str, ...] = ()
    contributions: tuple[Contribution, ...] = ()
    warnings: tuple[str, ...] = ()
    language: Language | None = None
    state: State | None = None
