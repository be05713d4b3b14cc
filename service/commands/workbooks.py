"""The commands of workbooks: light to import, as `training/commands/root.py` is."""

from pathlib import Path
from typing import Annotated

import typer

workbook = typer.Typer(no_args_is_help=True, help="Applicants in a spreadsheet: make the template, and check one.")


@workbook.command()
def new(
    out: Annotated[Path, typer.Argument(help="The .xlsx file to be made.")],
    filled: Annotated[Path | None, typer.Option("--from", help="Questions to fill in: FILE.json or .jsonl.")] = None,
) -> None:
    """Make the template, in the language of --words: a sheet for each table, with lists, units and what is asked."""
    from service.commands.workbook_files import new_workbook

    new_workbook(out, filled)


@workbook.command()
def check(
    file: Annotated[Path, typer.Argument(help="A workbook (.xlsx, .xls, .ods), a CSV file, or a folder of CSV files.")],
) -> None:
    """Check a workbook: every cell that is wrong, at once. Nothing is recorded.

    Exit code 1 where something is wrong. `pledgescore score FILE.xlsx` assesses what a workbook asks.
    """
    from service.commands.workbook_files import check_workbook

    check_workbook(file)
