"""Keys, rates, sizes: what stands before every request."""

from __future__ import annotations

import asyncio
import errno
import json
import logging
from pathlib import Path
from typing import Any

import pytest
from service_help import ANALYZE, SUGGEST, analyze_request, service
from starlette.requests import Request as StarletteRequest

from moderation.errors import ModerationError
from moderation.service.gate import SIGNATURE, SIGNED, Gate, Rates, Receive, Send, is_loopback
from moderation.service.keys import KeysError, add_key, load_keys, new_key, revoke_key
from moderation.service.metrics import Metrics
from moderation.service.server import check
from moderation.service.settings import Settings


def make_key(path: Path, *scopes: Any, rate: float | None = None) -> str:
    secret, key = new_key("test", scopes or ("score",), rate)
    add_key(path, key)
    return secret


def test_keys_are_hashed_at_rest_and_readable_by_their_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    secret = make_key(path, "score", "admin")
    assert secret not in path.read_text()
    assert path.stat().st_mode & 0o777 == 0o600
    key = load_keys(path).find(secret)
    assert key is not None
    assert key.allows("decide")  # admin may do everything
    assert load_keys(path).find(secret[:-1]) is None
    assert load_keys(path).find("") is None
    assert revoke_key(path, "test") == 1
    assert load_keys(path).find(secret) is None


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"keys": [1]}', '{"keys": [{"id": "a"}]}',
                                     "[" * 100_000])  # fmt: skip
def test_what_is_no_file_of_keys_is_told(tmp_path: Path, content: str) -> None:
    path = tmp_path / "keys.json"
    path.write_text(content)
    path.chmod(0o600)
    with pytest.raises(KeysError, match="moderation keys add"):
        load_keys(path)
    path.chmod(0o640)
    with pytest.raises(KeysError, match="chmod 600"):
        load_keys(path)


def test_requests_need_a_key_with_the_right_scope(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    score, decide = make_key(path, "score"), make_key(path, "decide")
    with service(tmp_path, keys=str(path), decisions=str(tmp_path / "d.db")) as client:
        # As Google answers them.
        none = client.post(ANALYZE, json=analyze_request())
        assert none.status_code == 403
        assert "unregistered callers" in none.json()["error"]["message"]
        wrong = client.post(f"{ANALYZE}?key=mod_wrong", json=analyze_request())
        assert wrong.status_code == 400
        assert wrong.json()["error"]["details"][0]["reason"] == "API_KEY_INVALID"
        for ways in (
            {"params": {"key": score}},
            {"headers": {"authorization": f"Bearer {score}"}},
            {"headers": {"x-goog-api-key": score}},
            {"headers": {"x-api-key": score}},
        ):
            assert client.post(ANALYZE, json=analyze_request(), **ways).status_code == 200
        answer = client.post(f"{ANALYZE}?key={decide}", json=analyze_request())
        assert answer.status_code == 403
        assert answer.json()["error"]["status"] == "PERMISSION_DENIED"
        for path_, method, key, code in (
            ("/v1/decisions", "POST", score, 403),
            (SUGGEST, "POST", score, 403),
            ("/v1/decisions?comment_id=1", "DELETE", decide, 403),
            ("/v1/model/reload", "POST", score, 403),
            ("/v1/model", "GET", score, 200),
            ("/metrics", "GET", score, 200),
            ("/metrics", "GET", "", 401),
            ("/healthz", "GET", "", 200),
            ("/readyz", "GET", "", 200),
            ("/nowhere", "GET", score, 404),
            ("/nowhere", "GET", "", 401),
            ("/v1/score/", "POST", score, 404),
            ("/v1/score", "POST", "", 401),
            ("/v1/score/", "POST", decide, 403),
        ):
            headers = {"authorization": f"Bearer {key}"} if key else {}
            answer = client.request(method, path_, headers=headers)
            assert answer.status_code == code, path_


def test_what_nobody_thought_of_a_scope_for_needs_the_highest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("moderation.service.app._SCOPES", ())
    path = tmp_path / "keys.json"
    score, admin = make_key(path, "score"), make_key(path, "admin")
    with service(tmp_path, keys=str(path)) as client:
        for key, code in ((score, 403), (admin, 200)):
            answer = client.get("/v1/model", headers={"authorization": f"Bearer {key}"})
            assert answer.status_code == code


def test_a_key_is_revoked_while_the_service_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("moderation.service.gate._KEYS_SECONDS", -1.0)
    path = tmp_path / "keys.json"
    first, second = make_key(path), make_key(path)
    with service(tmp_path, keys=str(path)) as client:
        assert client.post(f"{ANALYZE}?key={first}", json=analyze_request()).status_code == 200
        revoke_key(path, load_keys(path).entries[0].id)
        assert client.post(f"{ANALYZE}?key={first}", json=analyze_request()).status_code == 400
        assert client.post(f"{ANALYZE}?key={second}", json=analyze_request()).status_code == 200
        path.write_text("damaged")
        assert client.post(f"{ANALYZE}?key={second}", json=analyze_request()).status_code == 400


def test_keys_that_others_may_read_open_no_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("moderation.service.gate._KEYS_SECONDS", -1.0)
    path = tmp_path / "keys.json"
    secret = make_key(path)
    with service(tmp_path, keys=str(path)) as client:
        assert client.post(f"{ANALYZE}?key={secret}", json=analyze_request()).status_code == 200
        path.chmod(0o644)
        assert client.post(f"{ANALYZE}?key={secret}", json=analyze_request()).status_code == 400
        assert "chmod 600" in caplog.text
        path.chmod(0o600)
        assert client.post(f"{ANALYZE}?key={secret}", json=analyze_request()).status_code == 200


def test_a_flood_from_one_key_leaves_others_alone(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    slow, fast = make_key(path, rate=0.5), make_key(path)
    with service(tmp_path, keys=str(path)) as client:
        flood = [client.post(f"{ANALYZE}?key={slow}", json=analyze_request()) for _ in range(5)]
        assert [one.status_code for one in flood] == [200, 429, 429, 429, 429]
        assert int(flood[1].headers["retry-after"]) >= 1
        assert flood[1].json()["error"]["status"] == "RESOURCE_EXHAUSTED"
        calm = [client.post(f"{ANALYZE}?key={fast}", json=analyze_request()) for _ in range(5)]
        assert {one.status_code for one in calm} == {200}


def test_rates_fill_up_with_time() -> None:
    rates = Rates(10.0)
    burst = [rates.wait("a", None, 0.0) for _ in range(21)]
    assert burst[:20] == [0.0] * 20
    assert burst[20] == pytest.approx(0.1)
    assert rates.wait("b", None, 0.0) == 0.0
    assert rates.wait("a", None, 0.1) == 0.0
    assert rates.wait("a", None, 0.1) > 0
    assert Rates(None).wait("a", None, 0.0) == 0.0
    for number in range(20_000):
        rates.wait(str(number), None, 1.0)
    assert len(rates._buckets) <= 10_000


def test_without_keys_only_this_machine_s_programs_are_answered(tmp_path: Path) -> None:
    with service(tmp_path) as client:
        for headers in ({"host": "evil.example"}, {"origin": "https://evil.example"},
                        {"origin": "null"}, {"x-forwarded-for": "8.8.8.8"}, {"via": "1.1 proxy"},
                        {"host": "testserver"}):  # fmt: skip
            answer = client.post(ANALYZE, json=analyze_request(), headers=headers)
            assert answer.status_code == 403
        for host in ("localhost:8080", "127.0.0.1", "127.0.0.2:80", "[::1]:8080"):
            answer = client.post(ANALYZE, json=analyze_request(), headers={"host": host})
            assert answer.status_code == 200


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "kommentare.example"])  # noqa: S104
def test_other_machines_are_not_served_without_keys(tmp_path: Path, host: str) -> None:
    with pytest.raises(ModerationError, match="moderation keys add"):
        check(Settings("news"), host)
    path = tmp_path / "keys.json"
    make_key(path)
    check(Settings("news", keys=str(path)), host)
    revoke_key(path, "test")
    with pytest.raises(ModerationError, match="holds no key"):
        check(Settings("news", keys=str(path)), host)


def test_loopback_is_served() -> None:
    assert all(map(is_loopback, ("localhost", "127.0.0.1", "127.1.2.3", "::1", "[::1]")))
    check(Settings("news"), "127.0.0.1")


@pytest.mark.parametrize(
    "options",
    [{"model": "nosuch"}, {"rules": "/nosuch.toml"}, {"policy": "/nosuch.toml"},
     {"decisions": "mysql://u:secret@h/db"}, {"retention_days": 5}],
)  # fmt: skip
def test_settings_that_cannot_be_used_are_told_before_workers_start(options: Any) -> None:
    with pytest.raises(ModerationError) as error:
        check(Settings(**({"model": "news"} | options)), "127.0.0.1")
    assert "secret" not in str(error.value)


def test_statuses_of_coral_are_checked() -> None:
    with pytest.raises(ModerationError, match="PREMOD"):
        check(Settings("news", coral_statuses={"review": "HIDE"}), "127.0.0.1")


@pytest.mark.parametrize("sized", [True, False])
def test_large_bodies_are_refused_before_they_are_read(tmp_path: Path, sized: bool) -> None:
    body = b'{"comment": {"text": "' + b"a" * 2_000_000 + b'"}}'
    content: Any = body if sized else iter([body[:1_000], body[1_000:]])
    with service(tmp_path) as client:
        answer = client.post(ANALYZE, content=content, headers={"content-type": "application/json"})
    assert answer.status_code == 413
    assert "1,000,000 bytes" in answer.json()["error"]["message"]


def test_answers_carry_security_headers(tmp_path: Path) -> None:
    with service(tmp_path) as client:
        for answer in (client.post(ANALYZE, json=analyze_request()), client.get("/nowhere")):
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert answer.headers["cache-control"] == "no-store"
            assert "default-src 'none'" in answer.headers["content-security-policy"]
            assert "server" not in answer.headers


def test_neither_keys_nor_comments_get_into_the_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(*_: Any) -> Any:
        raise RuntimeError("Geheimnis des Kommentars")

    path = tmp_path / "keys.json"
    secret = make_key(path, "admin")
    caplog.set_level(logging.DEBUG)
    with service(tmp_path, keys=str(path)) as client:
        monkeypatch.setattr("moderation.service.perspective_routes.analysis", breaks)
        ask = analyze_request("Geheimnis")
        answer = client.post(f"{ANALYZE}?key={secret}", json=ask)
        assert answer.status_code == 500
        assert answer.json()["error"]["status"] == "INTERNAL"
        client.post(f"{ANALYZE}?key={secret}", json={"comment": {"text": ["Geheimnis"]}})
    ours = [one.getMessage() for one in caplog.records if one.name.startswith("moderation")]
    assert any("RuntimeError" in one for one in ours)
    assert "Geheimnis" not in "".join(ours)
    assert secret not in "".join(ours)
    assert "Geheimnis" not in answer.text


def test_a_busy_service_says_so(tmp_path: Path) -> None:
    with service(tmp_path, in_flight=0) as client:
        answer = client.post(ANALYZE, json=analyze_request())
        assert answer.status_code == 503
        assert answer.headers["retry-after"] == "1"
        assert client.get("/healthz").status_code == 200


def test_an_unknown_method_or_path_has_the_same_shape(tmp_path: Path) -> None:
    with service(tmp_path) as client:
        assert client.get("/nowhere").json()["error"]["status"] == "NOT_FOUND"
        assert client.get(ANALYZE).json()["error"]["code"] == 405


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({}, 200),
        ({"content-type": "application/json"}, 200),
        ({"content-type": "Application/JSON; charset=utf-8"}, 200),
        ({"content-type": "application/problem+json"}, 200),
        ({"content-type": "application/x-www-form-urlencoded"}, 415),
        ({"content-type": "text/plain"}, 415),
        ({"content-type": "application/json", "content-encoding": "gzip"}, 415),
        ({"content-type": "application/json", "content-encoding": "identity"}, 200),
        ({"content-type": "application/json", "upgrade": "websocket"}, 400),
    ],
)
def test_what_would_be_misread_is_named(tmp_path: Path, headers: dict[str, str], code: int) -> None:
    body = json.dumps(analyze_request()).encode()
    with service(tmp_path) as client:
        answer = client.post(ANALYZE, content=body, headers=headers)
    assert answer.status_code == code
    if code == 415:
        assert "; send" in answer.json()["error"]["message"]


class _Request:
    """A request to a gate, whose body comes when we say."""

    def __init__(self, path: str, *headers: tuple[bytes, bytes]) -> None:
        self.scope = {
            "type": "http",
            "http_version": "1.1",
            "method": "POST",
            "path": path,
            "query_string": b"",
            "client": ("127.0.0.1", 1),
            "headers": [(b"host", b"localhost"), (b"transfer-encoding", b"chunked"), *headers],
        }
        self.pieces: asyncio.Queue[Any] = asyncio.Queue()
        self.status: int | None = None

    def send(self, body: bytes, more: bool) -> None:
        self.pieces.put_nowait({"type": "http.request", "body": body, "more_body": more})

    async def through(self, gate: Gate) -> int | None:
        async def told(message: Any) -> None:
            if message["type"] == "http.response.start":
                self.status = message["status"]

        await gate(self.scope, self.pieces.get, told)
        return self.status


def make_gate(**options: Any) -> tuple[Gate, asyncio.Event]:
    """Return a gate before an application that answers when the event is set."""
    work = asyncio.Event()

    async def reads(_: Any, receive: Receive, send: Send) -> None:
        while (await receive()).get("more_body"):
            pass
        await work.wait()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    usual = {"keys": None, "rate": None, "max_body": 100_000, "body_seconds": 5.0, "in_flight": 2}
    return Gate(reads, metrics=Metrics(), scopes=(), **(usual | options)), work


def test_bodies_under_way_keep_nobody_from_being_served() -> None:
    async def tried() -> None:
        gate, work = make_gate()
        work.set()
        slow = [_Request(SIGNED, (SIGNATURE, b"sha256=00")) for _ in range(20)]
        slow += [_Request(ANALYZE) for _ in range(20)]
        waiting = [asyncio.create_task(one.through(gate)) for one in slow]
        for one in slow:
            one.send(b"{", more=True)
        await asyncio.sleep(0)
        quick = _Request(ANALYZE)
        quick.send(b"{}", more=False)
        assert await quick.through(gate) == 200
        for one in slow:
            one.send(b"}", more=False)
        # They are served one after another, none is refused.
        assert set(await asyncio.gather(*waiting)) == {200}

    asyncio.run(tried())


def test_more_than_can_be_worked_at_is_refused() -> None:
    async def tried() -> None:
        gate, work = make_gate()
        requests = [_Request(ANALYZE) for _ in range(3)]
        for one in requests:
            one.send(b"{}", more=False)
        first, second = (asyncio.create_task(one.through(gate)) for one in requests[:2])
        await asyncio.sleep(0)
        assert await requests[2].through(gate) == 503
        work.set()
        assert await first == await second == 200
        requests[2].send(b"{}", more=False)
        assert await requests[2].through(gate) == 200

    asyncio.run(tried())


def test_answers_are_given_where_counts_cannot_be_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full(*_: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    decision = {"comment_id": "1", "decision": "approved", "text": "Guten Tag."}
    with service(tmp_path, decisions=str(tmp_path / "d.db")) as client:
        monkeypatch.setattr("prometheus_client.Counter.inc", full)
        for _ in range(2):
            assert client.post(ANALYZE, json=analyze_request()).status_code == 200
            answer = client.post("/v1/decisions", json={"decisions": [decision]})
            assert answer.json()["receipt"] == "stored"
    assert caplog.text.count("No space left on device") == 1


def test_a_client_that_has_gone_is_no_error(caplog: pytest.LogCaptureFixture) -> None:
    async def tried() -> None:
        async def reads(scope: Any, receive: Receive, send: Send) -> None:
            await StarletteRequest(scope, receive).body()

        metrics = Metrics()
        gate = Gate(reads, keys=None, rate=None, max_body=1_000, body_seconds=5, in_flight=1,
                    metrics=metrics, scopes=())  # fmt: skip
        request = _Request(SIGNED, (SIGNATURE, b"sha256=00"))
        request.send(b"{", more=True)
        request.pieces.put_nowait({"type": "http.disconnect"})
        assert await request.through(gate) is None
        page, _ = metrics.page({})
        assert b'moderation_requests_total{path="/coral/phase",status="499"} 1.0' in page

    asyncio.run(tried())
    assert not caplog.records


def test_a_body_that_does_not_come_is_not_waited_for() -> None:
    async def tried() -> None:
        gate, _ = make_gate(body_seconds=0.05)
        request = _Request(ANALYZE)
        request.send(b"{", more=True)
        assert await request.through(gate) == 408

    asyncio.run(tried())


def test_bodies_under_way_are_limited_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("moderation.service.gate._MOST_UNDER_WAY", 0)

    async def tried() -> None:
        gate, work = make_gate(max_body=1_000)
        work.set()
        unsigned = [_Request(SIGNED, (SIGNATURE, b"sha256=00")) for _ in range(4)]
        waiting = [asyncio.create_task(one.through(gate)) for one in unsigned]
        for one in unsigned:
            one.send(b"x" * 1_000, more=True)
        await asyncio.sleep(0.01)
        last = _Request(SIGNED, (SIGNATURE, b"sha256=00"))
        last.send(b"x", more=True)
        assert await last.through(gate) == 503
        # Who has a key is not kept from anything by those who need none.
        keyed = _Request(ANALYZE)
        keyed.send(b"x" * 1_000, more=False)
        assert await keyed.through(gate) == 200
        for one in unsigned:
            one.send(b"", more=False)
        assert set(await asyncio.gather(*waiting)) == {200}
        last.send(b"x", more=False)
        assert await last.through(gate) == 200

    asyncio.run(tried())


def test_http_1_0_is_what_a_proxy_speaks() -> None:
    async def tried() -> None:
        gate, work = make_gate()
        work.set()
        for version, status in (("1.0", 403), ("1.1", 200)):
            request = _Request(ANALYZE)
            request.scope["http_version"] = version
            request.send(b"{}", more=False)
            assert await request.through(gate) == status

    asyncio.run(tried())


def test_what_is_not_signed_at_all_is_not_read() -> None:
    async def tried() -> None:
        gate, _ = make_gate()
        assert await _Request(SIGNED).through(gate) == 401

    asyncio.run(tried())
