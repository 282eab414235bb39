"""The service's own interface: comments in, the same records out as on the command line."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from moderation.errors import ModerationError
from moderation.labelling.rules_file import rules_of_tables
from moderation.parsing.house_rules import read_netiquette
from moderation.parsing.markup import marked_quotations, text_of_html
from moderation.pseudonyms import Pseudonyms
from moderation.records import Article, Comment, HouseRule, Page
from moderation.service.failures import ServiceError
from moderation.service.record_messages import EXAMPLE, RecordOut
from moderation.states import Clock, read_clock

#: Comments in one request; more go into several, so that others are served in between.
MAX_COMMENTS = 1_000
#: Decisions in one request: they are written together or not at all.
MAX_DECISIONS = 1_000
#: Characters of a netiquette that is sent with comments; the longest German one seen has 30,000.
MAX_NETIQUETTE = 50_000

Name = Annotated[str, StringConstraints(max_length=500)]
_EXTRA = ConfigDict(extra="forbid")


class CommentIn(BaseModel):
    """A comment."""

    model_config = _EXTRA

    text: str
    id: Name | None = Field(None, description="Comes back; without one, its place in the list.")
    parent_id: Name | None = None
    author: Name | None = Field(None, description="Comes back as a pseudonym.")
    published: Annotated[str, StringConstraints(max_length=100)] | None = None
    format: Literal["text", "html"] = "text"


class ArticleIn(BaseModel):
    """The article that comments stand under; its body shows what is off topic."""

    model_config = _EXTRA

    headline: str | None = None
    body: str = ""
    section: str | None = None
    url: str | None = None
    published: str | None = None
    tags: list[str] = []


class RuleIn(BaseModel):
    """One clause of the house rules, in the house's own words."""

    model_config = _EXTRA

    id: Name
    category: Name
    quote: str
    sentence: str | None = None
    modality: Literal["forbids", "asks", "permits", "states"] | None = None


class ScoreRequest(BaseModel):
    """Comments to be judged: one, or many in the order in which they come back."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "comments": [{"id": "1", "text": "Guten Morgen, schöner Artikel."}],
                    "house_rules": "Bitte bleiben Sie sachlich. Keine Beleidigungen.",
                }
            ]
        },
    )

    comment: CommentIn | None = None
    comments: Annotated[list[CommentIn], Field(max_length=MAX_COMMENTS)] = []
    article: ArticleIn | None = None
    house_rules: (
        Annotated[str, StringConstraints(max_length=MAX_NETIQUETTE)]
        | Annotated[list[RuleIn], Field(max_length=200)]
        | None
    ) = Field(
        None, description="The text of a netiquette, or its clauses; without: the service's own."
    )
    now: str | None = Field(
        None, description='"now" or ISO 8601: say which comments would be open, held or closed.'
    )


class ModelOut(BaseModel):
    """The model in use."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "name": "news",
                    "digest": "3f0c5d…",
                    "heads": ["abusive", "insult"],
                    "review": 0.5,
                    "reject": 0.9,
                    "previous": None,
                }
            ]
        }
    )

    name: str
    digest: str
    heads: list[str]
    review: float
    reject: float
    previous: str | None = Field(description="Digest of the model that rollback goes back to.")


class ScoreResponse(BaseModel):
    """One record a comment, in order; the same that ``moderation score`` prints."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    model: str = Field(description="Digest of the model.")
    results: list[RecordOut]


class DecisionIn(BaseModel):
    """What a moderator decided."""

    model_config = _EXTRA

    comment_id: Name | None = None
    decision: Literal["approved", "rejected"]
    text: Annotated[str, StringConstraints(max_length=100_000)] | None = None
    parent_id: Name | None = None
    author: Name | None = Field(None, description="Stored as a pseudonym.")
    url: Annotated[str, StringConstraints(max_length=2_000)] | None = None
    community: Name | None = None
    decided_at: datetime | None = Field(None, description="With its time zone; without: now.")
    do_not_store: bool = Field(False, description="Store the decision without the text.")
    id: Annotated[str, StringConstraints(pattern="^[0-9a-f]{32}$")] | None = Field(
        None, description="Of the decision: sent twice, it counts once."
    )


class DecisionsRequest(BaseModel):
    """Decisions, kept all or none."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "decisions": [
                        {"comment_id": "1", "decision": "approved", "text": "Schöner Artikel."}
                    ]
                }
            ]
        },
    )

    decisions: Annotated[list[DecisionIn], Field(min_length=1, max_length=MAX_DECISIONS)]


class DecisionsResponse(BaseModel):
    """Where they are: in the store, or on the disk waiting for it."""

    receipt: Literal["stored", "queued"]
    decisions: int


class DeletedResponse(BaseModel):
    """How many decisions were deleted."""

    deleted: int


class HealthResponse(BaseModel):
    """How the service is, and what becomes of decisions."""

    status: Literal["ok"]
    model: str | None = Field(default=None, description="The beginning of its digest.")
    decisions: Literal["stored", "queued", "refused"] | None = Field(
        default=None,
        description="What became of the last ones: in the store, waiting on the disk for it, or "
        "sent back because neither takes them; null without a store.",
    )


def page_of(request: ScoreRequest, pseudonyms: Pseudonyms) -> Page:
    """Return the comments of a request and what they stand under, as a page; no author is named.

    Raises
    ------
    ServiceError
        400, if there is no comment, or two with one id.
    """
    if (request.comment is None) == (not request.comments):
        raise ServiceError(400, "give comment, or comments with at least one")
    given = [request.comment] if request.comment is not None else request.comments
    comments = tuple(_comment(one, place, pseudonyms) for place, one in enumerate(given, 1))
    if len({one.id for one in comments}) < len(comments):
        raise ServiceError(400, "two comments have the same id; make them unique, or leave ids out")
    article, url = Article(), None
    if (sent := request.article) is not None:
        article = Article(
            headline=sent.headline,
            section=sent.section,
            published=sent.published,
            body=sent.body,
            tags=tuple(sent.tags),
        )
        url = sent.url
    return Page(source="request", url=url, article=article, comments=comments)


def rules_of(request: ScoreRequest) -> tuple[HouseRule, ...] | None:
    """Return the house rules that a request brings; None: it brings none.

    Raises
    ------
    ServiceError
        400, if they cannot be used.
    """
    rules = request.house_rules
    if rules is None:
        return None
    if isinstance(rules, str):
        found = _netiquette(rules)
        if not found:
            raise ServiceError(400, "house_rules: no rules recognised; send clauses instead")
        return found
    try:
        tables = [rule.model_dump(exclude_none=True) for rule in rules]
        return rules_of_tables(tables, "house_rules", "request")
    except ModerationError as error:
        raise ServiceError(400, str(error)) from error


def clock_of(request: ScoreRequest) -> Clock | None:
    """Return the time that a request asks about.

    Raises
    ------
    ServiceError
        400, if it cannot be understood.
    """
    if request.now is None:
        return None
    try:
        return read_clock(request.now)
    except ModerationError as error:
        raise ServiceError(400, str(error).replace("--now", "now")) from error


def decided_at(decision: DecisionIn) -> datetime:
    """Return when a decision was made.

    Raises
    ------
    ServiceError
        400, if it has no time zone.
    """
    moment = decision.decided_at
    if moment is None:
        return datetime.now(UTC)
    if moment.tzinfo is None:
        raise ServiceError(400, "decided_at: no time zone; write 2026-11-25T20:14:00+01:00")
    return moment


@lru_cache(maxsize=64)
def _netiquette(text: str) -> tuple[HouseRule, ...]:
    return tuple(read_netiquette(text, "request", (), whole=True).rules)


def _comment(sent: CommentIn, place: int, pseudonyms: Pseudonyms) -> Comment:
    text, quotations = sent.text, marked_quotations(sent.text)
    if sent.format == "html":
        fragment = text_of_html(text)
        text, quotations = fragment.text, fragment.quotations
    return Comment(
        sent.id if sent.id is not None else str(place),
        text,
        parent_id=sent.parent_id,
        author=pseudonyms.of(sent.author) if sent.author else None,
        published=sent.published,
        quotations=quotations,
    )
