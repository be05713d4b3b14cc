"""Runs the application in this process until it is told to stop."""

import gc
import logging
import sys

import uvicorn

from features.errors import PledgeScoreError
from service.edge.addresses import is_loopback
from service.edge.settings import Settings
from service.ledger.wrapping import wrapping_of
from service.web.app import create_app
from service.web.state import AppState

log = logging.getLogger("pledgescore")

SWITCH_SECONDS = 0.001
"""How long a thread may hold the interpreter while another waits: the loop must get its turn within a millisecond."""
YOUNG_OBJECTS = 50_000
"""Objects made before the collector looks at them: those of a batch are then gone by themselves."""


class NoSignIn(PledgeScoreError):
    """The service would be open to whoever reaches its address, or to nobody at all."""


def serve_on(host: str, port: int, without_sign_in: bool) -> None:
    """Serve until stopped. Raises `NoSignIn` where nobody could sign in, or others could reach what is open."""
    settings = Settings.from_environment(sign_in="none" if without_sign_in else None)
    if settings.sign_in == "none" and not is_loopback(host):
        raise NoSignIn(f"{host} can be reached by others: without sign-in only this machine is served (127.0.0.1)")
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    app = create_app(settings)
    check_sign_in(app.state.pledgescore)
    check_keys(app.state.pledgescore)
    sys.setswitchinterval(SWITCH_SECONDS)
    gc.collect()
    gc.freeze()  # what was made so far stays: no collection looks at it again
    gc.set_threshold(YOUNG_OBJECTS, 20, 50)
    uvicorn.run(app, host=host, port=port, access_log=False, log_level="info", server_header=False, proxy_headers=False)


def check_keys(state: AppState) -> None:
    """Say where keys of firms and secrets of authenticators lie as they are."""
    if state.settings.sign_in == "required" and wrapping_of(state.engine).id is None:
        log.warning("no wrapping key: secrets lie plain in the database; pledgescore keys init. 未设包装密钥。")


def check_sign_in(state: AppState) -> None:
    """Say that everything is open, or raise `NoSignIn` where nobody could ever sign in."""
    if state.settings.sign_in == "none":
        log.warning("demo, no sign-in: whoever uses this machine may do everything. 演示模式，未启用登录。")
    elif state.sign_ins is None and state.accounts.none_yet() and state.keys.none_yet(state.now()):
        raise NoSignIn(
            "nobody could sign in: make the first account with pledgescore users add NAME --role administrator "
            "(or serve a demonstration on this machine alone: pledgescore serve --without-sign-in)"
        )
