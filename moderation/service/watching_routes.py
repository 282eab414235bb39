"""For whoever watches the service: is it there, is it ready, what did it do."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter, Request, Response

from moderation.decisions.recording import Recorder
from moderation.errors import ModerationError
from moderation.service.failures import GUARDED, ServiceError, documented
from moderation.service.native import HealthResponse
from moderation.service.parts import parts_of
from moderation.service.swapping import orders_of

router = APIRouter(tags=["watching"])


@router.head("/healthz", include_in_schema=False)
@router.get("/healthz", summary="Is the process alive?")
async def alive() -> HealthResponse:
    """Answer."""
    return HealthResponse(status="ok")


@router.head("/readyz", include_in_schema=False)
@router.get("/readyz", summary="Can it judge comments?")
async def ready(request: Request) -> HealthResponse:
    """Answer once the model is loaded; a store that is away does not keep comments from scoring."""
    parts = parts_of(request)
    return HealthResponse(
        status="ok",
        model=parts.bench.classifier.digest[:12],
        decisions=_taken(parts.recorder) if parts.recorder is not None else None,
    )


def _taken(recorder: Recorder) -> Literal["stored", "queued", "refused"]:
    if recorder.refusing:
        return "refused"
    return "queued" if recorder.spooled or recorder.trouble else "stored"


@router.get(
    "/metrics",
    summary="For Prometheus.",
    response_class=Response,
    responses=documented(400, *GUARDED),
)
async def metrics(request: Request) -> Response:
    """Return counts and times."""
    parts = parts_of(request)
    try:
        orders = orders_of(parts.swapper.runtime)
    except ModerationError as error:
        raise ServiceError(503, str(error)) from error
    content, media_type = parts.metrics.page(orders)
    return Response(content, media_type=media_type)
