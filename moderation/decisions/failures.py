"""What can go wrong with a store, in one line each with its remedy, and never with a password."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from moderation.decisions.address import masked
from moderation.decisions.errors import StoreUnavailableError, StoreUnusableError

_LOCKED = "is locked by another program; try again, or end that program"
_FULL = "its disk is full; make room"
_MOVED = "was moved or replaced while it was in use; try again"
_READ_ONLY = "cannot be written; give this user the right to write it and its folder"
_DISK = "its disk does not take or give data; look for a full or broken disk"
_CROWDED = "has no room for another connection; allow more, or start fewer workers"
_STANDBY = "takes no writing at the moment; name the server that does"
_STARTING = "is starting or stopping; try again"
_SILENT = "does not answer; start it, or check the address"
#: What may pass without anybody changing anything here.
_PASSING = frozenset({_LOCKED, _FULL, _MOVED, _DISK, _CROWDED, _STANDBY, _STARTING, _SILENT})
#: Why SQLite refuses, by the beginning of its code's name, most exact first.
_SQLITE = {
    "SQLITE_BUSY": _LOCKED,
    "SQLITE_LOCKED": _LOCKED,
    "SQLITE_FULL": _FULL,
    "SQLITE_READONLY_DBMOVED": _MOVED,
    "SQLITE_READONLY": _READ_ONLY,
    "SQLITE_PERM": _READ_ONLY,
    "SQLITE_CANTOPEN": "cannot be opened; its folder must exist, and this user may write there",
    "SQLITE_IOERR": _DISK,
    "SQLITE_NOTADB": "is no SQLite database; name another file",
    "SQLITE_CORRUPT": "is damaged; put a backup in its place",
}
#: Why PostgreSQL refuses, by the beginning of its SQLSTATE, most exact first.
_POSTGRESQL = {
    "53100": _FULL,
    "53": _CROWDED,
    "28": "does not let this user in; check user and password",
    "3D000": "there is no such database; create it",
    "42501": "this user may not do that; grant it the rights to the tables",
    "25006": _STANDBY,
    "55P03": _LOCKED,
    "57": _STARTING,
    "08": _SILENT,
}


#: What a server says that lets nobody in, for want of a SQLSTATE; in other languages it counts as
#: one that does not answer.
_CLOSED = (
    (re.compile(r'FATAL: +database ".*" does not exist'), "3D000"),
    (re.compile(r"FATAL: +(role .* does not exist|.*authentication failed|no pg_hba)"), "28"),
)


@contextmanager
def told(name: str, password: str | None = None) -> Iterator[None]:
    """Turn what SQLAlchemy raises into one line about the store `name`.

    Raises
    ------
    StoreUnavailableError
        If the database refused or did not answer; StoreUnusableError, if that will not pass.
    """
    try:
        yield
    except PoolTimeoutError as error:
        raise StoreUnavailableError(f"{name}: all connections are busy; try again") from error
    except SQLAlchemyError as error:
        why, passing = _why(error)
        if password:
            why = why.replace(password, "***")
        kind = StoreUnavailableError if passing else StoreUnusableError
        raise kind(masked(f"{name}: {why}")) from error


def _why(error: SQLAlchemyError) -> tuple[str, bool]:
    """Return why a database has refused, and whether that may pass."""
    cause = error.orig if isinstance(error, DBAPIError) else None
    if isinstance(cause, sqlite3.Error):
        code = getattr(cause, "sqlite_errorname", None) or ""
        for beginning, why in _SQLITE.items():
            if code.startswith(beginning):
                return why, why in _PASSING
    elif cause is not None:
        state = getattr(cause, "sqlstate", None) or _state_of(str(cause))
        if state is None:
            reason = f"does not answer ({_first_line(cause)}); start it, or check the address"
            return reason, True
        for beginning, why in _POSTGRESQL.items():
            if state.startswith(beginning):
                return why, why in _PASSING
    why = f"refused ({_first_line(cause or error)}); moderation decisions migrate checks it"
    return why, False


def _state_of(message: str) -> str | None:
    return next((state for pattern, state in _CLOSED if pattern.search(message)), None)


def _first_line(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__
