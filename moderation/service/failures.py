"""Errors as the service answers them: google.rpc statuses in JSON, on every path the same shape."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel
from starlette.exceptions import HTTPException

#: google.rpc.Code by HTTP status (google/rpc/code.proto).
_STATUS = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    405: "UNIMPLEMENTED",
    408: "DEADLINE_EXCEEDED",
    409: "FAILED_PRECONDITION",
    413: "INVALID_ARGUMENT",
    415: "INVALID_ARGUMENT",
    429: "RESOURCE_EXHAUSTED",
    431: "INVALID_ARGUMENT",
    500: "INTERNAL",
    503: "UNAVAILABLE",
}


class ErrorBody(BaseModel):
    """As google.rpc.Status writes it."""

    code: int
    message: str
    status: str
    details: list[dict[str, Any]] = []


class ErrorResponse(BaseModel):
    """A request that was not served."""

    error: ErrorBody


def documented(*codes: int) -> dict[int | str, dict[str, Any]]:
    """Return what the OpenAPI document says of answers with these HTTP statuses."""
    return {code: {"model": ErrorResponse} for code in sorted(codes)}


#: What the gate answers anybody (:mod:`moderation.service.gate`), on every path that it guards.
GUARDED = (401, 403, 408, 413, 415, 429, 500, 503)


class ServiceError(HTTPException):
    """A request is not served; the message is one line with the remedy, and quotes no comment.

    Parameters
    ----------
    code
        HTTP status.
    message
        For the person who reads the client's log.
    details
        As Google's ``error.details``.
    retry_after
        Seconds after which trying again makes sense.
    """

    def __init__(
        self,
        code: int,
        message: str,
        *,
        details: Sequence[Mapping[str, Any]] = (),
        retry_after: float | None = None,
    ) -> None:
        headers = None
        if retry_after is not None:
            headers = {"retry-after": str(max(1, round(retry_after)))}
        super().__init__(code, message, headers)
        self.details = tuple(details)


def error_record(
    code: int, message: str, details: Sequence[Mapping[str, Any]] = ()
) -> dict[str, Any]:
    """Return an error, ready for JSON."""
    error: dict[str, Any] = {
        "code": code,
        "message": message,
        "status": _STATUS.get(code, "UNKNOWN"),
    }
    if details:
        error["details"] = [dict(one) for one in details]
    return {"error": error}
