"""Decisions, which nobody can change, and what was removed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# A step stays as it is for good, so it shares nothing with the tables of today.
_TABLES = ("decisions", "removals")
_SQLITE_TRIGGER = """
CREATE TRIGGER {table}_never_change BEFORE UPDATE ON {table}
BEGIN SELECT RAISE(ABORT, '{table} are never changed'); END
"""
_POSTGRESQL_FUNCTION = """
CREATE FUNCTION decisions_never_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '% are never changed', TG_TABLE_NAME; END $$
"""
_POSTGRESQL_TRIGGER = """
CREATE TRIGGER {table}_never_change BEFORE UPDATE ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION decisions_never_change()
"""


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "decisions",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("source", sa.String(20), nullable=False),
        sa.Column("value", sa.Double, nullable=False),
        sa.Column("attribute", sa.Text, nullable=False),
        sa.Column("comment_id", sa.Text),
        sa.Column("parent_id", sa.Text),
        sa.Column("author", sa.Text),
        sa.Column("url", sa.Text),
        sa.Column("community", sa.Text),
        sa.Column("text", sa.Text),
        sa.Column("text_digest", sa.String(64)),
        sa.Column("language", sa.Text),
        sa.Column("score", sa.Double),
        sa.Column("model_digest", sa.Text),
        sa.Column("key_id", sa.Text),
    )
    op.create_index("decisions_by_time", "decisions", ["decided_at", "id"])
    op.create_index("decisions_by_comment", "decisions", ["comment_id"])
    op.create_index("decisions_by_author", "decisions", ["author"])
    op.create_table(
        "removals",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("decisions", sa.Integer, nullable=False),
    )
    sqlite = op.get_context().dialect.name == "sqlite"
    if not sqlite:
        op.execute(_POSTGRESQL_FUNCTION)
    for table in _TABLES:
        op.execute((_SQLITE_TRIGGER if sqlite else _POSTGRESQL_TRIGGER).format(table=table))
