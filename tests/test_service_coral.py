"""Coral's external moderation phase."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from service_help import service
from starlette.testclient import TestClient

from moderation.service.coral import CoralError, Seen, is_signed, load_secrets
from moderation.service.judging import Bench

PHASE = "/coral/phase"
SECRET, OLD_SECRET = b"coral-secret-for-tests", b"coral-secret-before"


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    with service(tmp_path, coral_secret=str(secret_file(tmp_path))) as one:
        yield one


def secret_file(folder: Path, *secrets: bytes) -> Path:
    path = folder / "secret"
    path.write_bytes(b"\n".join(secrets or (SECRET, OLD_SECRET)) + b"\n")
    path.chmod(0o600)
    return path


def phase_request(body: str, role: str = "COMMENTER", **more: Any) -> dict[str, Any]:
    """Return a request as Coral writes it."""
    return {
        "action": "NEW",
        "comment": {"body": body, "parentID": None},
        "author": {"id": "baf4e943", "role": role},
        "story": {"id": "245b3856", "url": "https://zeitung.example/artikel"},
        "site": {"id": "a4bede88"},
        "tenantID": "19ba5794",
        "tenantDomain": "kommentare.zeitung.example",
        **more,
    }


def send(client: TestClient, request: Any, *secrets: bytes, header: str | None = None) -> Any:
    # Coral's own way of writing it: JSON.stringify(data, null, 2).
    body = json.dumps(request, indent=2, ensure_ascii=False).encode()
    signatures = [
        f"sha256={hmac.new(secret, body, hashlib.sha256).hexdigest()}"
        for secret in secrets or (SECRET,)
    ]
    return client.post(
        PHASE,
        content=body,
        headers={
            b"content-type": b"application/json",
            b"x-coral-signature": (",".join(signatures) if header is None else header).encode(
                "latin-1"
            ),
        },
    )


def test_a_friendly_comment_goes_its_way(client: TestClient) -> None:
    answer = send(client, phase_request("<p>Guten Morgen, ein schöner Artikel.</p>"))
    assert (answer.status_code, answer.content) == (204, b"")


def test_an_insult_is_flagged_through_its_markup(client: TestClient) -> None:
    answer = send(client, phase_request("<div>Sie sind ein <b>Idi</b>ot!<br></div>"))
    assert answer.status_code == 200
    flag = {"actionType": "FLAG", "reason": "COMMENT_DETECTED_TOXIC"}
    assert answer.json() == {"actions": [flag]}


def test_what_somebody_else_said_is_not_held_against_who_quotes_it(client: TestClient) -> None:
    quoted = "<blockquote>Sie sind ein Idiot!</blockquote><p>So bitte nicht, danke.</p>"
    assert send(client, phase_request(quoted)).status_code == 204


def test_a_policy_gives_a_status(tmp_path: Path) -> None:
    statuses = {"reject": "PREMOD", "publish": "NONE"}
    secret = str(secret_file(tmp_path))
    with service(tmp_path, coral_secret=secret, coral_statuses=statuses) as client:
        assert send(client, phase_request("Sie Idiot!")).json()["status"] == "PREMOD"
        assert send(client, phase_request("Guten Morgen!")).json() == {"status": "NONE"}


@pytest.mark.parametrize("role", ["STAFF", "MODERATOR", "ADMIN"])
def test_staff_is_passed_through(client: TestClient, role: str) -> None:
    assert send(client, phase_request("Sie Idiot!", role)).status_code == 204


def test_edits_are_looked_at_too(client: TestClient) -> None:
    assert send(client, phase_request("Sie Idiot!", action="EDIT")).status_code == 200


@pytest.mark.parametrize(
    "header",
    ["", "sha256=", "sha256=" + 64 * "0", "sha1=" + 40 * "0", "nonsense", "sha256=ä", "," * 500],
)
def test_who_does_not_know_the_secret_is_not_answered(client: TestClient, header: str) -> None:
    assert send(client, phase_request("Sie Idiot!"), header=header).status_code == 401
    assert send(client, phase_request("Sie Idiot!"), b"guessed").status_code == 401


def test_a_secret_can_be_rotated(client: TestClient) -> None:
    assert send(client, phase_request("Sie Idiot!"), b"newest", OLD_SECRET).status_code == 200


def test_a_request_that_comes_again_is_answered_as_before_and_judged_once(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    insult, greeting = phase_request("Sie Idiot!"), phase_request("Hallo zusammen!")
    first = [send(client, one) for one in (insult, greeting)]

    async def judges(*_: Any) -> Any:
        raise AssertionError("judged again")

    monkeypatch.setattr(Bench, "verdicts", judges)
    again = [send(client, one) for one in (insult, greeting)]
    assert [one.status_code for one in again] == [200, 204]
    assert [one.content for one in again] == [one.content for one in first]


def test_requests_are_forgotten_after_a_while(tmp_path: Path) -> None:
    seen, other_worker = Seen(tmp_path, 300.0), Seen(tmp_path, 300.0)
    assert seen.answer(b"a") is None
    seen.remember(b"a", b"answer")
    assert other_worker.answer(b"a") == b"answer"
    assert Seen(tmp_path, 0.000001).answer(b"a") is None
    Seen(tmp_path / "nowhere", 300.0).remember(b"a", b"answer")


@pytest.mark.parametrize(
    "request_",
    [{}, [], None, 1, {"action": "NEW"}, {**phase_request("a"), "comment": {"body": None}},
     {**phase_request("a"), "action": "DELETE"}],
)  # fmt: skip
def test_what_is_no_request_of_coral_is_told(client: TestClient, request_: Any) -> None:
    answer = send(client, request_)
    assert answer.status_code == 400
    assert answer.json()["error"]["status"] == "INVALID_ARGUMENT"


def test_without_a_secret_the_phase_is_closed(tmp_path: Path) -> None:
    with service(tmp_path) as client:
        assert send(client, phase_request("Sie Idiot!")).status_code == 409


def test_a_secret_that_others_may_read_is_refused(tmp_path: Path) -> None:
    path = secret_file(tmp_path)
    path.chmod(0o644)
    with pytest.raises(CoralError, match="chmod 600"):
        load_secrets(path)
    path.chmod(0o600)
    path.write_bytes(b"\n \n")
    with pytest.raises(CoralError, match="holds no secret"):
        load_secrets(path)


def test_signatures_are_over_the_bytes() -> None:
    signature = hmac.new(SECRET, b"{ }", hashlib.sha256).hexdigest()
    assert is_signed(b"{ }", f"sha256={signature}", [SECRET])
    assert not is_signed(b"{}", f"sha256={signature}", [SECRET])
    assert not is_signed(b"{ }", f"sha256={signature}", [])
