"""Connections that keep what they are told to keep: safe after a power cut, patient, bounded."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event

from moderation.decisions.address import Address
from moderation.decisions.errors import StoreUnusableError
from moderation.decisions.files import StoreFile

#: Execution option of connections that only read.
READING = "moderation_reading"
#: Seconds until a server that does not answer is given up.
_CONNECT_SECONDS, _SILENT_SECONDS = 5, 10
#: What every comment can be written in, in PostgreSQL's words.
_ENCODING = "UTF8"
#: Seconds between two attempts to switch a new file to write-ahead logging.
_WAIT = 0.02


def make_engine(address: Address, file: StoreFile | None, busy_seconds: float) -> Engine:
    """Return an engine for a store.

    Parameters
    ----------
    address
        Where the store is.
    file
        Its SQLite file; None for PostgreSQL.
    busy_seconds
        How long to wait for somebody else's lock.
    """
    return (
        _postgresql(address, busy_seconds) if file is None else _sqlite(address, file, busy_seconds)
    )


def _sqlite(address: Address, file: StoreFile, busy_seconds: float) -> Engine:
    engine = create_engine(
        address.url, hide_parameters=True, connect_args={"timeout": busy_seconds}
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _: object) -> None:
        with _closed_on_failure(connection):
            _prepare(connection, busy_seconds)
            file.opened()

    @event.listens_for(engine, "close")
    def leave(connection: Any, _: object) -> None:
        file.leave(connection)

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # A transaction that becomes a writing one half-way cannot wait for another one.
        reading = connection.get_execution_options().get(READING)
        connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")

    return engine


def _prepare(connection: sqlite3.Connection, patience: float) -> None:
    # Transactions are begun and ended by SQLAlchemy alone, those that make tables included.
    connection.isolation_level = None
    connection.execute("PRAGMA synchronous = FULL")
    # What is forgotten is overwritten.
    connection.execute("PRAGMA secure_delete = ON")
    deadline = time.monotonic() + patience
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            # SQLite does not wait itself where two processes switch a new file at once.
            busy = error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
            if not busy or time.monotonic() > deadline:
                raise
        time.sleep(_WAIT)


def _postgresql(address: Address, busy_seconds: float) -> Engine:
    milliseconds = int(1000 * busy_seconds)
    settings: dict[str, Any] = {
        "connect_timeout": _CONNECT_SECONDS,
        "tcp_user_timeout": 1000 * _SILENT_SECONDS,
        "options": f"-c lock_timeout={milliseconds} -c timezone=UTC",
        "application_name": "moderation",
    }
    needed = {"client_encoding": _ENCODING}
    engine = create_engine(
        address.url,
        hide_parameters=True,
        pool_pre_ping=True,
        connect_args={
            name: value for name, value in settings.items() if name not in address.url.query
        }
        | needed,
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _: object) -> None:
        with _closed_on_failure(connection), connection.cursor() as cursor:
            encoding = _setting(cursor, "server_encoding")
            if encoding != _ENCODING:
                raise StoreUnusableError(
                    f"{address.name}: keeps text in {encoding}, which has no place for every "
                    "comment; create the database with ENCODING 'UTF8' (TEMPLATE template0)"
                )
            # "off" is faster and loses what was acknowledged; all other settings keep it.
            if _setting(cursor, "synchronous_commit") == "off":
                cursor.execute("SET synchronous_commit = on")
            connection.commit()

    return engine


def _setting(cursor: Any, name: str) -> str:
    cursor.execute(f"SHOW {name}")
    return str(cursor.fetchone()[0])


@contextmanager
def _closed_on_failure(connection: Any) -> Iterator[None]:
    """Close a connection that cannot be used: nobody else knows of it yet."""
    try:
        yield
    except BaseException:
        connection.close()
        raise
