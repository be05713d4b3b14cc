"""The commands that make data and models; light to import, since `pledgescore --help` reads every docstring here.

What a command needs is imported inside its function. `tests/test_pledgescore.py` keeps it so.
"""

import typer

import training.commands.data
import training.commands.models
import training.commands.world

app = typer.Typer()
app.add_typer(training.commands.data.app, name="data")
app.add_typer(training.commands.world.app, name="world")
app.add_typer(training.commands.models.app)
