"""``/coral/phase``: Coral asks before a comment appears."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import Any

from fastapi import APIRouter, Request, Response
from pydantic import ValidationError

from moderation.records import Page
from moderation.service.answers import JSON, json_bytes
from moderation.service.coral import (
    STAFF_ROLES,
    CoralRequest,
    CoralResponse,
    comment_of,
    is_signed,
    phase_answer,
)
from moderation.service.failures import ServiceError, documented
from moderation.service.judging import LONG
from moderation.service.parts import parts_of

router = APIRouter(tags=["Coral"])
_log = logging.getLogger(__name__)
_ERRORS: dict[int | str, dict[str, Any]] = {
    204: {"description": "Nothing to say; the comment goes its way."},
    **documented(400, 401, 408, 409, 413, 500, 503),
}
#: Seconds that Coral waits at least; slower answers are told to whoever reads the log.
_SLOW_SECONDS = 0.2


@router.post(
    "/coral/phase",
    response_model=CoralResponse,
    responses=_ERRORS,
    summary="Coral's external moderation phase.",
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": CoralRequest.model_json_schema()}},
        },
        "parameters": [
            {
                "name": "X-Coral-Signature",
                "in": "header",
                "required": True,
                "schema": {"type": "string"},
                "description": "sha256=… over the body; several where a secret is rotated.",
            }
        ],
    },
)
async def phase(request: Request) -> Response:
    """Say what Coral should do with a comment: nothing (204), flag it, or give it a status."""
    started = time.perf_counter()
    parts = parts_of(request)
    if not parts.coral_secrets:
        raise ServiceError(409, "moderation serve was started without --coral-secret")
    # The signature is over the bytes as they were sent.
    body = await request.body()
    if not is_signed(body, request.headers.get("x-coral-signature", ""), parts.coral_secrets):
        raise ServiceError(401, "the signature does not fit; compare --coral-secret with Coral's")
    try:
        asked = CoralRequest.model_validate_json(body)
    except ValidationError as error:
        where = ".".join(str(one) for one in error.errors()[0]["loc"]) or "body"
        raise ServiceError(400, f"no moderation request of Coral: {where}") from error
    if (known := parts.seen.answer(body)) is not None:
        return _response(known)
    if asked.author.role in STAFF_ROLES:
        return Response(status_code=204)
    comment = await asyncio.to_thread(comment_of, asked) if len(body) > LONG else comment_of(asked)
    page = Page(source="coral", url=asked.story.url)
    (verdict,) = await parts.bench.verdicts([comment], page, None, parts.bench.desk)
    parts.metrics.judged(verdict.decision or "none")
    answer = phase_answer(verdict, parts.settings.coral_statuses or {})
    if (seconds := time.perf_counter() - started) > _SLOW_SECONDS:
        _log.warning("coral's phase took %.0f ms", 1000 * seconds)
    written = b"" if answer is None else json_bytes(answer)
    parts.seen.remember(body, written)
    return _response(written)


def _response(answer: bytes) -> Response:
    return Response(answer, media_type=JSON) if answer else Response(status_code=204)
