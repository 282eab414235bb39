"""Where a store is: a SQLite file, or a PostgreSQL database by its URL."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from moderation.errors import UsageError

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
    def spool(self) -> Path | None:
        """Where decisions wait unless the user names a file: beside the SQLite file."""
        return None if self.path is None else self.path.with_name(f"{self.path.name}.spool")


def read_address(given: str) -> Address:
    """Return where a store is.

    Parameters
    ----------
    given
        Path of a SQLite file, ``sqlite:///path`` or ``postgresql://…``.

    Raises
    ------
    UsageError
        If it is neither, or the driver of PostgreSQL is not installed.
    """
    if "://" not in given:
        if not given.strip() or given == ":memory:":
            raise UsageError(f"store {given!r}: no place that lasts; {_TAKEN}")
        path = Path(given)
        return Address(URL.create("sqlite", database=str(path)), str(path), path, None)
    kind = given.split("://")[0]
    try:
        # What cannot be read may hold a password: neither it nor the reason is repeated.
        url = make_url(given)
    except (ArgumentError, ValueError):
        raise UsageError(f"store {kind}://…: cannot be understood; {_TAKEN}") from None
    if url.get_backend_name() == "sqlite":
        if not url.database or url.database == ":memory:":
            raise UsageError(f"store {kind}://: no place that lasts; {_TAKEN}")
        if url.query:
            raise UsageError(f"store {given}: settings behind ? are not taken; {_TAKEN}")
        return Address(url.set(drivername="sqlite"), url.database, Path(url.database), None)
    if url.get_backend_name() not in {"postgresql", "postgres"}:
        raise UsageError(f"store {kind}://…: no database this program knows; {_TAKEN}")
    query = url.query
    host = url.host or _one(query.get("host")) or "localhost"
    port = f":{url.port}" if url.port else ""
    password = url.password or _one(query.get("password"))
    name = f"postgresql://{host}{port}/{url.database or ''}"
    try:
        # Also fails where it is installed without the library it needs.
        import psycopg  # noqa: F401
    except ImportError:
        raise UsageError(
            f"{name}: needs the driver of PostgreSQL; pip install 'moderation[postgresql]'"
        ) from None
    return Address(url.set(drivername="postgresql+psycopg"), name, None, password)


def _one(value: str | tuple[str, ...] | None) -> str | None:
    return value[0] if isinstance(value, tuple) else value
