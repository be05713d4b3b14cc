"""The commands that make accounts and keys: light to import, as `commands.py` is."""

from typing import Annotated

import typer

users = typer.Typer(no_args_is_help=True, help="Accounts of people: add, list, disable, reset.")
apikeys = typer.Typer(no_args_is_help=True, help="Keys of machines: add, list, withdraw.")

Name = Annotated[str, typer.Argument(help="Small letters, digits and . _ - only.")]
Role = Annotated[str, typer.Option(help="One of the roles of policy `roles`, such as credit_officer.")]
Bank = Annotated[str, typer.Option(help="The bank that it belongs to.")]
Branch = Annotated[str, typer.Option(help="The branch that it belongs to.")]
Fund = Annotated[str, typer.Option(help="The fund that it belongs to; policy `funds` says which banks that reads.")]
Database = Annotated[str, typer.Option(help="URL of the database; else PLEDGESCORE_DATABASE.")]


@users.command("add")
def add_user(  # noqa: PLR0913, PLR0917  (one option for each thing an account has)
    name: Name,
    role: Role,
    shown: Annotated[str, typer.Option(help="The person's name as others read it; else NAME.")] = "",
    bank: Bank = "",
    branch: Branch = "",
    fund: Fund = "",
    authority: Annotated[
        int, typer.Option(help="0 to 9: how far beyond the advice to decide (policy `authority`).")
    ] = 0,
    subject: Annotated[str, typer.Option(help="What the OpenID Connect provider calls the person.")] = "",
    database: Database = "",
) -> None:
    """Make an account and print the code with which its person sets password and authenticator.

    The first two administrators are made like this: pledgescore users add NAME --role administrator. Once two can sign
    in, an account that decides, pays, erases, audits or makes accounts is proposed, and two of them confirm it.
    """
    from service.access.accounts import Account
    from service.access.roles import Place
    from service.commands.access_printing import user_added

    place = Place(bank or None, branch or None, fund or None)
    user_added(Account(name, shown or name, role, place, authority, subject or None), database)


@users.command("list")
def list_users(database: Database = "") -> None:
    """Print every account with its role, place and state, and what waits for an administrator."""
    from service.commands.access_printing import users_listed

    users_listed(database)


@users.command("disable")
def disable_user(name: Name, database: Database = "") -> None:
    """Disable an account; its sessions end at once."""
    from service.commands.access_printing import user_disabled

    user_disabled(name, database)


@users.command("reset")
def reset_user(name: Name, database: Database = "") -> None:
    """Let the person of an account set password and authenticator anew; it is unlocked, and opened where disabled.

    Its sessions end at once. Where two administrators can sign in it is proposed, and two of them confirm it.
    """
    from service.commands.access_printing import user_reset

    user_reset(name, database)


@apikeys.command("add")
def add_key(  # noqa: PLR0913, PLR0917  (one option for each thing a key has)
    name: Name,
    role: Role,
    days: Annotated[int, typer.Option(help="Days until it expires.", min=1, max=366)],
    bank: Bank = "",
    branch: Branch = "",
    fund: Fund = "",
    scope: Annotated[list[str] | None, typer.Option(help="Part of what the role may do; else all of it.")] = None,
    database: Database = "",
) -> None:
    """Make a key and print it, once.

    One that may record drawdowns, or audit, opens nothing until two administrators confirm it: --scope names others.
    """
    from service.access.roles import Place
    from service.commands.access_printing import key_added

    key_added(name, role, days, Place(bank or None, branch or None, fund or None), frozenset(scope or ()), database)


@apikeys.command("list")
def list_keys(database: Database = "") -> None:
    """Print every key with its role, place, scopes, last day, and who asked for and confirmed it."""
    from service.commands.access_printing import keys_listed

    keys_listed(database)


@apikeys.command("withdraw")
def withdraw_key(name: Name, database: Database = "") -> None:
    """Withdraw a key; services notice within five seconds."""
    from service.commands.access_printing import key_withdrawn

    key_withdrawn(name, database)
