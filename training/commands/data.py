"""`pledgescore data …`: bring data in, check what is there, and print what every column means.

Light to import: what a command needs is imported when it runs.
"""

import os
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    import polars as pl

    from training.importing.importing import Report
    from training.importing.lake_check import Check

app = typer.Typer(no_args_is_help=True, help="Bring data in, check them, and see what every column means.")


@app.command("import")
def import_(
    mapping: Annotated[Path, typer.Argument(help="The mapping file (TOML); see docs/bring-your-own-data.md.")],
    out: Annotated[Path, typer.Option(help="The folder that becomes the lake.")],
    data: Annotated[Path | None, typer.Option(help="The folder with the source files; else the mapping's own.")] = None,
    replace: Annotated[bool, typer.Option("--replace", help="Replace a lake that lies there.")] = False,
) -> None:
    """Turn your own files or database tables into a lake, by a mapping.

    Every row that is left out or refused is counted; refused rows are written to OUT/refused.csv with the reason, the
    whole account to OUT/import-report.json. Exit code 1 if a row was refused.
    """
    from training.importing.importing import import_data

    report = import_data(mapping, out, data, environ=os.environ, show=sys.stderr.isatty(), replace=replace)
    show_report(report, out)
    raise typer.Exit(1 if report.refused else 0)


@app.command()
def check(lake: Annotated[Path, typer.Argument(help="The folder that holds the lake.")]) -> None:
    """Check a lake: file hashes, every row's rules, firms in their partitions. Exit code 1 if something is wrong."""
    from training.importing.lake_check import check_lake

    found = check_lake(lake, show=sys.stderr.isatty())
    show_check(found)
    raise typer.Exit(1 if found.wrong else 0)


@app.command()
def dictionary() -> None:
    """Print the data dictionary: every table, every column, its unit, what it takes and who may see it (Markdown)."""
    from features.dictionary import dictionary

    typer.echo(dictionary(), nl=False)


@app.command("features")
def list_features() -> None:
    """Print the catalogue of features: name, unit, meaning, direction, the policy it reads (Markdown)."""
    from features.catalogue import page

    typer.echo(page(), nl=False)


@app.command()
def norms(
    lake: Annotated[Path, typer.Argument(help="The folder that holds the lake.")],
    as_of: Annotated[datetime, typer.Option("--as-of", formats=["%Y-%m-%d"], help="Count what was known on this day.")],
) -> None:
    """Count what is usual among all firms of a lake (peers' medians, citations by field and year) into its norms.json.

    Training and serving compare a firm with these figures.
    """
    from rich.console import Console
    from rich.progress import track

    from features.lake import Lake
    from features.policy import shipped
    from features.population import make_norms

    found = Lake(lake)

    def partitions() -> Iterator[dict[str, "pl.DataFrame"]]:
        shown = Console(stderr=True)
        for index in track(range(found.partitions), "reading", console=shown, disable=not sys.stderr.isatty()):
            yield found.read(index)

    made = make_norms(partitions, as_of.date(), shipped())
    path = found.keep_norms(made)
    typer.echo(f"{len(made.by_name):,} norms as known on {as_of.date()}, digest {made.digest[:12]}, in {path}")


def show_report(report: "Report", out: Path) -> None:
    """Print what an import did."""
    from rich.console import Console
    from rich.table import Table

    console = Console()
    table = Table("table", "source", "read", "left out", "empty", "refused", "written", "assumed", box=None)
    for block in report.blocks:
        numbers = (block.read, sum(block.left_out.values()), block.empty, block.refused, block.written)
        table.add_row(block.table, block.source, *(f"{n:,}" for n in numbers), f"{block.assumed_known_on:,}")
    console.print(table)
    for line in _notes(report):
        console.print(line, markup=False, highlight=False)
    share = f"{report.assumed_known_on:.1%} of the days on which something was known are assumed by the mapping"
    console.print(f"{report.written:,} rows in {out}; {report.refused:,} refused; {share}.", markup=False)
    if report.refused:
        console.print(f"Refused rows with their reasons: {out / 'refused.csv'}", markup=False)


def _notes(report: "Report") -> list[str]:
    notes = []
    for name, source in report.sources.items():
        notes += [f"source {name}: {n:,} rows left out: {why}" for why, n in source.left_out.items()]
        notes += [f"source {name}: column {column} is not mapped" for column in source.unmapped]
        if source.declared_unused:
            notes.append(f"source {name}: left unused by the mapping: {', '.join(source.declared_unused)}")
    for block in report.blocks:
        about = f"{block.table} from {block.source}"
        notes += [f"{about}: {n:,} rows left out: {why}" for why, n in block.left_out.items()]
        notes += [f"{about}: {n:,} rows refused: {why}" for why, n in block.refused_for.most_common(20)]
        notes += [f"{about}: {c}: {_unknown(values)}" for c, values in block.unknown.items()]
        if block.rounded:
            notes.append(f"{about}: {sum(block.rounded.values()):,} amounts had a fraction of the minor unit: rounded")
    return notes


def _unknown(values: dict[str, int]) -> str:
    first = ", ".join(f"{value} ({n})" for value, n in sorted(values.items(), key=lambda v: (-v[1], v[0]))[:5])
    return f"{sum(values.values()):,} values that the mapping does not list: {first}{', …' if len(values) > 5 else ''}"


def show_check(found: "Check") -> None:
    """Print what a check found."""
    from rich.console import Console
    from rich.table import Table

    console = Console()
    kind = "SYNTHETIC lake" if found.synthetic else "lake"
    table = Table(
        "table", "rows", "firms", "first known", "last known", title=f"{kind} {found.name} ({found.currency})"
    )
    for name, count in found.tables.items():
        table.add_row(name, f"{count.rows:,}", f"{count.firms:,}", str(count.first_known), str(count.last_known))
    console.print(table)
    for what, number in found.odd.items():
        console.print(f"odd: {what}: {number:,}", markup=False, highlight=False)
    for what in found.wrong[:20]:
        console.print(f"WRONG: {what}", markup=False, highlight=False)
    told = f"{len(found.wrong)} problems" if found.wrong else "nothing wrong"
    console.print(told, markup=False)
