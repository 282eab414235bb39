"""Settings of the service: what cannot be used is refused before anything is started."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from service_help import service, until
from typer.testing import CliRunner

from moderation.cli import app
from moderation.decisions.store import open_store
from moderation.errors import ModerationError, UsageError
from moderation.pseudonyms import open_pseudonyms
from moderation.service.keys import KeysError, add_key, load_keys, new_key, revoke_key
from moderation.service.runtime import runtime_folder
from moderation.service.server import check, serve
from moderation.service.settings import Settings


@pytest.mark.parametrize(
    "url", ["https://kommentare.example", "http://[::1]:8080", "http://x:80/moderation/api"]
)
def test_an_address_for_clients_is_taken(url: str) -> None:
    check(Settings("news", public_url=url), "127.0.0.1")


@pytest.mark.parametrize(
    "url", ["", "kommentare.example", "ftp://x", "https://u:p@x", "https://x/?a", "https://x y"]
)
def test_what_is_no_address_for_clients_is_refused(url: str) -> None:
    with pytest.raises(UsageError, match=r"--public-url .*: no address; write https://"):
        check(Settings("news", public_url=url), "127.0.0.1")


@pytest.mark.parametrize(
    ("options", "code", "message"),
    [
        ({"model": "none"}, 4, "no such model"),
        ({"rules": "/none.toml"}, 3, "none.toml"),
        ({"policy": "/none.toml"}, 3, "none.toml"),
        ({"rules": "/dev/null"}, 2, "/dev/null: no file; save what it holds"),
        ({"coral_secret": "/"}, 2, "/: no file"),
        ({"decisions": ""}, 2, "no place that lasts"),
        ({"decisions": "mysql://u:geheim@h/x"}, 2, "no database this program knows"),
        ({"decisions": "/none/x.db"}, 3, "cannot be made"),
        ({"decisions": "."}, 2, r"store \.: is a folder; name a file in it \(decisions.db\)"),
        ({"spool": "/x"}, 2, "--spool: there is no store"),
        ({"retention_days": 3}, 2, "--retention-days: there is no store"),
        ({"coral_statuses": {"review": "PREMOD"}}, 2, "--coral-status: Coral's phase is off"),
    ],
)
def test_what_cannot_be_used_is_refused_before_workers_start(
    options: dict[str, Any], code: int, message: str
) -> None:
    with pytest.raises(ModerationError, match=message) as caught:
        check(Settings(**{"model": "news", **options}), "127.0.0.1")
    assert caught.value.exit_code == code
    assert "\n" not in str(caught.value)
    assert "geheim" not in str(caught.value)


def test_a_store_that_is_away_does_not_keep_from_starting(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    settings = Settings(
        "news", decisions="postgresql://u:geheim@127.0.0.1:1/x", spool=str(tmp_path / "spool")
    )
    check(settings, "127.0.0.1")
    assert "postgresql://127.0.0.1:1/x: does not answer" in caplog.text
    assert "geheim" not in caplog.text + repr(settings)


def test_two_workers_that_cannot_start_end_in_one_line(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "moderation", "serve", "--workers", "2", "--port", "0"]
    done = subprocess.run(
        [*command, "--policy", str(tmp_path / "none.toml")],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 3
    assert done.stderr.startswith("moderation: ")
    assert done.stderr.count("\n") == 1


# ------------------------------------------------------------------ the runtime folder


def test_a_runtime_folder_is_this_service_s_alone_and_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RUNTIME_DIRECTORY", f"{tmp_path}:/elsewhere")
    dead, starting = tmp_path / "moderation-dead", tmp_path / "moderation-starting"
    for one in (dead, starting):
        one.mkdir()
    (dead / "pid").write_text("1\n")
    with runtime_folder() as first, runtime_folder() as second:
        assert {one.parent for one in (first, second)} == {tmp_path}
        assert first.stat().st_mode & 0o777 == 0o700
        assert (first / "pid").read_text() == f"{os.getpid()}\n"
        # Both live; what had died is gone, and who is not yet locked may be starting.
        assert set(tmp_path.iterdir()) == {first, second, starting}
    assert set(tmp_path.iterdir()) == {starting}


def test_without_a_place_for_it_the_service_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RUNTIME_DIRECTORY", str(tmp_path / "none"))
    with pytest.raises(UsageError, match="none: no folder can be made"), runtime_folder():
        pass


# ------------------------------------------------------------------ keys


@pytest.mark.parametrize("name", ["", " ", "evil\x1b[31m", "two\nlines"])
def test_keys_have_names_that_can_be_read(tmp_path: Path, name: str) -> None:
    done = CliRunner().invoke(app, ["keys", "add", name, "--keys", str(tmp_path / "keys")])
    assert isinstance(done.exception, UsageError)
    assert not (tmp_path / "keys").exists()


def test_a_folder_is_no_file_of_keys(tmp_path: Path) -> None:
    with pytest.raises(KeysError, match="is a folder; name a file in it"):
        add_key(tmp_path, new_key("test", ["score"])[1])


def test_stored_pseudonyms_need_a_key_that_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MODERATION_KEY", raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", "/proc/nowhere")
    told: list[str] = []
    open_pseudonyms(told.append)
    assert "for this run only" in told[0]
    with pytest.raises(UsageError, match="name one that stays in MODERATION_KEY"):
        open_pseudonyms(told.append, lasting=True)
    decisions = str(tmp_path / "d.db")
    with pytest.raises(UsageError, match="MODERATION_KEY"):
        serve(Settings("news", decisions=decisions), "127.0.0.1", 0, 2)


def test_keys_that_are_added_at_once_are_all_there(tmp_path: Path) -> None:
    path = tmp_path / "new" / "keys.json"
    keys = [new_key(f"client-{number}", ["score"])[1] for number in range(40)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda key: add_key(path, key), keys))
        assert {one.id for one in load_keys(path).entries} == {one.id for one in keys}
        list(pool.map(lambda key: revoke_key(path, key.id), keys[:20]))
    assert {one.id for one in load_keys(path).entries} == {one.id for one in keys[20:]}
    assert path.stat().st_mode & 0o077 == 0


def test_revoking_waits_for_who_is_adding(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    add_key(path, new_key("first", ["score"])[1])
    with ThreadPoolExecutor(1) as pool, path.with_name("keys.json.lock").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        revoking = pool.submit(revoke_key, path, "first")
        with pytest.raises(TimeoutError):
            revoking.result(0.2)
        fcntl.flock(lock, fcntl.LOCK_UN)
        assert revoking.result(10) == 1
    with pytest.raises(KeysError, match="cannot be read"):
        revoke_key(tmp_path / "none" / "keys.json", "first")
    assert not (tmp_path / "none").exists()


# ------------------------------------------------------------------ retention


def test_days_that_no_calendar_has_end_neither_sweep_nor_recorder(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    database = tmp_path / "d.db"
    decision = {"comment_id": "1", "decision": "approved"}
    with service(tmp_path, decisions=str(database), retention_days=900_000) as client:
        assert client.post("/v1/decisions", json={"decisions": [decision]}).status_code == 200
        recorder = client.app.state.parts.recorder  # type: ignore[attr-defined]
        until(lambda: "retention: " in caplog.text)
    with pytest.raises(ModerationError, match="closed"):
        recorder.submit()
    with open_store(str(database)) as store:
        assert store.count() == 1


def test_old_decisions_are_deleted_when_the_service_starts(tmp_path: Path) -> None:
    database = str(tmp_path / "d.db")
    table = tmp_path / "old.csv"
    table.write_text("id,date,text,label\n1,2020-05-03T12:05:00Z,Du Ei,1\n2,,Danke,0\n")
    imported = CliRunner().invoke(app, ["decisions", "import", str(table), "--store", database])
    assert imported.exit_code == 0, imported.stderr
    with open_store(database) as store, service(tmp_path, decisions=database, retention_days=1):
        until(lambda: bool(store.removals()))
        assert [one.comment_id for one in store.read()] == ["2"]
        assert [(one.kind, one.decisions) for one in store.removals()] == [("expired", 1)]


def test_looking_for_old_decisions_leaves_no_trace_where_there_are_none(tmp_path: Path) -> None:
    database = tmp_path / "d.db"
    for _ in range(2):
        with service(tmp_path, decisions=str(database), retention_days=30) as client:
            assert client.get("/healthz").status_code == 200
    with open_store(str(database)) as store:
        assert store.removals() == []


def test_a_decision_of_a_time_to_come_is_refused(tmp_path: Path) -> None:
    database = tmp_path / "d.db"
    now = datetime.now(UTC)
    with service(tmp_path, decisions=str(database)) as client:

        def sent(moment: datetime) -> Any:
            one = {"comment_id": "1", "decision": "rejected", "decided_at": moment.isoformat()}
            return client.post("/v1/decisions", json={"decisions": [one]})

        late = sent(now + timedelta(days=2))
        assert late.status_code == 400
        assert "more than a day ahead of this clock" in late.json()["error"]["message"]
        assert sent(now + timedelta(hours=23)).status_code == 200
    with open_store(str(database)) as store:
        assert store.count() == 1
