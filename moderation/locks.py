"""Locks that keep processes and threads from changing the same files at once."""

from __future__ import annotations

import fcntl
import math
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

#: Seconds between two attempts to get a lock.
_WAIT = 0.05


@contextmanager
def locked(path: Path, patience: float = math.inf) -> Iterator[bool]:
    """Hold a lock against other threads and processes; it ends with the process, too.

    Parameters
    ----------
    path
        The file that is locked; made, for this user alone, where there is none.
    patience
        Seconds to wait for whoever holds it.

    Yields
    ------
    bool
        Whether the lock is held: False where it was not to be had in that time.

    Raises
    ------
    OSError
        If the file cannot be made.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        yield _lock(descriptor, patience)
    finally:
        os.close(descriptor)


def _lock(descriptor: int, patience: float) -> bool:
    if patience == math.inf:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        return True
    deadline = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                return False
            time.sleep(_WAIT)
        else:
            return True
