"""The application: what each path does, and what it needs."""

from __future__ import annotations

import asyncio
import gc
import logging
import multiprocessing
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from uvicorn.config import STARTUP_FAILURE

from moderation import __version__
from moderation.decisions.recording import Recorder
from moderation.errors import ModerationError
from moderation.pseudonyms import Pseudonyms, open_pseudonyms
from moderation.service import coral_routes, native_routes, perspective_routes, watching_routes
from moderation.service.answers import json_response
from moderation.service.coral import Seen, load_secrets
from moderation.service.failures import ServiceError, error_record
from moderation.service.gate import Gate, Watched
from moderation.service.judging import open_bench
from moderation.service.keys import Scope
from moderation.service.log import log_to_stderr
from moderation.service.metrics import Metrics
from moderation.service.openapi import openapi_document
from moderation.service.parts import Parts
from moderation.service.recording import expire
from moderation.service.settings import Settings
from moderation.service.swapping import Swapper, first_choice

_log = logging.getLogger(__name__)
#: What a key must be allowed to do: path prefix, method, scope.
_SCOPES: tuple[tuple[str, str, Scope], ...] = (
    ("/v1alpha1/comments:suggestscore", "*", "decide"),
    ("/v1alpha1/", "*", "score"),
    ("/v1/score", "*", "score"),
    ("/v1/decisions", "POST", "decide"),
    ("/v1/decisions", "*", "admin"),
    ("/v1/model/", "*", "admin"),
    ("/v1/model", "*", "score"),
    ("/metrics", "*", "score"),
)
#: Seconds between two looks at the process that has started this one.
_PARENT_SECONDS = 1.0
#: Seconds between two looks at decisions that are kept too long.
_SWEEP_SECONDS = 3600.0


def create_app(settings: Settings) -> FastAPI:
    """Make the application of one worker.

    Raises
    ------
    ModerationError
        If something that `settings` names cannot be used.
    """
    runtime = Path(settings.runtime)
    chosen = first_choice(runtime, settings.model)
    bench = open_bench(replace(settings, model=str(chosen.folder(runtime))), _log.warning)
    metrics = Metrics()
    folder = runtime / "seen"
    folder.mkdir(exist_ok=True, mode=0o700)
    recorder = None
    if settings.decisions is not None:
        recorder = Recorder(settings.decisions, Path(settings.spool) if settings.spool else None)
    parts = Parts(
        settings,
        bench,
        metrics,
        Swapper(bench, settings.model, runtime, metrics, chosen),
        recorder,
        Pseudonyms(settings.pseudonym_key)
        if settings.pseudonym_key is not None
        else open_pseudonyms(_log.warning),
        load_secrets(Path(settings.coral_secret)) if settings.coral_secret else (),
        Seen(folder, settings.replay_seconds),
    )
    app = FastAPI(
        title="moderation",
        version=__version__,
        summary="A comment desk for German newsrooms.",
        description="Answers the Perspective API and Coral inside the house. People decide.",
        # The pages that FastAPI has for people load their scripts from elsewhere.
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        # Programs that name no content type mean JSON; the gate refuses other types.
        strict_content_type=False,
        lifespan=_lifespan,
    )
    app.state.parts = parts
    app.openapi = partial(openapi_document, app, settings)  # type: ignore[method-assign]
    for module in (perspective_routes, coral_routes, native_routes, watching_routes):
        app.include_router(module.router)
    app.add_exception_handler(RequestValidationError, _malformed)
    app.add_exception_handler(HTTPException, _failed)
    app.add_exception_handler(ModerationError, _unusable)
    app.add_middleware(
        Gate,
        keys=Watched(Path(settings.keys)) if settings.keys else None,
        rate=settings.rate,
        max_body=settings.max_body,
        body_seconds=settings.body_seconds,
        in_flight=settings.in_flight,
        metrics=metrics,
        scopes=_SCOPES,
    )
    return app


def start_worker(settings: Settings) -> FastAPI:
    """Make the application of a worker that ``moderation serve`` has started.

    A worker that cannot begin says why in one line, and ends with a code that tells so.
    """
    if multiprocessing.parent_process() is not None:
        # It is for the process that has started this one; a terminal that closes sends it to all.
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
    log_to_stderr()
    try:
        app = create_app(settings)
    except Exception as error:
        kind = "" if isinstance(error, ModerationError) else f"unexpected {type(error).__name__}: "
        _log.error("cannot start: %s%s", kind, error)
        sys.exit(STARTUP_FAILURE)
    # What is loaded stays: looking through it for garbage again and again takes longer than a
    # client should wait.
    gc.collect()
    gc.freeze()
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    parts: Parts = app.state.parts
    watching = (parts.swapper.watch(), _end_with_parent(), _sweep(parts))
    tasks = [asyncio.create_task(one) for one in watching]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        try:
            await asyncio.gather(*tasks, return_exceptions=True)
        finally:
            if parts.recorder is not None:
                await asyncio.to_thread(parts.recorder.close)


async def _end_with_parent() -> None:
    """Stop when the process that has started this one is gone: nobody would stop or replace it."""
    parent = multiprocessing.parent_process()
    while parent is not None and parent.is_alive():
        await asyncio.sleep(_PARENT_SECONDS)
    if parent is not None:
        _log.error("the service has gone; this worker ends")
        os.kill(os.getpid(), signal.SIGTERM)


async def _sweep(parts: Parts) -> None:
    """Delete decisions that are older than the house keeps them, now and every hour."""
    days = parts.settings.retention_days
    url = parts.settings.decisions
    while days is not None and url is not None:
        try:
            await asyncio.to_thread(expire, url, days)
        except Exception as error:
            # Whatever it was, it must not end the looking.
            _log.warning("retention: %s", error)
        await asyncio.sleep(_SWEEP_SECONDS)


def _answer(code: int, message: str, **more: Any) -> Response:
    headers = more.pop("headers", None)
    return json_response(error_record(code, message, **more), code, headers)


async def _failed(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 -- registered for it
    if not isinstance(error, ServiceError):
        return _answer(error.status_code, error.detail, headers=error.headers)
    return _answer(error.status_code, error.detail, details=error.details, headers=error.headers)


async def _malformed(_: Request, error: Exception) -> Response:
    """Say where a request is not as it should be, without repeating what stands there."""
    assert isinstance(error, RequestValidationError)  # noqa: S101 -- registered for it
    first = error.errors()[0]
    where = ".".join(str(one) for one in first["loc"] if one != "body") or "body"
    return _answer(400, f"Invalid JSON payload received. {where}: {first['msg']}")


async def _unusable(_: Request, error: Exception) -> Response:
    return _answer(400, str(error))
