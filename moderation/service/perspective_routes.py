"""``/v1alpha1``: what clients of the Perspective API call, and their discovery document."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter, Request, Response

from moderation.decisions.records import Decision
from moderation.model.classifier import Classifier
from moderation.service.answers import json_response
from moderation.service.attributes import Attribute, attribute_values
from moderation.service.discovery import discovery_document
from moderation.service.failures import GUARDED, documented
from moderation.service.judging import LONG, Bench
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
_ERRORS = documented(400, *GUARDED)


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
    summary = await _values(parts.bench, classifier, question.text, attributes)
    span_values = [summary]
    if body.span_annotations and len(question.spans) > 1:
        span_values = [
            await _values(parts.bench, classifier, question.text[start:end], attributes)
            for start, end in question.spans
        ]
    parts.metrics.judged("score")
    return json_response(analysis(body, question, summary, span_values))


@router.post(
    "/v1alpha1/comments:suggestscore",
    response_model=SuggestCommentScoreResponse,
    responses=_ERRORS | documented(409),
    summary="Send a moderator's decision back.",
)
async def suggest_score(request: Request, body: SuggestCommentScoreRequest) -> Response:
    """Take in what a moderator decided; answered when it is on the disk."""
    parts = parts_of(request)
    recorder_of(parts)
    given = suggestion(body)
    classifier = parts.bench.classifier
    scores = await parts.bench.scores(given.text, classifier)
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
    return json_response(answer)


@router.get("/$discovery/rest", summary="Tell Google's clients how to call this service.")
async def discover(request: Request) -> dict[str, Any]:
    """Return the discovery document."""
    public = parts_of(request).settings.public_url
    return discovery_document(f"{public}/" if public is not None else str(request.base_url))


async def _values(
    bench: Bench, classifier: Classifier, text: str, attributes: Sequence[Attribute]
) -> list[float]:
    """Return the value of each attribute for a text; what takes longer is done aside."""
    scores = await bench.scores(text, classifier)
    if len(text) > LONG:
        return await asyncio.to_thread(attribute_values, text, scores, attributes, classifier)
    return attribute_values(text, scores, attributes, classifier)
