"""The state of a store's tables, and bringing them to this program's."""

from __future__ import annotations

import threading
from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text

from moderation.decisions.address import Address
from moderation.decisions.engines import READING
from moderation.decisions.errors import StoreUnusableError

#: The steps there are, in order; the last is what this program works with.
REVISIONS = ("0001", "0002")
HEAD = REVISIONS[-1]
#: Not Alembic's usual name: a database may hold the tables of other programs, too.
VERSION_TABLE = "decisions_version"

_MIGRATIONS = Path(__file__).parent / "migrations"
#: The number PostgreSQL knows this program's lock by: "modera" in ASCII.
_LOCK = int.from_bytes(b"modera")
#: Alembic keeps what it works on in the module, so one thread at a time.
_ONE_AT_A_TIME = threading.Lock()


def bring_up_to_date(engine: Engine, address: Address) -> str:
    """Take the steps that a store lacks and return its revision; others may be at it, too.

    Raises
    ------
    StoreUnusableError
        If a newer program has made the tables.
    """
    with engine.connect().execution_options(**{READING: True}) as connection:
        if _revision(connection, address) == HEAD:
            return HEAD
    with _ONE_AT_A_TIME, engine.begin() as connection:
        if address.path is None:
            # Others wait here, however long the steps take; SQLite has locked its file already.
            connection.execute(text("SET LOCAL lock_timeout = 0"))
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        if _revision(connection, address) != HEAD:
            _upgrade(connection)
    return HEAD


def _revision(connection: Connection, address: Address) -> str | None:
    if not inspect(connection).has_table(VERSION_TABLE):
        return None
    found = connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}")).scalar()  # noqa: S608 -- a constant
    if found is not None and found not in REVISIONS:
        raise StoreUnusableError(
            f"{address.name}: its tables ({found}) are newer than this program ({HEAD}); "
            "install a newer moderation"
        )
    return found


def _upgrade(connection: Connection) -> None:
    # Takes a while to load, and most stores are up to date.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, HEAD)
