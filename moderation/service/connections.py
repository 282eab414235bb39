"""Connections: how large the head of a request may be, and how long a request may take to come.

uvicorn's faster protocol bounds neither; :mod:`moderation.service.gate` sees requests only when
their head is whole.
"""

from __future__ import annotations

import asyncio
from asyncio import TimerHandle
from http import HTTPStatus
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from moderation.service.failures import error_record, json_bytes

#: Bytes of a request that are not its body: line, headers, sizes of chunks, trailers.
_MOST_AROUND = 128 * 1024
#: Seconds in which a request has to be whole; the gate gives its body less.
_WHOLE_SECONDS = 30.0
#: Connections of a worker; more are closed at once.
_MOST_CONNECTIONS = 4_096


class Connection(HttpToolsProtocol):
    """uvicorn's protocol with bounds."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._around = 0
        self._reading_head = True
        self._late: TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for a request."""
        super().connection_made(transport)
        if len(self.connections) > _MOST_CONNECTIONS:
            transport.abort()
            return
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing any more."""
        self._wait_no_more()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take in a piece, and close where there is too much that is no body."""
        self._around += len(data)
        super().data_received(data)
        if self._around > _MOST_AROUND and not self.transport.is_closing():
            self._give_up(431, "the headers are too large; send fewer or shorter ones")

    def on_message_begin(self) -> None:
        """Note that a request begins."""
        super().on_message_begin()
        self._reading_head = True
        if self._late is None:
            self._wait()

    def on_headers_complete(self) -> None:
        """Note that its head is here."""
        self._reading_head = False
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Note how much of it is its body."""
        self._around -= len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        """Note that all of it is here."""
        self._around = 0
        self._wait_no_more()
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no HTTP, in the form of all errors."""
        self._refuse(400, msg)

    def _wait(self) -> None:
        self._late = self.loop.call_later(
            _WHOLE_SECONDS, self._give_up, 408, "the request took too long; send it at once"
        )

    def _wait_no_more(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None

    def _give_up(self, status: int, message: str) -> None:
        # Where a request is being answered, or nothing was asked, there is nobody to tell.
        if self._reading_head and self._around and self._is_idle():
            self._refuse(status, message)
        elif not self.transport.is_closing():
            self.transport.close()

    def _is_idle(self) -> bool:
        return self.cycle is None or self.cycle.response_complete

    def _refuse(self, status: int, message: str) -> None:
        body = json_bytes(error_record(status, message))
        phrase = HTTPStatus(status).phrase
        head = (
            f"HTTP/1.1 {status} {phrase}\r\ncontent-type: application/json\r\n"
            f"content-length: {len(body)}\r\nconnection: close\r\n\r\n"
        )
        self.transport.write(head.encode("ascii") + body)
        self.transport.close()
