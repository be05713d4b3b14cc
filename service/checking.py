"""Checks the ledger of a database and says what was found."""

import os

from service.database import open_existing
from service.ledger.verify import verify
from service.settings import Settings


def verify_ledger(database: str) -> bool:
    """Print what was found; True where every entry is as it was written."""
    url = database or Settings.from_environment(os.environ).database
    with open_existing(url).connect() as connection:
        found = verify(connection)
    if found.bad_seq is None:
        print(f"{found.verified} entries verified, none altered, removed or moved. Last seal: {found.seal}")
        print(f"已核验 {found.verified} 条记录，未见篡改、缺失或调换。")
        return True
    print(f"entry {found.bad_seq} is not as it was written: {found.fault}. The {found.verified} before it are.")
    print(f"第 {found.bad_seq} 条记录与原始记载不符；其前 {found.verified} 条无误。")
    return False
