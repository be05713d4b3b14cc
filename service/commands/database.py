"""The commands of whoever owns the database; light to import, as `commands.py` is."""

from pathlib import Path
from typing import Annotated

import typer

database = typer.Typer(no_args_is_help=True, help="Upgrade the database, and compact it after erasures.")
URL = Annotated[str, typer.Option("--database", help="URL of the database; else PLEDGESCORE_DATABASE or DATABASE_URL.")]


@database.command("upgrade")
def upgrade(
    url: URL = "",
    role: Annotated[
        str, typer.Option(help="PostgreSQL: the role that will serve. It must exist, and must not own the tables.")
    ] = "",
    to: Annotated[str, typer.Option(help="The step to go to; earlier ones lose what later ones added.")] = "head",
) -> None:
    """Upgrade the tables to this version.

    This needs the rights of their owner, and says what the role that serves may do.

    A SQLite file does not need this: it is upgraded when it is opened.
    """
    from service.commands.database_upgrade import upgraded

    typer.echo(upgraded(url, to, role))


@database.command("compact")
def compact(url: URL = "") -> None:
    """Rewrite tables after erasures, so that no file holds them.

    Others wait meanwhile.

    PostgreSQL: with the rights of the owner of the database, as the planner's statistics hold values too; its
    write-ahead log, and archives of that, must expire by themselves.
    """
    from service.commands.database_upgrade import compacted

    typer.echo(compacted(url))


def copy(
    source: Annotated[str, typer.Option("--from", help="URL of the database to copy.")],
    target: Annotated[
        str, typer.Option("--to", help="URL of an empty one: made ready by pledgescore database upgrade.")
    ],
) -> None:
    """Copy a ledger with every seal, and verify the copy."""
    from service.proofs.backup import copy as copied

    typer.echo(copied(source, target))


def backup(
    to: Annotated[Path, typer.Option(help="A new folder; the keys of contents lie in a file of their own there.")],
    url: URL = "",
) -> None:
    """Back up the ledger into a new folder.

    The keys of its contents lie in a file of their own there.
    """
    from service.commands.database_upgrade import named
    from service.proofs.backup import back_up

    typer.echo(back_up(named(url), to))


def restore(
    folder: Annotated[Path, typer.Argument(help="A folder that pledgescore ledger backup made.")],
    to: Annotated[str, typer.Option(help="URL of an empty database.")],
) -> None:
    """Restore a backup into an empty database, and verify it.

    Keys that were destroyed since the backup stay destroyed.
    """
    from service.proofs.backup import restore as restored

    typer.echo(restored(folder, to))
