"""Connections: heads that never end, requests that never come, and what is no HTTP."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest
import uvicorn

from moderation.service import connections
from moderation.service.connections import Connection
from moderation.service.gate import Message, Receive, Send

#: Bytes that no buffer of the system takes.
LARGE = 50_000_000


async def _echo(scope: Any, receive: Receive, send: Send) -> None:
    """Answer with the length of the body; what is asked for at ``/early`` is not waited for."""
    length = 0
    more = scope["path"] != "/early"
    while more:
        message: Message = await receive()
        length += len(message.get("body", b""))
        more = message.get("more_body", False)
    body = b"x" * LARGE if scope["path"] == "/large" else b"%d" % length
    headers = [(b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    config = uvicorn.Config(
        _echo, http=Connection, ws="none", lifespan="off", log_config=None, access_log=False
    )
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=server.run, args=([listening],))
        thread.start()
        while not server.started:
            time.sleep(0.01)
        yield listening.getsockname()[1]
        server.should_exit = True
        thread.join(10)


@contextmanager
def connected(port: int) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as one:
        yield one


def everything(one: socket.socket) -> bytes:
    """Return what comes until the other side closes."""
    received = b""
    with suppress(ConnectionError):
        while piece := one.recv(65_536):
            received += piece
    return received


def refusal(answer: bytes) -> tuple[int, str]:
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b"connection: close" in head
    error = json.loads(body)["error"]
    assert head.split()[1] == b"%d" % error["code"]
    return error["code"], error["message"]


@pytest.mark.parametrize(
    "endless",
    [b"x" * 1_000, b"a: b\r\n" * 150],
    ids=["one header", "many headers"],
)
def test_a_head_without_an_end_is_refused(port: int, endless: bytes) -> None:
    sent = 0
    with connected(port) as one:
        one.sendall(b"GET / HTTP/1.1\r\nHost: a\r\nlong: ")
        with suppress(ConnectionError):
            while sent < 20_000_000:
                one.sendall(endless)
                sent += len(endless)
        assert sent < 20_000_000, "it was read to its end"
        # Who still sends when the other side closes may not see why.
        answer = everything(one)
        assert not answer or refusal(answer)[0] == 431


def test_a_head_that_is_somewhat_too_large_gets_an_answer(port: int) -> None:
    with connected(port) as one:
        one.sendall(b"GET / HTTP/1.1\r\nHost: a\r\nlong: " + b"x" * 140_000)
        assert refusal(everything(one)) == (
            431,
            "the headers are too large; send fewer or shorter ones",
        )


def test_trailers_without_an_end_are_not_kept(port: int) -> None:
    sent = 0
    with connected(port) as one:
        head = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n"
        one.sendall(head)
        with suppress(ConnectionError):
            while sent < 20_000_000:
                one.sendall(b"trailer: " + b"x" * 1_000 + b"\r\n")
                sent += 1_000
        assert sent < 20_000_000
        assert everything(one) == b""


def test_a_large_body_is_no_head(port: int) -> None:
    with connected(port) as one:
        one.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3000000\r\n\r\n")
        one.sendall(b"x" * 3_000_000)
        assert one.recv(1_000).endswith(b"\r\n\r\n3000000")
        # The next request on the same connection begins at nothing.
        one.sendall(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        assert everything(one).endswith(b"\r\n\r\n0")


@pytest.mark.parametrize(
    ("begun", "answer"),
    [
        (b"", b""),
        (b"POST / HTTP/1.1\r\nHost: a\r\n", b" 408 "),
        (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nab", b""),
        (b"POST /early HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nab", b" 200 "),
    ],
    ids=["nothing", "half a head", "half a body", "half a body after its answer"],
)
def test_a_request_that_does_not_come_is_not_waited_for(
    port: int, monkeypatch: pytest.MonkeyPatch, begun: bytes, answer: bytes
) -> None:
    monkeypatch.setattr(connections, "_WHOLE_SECONDS", 0.3)
    with connected(port) as one:
        one.sendall(begun)
        received = everything(one)
    assert answer in received
    assert bool(answer) == bool(received)


def test_an_answer_may_take_longer_than_a_request(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "_WHOLE_SECONDS", 0.3)
    with connected(port) as one:
        one.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        assert b" 200 " in one.recv(1_000)
        # Nothing is under way now: that is for the longer time of connections that are kept.
        time.sleep(0.6)
        one.sendall(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        assert b" 200 " in everything(one)


def test_too_many_connections_are_closed_at_once(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "_most_connections", lambda: 1)
    with connected(port) as first:
        first.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        assert b" 200 " in first.recv(1_000)
        with connected(port) as second:
            assert everything(second) == b""
        first.sendall(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        assert b" 200 " in everything(first)


def test_who_asks_nothing_makes_room(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "_most_connections", lambda: 2)
    with connected(port) as silent:
        time.sleep(0.1)
        with connected(port) as half:
            half.sendall(b"GET / HTTP/1.1\r\n")
            time.sleep(0.1)
            with connected(port) as third:
                third.sendall(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
                assert b" 200 " in everything(third)
            assert everything(silent) == b""
            half.sendall(b"Host: a\r\nConnection: close\r\n\r\n")
            assert b" 200 " in everything(half)


def test_an_empty_line_is_not_waited_behind(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "_WHOLE_SECONDS", 0.3)
    with connected(port) as one:
        one.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        assert b" 200 " in one.recv(1_000)
        one.sendall(b"\r\n")
        assert everything(one) == b""


def test_an_answer_that_is_not_read_is_dropped(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "_READ_SECONDS", 0.3)
    with socket.socket() as one:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        one.settimeout(10)
        one.connect(("127.0.0.1", port))
        one.sendall(b"GET /large HTTP/1.1\r\nHost: a\r\n\r\n")
        time.sleep(1)
        assert len(everything(one)) < LARGE


@pytest.mark.parametrize("name", [b"Upgrade", b"upgrade", b"UPGRADE"])
def test_who_would_rather_speak_http2_is_answered(port: int, name: bytes) -> None:
    with connected(port) as one:
        one.sendall(b"POST / HTTP/1.1\r\nConnection: Upgrade, HTTP2-Settings, close\r\n")
        one.sendall(b"Content-Length: 3\r\nHost: a\r\n" + name + b": h2c\r\n")
        one.sendall(b"HTTP2-Settings: AAEAAEAA\r\n\r\nabc")
        assert everything(one).endswith(b"\r\n\r\n3")


def test_what_is_no_http_is_refused_in_the_form_of_all_errors(port: int) -> None:
    with connected(port) as one:
        one.sendall(b"Guten Tag\r\n\r\n")
        assert refusal(everything(one))[0] == 400
