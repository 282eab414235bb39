"""Waiting for what other threads and processes do."""

from __future__ import annotations

import time
from collections.abc import Callable

#: Seconds between two looks.
_PAUSE = 0.02


def until(done: Callable[[], bool], seconds: float = 20) -> None:
    """Wait until something is so, `seconds` at most."""
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end, "took too long"
        time.sleep(_PAUSE)
