"""The data dictionary: every table and column for readers, written from what the tables declare."""

from collections.abc import Iterable

from features.columns import Column
from features.tables import TABLES, Table


def dictionary() -> str:
    """The data dictionary as Markdown: every table, every column, what it takes and who may see it."""
    common = [column for column in TABLES["firms"].columns.values() if column.name in vars(Table)]
    parts = [_PREFACE, "## In every table\n\n" + _column_table(common)]
    for name, table in TABLES.items():
        own = [column for column in table.columns.values() if column.name not in vars(Table)]
        key = ", ".join(f"`{c}`" for c in ("firm", *table.key))
        orders = "".join(f"; `{first}` not after `{second}`" for first, second in table.orders)
        whose = "common" if table.common else "a bank's"
        parts.append(f"## `{name}`\n\n{table.__doc__}\n\nKey: {key}{orders}. Rows: {whose}.\n\n{_column_table(own)}")
    return "\n\n".join(parts) + "\n"


_PREFACE = """# Data dictionary

Made by `pledgescore data dictionary` from `features/tables/`; do not edit.

Every row says what was true, and `known_on` says since when it could be known. A correction is a second row with the
same key and a later `known_on`. What is empty or absent is *not known*, never zero. In JSON a day is `YYYY-MM-DD`,
money is a whole number of the currency's minor unit (fen, cent), and no value is coerced. Who may see a column: public,
fund, bank, person; each reader also sees what the ones before may see.

*Rows* says who reads the rows of a lake: of a *common* table every bank reads what a register says (`source_kind`
register, public columns); all else is read by the bank alone that brought it (`[lake] bank` of the mapping)."""


def _column_table(columns: Iterable[Column]) -> str:
    lines = ["| column | 中文 | type | unit | meaning | constraint | audience |", "|---|---|---|---|---|---|---|"]
    for c in columns:
        constraint = c.constraint.replace("|", "\\|")
        lines.append(f"| `{c.name}` | {c.zh} | {c.kind} | {c.unit} | {c.meaning} | {constraint} | {c.audience} |")
    return "\n".join(lines)
