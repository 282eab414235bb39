"""What stands before every request: who may ask, how much at once, how large, how slowly.

Plain ASGI: it costs some microseconds, and refuses before a body is read.
"""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, MutableMapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote_plus

from moderation.errors import unexpected
from moderation.service.answers import json_bytes
from moderation.service.failures import ServiceError, error_record
from moderation.service.keys import Key, Keys, KeysError, Scope, load_keys
from moderation.service.metrics import PATHS, Metrics

Connection = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Connection, Receive, Send], Awaitable[None]]

_log = logging.getLogger(__name__)
#: Seconds after which a file of keys is looked at again: that long a revoked key still opens.
_KEYS_SECONDS = 1.0
#: Requests that may come at once after a pause, as seconds of the rate.
_BURST_SECONDS = 2.0
#: Fields of a query that are looked at for a key.
_MOST_FIELDS = 50
#: Clients whose rate is remembered.
_MOST_BUCKETS = 10_000
#: What a client that is told to wait because of others waits.
_RETRY_SECONDS = 1.0
#: What a proxy adds: who asked is then somebody else than this machine.
_FORWARDED = (b"forwarded", b"x-forwarded-for", b"x-forwarded-host", b"x-real-ip", b"via")
_SECURITY_HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"cache-control", b"no-store"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
)
#: How a request is counted whose client has gone before it was whole.
_GONE = 499
#: Paths that anybody may ask: they tell nothing about comments.
OPEN: frozenset[str] = frozenset({"/healthz", "/readyz", "/openapi.json", "/$discovery/rest"})
#: Signed by its sender instead, which shows only when its body is here; comments are no longer.
SIGNED, SIGNATURE = "/coral/phase", b"x-coral-signature"
_MOST_SIGNED = 200_000
#: Bytes of bodies under way that are kept at once, in each worker: of signed ones, and of others.
_MOST_UNDER_WAY = 64_000_000
#: What Google says to whoever has no key.
_NO_KEY = (
    "Method doesn't allow unregistered callers (callers without established identity). Please use "
    "API Key or other form of API consumer identity to call this API."
)


@dataclass(slots=True)
class _Bucket:
    """Requests that a client may still send; fills up with time."""

    left: float
    filled: float


class Rates:
    """Limits the requests a second of each client."""

    def __init__(self, rate: float | None) -> None:
        self._rate = rate
        self._buckets: dict[str, _Bucket] = {}

    def wait(self, client: str, own_rate: float | None, now: float) -> float:
        """Take a request of `client`, and return 0; or the seconds until it may send the next."""
        rate = own_rate if own_rate is not None else self._rate
        if rate is None:
            return 0.0
        most = max(1.0, rate * _BURST_SECONDS)
        bucket = self._buckets.get(client)
        if bucket is None:
            if len(self._buckets) >= _MOST_BUCKETS:
                self._buckets.pop(next(iter(self._buckets)))
            bucket = self._buckets[client] = _Bucket(most, now)
        bucket.left = min(most, bucket.left + (now - bucket.filled) * rate)
        bucket.filled = now
        if bucket.left >= 1:
            bucket.left -= 1
            return 0.0
        return (1 - bucket.left) / rate if rate > 0 else 3600.0


class Watched:
    """The keys of a file, read again when it has changed."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._keys = Keys()
        self._seen: tuple[int, int, int] | None = None
        self._look(time.monotonic())

    def find(self, secret: str, now: float) -> Key | None:
        """Return the key that a client sent, if it is one."""
        if now - self._looked > _KEYS_SECONDS:
            self._look(now)
        return self._keys.find(secret)

    def _look(self, now: float) -> None:
        self._looked = now
        if (stamp := self._stamp()) == self._seen:
            return
        # What changes while it is read is read again the next time.
        self._seen = stamp
        try:
            self._keys = load_keys(self._path)
        except KeysError as error:
            # A file that cannot be used opens to nobody: a key may have been revoked in it.
            _log.error("no key opens any more: %s", error)
            self._keys = Keys()

    def _stamp(self) -> tuple[int, int, int]:
        try:
            status = self._path.stat()
        except OSError:
            return (0, 0, 0)
        return (status.st_mtime_ns, status.st_ctime_ns, status.st_size)


class Gate:
    """ASGI middleware: keys, rates, sizes, time, and the headers of each answer.

    Parameters
    ----------
    app
        What it stands before.
    keys
        The keys; None: requests from pages in a browser, and to other hosts than this, are refused.
    rate
        Requests a second and client.
    max_body
        Bytes of a body.
    body_seconds
        For how long a body may be under way.
    in_flight
        Requests at once, of which the whole body is here.
    metrics
        Counts what is served and refused.
    scopes
        What a key must be allowed to do, by path prefix; the first that fits counts. What none fits
        needs ``admin``; where there is nothing, no scope is needed to hear that.
    """

    def __init__(
        self,
        app: Application,
        *,
        keys: Watched | None,
        rate: float | None,
        max_body: int,
        body_seconds: float,
        in_flight: int,
        metrics: Metrics,
        scopes: Iterable[tuple[str, str, Scope]],
    ) -> None:
        self._app = app
        self._keys = keys
        self._rates = Rates(rate)
        self._max_body = max_body
        self._body_seconds = body_seconds
        self._most = in_flight
        self._now_in_flight = 0
        self._under_way = {True: 0, False: 0}
        self._metrics = metrics
        self._scopes = tuple(scopes)

    async def __call__(self, scope: Connection, receive: Receive, send: Send) -> None:
        """Serve a request, or refuse it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        status, begun = 500, False

        async def answer(message: Message) -> None:
            nonlocal status, begun
            if message["type"] == "http.response.start":
                begun = True
                status = message["status"]
                message["headers"] = [*message.get("headers", ()), *_SECURITY_HEADERS]
                if status in (408, 413):
                    # The rest of the body is not waited for.
                    message["headers"].append((b"connection", b"close"))
            await send(message)

        body = _Body(self._max(scope["path"]))
        counted = False

        def begin() -> None:
            nonlocal counted
            if self._now_in_flight >= self._most:
                raise ServiceError(503, "busy; try again", retry_after=_RETRY_SECONDS)
            self._now_in_flight += 1
            counted = True

        try:
            headers = dict(scope["headers"])
            self._admit(scope, headers)
            if scope["path"] in OPEN:
                await self._app(scope, receive, answer)
            elif _has_body(headers):
                # Whoever sends slowly keeps nobody from being served.
                await self._app(scope, self._bounded(scope, receive, body, begin), answer)
            else:
                begin()
                await self._app(scope, receive, answer)
        except ServiceError as error:
            await _refuse(error, answer)
        except Exception as error:
            if body.gone:
                return
            _log.error("%s", unexpected(error))
            if not begun:
                await _refuse(
                    ServiceError(500, "unexpected error; the service's log names it"), answer
                )
        finally:
            self._now_in_flight -= counted
            self._under_way[scope["path"] == SIGNED] -= body.kept
            status = _GONE if body.gone else status
            self._metrics.served(scope, status, time.perf_counter() - started)

    def _max(self, path: str) -> int:
        return min(self._max_body, _MOST_SIGNED) if path == SIGNED else self._max_body

    def _admit(self, scope: Connection, headers: dict[bytes, bytes]) -> None:
        """Let a request in, with its key in ``scope["key"]``, or raise why not."""
        path = scope["path"]
        scope["key"] = None
        length = headers.get(b"content-length", b"")
        if length.isdigit() and int(length) > (most := self._max(path)):
            raise _too_large(most)
        if path in OPEN:
            return
        if path == SIGNED:
            if SIGNATURE not in headers:
                raise ServiceError(401, "no signature; Coral sends one as X-Coral-Signature")
            return
        now = time.monotonic()
        if self._keys is None:
            _must_be_local(scope, headers)
            client = scope["client"][0] if scope.get("client") else ""
            own_rate = None
        else:
            key = scope["key"] = self._known(self._keys, scope, headers, now)
            needed = self._needed(scope)
            if needed is not None and not key.allows(needed):
                raise ServiceError(403, f"this key may not {needed}; ask for one with that scope")
            client, own_rate = key.id, key.rate
        wait = self._rates.wait(client, own_rate, now)
        if wait:
            raise ServiceError(429, "too many requests; slow down", retry_after=wait)
        if _has_body(headers):
            _must_be_json(headers)

    def _needed(self, scope: Connection) -> Scope | None:
        for prefix, method, needed in self._scopes:
            if scope["path"].startswith(prefix) and method in ("*", scope["method"]):
                return needed
        # Where there is something, it must not be open because nobody thought of a scope.
        return "admin" if scope["path"] in PATHS else None

    def _known(
        self, keys: Watched, scope: Connection, headers: dict[bytes, bytes], now: float
    ) -> Key:
        secret = _secret(scope, headers)
        # Google's answers, where clients look for them.
        as_google = scope["path"].startswith("/v1alpha1/")
        if secret is None:
            if as_google:
                raise ServiceError(403, _NO_KEY)
            raise ServiceError(401, "the request has no API key; send ?key= or a bearer token")
        key = keys.find(secret, now)
        if key is None:
            reason = {
                "@type": "type.googleapis.com/google.rpc.ErrorInfo",
                "reason": "API_KEY_INVALID",
            }
            message = "API key not valid. Please pass a valid API key."
            raise ServiceError(400 if as_google else 401, message, details=[reason])
        return key

    def _bounded(
        self, scope: Connection, receive: Receive, body: _Body, begin: Callable[[], None]
    ) -> Receive:
        """Return a `receive` that gives no more than a body may have, in time.

        `begin` is called when it is whole.
        """
        until = time.monotonic() + self._body_seconds
        signed = scope["path"] == SIGNED

        async def bounded() -> Message:
            if body.whole:
                return await receive()
            try:
                async with asyncio.timeout(until - time.monotonic()):
                    message = await receive()
            except TimeoutError:
                raise ServiceError(408, "the body took too long; send it at once") from None
            if message["type"] == "http.disconnect":
                body.gone = True
                return message
            more = len(message.get("body", b""))
            body.kept += more
            self._under_way[signed] += more
            if body.kept > body.most:
                raise _too_large(body.most)
            if self._under_way[signed] > max(_MOST_UNDER_WAY, 4 * self._max_body):
                raise ServiceError(503, "too many large requests at once; try again",
                                   retry_after=_RETRY_SECONDS)  # fmt: skip
            body.whole = not message.get("more_body", False)
            if body.whole:
                begin()
            return message

        return bounded


@dataclass(slots=True)
class _Body:
    """What is here of a body."""

    most: int
    kept: int = 0
    whole: bool = False
    gone: bool = False


def _too_large(most: int) -> ServiceError:
    return ServiceError(413, f"larger than {most:,} bytes; send fewer comments")


def _has_body(headers: Mapping[bytes, bytes]) -> bool:
    return b"transfer-encoding" in headers or headers.get(b"content-length", b"0") != b"0"


def _must_be_json(headers: Mapping[bytes, bytes]) -> None:
    """Refuse a body that would be misread; without a type it is taken for JSON."""
    if b"upgrade" in headers:
        # uvicorn leaves out the body of such a request.
        raise ServiceError(400, "no other protocol is spoken; send it as HTTP/1.1, without Upgrade")
    kind = headers.get(b"content-type", b"application/json").partition(b";")[0].strip().lower()
    if kind != b"application/json" and not kind.endswith(b"+json"):
        raise ServiceError(415, "the body is no JSON; send Content-Type: application/json")
    if headers.get(b"content-encoding", b"identity").strip().lower() not in (b"identity", b""):
        raise ServiceError(415, "compressed bodies are not read; send it without Content-Encoding")


def _secret(scope: Connection, headers: dict[bytes, bytes]) -> str | None:
    authorization = headers.get(b"authorization", b"").decode("latin-1")
    if authorization[:7].lower() == "bearer ":
        return authorization[7:].strip()
    for name in (b"x-goog-api-key", b"x-api-key"):
        if name in headers:
            return headers[name].decode("latin-1").strip()
    query = scope.get("query_string", b"")
    if b"key=" not in query:
        return None
    for field in query.decode("latin-1").split("&", _MOST_FIELDS)[:_MOST_FIELDS]:
        name, _, value = field.partition("=")
        if name == "key":
            return unquote_plus(value)
    return None


@lru_cache(maxsize=64)
def is_loopback(host: str) -> bool:
    """Return whether a host is this machine alone."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _must_be_local(scope: Connection, headers: dict[bytes, bytes]) -> None:
    """Refuse what a web page in a browser on this machine could send: there are no keys to tell."""
    host = headers.get(b"host", b"localhost").decode("latin-1").lower()
    name = host[1:].partition("]")[0] if host.startswith("[") else host.partition(":")[0]
    if not is_loopback(name):
        raise ServiceError(403, "without keys only localhost is answered; see moderation keys add")
    # HTTP/1.0 is what nginx speaks to whom it stands before, unless it is told otherwise.
    if scope["http_version"] == "1.0" or any(name in headers for name in _FORWARDED):
        raise ServiceError(403, "without keys no proxies are answered; see moderation keys add")
    if b"origin" in headers:
        raise ServiceError(403, "without keys no web pages are answered; see moderation keys add")


async def _refuse(error: ServiceError, send: Send) -> None:
    body = json_bytes(error_record(error.status_code, error.detail, error.details))
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
    headers += [(name.encode(), value.encode()) for name, value in (error.headers or {}).items()]
    await send({"type": "http.response.start", "status": error.status_code, "headers": headers})
    await send({"type": "http.response.body", "body": body})
