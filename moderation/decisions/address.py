"""Where a store is: a SQLite file, or a PostgreSQL database by its URL."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from moderation.errors import UsageError

#: Of PostgreSQL, where an address names none.
_PORT = 5432
#: Passwords with an @ that is not written %40 end at the last one.
_USER = re.compile(r"(?<=://)\S*@")
_LIKE_A_URL = re.compile(r"(postgres|postgresql)(\+\w+)?:")
_TAKEN = "give a SQLite file (decisions.db), or postgresql://user@host/database"


@dataclass(frozen=True, slots=True)
class Address:
    """Where a store is.

    Attributes
    ----------
    url
        As SQLAlchemy takes it; may hold a password.
    name
        For messages: the file, or host and database.
    path
        The SQLite file; None for PostgreSQL.
    password
        What no message may hold.
    """

    url: URL = field(repr=False)
    name: str
    path: Path | None
    password: str | None = field(repr=False)

    @property
    def spool(self) -> Path:
        """Where decisions wait unless the user names a file.

        Beside a SQLite file; for PostgreSQL in the working directory, in a file of this database.
        """
        if self.path is not None:
            return self.path.with_name(f"{self.path.name}.spool")
        database = self.url.database or self.url.username or ""
        place = f"{_host(self.url)}:{self.url.port or _PORT}/{database}"
        return Path(f"decisions-{hashlib.sha256(place.encode()).hexdigest()[:12]}.spool")


def masked(text: str) -> str:
    """Return `text` without the users and passwords that stand in addresses."""
    return _USER.sub("***@", text)


def read_address(given: str) -> Address:
    """Return where a store is.

    Parameters
    ----------
    given
        Path of a SQLite file, ``sqlite:///path`` or ``postgresql://…``.

    Raises
    ------
    UsageError
        If it is neither, a folder, or the driver of PostgreSQL is not installed.
    """
    if "://" not in given:
        if not given.strip() or given == ":memory:":
            raise UsageError(f"store {given!r}: no place that lasts; {_TAKEN}")
        if _LIKE_A_URL.match(given):
            raise UsageError(f"store {given.split(':')[0]}:…: no // behind it; {_TAKEN}")
        path = _file(given)
        return Address(URL.create("sqlite", database=str(path)), str(path), path, None)
    kind = given.split("://")[0]
    if not kind.startswith("sqlite") and given.count("@") > 1:
        raise UsageError(f"store {kind}://…: more than one @; write those of a password as %40")
    try:
        # What cannot be read may hold a password: neither it nor the reason is repeated.
        url = make_url(given)
    except (ArgumentError, ValueError):
        raise UsageError(f"store {kind}://…: cannot be understood; {_TAKEN}") from None
    if url.get_backend_name() == "sqlite":
        if not url.database or url.database == ":memory:":
            raise UsageError(f"store {kind}://: no place that lasts; {_TAKEN}")
        if url.query:
            raise UsageError(f"store {masked(given)}: settings behind ? are not taken; {_TAKEN}")
        path = _file(url.database)
        return Address(url.set(drivername="sqlite"), url.database, path, None)
    if url.get_backend_name() not in {"postgresql", "postgres"}:
        raise UsageError(f"store {kind}://…: no database this program knows; {_TAKEN}")
    host = _host(url)
    port = f":{url.port}" if url.port else ""
    password = url.password or _one(url.query.get("password"))
    name = f"postgresql://{host}{port}/{url.database or ''}"
    try:
        # Also fails where it is installed without the library it needs.
        import psycopg  # noqa: F401
    except ImportError:
        raise UsageError(
            f"{name}: needs the driver of PostgreSQL; pip install 'moderation[postgresql]'"
        ) from None
    return Address(url.set(drivername="postgresql+psycopg"), name, None, password)


def _file(given: str) -> Path:
    path = Path(given)
    try:
        folder = not path.name or given.endswith("/") or path.is_dir()
    except OSError:
        # Whoever opens it will hear why that is not possible.
        folder = False
    if folder:
        raise UsageError(f"store {given}: is a folder; name a file in it ({path / 'decisions.db'})")
    return path


def _host(url: URL) -> str:
    return url.host or _one(url.query.get("host")) or "localhost"


def _one(value: str | tuple[str, ...] | None) -> str | None:
    return value[0] if isinstance(value, tuple) else value
