"""What the routes of a worker share; ``request.app.state.parts``."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request

from moderation.decisions.recording import Recorder
from moderation.pseudonyms import Pseudonyms
from moderation.service.coral import Seen
from moderation.service.judging import Bench
from moderation.service.metrics import Metrics
from moderation.service.settings import Settings
from moderation.service.swapping import Swapper


@dataclass(slots=True)
class Parts:
    """What the routes of a worker share."""

    settings: Settings
    bench: Bench
    metrics: Metrics
    swapper: Swapper
    recorder: Recorder | None
    pseudonyms: Pseudonyms
    coral_secrets: tuple[bytes, ...]
    seen: Seen


def parts_of(request: Request) -> Parts:
    """Return what the routes of this worker share."""
    parts: Parts = request.app.state.parts
    return parts
