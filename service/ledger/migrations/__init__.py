"""How a database comes to have this version's shape: Alembic's steps in `versions/`, then what must always hold.

A step is frozen when it is released. What the database itself refuses, and what the role that serves may do, is
stated anew after every upgrade, from the tables as they are declared.
"""

from collections.abc import Callable
from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext, MigrationInfo
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, inspect, text

from service.edge.database import NoDatabase, writing
from service.ledger.migrations.grants import grant
from service.ledger.tables import ENTRIES
from service.ledger.triggers import refuse_changes

FIRST = "0001"
"""The step that makes what stood before there were steps."""


@cache
def newest() -> str:
    """The step that this version's tables need; all steps are read for it, so once in a process."""
    found = ScriptDirectory.from_config(_config()).get_current_head()
    assert found is not None
    return found


def current(connection: Connection) -> str | None:
    """The step that the database has come to; None where it has none of our tables."""
    return MigrationContext.configure(connection).get_current_revision()


def upgrade(engine: Engine, to: str = "head", role: str = "", taken: Callable[[str], None] | None = None) -> None:
    """Bring the database to a step, in one transaction, and let a role of PostgreSQL serve it. For its owner.

    `taken` is told each step that was taken. Raises `NoDatabase` where there is no such role.
    """
    if to == "head" and not role and _is_ready(engine):
        return
    with writing(engine) as connection:
        if current(connection) is None and inspect(connection).has_table(ENTRIES.name):
            command.stamp(_config(connection), FIRST)
        command.upgrade(_config(connection, taken), to)
        refuse_changes(connection)
        if role:
            grant(connection, role)


def downgrade(engine: Engine, to: str) -> None:
    """Bring the database back to an earlier step: what the later ones added is lost."""
    with writing(engine) as connection:
        command.downgrade(_config(connection), to)
        refuse_changes(connection)


def check_shape(connection: Connection) -> None:
    """Raises `NoDatabase` where the tables are not those of this version."""
    found = current(connection)
    if found != newest():
        at = repr(connection.engine.url)
        if found is None:
            raise NoDatabase("database_bare", database=at)
        raise NoDatabase("database_version", database=at, found=found, newest=newest())


def check_role(connection: Connection) -> None:
    """Raises `NoDatabase` where whoever is connected could change what was entered."""
    asked = text(f"SELECT has_table_privilege('{ENTRIES.name}', 'UPDATE, DELETE, TRUNCATE'), current_user")
    mighty, role = connection.execute(asked).one()
    if mighty:
        raise NoDatabase("database_role_owns", role=role)


def _is_ready(engine: Engine) -> bool:
    with engine.connect() as connection:
        return current(connection) == newest()


def _config(connection: Connection | None = None, taken: Callable[[str], None] | None = None) -> Config:
    def applied(*, step: MigrationInfo, **_: object) -> None:
        if taken is not None:
            taken(str(step.up_revision_id))

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["connection"], config.attributes["taken"] = connection, applied
    return config
