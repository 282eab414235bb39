"""``/v1alpha1``: what clients of the Perspective API call, and their discovery document."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response

from moderation.decisions.records import Decision
from moderation.service.attributes import attribute_values
from moderation.service.discovery import discovery_document
from moderation.service.failures import json_bytes
from moderation.service.native import ErrorResponse
from moderation.service.parts import parts_of
from moderation.service.perspective import analysis, asked, suggestion
from moderation.service.perspective_messages import (
    AnalyzeCommentRequest,
    AnalyzeCommentResponse,
    SuggestCommentScoreRequest,
    SuggestCommentScoreResponse,
)
from moderation.service.recording import record, recorder_of

router = APIRouter(tags=["Perspective API"])
_ERRORS: dict[int | str, dict[str, Any]] = {
    code: {"model": ErrorResponse} for code in (400, 401, 403, 408, 409, 413, 429, 500, 503)
}


@router.post(
    "/v1alpha1/comments:analyze",
    response_model=AnalyzeCommentResponse,
    responses=_ERRORS,
    summary="Score a comment.",
)
async def analyze(request: Request, body: AnalyzeCommentRequest) -> Response:
    """Return probabilities for the requested attributes; nothing is stored."""
    parts = parts_of(request)
    classifier = parts.bench.classifier
    question = asked(body, classifier)
    attributes = list(question.attributes.values())
    scores = await parts.bench.scores(question.text)
    summary = attribute_values(question.text, scores, attributes, classifier)
    span_values = [summary]
    if body.span_annotations and len(question.spans) > 1:
        span_values = []
        for start, end in question.spans:
            part = question.text[start:end]
            part_scores = await parts.bench.scores(part)
            span_values.append(attribute_values(part, part_scores, attributes, classifier))
    parts.metrics.judged("score")
    return _json(analysis(body, question, summary, span_values))


@router.post(
    "/v1alpha1/comments:suggestscore",
    response_model=SuggestCommentScoreResponse,
    responses=_ERRORS,
    summary="Send a moderator's decision back.",
)
async def suggest_score(request: Request, body: SuggestCommentScoreRequest) -> Response:
    """Take in what a moderator decided; answered when it is on the disk."""
    parts = parts_of(request)
    recorder_of(parts)
    given = suggestion(body)
    classifier = parts.bench.classifier
    scores = await parts.bench.scores(given.text)
    key = request.scope["key"]
    decisions = [
        Decision(
            value=value,
            attribute=attribute[:100],
            source="suggestscore",
            comment_id=given.comment_id,
            parent_id=given.parent_id,
            url=given.url,
            community=body.community_id[:500] or None,
            text=given.text,
            language=",".join(given.languages)[:100],
            score=scores[classifier.main],
            model_digest=classifier.digest,
            key_id=key.id if key is not None else None,
        )
        for attribute, value in given.values.items()
    ]
    if body.do_not_store:
        decisions = [one.without_text() for one in decisions]
    await record(parts, decisions)
    answer: dict[str, Any] = {"detectedLanguages": list(given.detected)}
    if body.languages:
        answer["requestedLanguages"] = body.languages
    if body.client_token:
        answer["clientToken"] = body.client_token
    return _json(answer)


@router.get("/$discovery/rest", summary="Tell Google's clients how to call this service.")
async def discover(request: Request) -> dict[str, Any]:
    """Return the discovery document."""
    return discovery_document(str(request.base_url))


def _json(record: Any) -> Response:
    return Response(json_bytes(record), media_type="application/json")
