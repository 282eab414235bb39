"""The record of a comment, as :func:`moderation.json_records.verdict_record` writes it.

These models describe it to whoever reads the OpenAPI document; tests hold that they fit.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid")


class EvidenceOut(_Record):
    """Exact words of the comment: characters `start` to `end`, end excluded."""

    start: int
    end: int
    text: str


class ContributionOut(EvidenceOut):
    """Words that raise the score where no rule found anything."""

    log_odds: float


class CommentOut(_Record):
    """The comment as it was judged: plain text."""

    id: str
    text: str
    parent_id: str | None
    author: str | None = Field(description="A pseudonym.")
    published: str | None
    status: str | None
    quotations: list[EvidenceOut] = Field(description="Words of others; they are not judged.")


class PageOut(_Record):
    """What the comment stands under."""

    headline: str | None
    url: str | None


class LanguageOut(_Record):
    """The language of the comment; another than German gets no score."""

    code: str | None = Field(description="ISO 639-1; null where nobody can tell.")
    confidence: float = Field(ge=0, le=1)


class LabelOut(_Record):
    """A rule applies to words of the comment."""

    rule_id: str
    category: str
    quote: str = Field(description="The rule's own sentence.")
    clause: str = Field(description="What that sentence says about this category.")
    rule_source: str
    strength: int = Field(
        ge=1, le=2, description="1: may be meant otherwise, 2: unmistakable in itself."
    )
    function: str = Field(description="The labelling function that found it.")
    evidence: list[EvidenceOut]


class StateOut(_Record):
    """Whether the comment could appear at the time that was asked about."""

    kind: Literal["open", "held", "closed"]
    until: str | None
    rule_id: str | None
    quote: str | None
    reason: str


class RecordOut(_Record):
    """What is recommended for a comment, and why."""

    source: str
    page: PageOut
    comment: CommentOut
    language: LanguageOut | None
    score: float | None = Field(
        description="Probability that moderators would object, 0 to 1; null: nothing to judge."
    )
    scores: dict[str, float] = Field(description="The same for each head of the model.")
    labels: list[LabelOut]
    decision: Literal["publish", "review", "reject"] | None = Field(
        description="A recommendation; null: a person must read it."
    )
    reasons: list[str] = Field(description="German sentences for whoever decides.")
    contributions: list[ContributionOut]
    warnings: list[str]
    state: StateOut | None


#: An answer of ``/v1/score``, for the document.
EXAMPLE: dict[str, Any] = {
    "model": "3f0c5d…",
    "results": [
        {
            "source": "request",
            "page": {"headline": None, "url": None},
            "comment": {
                "id": "1",
                "text": "Sie sind ein Idiot.",
                "parent_id": None,
                "author": "author-5f0c3a9d21b7",
                "published": None,
                "status": None,
                "quotations": [],
            },
            "language": {"code": "de", "confidence": 0.98},
            "score": 0.99,
            "scores": {"abusive": 0.99, "insult": 0.93},
            "labels": [
                {
                    "rule_id": "insult-1",
                    "category": "insult",
                    "quote": "Bitte bleiben Sie sachlich, keine Beleidigungen.",
                    "clause": "keine Beleidigungen",
                    "rule_source": "request",
                    "strength": 2,
                    "function": "insults",
                    "evidence": [{"start": 13, "end": 18, "text": "Idiot"}],
                }
            ],
            "decision": "reject",
            "reasons": ["„Idiot“ – Beleidigung, Hausregel: „keine Beleidigungen“."],
            "contributions": [],
            "warnings": [],
            "state": None,
        }
    ],
}
