"""A lake of each bank, cut out of the world: what it brought itself. The world's registers stay common to both.

The world tells of one applicant as one bank would know it. Here a bank has its own applications and loans with what
hangs on them; what it asked for or saw (reports, visits, orders) belongs to the application that is nearest in time;
and what a firm hands to whoever it asks (books, tax returns, owners) each bank has that it asked.
"""

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from features.lake import Frames, Lake, LakeWriter, Manifest
from features.tables import COMMON, TABLES

_PRIVATE = {
    table: [
        name
        for name, column in TABLES[table].columns.items()
        if column.audience != "public" and name not in {"source", "as_written"}
    ]
    for table in COMMON
}
"""The columns of common tables that no register tells everybody."""
_HANDED_OVER = frozenset({"people", "statements", "tax_filings", "forecasts", "measures"})
"""What a firm hands to whoever it asks."""


def divide(world: Lake, banks: Sequence[str], folder: Path) -> None:
    """Write the lake of each bank into a folder of its own, anew."""
    for bank in banks:
        told = world.manifest
        made = Manifest(f"{told.name}, {bank}", told.currency, told.partitions, told.synthetic, "pledgescore demo",
                        bank=bank)  # fmt: skip
        with LakeWriter(folder / bank, made, replace=True, check=False) as writer:
            for index in range(world.partitions):
                writer.write(index, brought_by(bank, world.read(index, _READ)))


_READ = [table for table in TABLES if table not in COMMON or _PRIVATE[table] or table == "coverage"]


def brought_by(bank: str, frames: Frames) -> Frames:
    """Of the rows of a partition those that a bank brought."""
    asked = frames["applications"].filter(pl.col("known_on") == pl.col("applied_on"))
    own = asked.filter(pl.col("bank") == bank)
    loans = frames["loans"].filter(pl.col("bank") == bank)["loan"]
    found = {}
    for table, frame in frames.items():
        of_firms = frame.filter(pl.col("firm").is_in(own["firm"].implode()))
        rows = of_firms.filter(_kept(table, of_firms, own["application"], loans))
        if table not in COMMON | _HANDED_OVER:
            rows = _nearest(rows, asked, bank)
        found[table] = rows
    return found


def _kept(table: str, rows: pl.DataFrame, applications: pl.Series, loans: pl.Series) -> pl.Expr:
    """Of a common table what no register tells; of the others, what names no application or loan but the bank's own."""
    if table == "coverage":
        return ~pl.col("about").is_in(sorted(COMMON))
    if table in COMMON:
        return pl.any_horizontal(pl.col(name).is_not_null() for name in _PRIVATE[table])
    foreign = [
        ~pl.col(name).is_in(numbers.implode())
        for name, numbers in (("application", applications), ("loan", loans))
        if name in rows.columns
    ]
    return ~pl.any_horizontal(pl.lit(value=False), *(one.fill_null(value=False) for one in foreign))


def _nearest(rows: pl.DataFrame, asked: pl.DataFrame, bank: str) -> pl.DataFrame:
    """The rows, but of those that name neither application nor loan only what came with an application to the bank."""
    days = asked.select("firm", pl.col("applied_on").alias("known_on"), pl.col("bank").alias("_asked")).sort("known_on")
    named = pl.any_horizontal(pl.lit(value=False), *(
        pl.col(name).is_not_null() for name in ("application", "loan") if name in rows.columns
    ))  # fmt: skip
    joined = rows.sort("known_on").join_asof(days, on="known_on", by="firm", strategy="nearest", check_sortedness=False)
    return joined.filter(named | (pl.col("_asked") == bank)).drop("_asked")
