"""What the commands about accounts and keys do and print, in Chinese and English."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

from features import policy
from features.policy import Policy
from features.policy.parameters import SHIPPED
from models.words.output import tell
from models.words.output import told as said
from service.access.accounts import Account, Accounts
from service.access.answers import AccountProposal, Given, ListedUser
from service.access.api_keys import ApiKey, ApiKeys
from service.access.proposals import Proposals
from service.access.roles import UNBOUND, Place
from service.edge.clock import system_clock
from service.edge.process import who_runs
from service.edge.settings import Settings
from service.ledger import ledger_settings, wrapping
from service.ledger.opening import open_database


def user_added(account: Account, database: str) -> None:
    """Make the account, or propose it, and print what its person sets the sign-in with."""
    with _access(database) as access:
        done = access.proposals.make(account, who_runs(), system_clock())
        if done.state == "done":
            tell("account_made", account=account.name, role=account.role, place=_place(**vars(account.place)))
        _print_done(access, done, by_provider=account.subject is not None)


def users_listed(database: str) -> None:
    """Print every account, and what waits for an administrator."""
    with _access(database) as access:
        for told in access.accounts.listed(UNBOUND):
            place = _place(told.bank, told.branch, told.fund)
            print(f"{told.name}\t{told.shown}\t{told.role}\t{place}\t{told.authority}\t{_state(told)}")
        for one in access.proposals.listed(UNBOUND, system_clock()):
            if one.state == "waiting":
                tell("account_waits", account=one.name, role=one.role, by=one.asked_by or one.ran_by or "-")
        _print_standing(access)


def user_disabled(name: str, database: str) -> None:
    """Disable the account."""
    with _access(database) as access:
        access.accounts.disable(name, who_runs())
    tell("account_disabled", account=name)


def user_reset(name: str, database: str) -> None:
    """Reset the account, or propose that, and print what its person sets the sign-in with."""
    with _access(database) as access:
        done = access.proposals.reset(name, who_runs(), system_clock())
        if done.state == "done":
            tell("account_reset", account=name)
        _print_done(access, done, by_provider=access.accounts.one(name).subject is not None)


def key_added(name: str, role: str, days: int, place: Place, scopes: frozenset[str], database: str) -> None:
    """Make the key, or propose it, and print it."""
    moment = system_clock()
    with _access(database) as access:
        kept, secret = access.keys.prepared(ApiKey(name, role, moment + timedelta(days=days), place, scopes), moment)
        done = access.proposals.make_key(kept, who_runs(), moment)
    tell("api_key_made", key=name, days=days)
    print(secret)
    if done.state == "waiting":
        tell("key_waits")


def keys_listed(database: str) -> None:
    """Print every key, without what it opens with."""
    with _access(database) as access:
        for told in access.keys.listed(UNBOUND):
            state = said("key_withdrawn_state") if told.withdrawn else said("key_until", day=told.expires_at[:10])
            place = _place(told.bank, told.branch, told.fund)
            print(f"{told.name}\t{told.role}\t{place}\t{' '.join(told.scopes)}\t{state}\t{_makers(told.given)}")


def key_withdrawn(name: str, database: str) -> None:
    """Withdraw the key."""
    with _access(database) as access:
        access.keys.withdraw(name, who_runs())
    tell("key_withdrawn", key=name)


@dataclass(frozen=True)
class _Access:
    """What the commands work with."""

    settings: Settings
    accounts: Accounts
    proposals: Proposals
    keys: ApiKeys


@contextmanager
def _access(database: str) -> Iterator[_Access]:
    settings = Settings.from_environment()
    engine = open_database(database or settings.database)
    wrapping.use(engine, settings.keys)
    ledger_settings.use(engine, ledger_settings.ledger_settings(settings))
    own: Policy = policy.load(SHIPPED, settings.policy) if settings.policy else policy.shipped()
    proposals = Proposals(engine, own, timedelta(hours=settings.invitation_hours))
    try:
        yield _Access(settings, Accounts(engine, own), proposals, ApiKeys(engine, own))
    finally:
        engine.dispose()


def _print_done(access: _Access, done: AccountProposal, *, by_provider: bool) -> None:
    if done.state == "waiting":
        tell("proposal_waits", account=done.name)
    elif by_provider:
        tell("signs_in_by_provider")
    elif done.code is not None:
        tell("shown_once", account=done.name, hours=f"{access.settings.invitation_hours:g}")
        tell("invitation_code", code=done.code)
    _print_standing(access)


def _print_standing(access: _Access) -> None:
    standing = access.accounts.administrators(system_clock())
    if not standing.enough:
        tell("administrators_few", able=standing.able, needed=standing.needed)


def _state(told: ListedUser) -> str:
    if told.disabled:
        return said("account_disabled_state")
    return said("account_invited") if told.temporary else said("account_in_use")


def _makers(given: Given | None) -> str:
    """Who asked for a key, and who confirmed it."""
    if given is None:
        return "-"
    by = given.asked_by or given.ran_by or "-"
    return (
        said("key_asked_by", by=by)
        if given.confirmed_by is None
        else said("key_asked_by_two", by=by, other=given.confirmed_by)
    )


def _place(bank: str | None, branch: str | None, fund: str | None) -> str:
    named = {"place_bank": bank, "place_branch": branch, "place_fund": fund}
    return " ".join(said(what, name=name) for what, name in named.items() if name) or said("place_all")
