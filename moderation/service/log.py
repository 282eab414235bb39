"""The log of the service."""

from __future__ import annotations

import logging


def log_to_stderr() -> None:
    """Write a line for what an operator should know: neither requests nor comments."""
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s", datefmt="%FT%T%z"
    )
    logging.getLogger("alembic").setLevel(logging.WARNING)
    # Lines with what was asked hold keys, and lines about starting and stopping are ours.
    logging.getLogger("uvicorn.access").disabled = True
    # Anybody can make it warn, as often as they like.
    logging.getLogger("uvicorn.error").setLevel(logging.ERROR)
