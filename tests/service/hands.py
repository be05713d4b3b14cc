"""Two administrators whose acts make the accounts and keys of tests, as they do in a bank."""

from contextlib import suppress
from datetime import datetime

import msgspec
import pyotp

from service.access.accounts import Account, user_of
from service.access.answers import AccountProposal
from service.access.api_keys import ApiKey
from service.access.invitations import Invitations, Setting
from service.application.state import AppState
from service.edge.errors import NoSuchUser

FOUNDERS = ("root-1", "root-2")
"""Administrators who reach everything."""


def founded(state: AppState) -> tuple[str, str]:
    """The ids of two administrators, opened where there is no account yet, or made at the machine."""
    for name in FOUNDERS:
        if not is_there(state, name):
            account = Account(name, name, "administrator", subject=f"subject of {name}")
            agreed(state, state.proposals.make(account, "test", state.now()))
    return account_id(state, FOUNDERS[0]), account_id(state, FOUNDERS[1])


def is_there(state: AppState, name: str) -> bool:
    """Whether there is an account of that name."""
    with suppress(NoSuchUser):
        return bool(account_id(state, name))
    return False


def account_id(state: AppState, name: str) -> str:
    """The id of an account."""
    with state.engine.connect() as connection:
        return user_of(connection, name).id


def hired(state: AppState, account: Account) -> AccountProposal:
    """An account that the two administrators made; with the code where its person needs one."""
    first, _ = founded(state)
    return agreed(state, state.proposals.make(account, first, state.now()))


def moved(state: AppState, account: Account) -> AccountProposal:
    """An account whose role both administrators changed."""
    first, _ = founded(state)
    return agreed(state, state.proposals.change(account, first, state.now()))


def made_key(state: AppState, key: ApiKey) -> str:
    """What opens a key that the two administrators made."""
    kept, secret = state.keys.prepared(key, state.now())
    first, _ = founded(state)
    agreed(state, state.proposals.make_key(kept, first, state.now()))
    return secret


def agreed(state: AppState, asked: AccountProposal) -> AccountProposal:
    """The same once the second administrator confirmed it, with both parts of the code."""
    if asked.state != "waiting":
        return asked
    assert asked.id is not None
    done = state.proposals.confirm(asked.id, account_id(state, FOUNDERS[1]), state.now())
    return done if done.code is None else msgspec.structs.replace(done, code=f"{asked.code}-{done.code}")


def taken_up(invitations: Invitations, done: AccountProposal, password: str, at: datetime) -> str:
    """The secret of the authenticator, which the person set with the password and the code of this half minute."""
    assert done.code is not None
    secret = invitations.opened(done.name, done.code, at).secret
    invitations.take_up(done.name, done.code, Setting(password, secret, pyotp.TOTP(secret).at(at)), at)
    return secret
