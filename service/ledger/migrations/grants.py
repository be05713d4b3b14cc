"""What the role that serves may do in a PostgreSQL that it does not own: enter and read, never change what stands.

Where acts move rows on (heads, loan files, accounts), a trigger lets them change only together with an entry.
"""

from sqlalchemy import Connection, inspect, text

from service.edge.database import NoDatabase
from service.ledger.evidence import ENTERED_ONCE
from service.ledger.tables import APPEND_ONLY, ARCHIVED, ENTRIES, HEAD
from service.ledger.triggers import AUDIT_LOG

_READ = frozenset({"alembic_version", ARCHIVED.name})
_ENTER = frozenset({ENTRIES.name, *(table.name for table in APPEND_ONLY)}) | ENTERED_ONCE
_MOVE = frozenset({HEAD.name})


def grant(connection: Connection, role: str) -> None:
    """Give a role that exists exactly these rights, whatever it had. Raises `NoDatabase`."""
    asked = text("SELECT 1 FROM pg_roles WHERE rolname = :role")
    if connection.execute(asked, {"role": role}).one_or_none() is None:
        raise NoDatabase("database_no_role", role=role)
    quoted = connection.dialect.identifier_preparer.quote
    name = quoted(role)
    connection.execute(text(f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {name}"))
    connection.execute(text(f"GRANT USAGE ON SCHEMA public TO {name}"))
    connection.execute(text(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {name}"))
    for table in inspect(connection).get_table_names():
        connection.execute(text(f"GRANT {rights(table)} ON {quoted(table)} TO {name}"))


def rights(table: str) -> str:
    """What the role that serves may do with a table."""
    if table in _READ:
        return "SELECT"
    if table in _ENTER:
        return "SELECT, INSERT"
    if table == AUDIT_LOG:
        return "SELECT, INSERT, DELETE"
    return "SELECT, INSERT, UPDATE" if table in _MOVE else "SELECT, INSERT, UPDATE, DELETE"
