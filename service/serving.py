"""Runs the application in this process until it is told to stop."""

import gc
import ipaddress
import logging
import os
import sys

import uvicorn

from features.errors import PledgeScoreError
from service.app import create_app
from service.settings import Settings

SWITCH_SECONDS = 0.001
"""How long a thread may hold the interpreter while another waits: the loop must get its turn within a millisecond."""
YOUNG_OBJECTS = 50_000
"""Objects made before the collector looks at them: those of a batch are then gone by themselves."""


class NoSignIn(PledgeScoreError):
    """The service would be open to whoever reaches its address."""


def serve_on(host: str, port: int, without_sign_in: bool) -> None:
    """Serve until stopped. Raises `NoSignIn` for an address that others reach, unless that is said to be meant."""
    if not without_sign_in and not _is_loopback(host):
        raise NoSignIn(
            f"{host} can be reached by others and there is no sign-in: add --without-sign-in if that is meant"
        )
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    app = create_app(Settings.from_environment(os.environ))
    sys.setswitchinterval(SWITCH_SECONDS)
    gc.collect()
    gc.freeze()  # what was made so far stays: no collection looks at it again
    gc.set_threshold(YOUNG_OBJECTS, 20, 50)
    uvicorn.run(app, host=host, port=port, access_log=False, log_level="info", server_header=False, proxy_headers=False)


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
