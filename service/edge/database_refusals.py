"""What an error of the database means to whoever asked."""

from sqlalchemy import exc

from service.edge.errors import Busy, DatabaseAway, DiskFull, Refused

_FULL = frozenset({"53100", "sqlite 13", "sqlite 10"})
"""Disk full; SQLite says of some of its files that they cannot be written."""
_AGAIN = frozenset({"40001", "40P01"})
"""Serialisation failure and deadlock."""
_LOCKED = frozenset({"55P03", "sqlite 5"})
"""A lock that did not come in time."""


class WriteAgain(DatabaseAway):
    """The transaction failed by no fault of its own. `rolled_back`: the database said that nothing is written."""

    def __init__(self, code: str, *, rolled_back: bool) -> None:
        super().__init__(code)
        self.rolled_back = rolled_back


def refusal(error: exc.StatementError | exc.DBAPIError, *, lost: bool) -> Refused | None:
    """What a database's error means to a caller; None where it is a defect of ours. `lost`: the connection is."""
    sqlite = getattr(error.orig, "sqlite_errorcode", None)
    state = getattr(error.orig, "sqlstate", None) or ""
    code = state if sqlite is None else f"sqlite {sqlite & 0xFF}"
    if code in _FULL:
        return DiskFull("disk_full")
    if code in _AGAIN:
        return WriteAgain("database_again", rolled_back=True)
    if code in _LOCKED:
        return Busy("busy_writers")
    if lost or (sqlite is None and isinstance(error, exc.OperationalError) and code[:2] in ("", "08", "57")):
        return WriteAgain("database_away", rolled_back=False)
    return None
