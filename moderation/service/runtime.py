"""The folder that the workers of one service share, as long as the service runs."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from moderation.errors import UsageError, reason_of

_PREFIX = "moderation-"
_PID = "pid"


@contextmanager
def runtime_folder() -> Iterator[Path]:
    """Make a folder that only this user can read, and remove it in the end.

    It stands where systemd says (``RUNTIME_DIRECTORY``), else among temporary files; what killed
    services have left there is removed. The lock that is held on it says that its service lives,
    and keeps those who tidy up temporary files away from it (systemd-tmpfiles).

    Raises
    ------
    UsageError
        If there is no place for it.
    """
    given = os.environ.get("RUNTIME_DIRECTORY", "").partition(":")[0]
    try:
        parent = Path(given or tempfile.gettempdir())
        _remove_leftovers(parent)
        folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=parent))
    except OSError as error:
        raise UsageError(
            f"{given or 'temporary files'}: no folder can be made there ({reason_of(error)}); "
            "let TMPDIR name one that this user may write"
        ) from error
    held = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(held, fcntl.LOCK_EX)
        # Behind the lock: what has no such file is not yet locked, and nobody's leftover.
        (folder / _PID).write_text(f"{os.getpid()}\n", encoding="utf-8")
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(held)


def _remove_leftovers(parent: Path) -> None:
    for folder in parent.glob(f"{_PREFIX}*"):
        # Others may hold or remove it meanwhile; it may be somebody else's.
        with suppress(OSError):
            if (folder / _PID).is_file() and folder.stat().st_uid == os.geteuid():
                _remove_unless_held(folder)


def _remove_unless_held(folder: Path) -> None:
    held = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(folder, ignore_errors=True)
    finally:
        os.close(held)
