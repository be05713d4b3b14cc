"""What the commands about accounts and keys do and print, in Chinese and English."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from features import policy
from features.policy import Policy
from features.policy.parameters import SHIPPED
from models.words.output import tell
from models.words.output import told as said
from service.access.accounts import Account, Accounts
from service.access.answers import Credentials
from service.access.api_keys import ApiKey, ApiKeys
from service.access.roles import UNBOUND, Place
from service.edge.clock import system_clock
from service.edge.settings import Settings
from service.ledger import ledger_settings, wrapping
from service.ledger.opening import open_database


def user_added(account: Account, database: str) -> None:
    """Make the account and print its first credentials."""
    with _accounts(database) as (accounts, _):
        given = accounts.add(account, _actor(), system_clock())
    tell("account_made", account=account.name, role=account.role, place=_place(**vars(account.place)))
    _print_credentials(given)


def users_listed(database: str) -> None:
    """Print every account."""
    with _accounts(database) as (accounts, _):
        for told in accounts.listed(UNBOUND):
            state = said("account_disabled_state") if told.disabled else said("account_in_use")
            place = _place(told.bank, told.branch, told.fund)
            print(f"{told.name}\t{told.shown}\t{told.role}\t{place}\t{told.authority}\t{state}")


def user_disabled(name: str, database: str) -> None:
    """Disable the account."""
    with _accounts(database) as (accounts, _):
        accounts.disable(name, _actor())
    tell("account_disabled", account=name)


def user_reset(name: str, database: str) -> None:
    """Reset the account and print its new first credentials."""
    with _accounts(database) as (accounts, _):
        given = accounts.reset(name, _actor())
    tell("account_reset", account=name)
    _print_credentials(given)


def key_added(name: str, role: str, days: int, place: Place, scopes: frozenset[str], database: str) -> None:
    """Make the key and print it."""
    moment = system_clock()
    with _accounts(database) as (_, keys):
        secret = keys.add(ApiKey(name, role, moment + timedelta(days=days), place, scopes), _actor(), moment)
    tell("api_key_made", key=name, days=days)
    print(secret)


def keys_listed(database: str) -> None:
    """Print every key, without what it opens with."""
    with _accounts(database) as (_, keys):
        for told in keys.listed(UNBOUND):
            state = said("key_withdrawn_state") if told.withdrawn else said("key_until", day=told.expires_at[:10])
            place = _place(told.bank, told.branch, told.fund)
            print(f"{told.name}\t{told.role}\t{place}\t{' '.join(told.scopes)}\t{state}")


def key_withdrawn(name: str, database: str) -> None:
    """Withdraw the key."""
    with _accounts(database) as (_, keys):
        keys.withdraw(name, _actor())
    tell("key_withdrawn", key=name)


@contextmanager
def _accounts(database: str) -> Iterator[tuple[Accounts, ApiKeys]]:
    settings = Settings.from_environment()
    engine = open_database(database or settings.database)
    wrapping.use(engine, settings.keys)
    ledger_settings.use(engine, ledger_settings.ledger_settings(settings))
    own: Policy = policy.load(SHIPPED, settings.policy) if settings.policy else policy.shipped()
    try:
        yield Accounts(engine, own), ApiKeys(engine, own)
    finally:
        engine.dispose()


def _print_credentials(given: Credentials | None) -> None:
    if given is None:
        tell("signs_in_by_provider")
        return
    tell("shown_once")
    tell("first_password", password=given.password)
    tell("authenticator", link=given.link)


def _place(bank: str | None, branch: str | None, fund: str | None) -> str:
    named = {"place_bank": bank, "place_branch": branch, "place_fund": fund}
    return " ".join(said(what, name=name) for what, name in named.items() if name) or said("place_all")


def _actor() -> str:
    """Whoever runs the command, as the operating system names them."""
    return os.environ.get("USER", "unknown")
