"""Waiting for a service that was started."""

from __future__ import annotations

import time

import httpx2 as httpx


def wait_until_ready(base: str, seconds: float = 60) -> None:
    """Return when the service at `base` (``http://host:port``) answers that it is ready."""
    until = time.monotonic() + seconds
    while True:
        try:
            if httpx.get(f"{base}/readyz", timeout=5).status_code == 200:
                return
        except httpx.TransportError:
            pass
        assert time.monotonic() < until, "the service did not come up"
        time.sleep(0.1)
