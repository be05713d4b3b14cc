"""What the database itself refuses, whoever asks: nothing that was entered is changed, removed or replaced."""

from dataclasses import dataclass

from sqlalchemy import Connection, inspect, text

from service.ledger.evidence import EVIDENCE, PARTLY
from service.ledger.tables import APPEND_ONLY, ARCHIVED, ENTRIES, HEAD, STORED_ARTIFACTS


@dataclass(frozen=True)
class Refusal:
    """A trigger: which statements on a table are refused, and when (in SQL that both databases read)."""

    table: str
    statement: str
    when: str = "1 = 1"

    @property
    def name(self) -> str:
        """The trigger's name."""
        return f"{self.table}_no_{self.statement.lower()}"


AUDIT_LOG = "audit_log"
"""The table of the audit log: nothing in it is changed, and nothing removed before its last day."""
TODAY = "substr(CAST(CURRENT_TIMESTAMP AS TEXT), 1, 10)"
"""The day of the database's clock, as both databases write it."""
REFUSALS = (
    Refusal(ENTRIES.name, "UPDATE"),
    Refusal(ENTRIES.name, "DELETE", "NOT EXISTS (SELECT 1 FROM ledger_archived WHERE last >= OLD.seq)"),
    Refusal(HEAD.name, "UPDATE", "NEW.size <= OLD.size OR NEW.id <> OLD.id"),
    Refusal(HEAD.name, "DELETE"),
    *(Refusal(table.name, what) for table in APPEND_ONLY for what in ("UPDATE", "DELETE")),
    Refusal(AUDIT_LOG, "UPDATE"),
    Refusal(AUDIT_LOG, "DELETE", f"OLD.keep_until >= {TODAY}"),
)
_REPLACING = (
    Refusal(ENTRIES.name, "INSERT", "NEW.seq <= (SELECT max(seq) FROM ledger_entries)"),
    Refusal(AUDIT_LOG, "INSERT", f"EXISTS (SELECT 1 FROM {AUDIT_LOG} WHERE id = NEW.id)"),
    *(
        Refusal(
            table.name,
            "INSERT",
            f"EXISTS (SELECT 1 FROM {table.name} WHERE "
            + " AND ".join(f"{key.name} = NEW.{key.name}" for key in table.primary_key)
            + ")",
        )
        for table in (HEAD, *APPEND_ONLY)
    ),
)
"""SQLite's REPLACE deletes without firing a DELETE trigger, so an INSERT may not meet a row."""
_SAID = "the ledger is append-only"


def refuse_changes(connection: Connection) -> None:
    """State every refusal anew, for the tables that are there."""
    there = set(inspect(connection).get_table_names())
    sqlite = connection.dialect.name == "sqlite"
    for refusal in REFUSALS + _REPLACING if sqlite else REFUSALS:
        if refusal.table in there:
            for statement in _in_sqlite(refusal) if sqlite else _in_postgresql(refusal):
                connection.execute(text(statement))
    if not sqlite and ENTRIES.name in there:
        connection.execute(text(_WITH_AN_ENTRY))
        for table in sorted(_MOVING & there):
            for statement in _with_an_entry(table):
                connection.execute(text(statement))


def _in_sqlite(refusal: Refusal) -> tuple[str, ...]:
    return (
        f"DROP TRIGGER IF EXISTS {refusal.name}",
        f"CREATE TRIGGER {refusal.name} BEFORE {refusal.statement} ON {refusal.table} WHEN {refusal.when} "
        f"BEGIN SELECT RAISE(ABORT, '{_SAID}'); END",
    )


def _in_postgresql(refusal: Refusal) -> tuple[str, ...]:
    """A TRUNCATE passes by row triggers, so each table has one of its own against it."""
    refuse = f"RAISE EXCEPTION '{_SAID}' USING ERRCODE = 'integrity_constraint_violation'"
    return (
        f"CREATE OR REPLACE FUNCTION {refusal.name}() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN IF {refusal.when} THEN {refuse}; END IF; RETURN COALESCE(NEW, OLD); END $$",
        f"CREATE OR REPLACE TRIGGER {refusal.name} BEFORE {refusal.statement} ON {refusal.table} "
        f"FOR EACH ROW EXECUTE FUNCTION {refusal.name}()",
        f"CREATE OR REPLACE FUNCTION {refusal.table}_no_truncate() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN {refuse}; END $$",
        f"CREATE OR REPLACE TRIGGER {refusal.table}_no_truncate BEFORE TRUNCATE ON {refusal.table} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {refusal.table}_no_truncate()",
    )


_MOVING = EVIDENCE.keys() - {ENTRIES.name, ARCHIVED.name, STORED_ARTIFACTS.name}
"""Tables of evidence whose rows change only with an entry. What is archived, and artifacts, change with none."""
_WITH_AN_ENTRY = """
CREATE OR REPLACE FUNCTION only_with_an_entry() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_NARGS > 0 AND TG_OP = 'UPDATE' AND to_jsonb(OLD) - TG_ARGV = to_jsonb(NEW) - TG_ARGV THEN
    RETURN NULL;
  END IF;
  IF NOT has_table_privilege(current_user, 'ledger_entries', 'UPDATE') AND NOT EXISTS (
    SELECT 1 FROM ledger_entries
    WHERE seq = (SELECT max(seq) FROM ledger_entries) AND xmin = pg_current_xact_id()::xid
  ) THEN
    RAISE EXCEPTION 'evidence changes only with an entry' USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NULL;
END $$
"""
"""Looked at when a transaction commits: the role that serves changes evidence where the same transaction entered.

The arguments are columns that are no evidence.
"""


def _with_an_entry(table: str) -> tuple[str, ...]:
    """The trigger of a table; the owner, who makes tables anew, is let through."""
    free = ", ".join(f"'{name}'" for name in sorted(PARTLY.get(table, ())))
    return (
        f"DROP TRIGGER IF EXISTS {table}_with_an_entry ON {table}",
        f"CREATE CONSTRAINT TRIGGER {table}_with_an_entry AFTER INSERT OR DELETE OR UPDATE ON {table} "
        f"DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION only_with_an_entry({free})",
    )
