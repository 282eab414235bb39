"""Files with secrets: read only where nobody but their owner can."""

from __future__ import annotations

from pathlib import Path

from moderation.errors import ModerationError, reason_of

_OTHERS = 0o077


def read_private(path: Path, error: type[ModerationError], *, most: int, remedy: str) -> bytes:
    """Return at most the first `most` bytes of a file with secrets.

    Parameters
    ----------
    path
        The file.
    error
        What is raised.
    most
        Bytes.
    remedy
        What to do where it cannot be read, as the end of a message.

    Raises
    ------
    ModerationError
        Of the kind `error`, if the file cannot be read, or other users may read it.
    """
    try:
        if path.stat().st_mode & _OTHERS:
            raise error(f"{path}: other users may read it; chmod 600 {path}")
        with path.open("rb") as stream:
            return stream.read(most)
    except OSError as reason:
        raise error(f"{path}: cannot be read ({reason_of(reason)}); {remedy}") from reason
