"""The commands of a database's owner: bring it up to date, take out what erasures left in its files."""

import sys
from time import perf_counter

from sqlalchemy import inspect

from models.words.output import told
from service.edge.database import connect_to
from service.edge.settings import Settings
from service.ledger.migrations import current, upgrade
from service.ledger.opening import open_existing
from service.ledger.tables import APPEND_ONLY, ENTRIES


def named(url: str) -> str:
    """The database that is named, else the one of the environment."""
    return url or Settings.from_environment().database


def upgraded(url: str, to: str, role: str) -> str:
    """Bring the database to the step, for the role; what stands now. Raises `NoDatabase`."""
    engine = connect_to(named(url))
    began = perf_counter()

    def taken(step: str) -> None:
        print(told("step_taken", step=step, seconds=f"{perf_counter() - began:.1f}"), file=sys.stderr)

    upgrade(engine, to, role, taken)
    with engine.connect() as connection:
        step = current(connection)
    engine.dispose()
    database = engine.url.render_as_string(hide_password=True)
    if role:
        return told("database_upgraded_for", database=database, step=step, role=role)
    return told("database_upgraded", database=database, step=step)


_FORGET_STATISTICS = """
DO $$ DECLARE told record; filled boolean; BEGIN
  FOR told IN SELECT s.tablename, s.attname, format_type(a.atttypid, a.atttypmod) AS kind FROM pg_stats s
      JOIN pg_attribute a ON a.attrelid = format('%I.%I', s.schemaname, s.tablename)::regclass AND a.attname = s.attname
      WHERE s.schemaname = current_schema() LOOP
    EXECUTE format('SELECT EXISTS (SELECT FROM %I)', told.tablename) INTO filled;
    IF NOT filled THEN
      EXECUTE format('ALTER TABLE %I ALTER %I TYPE %s', told.tablename, told.attname, told.kind);
    END IF;
  END LOOP;
END $$"""
"""The planner keeps common values of each column. ANALYZE replaces them, but not those of a table that is empty now.

There they go as a column is given its type again.
"""


def compacted(url: str) -> str:
    """Rewrite what rows were changed in, so that none of its files holds what was erased; what was done. For its owner.

    Entries are not rewritten: what they held lies under keys that are gone.
    """
    engine = open_existing(named(url)) if _is_file(named(url)) else connect_to(named(url))
    raw = engine.raw_connection()
    try:
        if engine.dialect.name == "sqlite":
            statements = ["VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)"]
        else:
            kept = {ENTRIES.name, *(table.name for table in APPEND_ONLY)}
            tables = sorted(set(inspect(engine).get_table_names()) - kept)
            raw.driver_connection.autocommit = True  # type: ignore[union-attr]  # VACUUM stands in no transaction
            statements = [f'VACUUM (FULL, ANALYZE) "{table}"' for table in tables]
            statements += [_FORGET_STATISTICS, "VACUUM (FULL) pg_catalog.pg_statistic"]
        for statement in statements:
            raw.cursor().execute(statement)
    finally:
        raw.close()
        engine.dispose()
    return told("database_compacted", database=engine.url.render_as_string(hide_password=True))


def _is_file(url: str) -> bool:
    return url.startswith("sqlite:")
