"""The tables as this version of the program reads and writes them; migrations make them."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import (
    Column,
    DateTime,
    Dialect,
    Double,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
)


class UtcDateTime(TypeDecorator[datetime]):
    """A time in UTC: with its zone in PostgreSQL, without one in SQLite, which knows none."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return what is stored for an aware time."""
        if value is None:
            return None
        in_utc = value.astimezone(UTC)
        return in_utc.replace(tzinfo=None) if dialect.name == "sqlite" else in_utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the aware time that was stored."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if dialect.name == "sqlite" else value.astimezone(UTC)


METADATA = MetaData()

DECISIONS = Table(
    "decisions",
    METADATA,
    Column("id", String(32), primary_key=True),
    Column("decided_at", UtcDateTime, nullable=False),
    Column("source", String(20), nullable=False),
    Column("value", Double, nullable=False),
    Column("attribute", Text, nullable=False),
    Column("comment_id", Text),
    Column("parent_id", Text),
    Column("author", Text),
    Column("url", Text),
    Column("community", Text),
    Column("text", Text),
    Column("text_digest", String(64)),
    Column("language", Text),
    Column("score", Double),
    Column("model_digest", Text),
    Column("key_id", Text),
    Index("decisions_by_time", "decided_at", "id"),
    Index("decisions_by_comment", "comment_id"),
    Index("decisions_by_author", "author"),
)

#: What was deleted, when and how much of it: that it happened, never whose it was.
REMOVALS = Table(
    "removals",
    METADATA,
    Column("number", Integer, primary_key=True),
    Column("removed_at", UtcDateTime, nullable=False),
    Column("kind", String(20), nullable=False),
    Column("decisions", Integer, nullable=False),
)
