"""Run by Alembic: the steps use the connection that `service.ledger.migrations` was given, in its transaction."""

from alembic import context
from sqlmodel import SQLModel

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=SQLModel.metadata,
    render_as_batch=True,
    transactional_ddl=True,
    on_version_apply=context.config.attributes["taken"],
)
context.run_migrations()
