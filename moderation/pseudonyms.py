"""Stable pseudonyms for authors: a keyed hash, with a key that never leaves the user's own file."""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from moderation.errors import UnreadableInputError, UsageError, reason_of

Report = Callable[[str], None]

#: Where the key lies unless the user says otherwise.
KEY_VARIABLE = "MODERATION_KEY"
_KEY_NAME = "pseudonyms.key"
#: Bytes of a new key, and at least of one the user made.
_KEY_BYTES, _FEWEST_KEY_BYTES = 32, 16
#: Bytes of a key that are read: BLAKE2 takes no longer ones.
_MOST_KEY_BYTES = 64
#: Bytes of a hash in a pseudonym: of a million authors, two share one with a chance of one in 560.
_HASH_BYTES = 6
_PREFIX = "author-"
#: Authors whose pseudonym is remembered.
_REMEMBERED = 65_536


@dataclass(frozen=True, slots=True)
class Pseudonyms:
    """Gives every author a name that says nothing, the same one each time.

    Attributes
    ----------
    key
        16 to 64 secret bytes. Without it nobody can try names out.
    """

    key: bytes = field(repr=False)
    _known: dict[str, str] = field(default_factory=dict, repr=False, compare=False)

    def of(self, author: str) -> str:
        """Return the pseudonym of an author, such as ``author-5f0c3a9d21b7``.

        White space around a name makes no other author of it. A pseudonym stays as it is, so that
        what was written once can be read again.
        """
        author = author.strip()
        if not author or _is_pseudonym(author):
            return author
        known = self._known.get(author)
        if known is None:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            digest = hashlib.blake2b(
                author.encode("utf-8", "surrogatepass"), key=self.key, digest_size=_HASH_BYTES
            )
            known = self._known[author] = _PREFIX + digest.hexdigest()
        return known


def _is_pseudonym(author: str) -> bool:
    digits = author.removeprefix(_PREFIX)
    return (
        len(digits) == 2 * _HASH_BYTES
        and len(author) == len(_PREFIX) + len(digits)
        and not digits.strip("0123456789abcdef")
    )


def key_file() -> Path:
    """Return where the key lies: ``MODERATION_KEY``, else the user's configuration folder."""
    named = os.environ.get(KEY_VARIABLE)
    if named:
        return Path(named)
    home = os.environ.get("XDG_CONFIG_HOME")
    folder = Path(home) if home else Path(os.path.expanduser("~"), ".config")  # noqa: PTH111 -- never fails
    return folder / "moderation" / _KEY_NAME


def open_pseudonyms(
    report: Report, path: Path | None = None, *, lasting: bool = False
) -> Pseudonyms:
    """Return pseudonyms with the user's key; a key is made when there is none yet.

    Where the usual place cannot be written, as in a container, the key lasts for this run only,
    unless it has to be a `lasting` one.

    Parameters
    ----------
    report
        Is told when a key is made.
    path
        The key file; None: that of :func:`key_file`.
    lasting
        Whether names are stored: with another key, nobody could find them again.

    Raises
    ------
    UnreadableInputError
        If the key is too short.
    UsageError
        If the file that was named, or a lasting one, cannot be read or made.
    """
    named = path is not None or KEY_VARIABLE in os.environ
    path = path or key_file()
    try:
        if not path.exists():
            _make_key(path)
            report(f"{path}: a new key for pseudonyms; keep it, and names stay the same")
        with path.open("rb") as stream:
            key = stream.read(_MOST_KEY_BYTES)
    except (OSError, ValueError) as error:
        reason = f"{path}: the key for pseudonyms cannot be read or made ({reason_of(error)})"
        if lasting:
            raise UsageError(f"{reason}; name one that stays in {KEY_VARIABLE}") from error
        if named:
            raise UsageError(
                f"{reason}; name another file in {KEY_VARIABLE}, or say --keep-authors"
            ) from error
        report(
            f"{reason}; pseudonyms are for this run only, {KEY_VARIABLE} names a file that stays"
        )
        key = secrets.token_bytes(_KEY_BYTES)
    if len(key) < _FEWEST_KEY_BYTES:
        raise UnreadableInputError(
            f"{path}: a key of {len(key)} bytes, too short for pseudonyms; remove the file to get "
            "a new key"
        )
    return Pseudonyms(key)


def _make_key(path: Path) -> None:
    """Write a new key that only its owner can read; another process may be as quick."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    new = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(secrets.token_bytes(_KEY_BYTES))
    try:
        # Unlike a replacement, a link fails where somebody has made the key meanwhile.
        os.link(new, path)
    except FileExistsError:
        pass
    except OSError:
        new.replace(path)
        return
    new.unlink()
