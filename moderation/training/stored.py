"""Decisions in a store as the house's own decided comments, and the other way round."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from moderation.decisions.records import Decision, DecisionError, decision_of, digest_of
from moderation.errors import UsageError
from moderation.parsing.decoding import decoded_lines
from moderation.parsing.inputs import Input
from moderation.parsing.json_lines import json_objects
from moderation.parsing.reader import Intake
from moderation.records import Status
from moderation.states import read_moment
from moderation.training.house import (
    Decided,
    HouseColumns,
    HouseComment,
    Report,
    house_comments,
)

#: Attributes, in lower case, that say more than yes or no to a comment, and the head they say it
#: of. All others are the decision itself: Coral sends it under the name of the model it asked.
_ABOUT = {
    "insult": "insult",
    "group_abuse": "group_abuse",
    "identity_attack": "group_abuse",
    "indecency": "indecency",
    "profanity": "indecency",
}
#: Attributes that are reasons of their own for rejecting a comment.
_REASONS: dict[str, Status] = {"spam": "spam", "deleted": "deleted"}
#: What each decision is in a store: attribute and value. What still waits is no decision.
_DECIDED: dict[Status | None, tuple[str, int]] = {
    "approved": ("rejected", 0),
    "rejected": ("rejected", 1),
    "spam": ("spam", 1),
    "deleted": ("deleted", 1),
}
#: Values above mean rejected, below approved; in the middle nothing was decided.
_MIDDLE = 0.5
#: How a file begins that ``moderation decisions export`` has written.
_EXPORT = re.compile(rb'\s*\{"id": ?"[0-9a-f]{32}", ?"decided_at": ?"')
_ID_DIGITS = 32


def decided_texts(decisions: Iterable[Decision], head: str | None) -> list[Decided]:
    """Return each text in a store once, with what was decided about it last.

    Parameters
    ----------
    decisions
        In the order in which they were made. Those whose texts were not stored cannot teach, but
        overrule earlier ones about the same text.
    head
        The score that is to be learned; decisions about another one are left out.
    """
    texts: dict[str, str] = {}
    last: dict[str, Status] = {}
    for one in decisions:
        about = _ABOUT.get(one.attribute.lower())
        if one.text_digest is None or about not in {None, head}:
            continue
        if one.text is not None and one.text.strip():
            texts.setdefault(one.text_digest, one.text)
        last[one.text_digest] = _status(one)
    return [(text, last[digest]) for digest, text in texts.items()]


def _status(decision: Decision) -> Status:
    if decision.value == _MIDDLE:
        return "pending"
    if decision.value < _MIDDLE:
        return "approved"
    return _REASONS.get(decision.attribute.lower(), "rejected")


def decisions_in(
    source: Input,
    columns: HouseColumns,
    report: Report,
    intake: Intake,
    *,
    attribute: str = "abusive",
    community: str | None = None,
) -> Iterator[Decision]:
    """Yield the decisions in an export of a comment system or of a store, or in a labelled table.

    The same input gives decisions with the same ids each time. Their time is the comment's, or the
    present where it has none.

    Parameters
    ----------
    source, columns, report, intake
        As for :func:`moderation.training.house.house_comments`.
    attribute
        What the labels of tables are about.
    community
        Whose comments they are.

    Raises
    ------
    ModerationError
        If it cannot be read, or nothing was decided; behind what could be read.
    """
    if _EXPORT.match(source.first_bytes()):
        yield from _exported(source, report)
        return
    for one in house_comments(source, columns, report, intake):
        what = (attribute, one.label) if one.label is not None else _DECIDED.get(one.comment.status)
        if what is None:
            continue
        try:
            yield _imported(one, *what, community)
        except DecisionError as error:
            report(f"{source.name}, comment {one.comment.id[:60]}: {error}; left out")


def _exported(source: Input, report: Report) -> Iterator[Decision]:
    with source.opened() as stream:
        lines = decoded_lines(stream, source.name, report)
        for number, record in json_objects(lines, source.name, report):
            try:
                yield decision_of(record)
            except DecisionError as error:
                report(f"{source.name}, line {number}: {error}; left out")


def _imported(one: HouseComment, attribute: str, value: int, community: str | None) -> Decision:
    comment = one.comment
    digest = digest_of(comment.text)
    # The same decision in next month's export is the same one.
    key = [community, one.url, comment.id, attribute, value, digest]
    return Decision(
        id=hashlib.sha256(json.dumps(key).encode()).hexdigest()[:_ID_DIGITS],
        decided_at=_time_of(comment.published),
        source="import",
        value=value,
        attribute=attribute,
        # Whoever forgets comment 1 does not mean the first row of every table.
        comment_id=None if one.numbered else comment.id,
        parent_id=comment.parent_id,
        author=comment.author,
        url=one.url,
        community=community,
        text=comment.text,
        text_digest=digest,
    )


def _time_of(published: str | None) -> datetime:
    try:
        return read_moment(published or "now")
    except UsageError:
        return datetime.now(UTC)
