"""The OpenAPI document: what FastAPI makes of the routes, and what it cannot know."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI

from moderation.service.gate import OPEN, SIGNED
from moderation.service.settings import Settings

#: How a key may be sent; one of them is enough (:mod:`moderation.service.gate`).
_SCHEMES: dict[str, dict[str, Any]] = {
    "query": {"type": "apiKey", "in": "query", "name": "key"},
    "header": {"type": "apiKey", "in": "header", "name": "X-Goog-Api-Key"},
    "bearer": {"type": "http", "scheme": "bearer"},
}


def openapi_document(app: FastAPI, settings: Settings) -> dict[str, Any]:
    """Return the document of `app`; FastAPI keeps what it has made.

    It names how keys are sent where `settings` ask for them, and the address that clients use where
    that is set; else they use the one where they found the document.
    """
    if app.openapi_schema is not None:
        return app.openapi_schema
    document = FastAPI.openapi(app)
    if settings.public_url is not None:
        document["servers"] = [{"url": settings.public_url}]
    if settings.keys is not None:
        document["components"]["securitySchemes"] = _SCHEMES
        document["security"] = [{name: []} for name in _SCHEMES]
    for path, operations in document["paths"].items():
        for operation in operations.values():
            # What does not fit is answered with 400, as Google answers it.
            operation["responses"].pop("422", None)
            if settings.keys is not None and (path in OPEN or path == SIGNED):
                operation["security"] = []
    for unused in ("HTTPValidationError", "ValidationError"):
        document["components"]["schemas"].pop(unused, None)
    return document
