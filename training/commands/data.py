"""`pledgescore data …`: bring data in, check what is there, and print what every column means.

Light to import: what a command needs is imported when it runs.
"""

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

if TYPE_CHECKING:
    from features.cores import Each
    from training.importing.importing import Report
    from training.importing.lake_check import Check

A = TypeVar("A")
T = TypeVar("T")

app = typer.Typer(no_args_is_help=True, help="Import data, check them, and see what every column means.")


@app.command("import")
def import_(
    mapping: Annotated[Path, typer.Argument(help="The mapping file (TOML); see docs/bring-your-own-data.md.")],
    out: Annotated[Path, typer.Option(help="The folder that becomes the lake.")],
    data: Annotated[Path | None, typer.Option(help="The folder with the source files; else the mapping's own.")] = None,
    replace: Annotated[bool, typer.Option("--replace", help="Replace a lake that lies there.")] = False,
) -> None:
    """Turn your files or database tables into a lake.

    The mapping says which column becomes what.

    Every row that is left out or refused is counted; refused rows are written to OUT/refused.csv with the reason, the
    whole account to OUT/import-report.json. Exit code 1 if a row was refused.
    """
    from training.importing.importing import import_data

    report = import_data(mapping, out, data, environ=os.environ, show=sys.stderr.isatty(), replace=replace)
    show_report(report, out)
    raise typer.Exit(1 if report.refused else 0)


@app.command()
def check(lake: Annotated[Path, typer.Argument(help="The folder that holds the lake.")]) -> None:
    """Check a lake. Exit code 1 if something is wrong.

    Hashes of files, the rules of every row, and firms in their partitions.
    """
    from training.importing.lake_check import check_lake

    found = check_lake(lake, show=sys.stderr.isatty())
    show_check(found)
    raise typer.Exit(1 if found.wrong else 0)


@app.command()
def dictionary() -> None:
    """Print the data dictionary (Markdown).

    Every table and column, its unit, what it takes and who may see it.
    """
    from features.dictionary import dictionary

    typer.echo(dictionary(), nl=False)


@app.command("features")
def list_features() -> None:
    """Print the catalogue of features (Markdown).

    Of each its name, unit, meaning, direction, and the policy that it reads.
    """
    from features.catalogue import page

    typer.echo(page(), nl=False)


@app.command()
def norms(
    lake: Annotated[Path, typer.Argument(help="The folder that holds the lake.")],
    as_of: Annotated[datetime, typer.Option("--as-of", formats=["%Y-%m-%d"], help="Count what was known on this day.")],
) -> None:
    """Count what is usual among all firms of a lake.

    Peers' medians, and citations by field and age, are kept in the lake's norms.json. Training and serving compare a
    firm with them. Citations are counted for each year before the day too: a case is compared with the last count that
    was known on its day, so make norms anew every year.
    """
    norms_counted(lake, as_of.date())


def norms_counted(lake: Path, as_of: date, each: "Each" = map) -> None:
    """Count the norms of a lake, keep them in it, and say so in one line. `each` is `map`, or a pool's."""
    from features.lake import Lake
    from features.policy import shipped
    from features.population import Lot, make_norms
    from models.words.output import tell, told
    from models.words.progress import progress_bar

    found = Lake(lake)
    with progress_bar(transient=True) as progress:
        task = progress.add_task(told("progress_reading"), total=2 * found.partitions)

        def counted(work: Callable[[A], T], indices: Iterable[A]) -> Iterator[T]:
            for done in each(work, indices):
                progress.update(task, advance=1)
                yield done

        made = make_norms(Lot(found.read, found.partitions, counted), as_of, shipped())
    path = found.keep_norms(made)
    tell(
        "norms_counted",
        count=len(made.by_name) + len(made.earlier),
        day=as_of,
        digest=made.digest[:12],
        file=path,
    )


def show_report(report: "Report", out: Path) -> None:
    """Print what an import did."""
    from rich.console import Console
    from rich.table import Table

    from models.words.output import told

    console = Console()
    columns = ("table", "source", "read", "left_out", "empty", "refused", "written", "assumed")
    table = Table(*(told(f"heading_{column}") for column in columns), box=None)
    for block in report.blocks:
        numbers = (block.read, sum(block.left_out.values()), block.empty, block.refused, block.written)
        table.add_row(block.table, block.source, *(f"{n:,}" for n in numbers), f"{block.assumed_known_on:,}")
    console.print(table)
    for line in _notes(report):
        console.print(line, markup=False, highlight=False)
    share = f"{report.assumed_known_on:.1%}"
    done = told("rows_imported", written=report.written, out=out, refused=report.refused, share=share)
    console.print(done, markup=False)
    if report.refused:
        console.print(told("rows_refused", file=out / "refused.csv"), markup=False)


def _notes(report: "Report") -> list[str]:
    from models.words.output import told

    notes = []
    for name, source in report.sources.items():
        notes += [told("source_left_out", source=name, count=n, why=why) for why, n in source.left_out.items()]
        notes += [told("source_unmapped", source=name, column=column) for column in source.unmapped]
        if source.declared_unused:
            notes.append(told("source_unused", source=name, columns=tuple(source.declared_unused)))
    for block in report.blocks:
        of = {"table": block.table, "source": block.source}
        notes += [told("block_left_out", **of, count=n, why=why) for why, n in block.left_out.items()]
        notes += [told("block_refused", **of, count=n, why=why) for why, n in block.refused_for.most_common(20)]
        for column, values in block.unknown.items():
            number = sum(values.values())
            notes.append(told("block_unknown", **of, column=column, count=number, values=_first(values)))
        if block.rounded:
            notes.append(told("block_rounded", **of, count=sum(block.rounded.values())))
    return notes


def _first(values: dict[str, int]) -> tuple[str, ...]:
    """The five most frequent values, each with how often it stands."""
    first = sorted(values.items(), key=lambda v: (-v[1], v[0]))[:5]
    return (*(f"{value} ({n})" for value, n in first), *(["…"] if len(values) > 5 else []))


def show_check(found: "Check") -> None:
    """Print what a check found."""
    from rich.console import Console
    from rich.table import Table

    from models.words.output import told

    console = Console()
    title = told("lake_synthetic" if found.synthetic else "lake", name=found.name, currency=found.currency)
    columns = ("table", "rows", "firms", "first_known", "last_known")
    table = Table(*(told(f"heading_{column}") for column in columns), title=title)
    for name, count in found.tables.items():
        table.add_row(name, f"{count.rows:,}", f"{count.firms:,}", str(count.first_known), str(count.last_known))
    console.print(table)
    for what, number in found.odd.items():
        console.print(told("lake_odd", what=what, count=number), markup=False, highlight=False)
    for what in found.wrong[:20]:
        console.print(told("lake_wrong", what=what), markup=False, highlight=False)
    console.print(told("lake_problems", count=len(found.wrong)) if found.wrong else told("lake_sound"), markup=False)
