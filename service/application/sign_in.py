"""Signing in as browsers do, by whichever way; the same for the API and the desk."""

from starlette.types import Scope

from service.access.accounts import Attempt
from service.access.answers import AuthenticatorSecret
from service.access.audit_log import UNKNOWN
from service.access.authentication import session_of
from service.access.invitations import Setting
from service.access.requests import InvitationOpened, InvitationTaken, SignIn
from service.access.sessions import set_cookie
from service.application.caller import TRIED, TriedAccount
from service.application.state import AppState
from service.edge.errors import NoSuchUser


def signed_in(state: AppState, scope: Scope, given: SignIn) -> str:
    """The name of the account that password and code open. Raises `NotSignedIn`, or `InvalidRequest`."""
    _note(state, scope, given.name)
    return state.accounts.signed_in(Attempt(given.name, given.password, given.code, given.new_password), state.now())


def opened(state: AppState, scope: Scope, given: InvitationOpened) -> AuthenticatorSecret:
    """A secret for the authenticator of whoever knows the code. Raises `NotSignedIn`."""
    _note(state, scope, given.name)
    return state.invitations.opened(given.name, given.invitation, state.now())


def took_up(state: AppState, scope: Scope, given: InvitationTaken) -> str:
    """The name of the account whose person set password and authenticator. Raises as `Invitations.take_up` does."""
    _note(state, scope, given.name)
    setting = Setting(given.password, given.secret, given.authenticator)
    state.invitations.take_up(given.name, given.invitation, setting, state.now())
    return given.name


def session_cookie(state: AppState, scope: Scope, name: str) -> str:
    """The header that gives a browser a session of the account, in the place of any that it showed."""
    _note(state, scope, name)
    return set_cookie(state.sessions.begin(name, state.now(), session_of(scope)))


def _note(state: AppState, scope: Scope, name: str) -> None:
    """Leave in the scope which account is tried: a name that there is nobody of may be a password, and is not kept."""
    try:
        account = state.accounts.one(name)
        scope[TRIED] = TriedAccount(f"user:{name}", account.place.bank)
    except NoSuchUser:
        scope[TRIED] = TriedAccount(UNKNOWN, None)
