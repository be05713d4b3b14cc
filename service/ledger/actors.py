"""Who an entry says entered it: an account by its random id, or a part of the product; never a name.

Whom an id stands for stands in the account's own entry, of kind `user`.
"""

import re
from uuid import uuid4

SERVICE, FUND, OPEN, COMMAND = "service", "fund", "open", "command"
"""The service by itself; a fund that countersigns; whoever asks without sign-in; whoever runs a command."""
PRODUCT = frozenset({SERVICE, FUND, OPEN, COMMAND})
_ACCOUNT = re.compile(r"[0-9a-f]{32}")


def new_account_id() -> str:
    """A random id for a new account."""
    return uuid4().hex


def is_account(text: str) -> bool:
    """Whether it is an account's id."""
    return _ACCOUNT.fullmatch(text) is not None


def is_actor(text: str) -> bool:
    """Whether an entry may say so."""
    return text in PRODUCT or is_account(text)


def actor_of(by: str) -> str:
    """Who acts: an id as it is; the name of whoever runs a command stands in the entry's content, not here."""
    return by if is_actor(by) else COMMAND


def ran_by(by: str) -> str | None:
    """The name at the machine of whoever runs a command; None for everybody else."""
    return None if is_actor(by) else by
