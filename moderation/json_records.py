"""Records as plain dictionaries, ready for JSON: the names other programs rely on stand here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from moderation.records import (
    Comment,
    Contribution,
    Evidence,
    HouseRule,
    Label,
    Language,
    Page,
    ReleaseHours,
    State,
    Verdict,
)

#: Digits a score is written with: what is below is noise of the model, not information.
SCORE_DIGITS = 4
#: Prefix of what is added to a user's own record under a name that it already has.
ADDED_PREFIX = "moderation_"


def added_value(record: Mapping[str, Any], name: str) -> Any:
    """Return what was added to a record, which may have a column `name` of its own."""
    while ADDED_PREFIX + name in record:
        name = ADDED_PREFIX + name
    return record.get(name)


def page_record(page: Page) -> dict[str, Any]:
    """Return what ``moderation parse`` prints for a page."""
    article = asdict(page.article)
    return {
        "source": page.source,
        "url": page.url,
        **{
            key: list(value) if isinstance(value, tuple) else value
            for key, value in article.items()
        },
        "comments": [comment_record(comment) for comment in page.comments],
        "house_rules": [rule_record(rule) for rule in page.house_rules],
        "comment_policy": {
            **asdict(page.comment_policy),
            "systems": list(page.comment_policy.systems),
            "release_hours": [hours_record(one) for one in page.comment_policy.release_hours],
        },
        "warnings": list(page.warnings),
    }


def rule_record(rule: HouseRule) -> dict[str, Any]:
    """Return a house rule; ``quote`` is the clause at ``start:end``, ``sentence`` surrounds it."""
    return {
        "id": rule.id,
        "category": str(rule.category),
        "quote": rule.quote,
        "start": rule.start,
        "end": rule.end,
        "sentence": rule.sentence,
        "modality": rule.modality,
        "aspect": rule.aspect,
    }


def hours_record(hours: ReleaseHours) -> dict[str, Any]:
    """Return hours with or without release; ``days`` is null where every day is meant."""
    return {**asdict(hours), "days": None if hours.days is None else list(hours.days)}


def label_record(label: Label) -> dict[str, Any]:
    """Return a label; ``quote`` is the rule's whole sentence, ``clause`` what it says on this."""
    return {
        "rule_id": label.rule.id,
        "category": str(label.category),
        "quote": label.rule.sentence,
        "clause": label.rule.quote,
        "rule_source": label.rule.source,
        "strength": label.strength,
        "function": label.function,
        "evidence": [evidence_record(evidence) for evidence in label.evidence],
    }


def comment_record(comment: Comment) -> dict[str, Any]:
    """Return a comment."""
    # Written out, as are pieces of evidence: `asdict` copies deeply and takes ten times as long.
    return {
        "id": comment.id,
        "text": comment.text,
        "parent_id": comment.parent_id,
        "author": comment.author,
        "published": comment.published,
        "status": comment.status,
        "quotations": [evidence_record(quotation) for quotation in comment.quotations],
    }


def evidence_record(evidence: Evidence) -> dict[str, Any]:
    """Return a stretch of a text, quoted."""
    return {"start": evidence.start, "end": evidence.end, "text": evidence.text}


def labelled_record(verdict: Verdict) -> dict[str, Any]:
    """Return what ``moderation label`` prints for a comment."""
    return {
        "source": verdict.source,
        "page": {"headline": verdict.headline, "url": verdict.url},
        "comment": comment_record(verdict.comment),
        "language": language_record(verdict.language),
        "labels": [label_record(label) for label in verdict.labels],
        "warnings": list(verdict.warnings),
        "state": state_record(verdict.state),
    }


def verdict_record(verdict: Verdict) -> dict[str, Any]:
    """Return what ``moderation score`` prints for a comment."""
    return {
        "source": verdict.source,
        "page": {"headline": verdict.headline, "url": verdict.url},
        "comment": comment_record(verdict.comment),
        "language": language_record(verdict.language),
        "score": rounded(verdict.score),
        "scores": scores_record(verdict.scores),
        "labels": [label_record(label) for label in verdict.labels],
        "decision": verdict.decision,
        "reasons": list(verdict.reasons),
        "contributions": [contribution_record(one) for one in verdict.contributions],
        "warnings": list(verdict.warnings),
        "state": state_record(verdict.state),
    }


def state_record(state: State | None) -> dict[str, Any] | None:
    """Return whether a comment can appear; null where nobody asked for a time.

    ``quote`` is the whole sentence of the rule, as labels have it.
    """
    if state is None:
        return None
    return {
        "kind": state.kind,
        "until": state.until,
        "rule_id": state.rule.id if state.rule else None,
        "quote": state.rule.sentence if state.rule else None,
        "reason": state.reason,
    }


def language_record(language: Language | None) -> dict[str, Any] | None:
    """Return a language; its code is null where nobody can tell."""
    if language is None:
        return None
    return {"code": language.code, "confidence": round(language.confidence, SCORE_DIGITS)}


def scores_record(scores: Mapping[str, float]) -> dict[str, float]:
    """Return scores rounded to :data:`SCORE_DIGITS`."""
    return {head: round(score, SCORE_DIGITS) for head, score in scores.items()}


def contribution_record(contribution: Contribution) -> dict[str, Any]:
    """Return the share of a word in a score's log-odds."""
    return {**evidence_record(contribution.evidence), "log_odds": contribution.log_odds}


def rounded(score: float | None) -> float | None:
    """Return a score with :data:`SCORE_DIGITS` digits."""
    return None if score is None else round(score, SCORE_DIGITS)
