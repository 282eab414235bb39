"""Decisions: what was acknowledged is there, whatever happens to database, disk or process."""

from __future__ import annotations

import contextlib
import json
import multiprocessing
import os
import re
import resource
import shutil
import sqlite3
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from decisions_kill import kill_once
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, create_engine
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.exc import DBAPIError
from waiting import until

from moderation.decisions import schema
from moderation.decisions.address import read_address
from moderation.decisions.errors import StoreUnavailableError, StoreUnusableError
from moderation.decisions.recording import Receipt, Recorder, check_store
from moderation.decisions.records import (
    SOURCES,
    Decision,
    DecisionError,
    decision_of,
    decision_record,
    digest_of,
    new_id,
)
from moderation.decisions.spool import Spool
from moderation.decisions.store import DecisionStore, migrate, open_store
from moderation.decisions.tables import METADATA
from moderation.errors import UsageError

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)


def decision(number: int = 0, **values: Any) -> Decision:
    return Decision(
        **{
            "id": f"{number:032x}",
            "decided_at": NOON + timedelta(minutes=number),
            "source": "api",
            "value": 1.0,
            "attribute": "TOXICITY",
            "comment_id": str(number),
            "text": f"Nein, Nummer {number}!",
            **values,
        }
    )


WORDS = st.text(max_size=40) | st.none()
DECISIONS = st.builds(
    Decision,
    id=st.uuids().map(lambda one: one.hex),
    decided_at=st.datetimes(
        datetime(1, 1, 2), datetime(9999, 12, 30), timezones=st.just(UTC) | st.timezones()
    ),
    source=st.sampled_from(SOURCES),
    value=st.floats(0, 1),
    attribute=st.text(min_size=1, max_size=40),
    comment_id=WORDS,
    parent_id=WORDS,
    author=WORDS,
    url=WORDS,
    community=WORDS,
    text=st.text() | st.none(),
    language=WORDS,
    score=st.floats(0, 1) | st.none(),
    model_digest=WORDS,
    key_id=WORDS,
)


# ------------------------------------------------------------------ records


@given(DECISIONS)
def test_a_decision_survives_json(one: Decision) -> None:
    assert decision_of(json.loads(json.dumps(decision_record(one)))) == one


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"id": "4711"}, "32 hexadecimal digits"),
        ({"decided_at": datetime(2026, 1, 1)}, "time zone"),
        ({"decided_at": datetime.max.replace(tzinfo=timezone(-timedelta(hours=1)))}, "calendar"),
        ({"source": "hearsay"}, "suggestscore, api, coral, import"),
        ({"value": 1.5}, "between 0 and 1"),
        ({"value": float("nan")}, "between 0 and 1"),
        ({"value": True}, "not a number"),
        ({"score": "high"}, "not a number"),
        ({"attribute": ""}, "attribute: missing"),
        ({"author": 7}, "author 7: not a string"),
        ({"comment_id": "x" * 501}, "501 characters; 500 are taken"),
        ({"url": "x" * 2001}, "2,001 characters"),
        ({"text_digest": digest_of("another")}, "not the SHA-256"),
        ({"text": None, "text_digest": "abc"}, "64 hexadecimal digits"),
    ],
)
def test_what_cannot_be_meant_is_refused_in_one_line(values: dict[str, Any], message: str) -> None:
    with pytest.raises(DecisionError, match=message) as caught:
        decision(**values)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"id": None}, "id: missing"),
        ({"decided_at": "yesterday"}, "no time"),
        ({"decided_at": 5}, "no time"),
        ({"mood": "bad"}, "'mood': no field"),
    ],
)
def test_a_record_that_is_no_decision_is_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(DecisionError, match=message):
        decision_of({**decision_record(decision()), **change})


def test_a_decision_without_its_text_can_still_be_told_apart() -> None:
    one = decision()
    bare = one.without_text()
    assert (bare.text, bare.text_digest) == (None, digest_of("Nein, Nummer 0!"))
    assert "Nummer" not in repr(one)


def test_what_no_database_takes_for_text_is_replaced() -> None:
    one = decision(text="a\x00b\ud800c", author="\udfff")
    assert (one.text, one.author) == ("a\ufffdb\ufffdc", "\ufffd")
    assert one.text_digest == digest_of("a\x00b\ud800c")


# ------------------------------------------------------------------ both databases


class Cluster:
    """A private PostgreSQL that listens on a socket in its own folder only."""

    def __init__(self, folder: Path, programs: Path) -> None:
        self.folder, self._programs = folder, programs
        self._user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        self._run("initdb", "-D", str(folder / "data"), "-A", "trust", "-U", "postgres", "-N")
        self.start()

    def _run(self, program: str, *arguments: str) -> None:
        command = [*self._user, str(self._programs / program), *arguments]
        # A server would keep a pipe of its starter open.
        log = self.folder / "log"
        with log.open("ab") as stream:
            done = subprocess.run(command, stdout=stream, stderr=stream, cwd="/", check=False)
        assert done.returncode == 0, log.read_text()

    def start(self) -> None:
        settings = f"-c listen_addresses='' -k {self.folder}"
        self._run("pg_ctl", "-D", str(self.folder / "data"), "-w", "-o", settings, "start")

    def stop(self) -> None:
        self._run("pg_ctl", "-D", str(self.folder / "data"), "-w", "-m", "immediate", "stop")

    def database(self, name: str, settings: str = "") -> str:
        url = f"postgresql+psycopg://postgres@/postgres?host={self.folder}"
        engine = create_engine(url, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.exec_driver_sql(f"CREATE DATABASE {name} {settings}")
        engine.dispose()
        return f"postgresql://postgres@/{name}?host={self.folder}"


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    places = [Path("/usr/local/bin"), *sorted(Path("/usr/lib/postgresql").glob("*/bin"))]
    found = shutil.which("initdb")
    programs = next(
        (one for one in [*places, *([Path(found).parent] if found else [])] if _has_server(one)),
        None,
    )
    if programs is None:
        pytest.skip("no PostgreSQL on this machine: no initdb and pg_ctl")
    if os.geteuid() == 0 and shutil.which("runuser") is None:
        pytest.skip("PostgreSQL does not run as root, and there is no runuser")
    # Names of sockets are short, and pytest's folders belong to one user alone.
    folder = Path(f"/tmp/moderation-pg-{os.getpid()}")  # noqa: S108
    folder.mkdir(mode=0o700)
    if os.geteuid() == 0:
        try:
            shutil.chown(folder, "postgres")
        except LookupError:
            folder.rmdir()
            pytest.skip("PostgreSQL does not run as root, and there is no user postgres")
    try:
        running = Cluster(folder, programs)
        yield running
        running.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _has_server(folder: Path) -> bool:
    return all((folder / name).exists() for name in ("initdb", "pg_ctl"))


Place = Callable[[], str]


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """Return a function that gives the URL of a new, empty database."""
    if request.param == "sqlite":
        return lambda: str(tmp_path / f"{time.monotonic_ns()}.db")
    cluster: Cluster = request.getfixturevalue("cluster")
    return lambda: cluster.database(f"d{time.monotonic_ns()}")


@pytest.fixture
def store(place: Place) -> Iterator[DecisionStore]:
    with open_store(place()) as opened:
        yield opened


def engine_of(store: DecisionStore) -> Engine:
    return store._engine


def test_decisions_come_back_as_they_were(place: Place) -> None:
    with open_store(place()) as store:

        @settings(max_examples=25)
        @given(st.lists(DECISIONS, max_size=8))
        def round_trip(drawn: list[Decision]) -> None:
            # Examples share a store, and ids that are drawn come again.
            decisions = [replace(one, id=new_id()) for one in drawn]
            before = {one.id for one in store.read()}
            assert store.append(decisions) == len(decisions)
            now = {one.id: one for one in store.read() if one.id not in before}
            assert now == {one.id: one for one in decisions}

        round_trip()
        times = [one.decided_at for one in store.read()]
        assert times == sorted(times)


def test_the_same_id_twice_is_one_decision(store: DecisionStore) -> None:
    assert store.append([decision(1), decision(2)]) == 2
    assert store.append([decision(2, value=0), decision(3), decision(3)]) == 1
    assert [(one.comment_id, one.value) for one in store.read()] == [
        ("1", 1.0), ("2", 1.0), ("3", 1.0),
    ]  # fmt: skip
    assert store.count() == 3
    assert store.append([]) == 0


def test_reading_takes_a_beginning_and_an_end(store: DecisionStore) -> None:
    store.append(decision(number) for number in range(2_500))
    assert store.count() == len(list(store.read())) == 2_500
    some = list(store.read(NOON + timedelta(minutes=2), NOON + timedelta(minutes=5)))
    assert [one.comment_id for one in some] == ["2", "3", "4"]
    stream = store.read()
    assert next(stream).comment_id == "0"
    stream.close()  # type: ignore[attr-defined]
    with pytest.raises(UsageError, match="time zone"):
        next(store.read(datetime(2026, 1, 1)))


def test_what_is_forgotten_leaves_only_that_it_was(store: DecisionStore) -> None:
    store.append([decision(1, author="author-1"), decision(2, author="author-1"), decision(3)])
    assert store.forget(comment_id="3") == 1
    assert store.forget(author="author-1") == 2
    assert store.forget(author="author-1") == 0
    store.append([decision(4), decision(5)])
    # Whoever asked is answered; an hour that passed is no news.
    assert store.expire(NOON) == 0
    assert store.expire(NOON + timedelta(minutes=5)) == 1
    assert [one.comment_id for one in store.read()] == ["5"]
    assert [(one.kind, one.decisions) for one in store.removals()] == [
        ("comment", 1), ("author", 2), ("author", 0), ("expired", 1),
    ]  # fmt: skip
    with pytest.raises(UsageError, match="either a comment or an author"):
        store.forget()


@pytest.mark.parametrize("table", ["decisions", "removals"])
def test_nobody_changes_a_decision(store: DecisionStore, table: str) -> None:
    store.append([decision(1)])
    store.forget(comment_id="nobody")
    column = "value" if table == "decisions" else "decisions"
    with (
        pytest.raises(DBAPIError, match="never changed"),
        engine_of(store).begin() as connection,
    ):
        connection.exec_driver_sql(f"UPDATE {table} SET {column} = 0")  # noqa: S608
    assert [one.value for one in store.read()] == [1.0]


def refused(store: DecisionStore, statement: str) -> None:
    with pytest.raises(DBAPIError, match="never changed"), engine_of(store).begin() as connection:
        connection.exec_driver_sql(statement)


def test_nobody_replaces_a_decision_or_hides_a_removal(store: DecisionStore) -> None:
    store.append([decision(1), decision(2)])
    assert store.forget(comment_id="2") == 1
    copied = "id, decided_at, source, value, attribute"
    row = f"'{decision(1).id}', '2026-01-01', 'api', 0, 'TOXICITY'"
    if engine_of(store).dialect.name == "sqlite":
        refused(store, f"INSERT OR REPLACE INTO decisions ({copied}) VALUES ({row})")  # noqa: S608
        other = row.replace(decision(1).id, decision(3).id)
        refused(store, f"REPLACE INTO decisions (rowid, {copied}) VALUES (1, {other})")  # noqa: S608
        refused(store, "REPLACE INTO removals VALUES (1, '2026-01-01', 'comment', 0)")
        refused(store, f"UPDATE OR REPLACE decisions SET id = '{decision(3).id}'")  # noqa: S608
    else:
        conflict = "ON CONFLICT (id) DO UPDATE SET value = 0"
        refused(store, f"INSERT INTO decisions ({copied}) VALUES ({row}) {conflict}")  # noqa: S608
        refused(store, "TRUNCATE decisions")
        refused(store, "TRUNCATE removals")
    refused(store, "DELETE FROM removals")
    assert [one.value for one in store.read()] == [1.0]
    assert [(one.kind, one.decisions) for one in store.removals()] == [("comment", 1)]


def test_an_older_store_is_brought_up_to_date(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = place()
    with monkeypatch.context() as patch:
        patch.setattr(schema, "HEAD", "0001")
        with open_store(url) as store:
            store.append([decision(1)])
    with open_store(url) as store:
        assert store.append([decision(1), decision(2)]) == 1
        store.forget(comment_id="2")
        refused(store, "DELETE FROM removals")
    assert migrate(url) == schema.HEAD == "0002"


def test_what_is_there_is_passed_over_fast(store: DecisionStore) -> None:
    many = [decision(number) for number in range(5_000)]
    assert store.append(many) == 5_000
    start = time.monotonic()
    assert store.append([*many, decision(5_000)]) == 1
    assert time.monotonic() - start < 5


def test_the_migrations_make_the_tables_that_the_program_uses(store: DecisionStore) -> None:
    with engine_of(store).connect() as connection:
        options = {"version_table": schema.VERSION_TABLE}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, METADATA) == []
    script = ScriptDirectory(str(Path(schema.__file__).parent / "migrations"))
    assert tuple(one.revision for one in script.walk_revisions())[::-1] == schema.REVISIONS


def test_a_newer_store_is_left_alone(place: Place) -> None:
    url = place()
    with open_store(url) as store, engine_of(store).begin() as connection:
        connection.exec_driver_sql("UPDATE decisions_version SET version_num = '9999'")
    with pytest.raises(StoreUnavailableError, match="newer than this program"):
        open_store(url)
    with pytest.raises(StoreUnavailableError, match="newer than this program"):
        migrate(url)


def _open_and_append(url: str, start: Any, number: int) -> None:
    start.wait()
    with open_store(url) as store:
        for one in range(20):
            store.append([decision(1_000 * number + one)])


def test_processes_may_open_a_new_store_at_once(place: Place) -> None:
    url = place()
    spawn = multiprocessing.get_context("spawn")
    start = spawn.Barrier(3)
    workers = [
        spawn.Process(target=_open_and_append, args=(url, start, number)) for number in range(3)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
        assert worker.exitcode == 0
    with open_store(url) as store:
        assert store.count() == 60


def test_threads_may_open_a_new_store_at_once(place: Place) -> None:
    url = place()

    def append(number: int) -> None:
        with open_store(url) as store:
            store.append([decision(number)])

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(append, range(8)))
    with open_store(url) as store:
        assert store.count() == 8
    assert migrate(url) == schema.HEAD


# ------------------------------------------------------------------ addresses and failures


@pytest.mark.parametrize(
    "url",
    [
        "",
        ":memory:",
        "sqlite://",
        "sqlite:///:memory:",
        "mysql://u:geheim@h/x",
        "x://",
        "://",
        "sqlite:///file:x?mode=ro&uri=true",
        "postgres:news",
    ],
)
def test_an_address_that_keeps_nothing_is_refused(url: str) -> None:
    with pytest.raises(UsageError) as caught:
        open_store(url)
    assert "geheim" not in str(caught.value)


@pytest.mark.parametrize("url", [".", "..", "/", "{}", "{}/", "{}/new/", "sqlite:///{}"])
def test_a_folder_is_no_store(url: str, tmp_path: Path) -> None:
    for refuse in (read_address, check_store, Recorder):
        with pytest.raises(UsageError, match=r"is a folder; name a file in it \(.*decisions\.db\)"):
            refuse(url.format(tmp_path))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://moderation:geheim@127.0.0.1:1/news",
        "postgres://127.0.0.1:1/news?user=moderation&password=geheim",
        "postgresql://moderation:geheim@127.0.0.1:port/news",
        "postgresql://u:geh@eim/geheim@127.0.0.1:1/news",
        "postgresql://u:a@geheim?b@127.0.0.1:1/news",
        "postgresql:/u:geheim@127.0.0.1:1/news",
        "sqlite://u:geheim@h/x?y=z",
    ],
)
def test_a_password_never_appears(url: str) -> None:
    with pytest.raises((StoreUnavailableError, UsageError)) as caught:
        open_store(url)
    assert "geheim" not in f"{caught.value}{caught.value.__cause__}"
    assert "\n" not in str(caught.value)
    if isinstance(caught.value, StoreUnavailableError):
        assert str(caught.value).startswith("postgresql://127.0.0.1:1/news: does not answer")
    assert "geheim" not in repr(read_address("postgresql://u:geheim@h/x"))


def test_a_file_that_is_no_store_is_named(tmp_path: Path) -> None:
    path = tmp_path / "text.db"
    path.write_text("Das ist keine Datenbank, sondern ein Text." * 50)
    with pytest.raises(StoreUnavailableError, match="is no SQLite database"):
        open_store(str(path))
    with pytest.raises(StoreUnavailableError, match="there is no such store"):
        open_store(str(tmp_path / "none.db"), create=False)
    with pytest.raises(StoreUnavailableError, match="cannot be made"):
        open_store(str(tmp_path / "none" / "none.db"))


def test_a_read_only_file_is_refused_with_the_remedy(
    request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    folder = tmp_path
    if os.geteuid() == 0:
        # Root may write everything but what is mounted to be read.
        folder = request.getfixturevalue("small_disk")
    path = folder / "decisions.db"
    with open_store(str(path)) as store:
        store.append([decision(0)])
    path.chmod(0o400)
    if os.geteuid() == 0:
        subprocess.run(["mount", "-o", "remount,ro", str(folder)], check=True)  # noqa: S607
    with (
        pytest.raises(StoreUnavailableError, match=r"this user.* write") as caught,
        open_store(str(path)) as store,
    ):
        store.append([decision(1)])
    assert str(path) in str(caught.value)
    with pytest.raises(StoreUnusableError, match=r"this user.* write"):
        check_store(str(path), tmp_path / "spool")
    with Recorder(str(path), tmp_path / "spool") as recorder:
        assert recorder.record(decision(1)) == "queued"


def test_texts_stand_in_no_message_and_in_no_file_of_others(tmp_path: Path) -> None:
    path = tmp_path / "decisions.db"
    with open_store(str(path)) as store:
        store.append([decision(1, text="Streng vertraulich", author="author-7")])
        with engine_of(store).begin() as connection:
            connection.exec_driver_sql("DROP TABLE decisions")
        with pytest.raises(StoreUnavailableError) as caught:
            store.append([decision(2, text="Streng vertraulich")])
    assert "vertraulich" not in f"{caught.value}{caught.value.__cause__}"
    assert path.stat().st_mode & 0o077 == 0


def test_what_is_forgotten_is_nowhere_in_the_files(tmp_path: Path) -> None:
    with open_store(str(tmp_path / "decisions.db")) as store:
        store.append([decision(n, text=f"Geheimnis Nummer {n} " * 300) for n in range(20)])
        for number in range(20):
            store.forget(comment_id=str(number))
        for path in tmp_path.iterdir():
            assert b"Geheimnis" not in path.read_bytes(), path


# ------------------------------------------------------------------ the spool


@pytest.fixture
def sqlite_store(tmp_path: Path) -> Iterator[DecisionStore]:
    with open_store(str(tmp_path / "decisions.db")) as opened:
        yield opened


def test_what_waits_is_moved_in_order_and_once(tmp_path: Path, sqlite_store: DecisionStore) -> None:
    spool = Spool(tmp_path / "spool")
    assert not spool.waiting
    assert spool.drain(sqlite_store) == 0
    spool.append([decision(1), decision(2)])
    spool.append([decision(3)])
    assert spool.waiting
    assert (tmp_path / "spool").stat().st_mode & 0o077 == 0
    sqlite_store.append([decision(2)])
    assert spool.drain(sqlite_store) == 3
    assert not spool.waiting
    assert [one.comment_id for one in sqlite_store.read()] == ["1", "2", "3"]


@given(torn=st.integers(0, 400))
@settings(max_examples=20)
def test_a_torn_last_line_is_dropped_and_nothing_else(
    tmp_path_factory: pytest.TempPathFactory, torn: int
) -> None:
    folder = tmp_path_factory.mktemp("torn")
    spool = Spool(folder / "spool")
    spool.append([decision(1)])
    acknowledged = (folder / "spool").read_bytes()
    spool.append([decision(2)])
    # A crash has cut the second line somewhere, and somebody goes on behind it.
    cut = len(acknowledged) + torn
    os.truncate(folder / "spool", min(cut, (folder / "spool").stat().st_size - 1))
    if torn % 2:
        spool.append([decision(3)])
    with open_store(str(folder / "decisions.db")) as store:
        spool.drain(store)
        assert [one.comment_id for one in store.read()] == ["1", *(["3"] if torn % 2 else [])]
    assert not (folder / "spool.unreadable").exists()


def test_a_line_that_somebody_has_spoilt_is_kept_aside(
    tmp_path: Path, sqlite_store: DecisionStore
) -> None:
    spool = Spool(tmp_path / "spool")
    spool.append([decision(1)])
    with (tmp_path / "spool").open("ab") as stream:
        stream.write(b'{"id": 7}\n\xff\n' + b"[" * 100_000 + b"\n")
    spool.append([decision(2)])
    assert spool.drain(sqlite_store) == 2
    kept = (tmp_path / "spool.unreadable").read_bytes()
    assert kept.startswith(b'{"id": 7}\n\xff\n[[')


class Failing:
    """A store that takes so many groups and no more."""

    def __init__(self, groups: int) -> None:
        self.groups = groups
        self.taken: list[Decision] = []

    def append(self, decisions: Any) -> int:
        if not self.groups:
            raise StoreUnavailableError("gone")
        self.groups -= 1
        self.taken += decisions
        return len(decisions)


def test_moving_goes_on_where_it_was_ended(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool")
    spool.append(decision(number) for number in range(250))
    store = Failing(2)
    with pytest.raises(StoreUnavailableError, match="gone"):
        spool.drain(store)
    spool.append([decision(250)])
    assert spool.waiting
    store.groups = 100
    assert spool.drain(store) == 251
    numbers = list(dict.fromkeys(int(one.id, 16) for one in store.taken))
    assert numbers == list(range(251))


class Choosy:
    """A store that some decisions make fail as nobody foresaw, with a message that quotes them."""

    def __init__(self, *bad: int) -> None:
        self.bad = set(bad)
        self.taken: list[int] = []
        self.attempts = 0

    def append(self, decisions: Any) -> int:
        self.attempts += 1
        numbers = [int(one.id, 16) for one in decisions]
        if self.bad.intersection(numbers):
            raise UnicodeEncodeError("latin-1", decisions[0].text, 0, 1, decisions[0].text)
        self.taken += numbers
        return len(numbers)


def test_a_decision_that_makes_the_store_fail_is_put_aside_and_the_rest_moves_on(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    spool = Spool(tmp_path / "spool")
    spool.append(decision(number) for number in range(250))
    store = Choosy(0, 120, 249)
    assert spool.drain(store) == 247
    assert store.taken == [number for number in range(250) if number not in store.bad]
    assert not spool.waiting
    lines = (tmp_path / "spool.unreadable").read_text().splitlines()
    assert [decision_of(json.loads(line)).comment_id for line in lines] == ["0", "120", "249"]
    assert len(caplog.records) == 1
    assert "3 lines put aside (unexpected UnicodeEncodeError at " in caplog.text
    assert "Nummer" not in caplog.text


@pytest.mark.parametrize("failure", [StoreUnavailableError("gone"), OSError("gone"), MemoryError()])
def test_what_may_pass_puts_no_decision_aside(tmp_path: Path, failure: Exception) -> None:
    class Broken:
        def append(self, decisions: Any) -> int:
            raise failure

    spool = Spool(tmp_path / "spool")
    spool.append([decision(1)])
    with pytest.raises((StoreUnavailableError, MemoryError)):
        spool.drain(Broken())
    assert spool.waiting
    assert not (tmp_path / "spool.unreadable").exists()


def test_a_spool_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailableError, match="No such file or directory"):
        Spool(tmp_path / "none" / "spool").append([decision()])


def _spool_some(folder: str, number: int) -> None:
    spool = Spool(Path(folder) / "spool")
    with open_store(str(Path(folder) / "decisions.db")) as store:
        for one in range(50):
            spool.append([decision(1_000 * number + one)])
            if one % 7 == number:
                spool.drain(store)


def test_processes_may_fill_and_empty_a_spool_at_once(tmp_path: Path) -> None:
    spawn = multiprocessing.get_context("spawn")
    workers = [
        spawn.Process(target=_spool_some, args=(str(tmp_path), number)) for number in range(3)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
        assert worker.exitcode == 0
    with open_store(str(tmp_path / "decisions.db")) as store:
        Spool(tmp_path / "spool").drain(store)
        assert store.count() == 150


# ------------------------------------------------------------------ the recorder


@contextmanager
def locked(path: Path) -> Iterator[None]:
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        yield
        other.execute("ROLLBACK")


def stored(path: Path) -> int:
    with open_store(str(path)) as store:
        return store.count()


def test_many_threads_share_a_commit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    groups: list[int] = []
    append = DecisionStore.append

    def counted(store: DecisionStore, decisions: Any) -> int:
        groups.append(len(decisions))
        return append(store, decisions)

    monkeypatch.setattr(DecisionStore, "append", counted)
    with Recorder(str(tmp_path / "decisions.db")) as recorder:
        receipts = [recorder.submit(decision(n), decision(5_000 + n)) for n in range(1_000)]
        assert {one.result() for one in receipts} == {Receipt.STORED}
        assert recorder.record(decision(9_999)) == "stored"
        assert recorder.trouble is None
        assert not recorder.spooled
    assert max(groups) == 100
    assert len(groups) < 200
    assert stored(tmp_path / "decisions.db") == 2_001


def test_a_locked_store_queues_and_takes_them_later(tmp_path: Path) -> None:
    path = tmp_path / "decisions.db"
    with Recorder(str(path), drain_seconds=0.2, busy_seconds=0.05) as recorder:
        assert recorder.record(decision(1)) == "stored"
        with locked(path):
            assert recorder.record(decision(2)) == "queued"
            assert recorder.record(decision(3)) == "queued"
            assert "locked by another program" in (recorder.trouble or "")
            assert recorder.spooled
        until(lambda: not recorder.spooled and recorder.trouble is None)
        assert recorder.record(decision(4)) == "stored"
    assert stored(path) == 4


def taken_away(path: Path) -> Path:
    """Move a file away as people do: without what SQLite has put beside it."""
    return path.rename(path.with_name("old.db"))


def numbers_in(path: Path) -> list[str | None]:
    with open_store(str(path), create=False) as store:
        return [one.comment_id for one in store.read()]


def test_a_file_that_is_moved_away_takes_nothing_more_and_keeps_what_it_had(
    tmp_path: Path,
) -> None:
    path = tmp_path / "decisions.db"
    with Recorder(str(path), drain_seconds=0.5) as recorder:
        for number in range(3):
            assert recorder.record(decision(number)) == "stored"
        old = taken_away(path)
        assert recorder.record(decision(3)) == "queued"
        assert "was moved or replaced" in (recorder.trouble or "")
        until(lambda: not recorder.spooled)
        assert recorder.record(decision(4)) == "stored"
        assert recorder.trouble is None
        assert numbers_in(path) == ["3", "4"]
    assert numbers_in(old) == ["0", "1", "2"]
    assert numbers_in(path) == ["3", "4"]


def test_another_file_in_its_place_takes_over(tmp_path: Path) -> None:
    path, other = tmp_path / "decisions.db", tmp_path / "other.db"
    with open_store(str(other)) as store:
        store.append([decision(100)])
    with Recorder(str(path), drain_seconds=0.5) as recorder:
        for number in range(3):
            recorder.record(decision(number))
        old = taken_away(path)
        other.rename(path)
        assert recorder.record(decision(3)) == "queued"
        until(lambda: not recorder.spooled)
    # What was not yet written into the old file has not come into the new one.
    assert numbers_in(old) == ["0", "1", "2"]
    assert numbers_in(path) == ["3", "100"]
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_a_link_to_another_file_leaves_the_first_one_whole(tmp_path: Path) -> None:
    link, first, second = (tmp_path / name for name in ("link.db", "first.db", "second.db"))
    open_store(str(first)).close()
    open_store(str(second)).close()
    link.symlink_to(first)
    with Recorder(str(link), drain_seconds=0.1) as recorder:
        assert recorder.record(decision(1)) == "stored"
        link.unlink()
        link.symlink_to(second)
        recorder.record(decision(2))
        until(lambda: not recorder.spooled)
    assert (numbers_in(first), numbers_in(second)) == (["1"], ["2"])


def test_a_file_that_is_moved_while_it_is_written_acknowledges_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "decisions.db"
    with Recorder(str(path), drain_seconds=60) as recorder:
        recorder.record(decision(0))
        commit = SQLiteDialect_pysqlite.do_commit

        def moved_first(dialect: Any, connection: Any) -> None:
            taken_away(path)
            commit(dialect, connection)

        with monkeypatch.context() as patch:
            patch.setattr(SQLiteDialect_pysqlite, "do_commit", moved_first)
            assert recorder.record(decision(1)) == "queued"
    # Stopping has moved it into a new one.
    assert numbers_in(path) == ["1"]


def test_a_file_that_is_moved_while_nothing_comes_is_let_go(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "decisions.db"
    with Recorder(str(path), drain_seconds=0.05) as recorder:
        recorder.record(decision(0))
        old = taken_away(path)
        until(lambda: "was moved or replaced" in caplog.text)
        assert recorder.record(decision(1)) == "stored"
    assert (numbers_in(old), numbers_in(path)) == (["0"], ["1"])


def test_many_may_have_a_file_that_is_moved_away(tmp_path: Path) -> None:
    path = tmp_path / "decisions.db"
    spawn = multiprocessing.get_context("spawn")
    moved = spawn.Event()
    counts = [spawn.Value("i", 0) for _ in range(3)]
    workers = [
        spawn.Process(target=_record_many, args=(str(path), number, moved, counts[number]))
        for number in range(3)
    ]
    for worker in workers:
        worker.start()
    until(lambda: all(count.value > 20 for count in counts), 60)
    old = taken_away(path)
    moved.set()
    for worker in workers:
        worker.join(60)
        assert worker.exitcode == 0
    with open_store(str(path), create=False) as new, open_store(str(old), create=False) as before:
        Spool(new.spool).drain(new)
        there = {int(one.id, 16) for store in (new, before) for one in store.read()}
        assert new.count() > 50
    for number, count in enumerate(counts):
        assert set(range(1_000_000 * number, 1_000_000 * number + count.value)) <= there


def _record_many(url: str, number: int, moved: Any, count: Any) -> None:
    """Record until some time after the file was moved."""
    with Recorder(url, drain_seconds=0.1) as recorder:
        left = 50
        while left:
            recorder.record(decision(1_000_000 * number + count.value))
            count.value += 1
            left -= moved.is_set()


def test_closing_records_what_waits_and_then_refuses(tmp_path: Path) -> None:
    path = tmp_path / "decisions.db"
    recorder = Recorder(str(path), drain_seconds=60, busy_seconds=0.05)
    recorder.record(decision(0))
    with locked(path):
        assert recorder.record(decision(1)) == "queued"
    receipts = [recorder.submit(decision(number)) for number in range(2, 500)]
    recorder.close()
    recorder.close()
    assert all(one.done() for one in receipts)
    assert not recorder.spooled
    with pytest.raises(StoreUnavailableError, match="closed"):
        recorder.record(decision(500))
    assert stored(path) == 500


def test_a_full_queue_refuses_aloud(tmp_path: Path) -> None:
    path = tmp_path / "decisions.db"
    with Recorder(str(path), capacity=5, busy_seconds=1.0) as recorder:
        recorder.record(decision(0))
        with locked(path):
            accepted = [recorder.submit(decision(1))]
            more = (recorder.submit(decision(number)) for number in range(2, 50))
            with pytest.raises(StoreUnavailableError, match="5 requests are waiting"):
                accepted.extend(more)
        assert len(accepted) < 49
        assert all(one.result() for one in accepted)
    assert stored(path) == 1 + len(accepted)


def test_who_has_gone_before_is_not_recorded_and_harms_nobody(tmp_path: Path) -> None:
    path = tmp_path / "decisions.db"
    with Recorder(str(path), busy_seconds=0.3) as recorder:
        recorder.record(decision(0))
        with locked(path):
            first = recorder.submit(decision(1))
            time.sleep(0.1)
            gone, other = recorder.submit(decision(2)), recorder.submit(decision(3))
            assert gone.cancel()
        assert first.result()
        assert other.result()
    assert stored(path) == 3


def test_a_store_that_is_not_there_yet_is_waited_for(tmp_path: Path) -> None:
    folder = tmp_path / "later"
    path = folder / "decisions.db"
    with Recorder(str(path), tmp_path / "spool", drain_seconds=0.1) as recorder:
        assert recorder.record(decision(1)) == "queued"
        folder.mkdir()
        until(lambda: not recorder.spooled)
    assert stored(path) == 1


def test_nothing_is_promised_where_neither_takes_it(tmp_path: Path) -> None:
    missing = tmp_path / "none" / "decisions.db"
    with Recorder(str(missing), drain_seconds=0.1) as recorder:
        for number in range(2):
            with pytest.raises(
                StoreUnavailableError, match=r"decisions\.db: cannot be made .*spool: cannot be"
            ):
                recorder.record(decision(number))
            assert recorder.refusing
        missing.parent.mkdir()
        assert recorder.record(decision(3)) in {"queued", "stored"}
        assert not recorder.refusing
    assert stored(missing) == 1


def test_an_unforeseen_failure_reaches_who_waits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Recorder(str(tmp_path / "decisions.db")) as recorder:
        with monkeypatch.context() as patch:
            patch.setattr(DecisionStore, "append", lambda *_: 1 / 0)
            with pytest.raises(ZeroDivisionError):
                recorder.record(decision(1))
        assert recorder.record(decision(2)) == "stored"


def test_a_bad_request_fails_none_of_its_neighbours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "decisions.db"
    append = DecisionStore.append

    def choosy(store: DecisionStore, decisions: Any) -> int:
        Choosy(7).append(decisions)
        return append(store, decisions)

    with Recorder(str(path), busy_seconds=1.0) as recorder:
        recorder.record(decision(0))
        monkeypatch.setattr(DecisionStore, "append", choosy)
        with locked(path):
            first = recorder.submit(decision(1))
            # While that one waits for the lock, the others gather into one transaction.
            receipts = [recorder.submit(decision(number)) for number in range(2, 12)]
        with pytest.raises(UnicodeEncodeError):
            receipts.pop(5).result()
        assert {one.result() for one in (first, *receipts)} <= {"stored", "queued"}
    assert stored(path) == 11
    assert "Nummer" not in caplog.text


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("postgresql://u:p@db/news", "postgres://v@db:5432/news", True),
        ("postgresql://u@db/news", "postgresql://u@db/sport", False),
        ("postgresql://u@db/news", "postgresql://u@db2/news", False),
        ("postgresql://u@/news?host=/run/a", "postgresql://u@/news?host=/run/b", False),
    ],
)
def test_each_postgresql_has_a_spool_of_its_own(one: str, other: str, same: bool) -> None:
    first, second = read_address(one).spool, read_address(other).spool
    assert (first == second) is same
    assert re.fullmatch(r"decisions-[0-9a-f]{12}\.spool", str(first))


def test_what_cannot_be_used_is_told_from_what_is_away(tmp_path: Path) -> None:
    path = tmp_path / "decisions.db"
    assert check_store(str(path)) is None
    with locked(path):
        assert "is locked by another program" in (check_store(str(path)) or "")
    away = check_store("postgresql://u@127.0.0.1:1/news", tmp_path / "spool")
    assert away is not None
    assert away.startswith("postgresql://127.0.0.1:1/news: does not answer")
    (tmp_path / "text.db").write_text("Das ist keine Datenbank." * 50)
    for url, spool, message in [
        (tmp_path / "none" / "x.db", None, "cannot be made"),
        (tmp_path / "text.db", None, "is no SQLite database"),
        (path, tmp_path / "none" / "spool", "spool: cannot be written"),
        (path, tmp_path, "cannot be written"),
    ]:
        with pytest.raises(StoreUnusableError, match=message):
            check_store(str(url), spool)
    with pytest.raises(UsageError, match="is the store itself"):
        check_store(str(path), path)
    with pytest.raises(UsageError, match=r"spool \.: is a folder; name a file in it"):
        check_store(str(path), Path())


def test_a_postgresql_without_the_rights_is_refused(cluster: Cluster) -> None:
    url = cluster.database("closed")
    with open_store(url) as store, engine_of(store).connect() as connection:
        connection.exec_driver_sql("CREATE ROLE nobody LOGIN")
        connection.exec_driver_sql("GRANT SELECT ON ALL TABLES IN SCHEMA public TO nobody")
        connection.commit()
    for changed, message in [
        (url.replace("postgres@", "nobody@"), "this user may not do that"),
        (url.replace("postgres@", "stranger@"), "does not let this user in"),
        (url.replace("/closed", "/open"), "there is no such database"),
    ]:
        with pytest.raises(StoreUnusableError, match=message):
            check_store(changed)


@pytest.mark.parametrize("encoding", ["LATIN1", "SQL_ASCII"])
def test_a_postgresql_that_cannot_keep_every_comment_is_refused(
    cluster: Cluster, tmp_path: Path, encoding: str
) -> None:
    settings = f"ENCODING '{encoding}' LOCALE 'C' TEMPLATE template0"
    url = cluster.database(f"narrow_{encoding}".lower(), settings)
    message = f"keeps text in {encoding}, .*; create the database with ENCODING 'UTF8'"
    for refuse in (check_store, open_store, migrate):
        with pytest.raises(StoreUnusableError, match=message) as caught:
            refuse(url)
        assert "\n" not in str(caught.value)
    # Nor is anything lost by a service that has started before.
    with Recorder(url, tmp_path / "spool") as recorder:
        assert recorder.record(decision(1, text="Gut 👍")) == "queued"


def test_comments_reach_postgresql_whatever_the_client_s_encoding(cluster: Cluster) -> None:
    url = f"{cluster.database('mixed')}&client_encoding=latin1"
    with open_store(url) as store:
        store.append([decision(1, text="Gut 👍")])
        assert [one.text for one in store.read()] == ["Gut 👍"]


# Records until both store and spool are refused, and tells what was acknowledged.
FILL = """
import resource, sys
from moderation.decisions.records import Decision
from moderation.decisions.recording import Recorder
from moderation.errors import ModerationError
path, limit = sys.argv[1], int(sys.argv[2])
recorder = Recorder(path, drain_seconds=0.2)
recorder.record(Decision(source="api", value=0, attribute="TOXICITY", id="f" * 32))
if limit:
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
for number in range(400):
    one = Decision(source="api", value=1, attribute="TOXICITY", text="Nein! " * 3000)
    try:
        print(one.id, recorder.record(one).value, flush=True)
    except ModerationError as error:
        print(error, file=sys.stderr)
        sys.exit(3)
"""


def fill(path: Path, limit: int) -> tuple[dict[str, str], str]:
    done = subprocess.run(
        [sys.executable, "-c", FILL, str(path), str(limit)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 3, done.stderr
    pairs = [line.split() for line in done.stdout.splitlines()]
    return {pair[0]: pair[1] for pair in pairs}, done.stderr.splitlines()[-1]


def everything_is_there(path: Path, acknowledged: dict[str, str]) -> None:
    with open_store(str(path)) as store:
        Spool(path.with_name(f"{path.name}.spool")).drain(store)
        assert set(acknowledged) <= {one.id for one in store.read()}


@pytest.mark.skipif(resource.getrlimit(resource.RLIMIT_FSIZE)[1] == 0, reason="files are limited")
def test_files_that_may_not_grow_refuse_aloud_and_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "decisions.db"
    acknowledged, message = fill(path, 500_000)
    assert set(acknowledged.values()) == {"stored", "queued"}
    assert message.startswith(f"{path}: ")
    assert "File too large" in message
    everything_is_there(path, acknowledged)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(folder)]
    with contextlib.suppress(OSError):
        if subprocess.run(command, capture_output=True, check=False).returncode == 0:
            yield folder
            subprocess.run(["umount", str(folder)], check=True)  # noqa: S607
            return
    pytest.skip("a small disk needs the right to mount one (root)")


def test_a_full_disk_refuses_aloud_and_loses_nothing(small_disk: Path, tmp_path: Path) -> None:
    path = small_disk / "decisions.db"
    acknowledged, message = fill(path, 0)
    assert len(acknowledged) > 20
    assert "make room" in message
    assert "No space left on device" in message
    # With room again (elsewhere, here), all of it is there.
    for one in small_disk.iterdir():
        shutil.copy(one, tmp_path / one.name)
    everything_is_there(tmp_path / path.name, acknowledged)


def test_a_disk_with_room_again_takes_them_again(small_disk: Path) -> None:
    path = small_disk / "decisions.db"
    with Recorder(str(path), drain_seconds=0.1) as recorder:
        recorder.record(decision(0))
        room = shutil.disk_usage(small_disk).free
        ballast = small_disk / "ballast"
        ballast.write_bytes(bytes(room - 8_192))
        too_many = (decision(number, text="Nein! " * 2_000) for number in range(1, 50))
        with pytest.raises(StoreUnavailableError):
            deque(map(recorder.record, too_many))
        ballast.unlink()
        assert recorder.record(decision(60)) in {"stored", "queued"}
        until(lambda: not recorder.spooled)
        until(lambda: recorder.record(decision(61)) == "stored")
        assert recorder.trouble is None


def test_five_kills_lose_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    for number in range(5):
        folder = tmp_path / str(number)
        folder.mkdir()
        outcome = kill_once(folder, 0.1 + 0.17 * number)
        assert outcome.acknowledged
        assert outcome.lost == 0


def test_postgresql_may_go_and_come_back(cluster: Cluster, tmp_path: Path) -> None:
    url = cluster.database("comes_back")
    acknowledged: list[int] = []
    stop = threading.Event()
    with Recorder(url, tmp_path / "spool", drain_seconds=0.2) as recorder:

        def record(start: int) -> None:
            number = start
            while not stop.is_set():
                recorder.record(decision(number))
                acknowledged.append(number)
                number += 1

        threads = [threading.Thread(target=record, args=(one * 1_000_000,)) for one in range(4)]
        for thread in threads:
            thread.start()
        try:
            until(lambda: len(acknowledged) > 20)
            cluster.stop()
            until(lambda: recorder.spooled)
            assert "postgresql://" in (recorder.trouble or "")
        finally:
            cluster.start()
            stop.set()
            for thread in threads:
                thread.join()
        until(lambda: not recorder.spooled)
        assert recorder.record(decision(77_000_000)) == "stored"
        assert recorder.trouble is None
    with open_store(url) as store:
        assert {int(one.id, 16) for one in store.read()} == {*acknowledged, 77_000_000}


def test_postgresql_waits_for_the_disk_even_where_it_is_told_not_to(cluster: Cluster) -> None:
    url = cluster.database("hasty")
    with open_store(url) as store, engine_of(store).connect() as connection:
        connection.exec_driver_sql("ALTER DATABASE hasty SET synchronous_commit = off")
        connection.commit()
    with open_store(url) as store, engine_of(store).connect() as connection:
        assert connection.exec_driver_sql("SHOW synchronous_commit").scalar() == "on"


def test_importing_the_package_loads_no_database() -> None:
    code = (
        "import sys, moderation, moderation.decisions.records, moderation.cli;"
        "sys.exit(any(name in sys.modules for name in ('sqlalchemy', 'alembic', 'psycopg')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_decision_can_be_copied_with_another_value() -> None:
    assert replace(decision(1), value=0).text_digest == decision(1).text_digest


def test_the_log_of_a_file_that_was_moved_away_is_kept(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "d.db"
    program = (
        "import os, sys\n"
        "from moderation.decisions.records import Decision\n"
        "from moderation.decisions.store import open_store\n"
        "store = open_store(sys.argv[1])\n"
        "store.append([Decision(value=1, attribute='rejected', source='api', comment_id='7')])\n"
        "os._exit(0)\n"
    )
    # As a kill leaves it: what was acknowledged stands in the log alone.
    subprocess.run([sys.executable, "-c", program, str(path)], check=True, timeout=60)
    assert path.with_name("d.db-wal").stat().st_size
    path.rename(tmp_path / "old.db")
    with open_store(str(path)) as store:
        assert store.count() == 0
    (kept,) = tmp_path.glob("d.db-wal.*")
    assert str(kept) in caplog.text
    kept.rename(tmp_path / "old.db-wal")
    with open_store(str(tmp_path / "old.db")) as store:
        assert [one.comment_id for one in store.read()] == ["7"]
