"""The store of decisions: what is appended stays as it is, until it is forgotten or expires."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Insert,
    Row,
    bindparam,
    delete,
    false,
    func,
    insert,
    select,
)
from sqlalchemy.dialects import postgresql

from moderation.decisions.address import Address, read_address
from moderation.decisions.engines import READING, make_engine
from moderation.decisions.failures import told
from moderation.decisions.files import StoreFile, open_file
from moderation.decisions.records import FIELDS, Decision, storable
from moderation.decisions.schema import HEAD, bring_up_to_date
from moderation.decisions.tables import DECISIONS, REMOVALS
from moderation.errors import UsageError

#: Seconds to wait for somebody else's lock.
BUSY_SECONDS = 5.0
#: Decisions fetched at once while streaming.
_FETCHED = 1_000

#: What was asked for when decisions were removed.
RemovalKind = Literal["comment", "author", "expired"]


@dataclass(frozen=True, slots=True)
class Removal:
    """That decisions were removed: when, why and how many, never which."""

    removed_at: datetime
    kind: RemovalKind
    decisions: int


def open_store(
    url: str, *, create: bool = True, busy_seconds: float = BUSY_SECONDS
) -> DecisionStore:
    """Open a store of decisions; an empty or older one is brought up to date.

    Parameters
    ----------
    url
        Path of a SQLite file, ``sqlite:///path``, or ``postgresql://user@host/database``.
    create
        Make a SQLite file that is not there.
    busy_seconds
        How long to wait for somebody else's lock.

    Raises
    ------
    UsageError
        If `url` names no database this program knows, or its driver is not installed.
    StoreUnavailableError
        If the store cannot be opened, or a newer program has made it.
    """
    address = read_address(url)
    file = open_file(address.path, create=create) if address.path is not None else None
    engine = make_engine(address, file, busy_seconds)
    try:
        with told(address.name, address.password):
            bring_up_to_date(engine, address)
    except BaseException:
        engine.dispose()
        raise
    return DecisionStore(engine, address, file)


def migrate(url: str) -> str:
    """Bring a store up to date, make it if there is none, and return its revision.

    Raises
    ------
    ModerationError
        As :func:`open_store`.
    """
    with open_store(url):
        return HEAD


class DecisionStore:
    """A store of decisions; :func:`open_store` opens one. Threads may share it.

    Every method raises :class:`StoreUnavailableError` if the database refuses or does not answer;
    those that write, also if its SQLite file was moved: then it must be opened anew.
    """

    def __init__(self, engine: Engine, address: Address, file: StoreFile | None = None) -> None:
        self._engine = engine
        self._address = address
        self._file = file
        insertion = _new_in_sqlite() if address.path is not None else _new_in_postgresql()
        # Otherwise nobody counts the rows of an insertion.
        self._insert = insertion.execution_options(preserve_rowcount=True)

    @property
    def spool(self) -> Path:
        """Where decisions for this store wait unless the user names a file."""
        return self._address.spool

    @property
    def path(self) -> Path | None:
        """The SQLite file; None for PostgreSQL."""
        return self._address.path

    @property
    def name(self) -> str:
        """What messages call the store: its file, or host and database."""
        return self._address.name

    @property
    def moved(self) -> bool:
        """Whether its SQLite file is no longer where it was opened."""
        return self._file is not None and self._file.moved

    def __enter__(self) -> DecisionStore:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()

    def probe(self) -> None:
        """Try whether decisions could be stored, without storing any."""
        columns = [DECISIONS.c[name] for name in FIELDS]
        nothing = insert(DECISIONS).from_select(FIELDS, select(*columns).where(false()))
        with told(self.name, self._address.password), self._writing() as connection:
            connection.execute(nothing)

    def append(self, decisions: Iterable[Decision]) -> int:
        """Store decisions, all or none; they are on the disk when this returns.

        A decision whose id is there already changes nothing.

        Returns
        -------
        int
            How many are new.
        """
        rows = [{name: getattr(one, name) for name in FIELDS} for one in decisions]
        if not rows:
            return 0
        with told(self.name, self._address.password), self._writing() as connection:
            return connection.execute(self._insert, rows).rowcount

    def read(
        self, since: datetime | None = None, until: datetime | None = None
    ) -> Iterator[Decision]:
        """Yield decisions in the order in which they were made, as they are asked for.

        Parameters
        ----------
        since, until
            Only decisions made at or after `since` and before `until`; both with time zone.
        """
        query = (
            select(*(DECISIONS.c[name] for name in FIELDS))
            .where(*_between(since, until))
            .order_by(DECISIONS.c.decided_at, DECISIONS.c.id)
        )
        with told(self.name, self._address.password), self._reading() as connection:
            streaming = connection.execution_options(yield_per=_FETCHED)
            with streaming.execute(query) as rows:
                for row in rows:
                    yield _decision(row)

    def count(self) -> int:
        """Return how many decisions there are."""
        with told(self.name, self._address.password), self._reading() as connection:
            return connection.execute(select(func.count()).select_from(DECISIONS)).scalar_one()

    def forget(self, *, comment_id: str | None = None, author: str | None = None) -> int:
        """Delete all decisions about a comment, or about an author's comments.

        Parameters
        ----------
        comment_id
            The comment.
        author
            The author's pseudonym.

        Returns
        -------
        int
            How many there were.
        """
        if (comment_id is None) == (author is None):
            raise UsageError("forget: name either a comment or an author")
        if comment_id is not None:
            return self._remove("comment", DECISIONS.c.comment_id == storable(comment_id))
        return self._remove("author", DECISIONS.c.author == storable(author or ""))

    def expire(self, before: datetime) -> int:
        """Delete all decisions made before a time (with time zone), and return how many."""
        return self._remove("expired", *_between(None, before))

    def removals(self) -> list[Removal]:
        """Return what was deleted so far, first things first."""
        query = select(REMOVALS.c.removed_at, REMOVALS.c.kind, REMOVALS.c.decisions)
        with told(self.name, self._address.password), self._reading() as connection:
            return [Removal(*row) for row in connection.execute(query.order_by(REMOVALS.c.number))]

    def _remove(self, kind: RemovalKind, *which: ColumnElement[bool]) -> int:
        with told(self.name, self._address.password):
            with self._writing() as connection:
                removed = connection.execute(delete(DECISIONS).where(*which)).rowcount
                # That somebody asked is worth knowing, not that a clock did.
                if removed or kind != "expired":
                    row = {"removed_at": datetime.now(UTC), "kind": kind, "decisions": removed}
                    connection.execute(insert(REMOVALS), row)
            self._clear_log()
        return removed

    def _clear_log(self) -> None:
        """Empty SQLite's log of changes, in which what was deleted still stands."""
        if self._address.path is None:
            return
        pooled = self._engine.raw_connection()
        try:
            # Outside of a transaction. Somebody who is reading keeps the log for now: it is emptied
            # the next time, and what was asked for is done.
            with suppress(sqlite3.Error), closing(pooled.cursor()) as cursor:
                cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                cursor.fetchall()
        finally:
            pooled.close()

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        """Begin a transaction, and commit it behind the block."""
        with self._engine.begin() as connection:
            self._check_file()
            yield connection
        # What was moved meanwhile is not where anybody would look for it.
        self._check_file()

    def _check_file(self) -> None:
        if self._file is not None:
            self._file.check()

    def _reading(self) -> Connection:
        return self._engine.connect().execution_options(**{READING: True})


def _new_in_sqlite() -> Insert:
    """Insert what is not there; what is, a trigger refuses before conflicts are looked at."""
    values = [bindparam(name, type_=DECISIONS.c[name].type) for name in FIELDS]
    there = select(DECISIONS.c.id).where(DECISIONS.c.id == bindparam("id")).exists()
    return insert(DECISIONS).from_select(FIELDS, select(*values).where(~there))


def _new_in_postgresql() -> Insert:
    return postgresql.insert(DECISIONS).on_conflict_do_nothing(index_elements=["id"])


def _between(since: datetime | None, until: datetime | None) -> list[ColumnElement[bool]]:
    for time in (since, until):
        if time is not None and time.tzinfo is None:
            raise UsageError(f"{time.isoformat()}: without time zone; give one")
    conditions = []
    if since is not None:
        conditions.append(DECISIONS.c.decided_at >= since)
    if until is not None:
        conditions.append(DECISIONS.c.decided_at < until)
    return conditions


def _decision(row: Row[tuple[object, ...]]) -> Decision:
    return Decision(**row._mapping)
