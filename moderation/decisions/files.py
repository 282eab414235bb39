"""The file of a SQLite store: made for this user alone, and watched for being moved or replaced."""

from __future__ import annotations

import fcntl
import logging
import os
import sqlite3
import time
from contextlib import suppress
from pathlib import Path

from moderation.decisions.errors import StoreUnavailableError, StoreUnusableError
from moderation.errors import reason_of

_log = logging.getLogger(__name__)
#: What SQLite puts beside a file: what was not yet written into it, and where that stands.
_BESIDE = ("-wal", "-shm")

#: Device and number: what stays the same when a file gets another name.
_Identity = tuple[int, int]


class StoreFile:
    """A SQLite file as it was when it was opened; whoever moves it, its connections go with it.

    Parameters
    ----------
    path
        The file.

    Raises
    ------
    OSError
        If there is none.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        # SQLite names what it puts beside a file by where that really is.
        self._real = Path(os.path.realpath(path))
        self._opened = _identity(path)
        self._beside: dict[Path, _Identity | None] = {}
        if self._opened is None:
            raise FileNotFoundError(f"{path}: has gone")

    @property
    def moved(self) -> bool:
        """Whether something else, or nothing, stands where the file was opened."""
        return _identity(self._path) != self._opened

    def check(self) -> None:
        """Refuse a file that others would not find any more.

        Raises
        ------
        StoreUnavailableError
            If it was moved.
        """
        if self.moved:
            raise StoreUnavailableError(
                f"{self._path}: was moved or replaced while it was in use; the one that stands "
                "there next is opened"
            )

    def opened(self) -> None:
        """Remember what a connection has put beside the file.

        Raises
        ------
        StoreUnavailableError
            If it was moved: the connection may have opened another one.
        """
        beside = {path: _identity(path) for path in _beside(self._real)}
        self.check()
        self._beside = beside

    def leave(self, connection: sqlite3.Connection) -> None:
        """Write into a moved file what only its log has, before its last connection is closed.

        The log does not move with its file, and would be read into whatever stands there next.
        """
        if _identity(self._real) == self._opened:
            return
        with suppress(sqlite3.Error, OSError):
            busy, *_ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            for path, identity in self._beside.items():
                if not busy and identity is not None and _identity(path) == identity:
                    path.unlink()


def open_file(path: Path, *, create: bool) -> StoreFile:
    """Return the file of a store.

    Parameters
    ----------
    path
        Where it is.
    create
        Make one that is not there.

    Raises
    ------
    StoreUnusableError
        If there is none and none can be made.
    """
    try:
        if not path.exists():
            if not create:
                raise StoreUnusableError(f"{path}: there is no such store; check the path")
            _make(Path(os.path.realpath(path)))
        return StoreFile(path)
    except (OSError, ValueError) as error:
        raise StoreUnusableError(
            f"{path}: cannot be made ({reason_of(error)}); name a file in a folder that exists "
            "and that this user may write"
        ) from error


def _make(path: Path) -> None:
    folder = os.open(path.parent, os.O_RDONLY | os.O_CLOEXEC)
    try:
        # Alone, or one takes away what another one has just put beside the new file. Not all
        # systems lock folders.
        with suppress(OSError):
            fcntl.flock(folder, fcntl.LOCK_EX)
        if path.exists():
            return
        _put_away(path)
        # Comments are nobody else's business; what SQLite puts beside it has the same rights.
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600))
        # Its name must last through a power cut, too.
        os.fsync(folder)
    finally:
        os.close(folder)


def _put_away(path: Path) -> None:
    """Give what stands beside a file that was moved away a name under which nobody reads it.

    Its log may hold what the file does not; who has it open still does.
    """
    log, index = _beside(path)
    if log.exists() and log.stat().st_size:
        kept = log.with_name(f"{log.name}.{time.time_ns()}")
        log.replace(kept)
        _log.warning(
            "%s: what was not yet written into a file that was moved away; name it like that file, "
            "with -wal behind it",
            kept,
        )
    for beside in (log, index):
        beside.unlink(missing_ok=True)


def _beside(path: Path) -> list[Path]:
    return [path.with_name(f"{path.name}{ending}") for ending in _BESIDE]


def _identity(path: Path) -> _Identity | None:
    try:
        status = path.stat()
    except OSError:
        # Where nobody can look, nobody will find it.
        return None
    return status.st_dev, status.st_ino
