"""The commands of whoever owns the database; light to import, as `commands.py` is."""

from typing import Annotated

import typer

database = typer.Typer(no_args_is_help=True, help="Make the database ready for this version.")
URL = Annotated[str, typer.Option("--database", help="URL of the database; else PLEDGESCORE_DATABASE or DATABASE_URL.")]


@database.command("upgrade")
def upgrade(
    url: URL = "",
    role: Annotated[
        str, typer.Option(help="PostgreSQL: the role that will serve. It must exist, and must not own the tables.")
    ] = "",
    to: Annotated[str, typer.Option(help="The step to go to; earlier ones lose what later ones added.")] = "head",
) -> None:
    """Bring the tables to this version's shape, with the rights of their owner, and say what the role may do.

    A SQLite file needs this for nothing: it is brought up to date when it is opened.
    """
    from service.migrations.running import upgraded

    typer.echo(upgraded(url, to, role))
