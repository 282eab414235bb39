"""Connections: how large the head of a request may be, and how long a request may take to come.

uvicorn's faster protocol bounds neither; :mod:`moderation.service.gate` sees requests only when
their head is whole.
"""

from __future__ import annotations

import asyncio
import re
import resource
from asyncio import TimerHandle
from functools import cache
from http import HTTPStatus
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from moderation.service.answers import json_bytes
from moderation.service.failures import error_record

#: Bytes of a request that are not its body: line, headers, sizes of chunks, trailers.
_MOST_AROUND = 128 * 1024
#: Seconds in which a request has to be whole; the gate gives its body less.
_WHOLE_SECONDS = 30.0
#: Seconds in which an answer has to be read.
_READ_SECONDS = 30.0
#: Connections of a worker, where the system allows as many.
_MOST_CONNECTIONS = 4_096
#: Files that a worker needs for other things.
_OTHER_FILES = 128
#: Clients that would rather speak HTTP/2 ask so, and would lose their body: they are not heard.
_HTTP2 = re.compile(rb"\r\nupgrade:(?=[ \t]*h2c)", re.IGNORECASE)


class Connection(HttpToolsProtocol):
    """uvicorn's protocol with bounds."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._around = 0
        self._answers = 0
        self._reading_head = True
        self._late: TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for a request."""
        super().connection_made(transport)
        if len(self.connections) > _most_connections():
            self._make_room()
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing any more."""
        self._wait_no_more()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take in a piece, and close where there is too much that is no body."""
        if b"h2c" in data:
            data = _HTTP2.sub(b"\r\nignored:", data)
        self._around += len(data)
        super().data_received(data)
        if self._late is None and self.timeout_keep_alive_task is None and self._is_idle():
            # An empty line is no request yet.
            self._wait()
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

    def on_response_complete(self) -> None:
        """See to it that the answer is read."""
        super().on_response_complete()
        self._answers += 1
        if self.transport.get_write_buffer_size():
            self.loop.call_later(_READ_SECONDS, self._drop_unread, self._answers)

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
        else:
            self.transport.abort()

    def _drop_unread(self, answers: int) -> None:
        # Who has asked again meanwhile does read.
        if self._answers == answers and self.transport.get_write_buffer_size():
            self.transport.abort()

    def _make_room(self) -> None:
        """Close the connection that has waited longest without a request; else this one."""
        longest, since = self, float("inf")
        for one in self.connections:
            if isinstance(one, Connection) and one._late is not None and one._late.when() < since:
                longest, since = one, one._late.when()
        longest.transport.abort()

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


@cache
def _most_connections() -> int:
    files = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    if files == resource.RLIM_INFINITY:
        return _MOST_CONNECTIONS
    return min(_MOST_CONNECTIONS, max(1, files - _OTHER_FILES))
