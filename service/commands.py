"""The commands that ask for assessments and read the ledger; light to import, as `training/commands.py` is."""

import typer

app = typer.Typer()
