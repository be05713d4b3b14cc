"""The front door: one command line made of the commands of `training` and `service`.

The two packages never meet but here. Their `commands` modules import only Typer, so help answers at once; whatever a
command needs is imported when it runs.
"""

import sys
from typing import Annotated

import typer

import service.commands
import training.commands
from features.errors import PledgeScoreError

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # plain help: drawn by rich it takes three times as long to appear
)
app.add_typer(training.commands.app)
app.add_typer(service.commands.app)


def show_version(wanted: bool) -> None:
    """Print the version of the distribution and stop, where `--version` asks for it."""
    if wanted:
        from importlib.metadata import version

        typer.echo(f"pledgescore {version('pledgescore')}")
        raise typer.Exit


@app.callback()
def pledgescore(
    asked: Annotated[bool, typer.Option("--version", help="Print the version.", callback=show_version)] = False,
) -> None:
    """Assess loans that are secured by patents: how risky, why, and a sealed record of every answer."""


def main() -> None:
    """Run the command line; exit code 0 done, 1 refused or failed with a reason, 2 misused."""
    try:
        app()
    except PledgeScoreError as error:
        print(f"pledgescore: {error}", file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()
