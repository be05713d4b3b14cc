"""One process that answers: it makes its own application, and serves it on a socket that others may share."""

import gc
import logging
import socket
import sys
from collections.abc import Callable
from threading import Timer

import uvicorn

from features.errors import PledgeScoreError
from service.application.state import AppState, Demonstration
from service.commands.supervisor import STOP_SECONDS
from service.edge import heavy
from service.edge.logs import log_json
from service.edge.process import Worker, connections_allowed, give_memory_back
from service.edge.settings import Settings
from service.ledger.wrapping import wrapping_of
from service.web.app import create_app
from service.web.connections import ConnectionLimits, bounded

log = logging.getLogger("pledgescore")

SWITCH_SECONDS = 0.001
"""How long a thread may hold the interpreter while another waits: the loop must get its turn within a millisecond."""
AHEAD_SECONDS = 30.0
"""After how long what heavy work needs is loaded, where nobody asked for such work before."""
YOUNG_OBJECTS = 50_000
"""Objects made before the collector looks at them: those of a batch are then gone by themselves."""


class NoSignIn(PledgeScoreError):
    """The service would be open to whoever reaches its address, or to nobody at all."""


class _Server(uvicorn.Server):
    """Says when it answers."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready()


def serve(
    settings: Settings,
    worker: Worker,
    listening: socket.socket,
    ready: Callable[[], None],
    demonstration: Demonstration | None = None,
) -> None:
    """Answer until told to stop; what is under way is answered first. Raises `NoSignIn` where nobody could sign in."""
    log_json(worker.number)
    app = create_app(settings, worker=worker, demonstration=demonstration)
    state: AppState = app.state.pledgescore
    check_sign_in(state)
    check_keys(state)
    give_memory_back()
    sys.setswitchinterval(SWITCH_SECONDS)
    gc.collect()
    gc.freeze()  # what was made so far stays: no collection looks at it again
    gc.set_threshold(YOUNG_OBJECTS, 20, 50)
    warmed = Timer(AHEAD_SECONDS, heavy.begin)
    warmed.daemon = True
    warmed.start()
    limits = ConnectionLimits(
        settings.head_seconds,
        settings.body_seconds,
        connections_allowed(settings.connections),
        settings.per_address,
        settings.trusted_proxies,
    )
    config = uvicorn.Config(
        app,
        http=bounded(limits, state.metrics),
        ws="none",
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=int(STOP_SECONDS) - 5,
    )
    _Server(config, ready).run(sockets=[listening])


def check_keys(state: AppState) -> None:
    """Say where secrets lie as they are, or keys with the ledger that they protect; a demonstration has no secrets."""
    if state.settings.sign_in == "none":
        return
    if wrapping_of(state.engine).id is None:
        log.warning("no wrapping key: secrets lie plain in the database; pledgescore keys init. 未设包装密钥。")
    elif not state.settings.keys_apart:
        log.warning("keys lie with the ledger: whoever copies its folder has both; PLEDGESCORE_KEYS. 密钥与账本同处。")


def check_sign_in(state: AppState) -> None:
    """Say that everything is open, or raise `NoSignIn` where nobody could ever sign in."""
    if state.settings.sign_in == "none":
        log.warning("demo, no sign-in: whoever uses this machine may do everything. 演示模式，未启用登录。")
    elif state.sign_ins is None and state.accounts.none_yet() and state.keys.none_yet(state.now()):
        raise NoSignIn("nobody_signs_in")
    elif not (standing := state.accounts.administrators(state.now())).enough:
        log.warning(
            "%d of %d administrators can sign in: nobody confirms what another asks for; "
            "pledgescore users add NAME --role administrator. 可登录的管理员不足，授权事项无人复核。",
            standing.able,
            standing.needed,
        )
