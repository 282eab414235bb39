"""Files that users write in TOML: read with limits, and refused in one line."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any, BinaryIO

from moderation.errors import ModerationError, reason_of


def load_bytes(
    path: Path, error: type[ModerationError], *, most: int, too_large: str, remedy: str
) -> bytes:
    """Return what stands in a user's file.

    Parameters
    ----------
    path
        The file, which may be a pipe.
    error
        What is raised.
    most
        Bytes at most.
    too_large, remedy
        What is said of a larger file, and of one that cannot be read.

    Raises
    ------
    ModerationError
        Of the kind `error`.
    """
    try:
        with path.open("rb") as stream:
            return bounded(stream, str(path), error, most=most, too_large=too_large)
    except OSError as reason:
        raise error(f"{path}: {reason_of(reason)}; {remedy}") from reason


def bounded(
    stream: BinaryIO, name: str, error: type[ModerationError], *, most: int, too_large: str
) -> bytes:
    """Return what comes through a stream, as :func:`load_bytes`; `name` stands in messages.

    Raises
    ------
    ModerationError
        Of the kind `error`, if it is more than `most` bytes.
    """
    # A pipe has no size to ask for.
    data = stream.read(most + 1)
    if len(data) > most:
        raise error(f"{name}: {too_large}")
    return data


def parse_toml(data: bytes, name: str, error: type[ModerationError]) -> dict[str, Any]:
    """Return the table of a TOML file, a byte order mark allowed; `name` stands in messages.

    Raises
    ------
    ModerationError
        Of the kind `error`, if it is no UTF-8 or no TOML.
    """
    try:
        return tomllib.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError as reason:
        raise error(f"{name}: no UTF-8 at byte {reason.start}; save it as UTF-8") from reason
    except (tomllib.TOMLDecodeError, RecursionError) as reason:
        raise error(f"{name}: no valid TOML ({reason}); correct that place") from reason
