"""What Alembic runs: the steps, on the connection that ``schema.py`` has opened."""

from __future__ import annotations

from alembic import context

from moderation.decisions.schema import VERSION_TABLE
from moderation.decisions.tables import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    version_table=VERSION_TABLE,
    # SQLite can take back the making of tables, too; Alembic does not expect it to.
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
