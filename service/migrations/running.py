"""The command that brings a database up to date: what it does and what it says."""

import os

from service.database import connect_to
from service.migrations import current, upgrade
from service.settings import Settings


def named(url: str) -> str:
    """The database that is named, else the one of the environment."""
    return url or Settings.from_environment(os.environ).database


def upgraded(url: str, to: str, role: str) -> str:
    """Bring the database to the step, for the role; what stands now. Raises `NoDatabase`."""
    engine = connect_to(named(url))
    upgrade(engine, to, role)
    with engine.connect() as connection:
        step = current(connection)
    engine.dispose()
    served = f"; {role} may enter and read, and change nothing that stands" if role else ""
    return f"{engine.url.render_as_string(hide_password=True)} stands at step {step}{served}"
