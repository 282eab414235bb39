"""``/v1``: comments judged with reasons, decisions taken in, models swapped."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from moderation.decisions.records import Decision
from moderation.errors import ModerationError
from moderation.json_records import verdict_record
from moderation.service.answers import json_response
from moderation.service.failures import GUARDED, ServiceError, documented
from moderation.service.native import (
    DecisionIn,
    DecisionsRequest,
    DecisionsResponse,
    DeletedResponse,
    ModelOut,
    Name,
    ScoreRequest,
    ScoreResponse,
    clock_of,
    decided_at,
    page_of,
    rules_of,
)
from moderation.service.parts import Parts, parts_of
from moderation.service.recording import forget, record, recorder_of
from moderation.service.swapping import Order

router = APIRouter(prefix="/v1", tags=["native"])
_ERRORS = documented(400, 409, *GUARDED)
_REJECTED = {"approved": 0.0, "rejected": 1.0}


@router.post("/score", response_model=ScoreResponse, responses=_ERRORS, summary="Judge comments.")
async def score(request: Request, body: ScoreRequest) -> Response:
    """Return a recommendation for each comment, with labels, evidence and reasons."""
    parts = parts_of(request)
    clock = clock_of(body)
    # Markup and netiquettes take longer to read than others should wait.
    page = await asyncio.to_thread(page_of, body, parts.pseudonyms)
    rules = await asyncio.to_thread(rules_of, body)
    desk = replace(parts.bench.desk, clock=clock)
    verdicts = await parts.bench.verdicts(page.comments, page, rules, desk)
    for verdict in verdicts:
        parts.metrics.judged(verdict.decision or "none")
    classifier = desk.classifier
    answer = {
        "model": classifier.digest if classifier is not None else "",
        "results": [verdict_record(one) for one in verdicts],
    }
    return json_response(answer)


@router.post("/decisions", responses=_ERRORS, summary="Send moderators' decisions back.")
async def decide(request: Request, body: DecisionsRequest) -> DecisionsResponse:
    """Take in decisions, all or none; answered when they are on the disk."""
    parts = parts_of(request)
    recorder_of(parts)
    key = request.scope["key"]
    decisions = [
        await _decision(parts, one, key.id if key is not None else None) for one in body.decisions
    ]
    receipt = await record(parts, decisions)
    return DecisionsResponse(receipt=receipt.value, decisions=len(decisions))


@router.delete("/decisions", responses=_ERRORS, summary="Delete decisions on request.")
async def delete(
    request: Request,
    comment_id: Annotated[Name | None, Query()] = None,
    author: Annotated[Name | None, Query(description="Name or pseudonym.")] = None,
) -> DeletedResponse:
    """Delete what is stored about a comment, or about all comments of an author."""
    if any(len(request.query_params.getlist(name)) > 1 for name in ("comment_id", "author")):
        raise ServiceError(400, "name one comment_id, or one author; send a request for each")
    if (comment_id is None) == (author is None) or not (comment_id or author):
        raise ServiceError(400, "name either a comment_id or an author")
    return DeletedResponse(deleted=await forget(parts_of(request), comment_id, author))


@router.get("/model", responses=_ERRORS, summary="Which model is in use.")
async def model(request: Request) -> ModelOut:
    """Return the model in use."""
    return _model(parts_of(request))


@router.post("/model/reload", responses=_ERRORS, summary="Load the model again.")
async def reload(request: Request) -> ModelOut:
    """Load the model of the service again, as after training; the old one is kept for rollback."""
    return await _swap(request, "reload")


@router.post("/model/rollback", responses=_ERRORS, summary="Go back to the model before.")
async def rollback(request: Request) -> ModelOut:
    """Use the model again that was in use before the last reload."""
    return await _swap(request, "rollback")


async def _swap(request: Request, order: Order) -> ModelOut:
    parts = parts_of(request)
    try:
        await parts.swapper.obey(order)
    except ModerationError as error:
        raise ServiceError(409, f"the model stays as it is: {error}") from error
    return _model(parts)


def _model(parts: Parts) -> ModelOut:
    classifier = parts.bench.classifier
    return ModelOut(
        name=classifier.name,
        digest=classifier.digest,
        heads=list(classifier.heads),
        review=classifier.thresholds.review,
        reject=classifier.thresholds.reject,
        previous=parts.swapper.chosen.previous,
    )


async def _decision(parts: Parts, sent: DecisionIn, key_id: str | None) -> Decision:
    classifier = parts.bench.classifier
    score = None
    if sent.text and not sent.text.isspace():
        score = (await parts.bench.scores(sent.text, classifier))[classifier.main]
    identity = {"id": sent.id} if sent.id is not None else {}
    decision = Decision(
        value=_REJECTED[sent.decision],
        attribute=sent.decision,
        source="api",
        decided_at=decided_at(sent),
        comment_id=sent.comment_id,
        parent_id=sent.parent_id,
        author=parts.pseudonyms.of(sent.author) if sent.author else None,
        url=sent.url,
        community=sent.community,
        text=sent.text or None,
        score=score,
        model_digest=classifier.digest if score is not None else None,
        key_id=key_id,
        **identity,
    )
    return decision.without_text() if sent.do_not_store else decision
