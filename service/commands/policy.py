"""The commands that read policy: light to import, as `commands.py` is."""

from pathlib import Path
from typing import Annotated

import typer

policy = typer.Typer(no_args_is_help=True, help="Look at the dated values that rules apply, and check your own.")
Folder = Annotated[
    Path | None, typer.Option("--dir", help="Your own folder of overrides; else PLEDGESCORE_POLICY_DIR, if set.")
]


@policy.command()
def show(
    name: Annotated[
        str, typer.Argument(help="A parameter such as star.rd_amount, a file such as star, or nothing.")
    ] = "",
    on: Annotated[str, typer.Option(help="A day YYYY-MM-DD: print the value in force on it.")] = "",
    folder: Folder = None,
) -> None:
    """Print parameters with their history and sources.

    An asterisk marks a parameter that your own folder superseded or added. Asked for a day before the first value, the
    command says what that means for a rule and exits with 1.
    """
    from service.commands.policy_printing import show_policy

    show_policy(name, on, folder)


@policy.command()
def check(folder: Annotated[Path | None, typer.Argument(help="Your own folder of overrides.")] = None) -> None:
    """Check the shipped policy and a folder of your own over it.

    Exit code 1 names file, line and what to do.
    """
    from service.commands.policy_printing import check_folder

    check_folder(folder)


@policy.command()
def diff(
    one: Annotated[str, typer.Argument(help="A day YYYY-MM-DD, or a folder of overrides.")],
    other: Annotated[str, typer.Argument(help="Another day, or another folder.")] = "",
    folder: Folder = None,
) -> None:
    """Print what differs between two days or two folders."""
    from service.commands.policy_printing import diff_policy

    diff_policy(one, other, folder)
