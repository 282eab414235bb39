"""Keys of clients: hashed at rest, with scopes, compared in constant time, never written to a log.

The file holds one entry per key, and no key: JSON, readable by its owner alone. A key is 256
random bits, so that its plain SHA-256 tells nothing; slow hashes are for what people remember.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, get_args

from moderation.errors import ModerationError, reason_of
from moderation.locks import locked
from moderation.service.private_files import read_private

Scope = Literal["score", "decide", "admin"]
SCOPES: tuple[Scope, ...] = get_args(Scope)
#: Tells a key from other secrets when one turns up where it should not.
_PREFIX = "mod_"
_KEY_BYTES = 32
#: Bytes of a file of keys; one entry has some 200.
_MAX_BYTES = 1_000_000


class KeysError(ModerationError):
    """A file of keys cannot be used (exit code 3)."""

    exit_code = 3


@dataclass(frozen=True, slots=True)
class Key:
    """What is known of a key.

    Attributes
    ----------
    id
        Eight hexadecimal digits, for logs, decisions and revoking.
    name
        Who has it.
    scopes
        ``score`` comments, ``decide`` (send decisions back), ``admin`` (reload, delete).
    sha256
        Of the key, in hexadecimal digits.
    created
        ISO 8601, UTC.
    rate
        Requests a second that this key may send; None: the service's own limit.
    """

    id: str
    name: str
    scopes: tuple[Scope, ...]
    sha256: str
    created: str
    rate: float | None = None

    def allows(self, scope: Scope) -> bool:
        """Whether the key may do what `scope` names; ``admin`` may do everything."""
        return scope in self.scopes or "admin" in self.scopes


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys of a service."""

    entries: tuple[Key, ...] = ()

    def find(self, secret: str) -> Key | None:
        """Return the entry of a key that a client sent.

        All entries are compared, each in constant time, so that the time tells nothing.
        """
        digest = _digest(secret)
        found = None
        for entry in self.entries:
            if hmac.compare_digest(entry.sha256, digest):
                found = entry
        return found


def new_key(name: str, scopes: Sequence[Scope], rate: float | None = None) -> tuple[str, Key]:
    """Make a key; the first of the pair is shown once and kept nowhere."""
    secret = _PREFIX + secrets.token_urlsafe(_KEY_BYTES)
    created = datetime.now(UTC).isoformat(timespec="seconds")
    return secret, Key(
        secrets.token_hex(4), name, tuple(sorted(set(scopes))), _digest(secret), created, rate
    )


def load_keys(path: Path) -> Keys:
    """Read a file of keys.

    Raises
    ------
    KeysError
        If it cannot be read, is no such file, or other users may read it.
    """
    data = read_private(
        path, KeysError, most=_MAX_BYTES + 1, remedy="`moderation keys add` makes one"
    )
    try:
        if len(data) > _MAX_BYTES:
            raise ValueError("too large")
        entries = tuple(_entry(one) for one in json.loads(data)["keys"])
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise KeysError(f"{path}: no file of keys; `moderation keys add` makes one") from error
    return Keys(entries)


def add_key(path: Path, key: Key) -> None:
    """Add an entry to a file of keys, which is made where there is none."""
    with _alone(path):
        _store(path, [*(load_keys(path).entries if path.exists() else ()), key])


def revoke_key(path: Path, id_or_name: str) -> int:
    """Remove the entries with this id or name, and return how many there were."""
    load_keys(path)
    with _alone(path):
        entries = load_keys(path).entries
        kept = [one for one in entries if id_or_name not in (one.id, one.name)]
        if len(kept) < len(entries):
            _store(path, kept)
    return len(entries) - len(kept)


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Let nobody else change a file of keys between reading and writing."""
    if path.is_dir():
        raise KeysError(f"{path}: is a folder; name a file in it")
    with ExitStack() as held:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            held.enter_context(locked(path.with_name(f"{path.name}.lock")))
        except OSError as error:
            raise _unwritable(path, error) from error
        yield


def _unwritable(path: Path, error: OSError) -> KeysError:
    return KeysError(
        f"{path}: cannot be written ({reason_of(error)}); name a file in a folder of yours"
    )


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def _entry(record: Any) -> Key:
    entry = Key(**record)
    scopes = tuple(entry.scopes)
    digits = isinstance(entry.sha256, str) and len(bytes.fromhex(entry.sha256)) == 32
    if (
        not digits
        or not set(scopes) <= set(SCOPES)
        or not isinstance(entry.rate, float | int | None)
    ):
        raise ValueError("not valid")
    return replace(entry, scopes=scopes)


def _store(path: Path, entries: Iterable[Key]) -> None:
    """Write in one step: a service that reads meanwhile sees the old file or the new one."""
    text = json.dumps({"keys": [asdict(one) for one in entries]}, indent=1, ensure_ascii=False)
    try:
        # mkstemp makes it readable by its owner alone.
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.name)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text + "\n")
            file.flush()
            os.fsync(handle)
        Path(name).replace(path)
    except OSError as error:
        raise _unwritable(path, error) from error
