"""Acts on accounts and keys as people ask for them and confirm them; the same for the API and the desk.

What a rule forbids to whoever tries it (an own account, an own proposal, a reach beyond the own) is entered as refused.
"""

import logging
from collections.abc import Callable
from typing import TypeVar

from service.access.accounts import Account
from service.access.answers import AccountProposal
from service.access.api_keys import ApiKey
from service.access.roles import Caller
from service.application.state import AppState
from service.edge.errors import Forbidden
from service.ledger.kinds import Kind
from service.loan_files.refusing import Tried, refusals_entered

log = logging.getLogger("pledgescore")
T = TypeVar("T")


def make_account(state: AppState, caller: Caller, account: Account) -> AccountProposal:
    """Ask for an account. Raises `Refused`."""
    return _tried(state, caller, account.name, lambda: state.proposals.make(account, caller.id, state.now()))


def change_account(state: AppState, caller: Caller, account: Account) -> AccountProposal:
    """Ask for another role, place or authority of an account. Raises `Refused`."""
    return _tried(state, caller, account.name, lambda: state.proposals.change(account, caller.id, state.now()))


def reset_account(state: AppState, caller: Caller, name: str) -> AccountProposal:
    """Ask that a person sets password and authenticator anew. Raises `Refused`."""
    return _tried(state, caller, name, lambda: state.proposals.reset(name, caller.id, state.now()))


def make_key(state: AppState, caller: Caller, key: ApiKey) -> tuple[AccountProposal, str]:
    """Ask for a key; what opens it once it is made. Raises `Refused`."""
    moment = state.now()
    kept, secret = state.keys.prepared(key, moment)
    return _tried(state, caller, key.name, lambda: state.proposals.make_key(kept, caller.id, moment)), secret


def disable_account(state: AppState, caller: Caller, name: str) -> None:
    """End an account, another's: at once, as one administrator takes rights away alone. Raises `Refused`."""

    def work() -> None:
        if caller.name == f"user:{name}":
            raise Forbidden("own_account")
        state.accounts.disable(name, caller.id)

    _entered(state, caller, name, work)
    log.warning("account %s is disabled by %s", name, caller.name)


def confirm_proposal(state: AppState, caller: Caller, proposal: str) -> AccountProposal:
    """Want what another administrator asked for. Raises `Refused`."""
    return _tried(state, caller, proposal, lambda: state.proposals.confirm(proposal, caller.id, state.now()))


def drop_proposal(state: AppState, caller: Caller, proposal: str) -> AccountProposal:
    """Want it no longer. Raises `Refused`."""
    return _tried(state, caller, proposal, lambda: state.proposals.drop(proposal, caller.id, state.now()))


def _tried(state: AppState, caller: Caller, about: str, work: Callable[[], AccountProposal]) -> AccountProposal:
    done = _entered(state, caller, about, work)
    told = (done.act, done.name, done.state, done.asked_by or done.ran_by, done.settled_by)
    log.warning("account act %s of %s is %s: asked by %s, settled by %s", *told)
    return done


def _entered(state: AppState, caller: Caller, about: str, work: Callable[[], T]) -> T:
    """What the work returns; what a rule forbids to the caller is entered as refused."""
    tried = Tried(Kind.USER, caller.id, state.now(), account=about, bank=caller.place.bank)
    with refusals_entered(state.engine, state.assessor.policy, lambda: tried):
        return work()
