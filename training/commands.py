"""The commands that make data and models; light to import, since `pledgescore --help` reads every docstring here.

What a command needs is imported inside its function. `tests/test_pledgescore.py` keeps it so.
"""

import typer

import training.data_commands
import training.model_commands
import training.world.commands

app = typer.Typer()
app.add_typer(training.data_commands.app, name="data")
app.add_typer(training.world.commands.app, name="world")
app.add_typer(training.model_commands.app)
