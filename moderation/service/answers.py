"""Answers in JSON, whatever clients have sent."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from pydantic_core import PydanticSerializationError, to_json
from starlette.responses import Response

JSON = "application/json"


def json_bytes(record: Any) -> bytes:
    """Return a record as JSON, also where a client has sent half of a UTF-16 pair."""
    try:
        return to_json(record)
    except PydanticSerializationError:
        return json.dumps(record).encode("ascii")


def json_response(
    record: Any, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """Return a record as an answer."""
    return Response(json_bytes(record), status, headers, JSON)
