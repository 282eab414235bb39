"""Decisions of moderators on their way into the store."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from moderation.decisions.errors import StoreUnavailableError
from moderation.decisions.recording import Receipt, Recorder
from moderation.decisions.records import Decision
from moderation.decisions.store import open_store
from moderation.service.failures import ServiceError
from moderation.service.parts import Parts

#: Seconds after which a decision that could not be taken in is worth sending again.
_RETRY_SECONDS = 5.0
#: How far clocks may differ: what is said to be of later would be kept for longer.
_AHEAD = timedelta(days=1)
_NO_STORE = "decisions are not taken in here: moderation serve was started without --decisions"


def recorder_of(parts: Parts) -> Recorder:
    """Return what decisions are recorded with.

    Raises
    ------
    ServiceError
        409, if the service was started without a store.
    """
    if parts.recorder is None:
        raise ServiceError(409, _NO_STORE)
    return parts.recorder


async def record(parts: Parts, decisions: Sequence[Decision]) -> Receipt:
    """Keep decisions, and return when they are on the disk.

    Texts are left out where the house does not store any; their digests stay.

    Raises
    ------
    ServiceError
        400, if one is of a time to come; 503, if they could not be kept. None of them was.
    """
    recorder = recorder_of(parts)
    latest = datetime.now(UTC) + _AHEAD
    for one in decisions:
        if one.decided_at > latest:
            raise ServiceError(
                400, f"decided_at {one.decided_at.isoformat()}: more than a day ahead of this clock"
            )
    kept = decisions if parts.settings.store_texts else [one.without_text() for one in decisions]
    try:
        receipt = await asyncio.wrap_future(recorder.submit(*kept))
    except StoreUnavailableError as error:
        parts.metrics.taken("refused", len(kept))
        message = f"not recorded, send it again: {error}"
        raise ServiceError(503, message, retry_after=_RETRY_SECONDS) from error
    parts.metrics.taken(str(receipt), len(kept))
    return receipt


async def forget(parts: Parts, comment_id: str | None, author: str | None) -> int:
    """Delete decisions about a comment or an author (given by name or pseudonym).

    Raises
    ------
    ServiceError
        503, if not all that there is could be deleted.
    """
    recorder = recorder_of(parts)
    if recorder.spooled:
        # What waits outside of the store would come back.
        raise ServiceError(
            503, "decisions wait for the store; delete when it answers", retry_after=_RETRY_SECONDS
        )
    pseudonym = parts.pseudonyms.of(author) if author else None
    url = str(parts.settings.decisions)

    def deleted() -> int:
        with open_store(url) as store:
            return store.forget(comment_id=comment_id, author=pseudonym)

    try:
        return await asyncio.to_thread(deleted)
    except StoreUnavailableError as error:
        raise ServiceError(503, f"not deleted: {error}", retry_after=_RETRY_SECONDS) from error


def expire(url: str, days: int) -> int:
    """Delete decisions that are older than `days`, and return how many."""
    with open_store(url) as store:
        return store.expire(datetime.now(UTC) - timedelta(days=days))
