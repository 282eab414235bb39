"""What is there is not replaced either, and what was removed stays told."""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# INSERT OR REPLACE deletes the old row without asking a trigger about deletions. It may name the
# old row by its number, too; what no insertion names counts as -1.
_SQLITE_INSERT = """
CREATE TRIGGER {table}_never_replaced BEFORE INSERT ON {table}
WHEN EXISTS (SELECT 1 FROM {table} WHERE {key} = NEW.{key} OR rowid = NEW.rowid)
BEGIN SELECT RAISE(ABORT, '{table} are never changed'); END
"""
_SQLITE_DELETE = """
CREATE TRIGGER removals_never_deleted BEFORE DELETE ON removals
BEGIN SELECT RAISE(ABORT, 'removals are never changed'); END
"""
# PostgreSQL replaces by way of UPDATE, which is refused; emptying a table is another matter.
_POSTGRESQL = """
CREATE TRIGGER {table}_never_{done} BEFORE {what} ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION decisions_never_change()
"""


def upgrade() -> None:
    """Make the triggers."""
    if op.get_context().dialect.name == "sqlite":
        op.execute(_SQLITE_INSERT.format(table="decisions", key="id"))
        op.execute(_SQLITE_INSERT.format(table="removals", key="number"))
        op.execute(_SQLITE_DELETE)
        return
    for table in ("decisions", "removals"):
        op.execute(_POSTGRESQL.format(table=table, done="emptied", what="TRUNCATE"))
    op.execute(_POSTGRESQL.format(table="removals", done="deleted", what="DELETE"))
