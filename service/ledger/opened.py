"""Entries as they are read back: header, outer leaves and content, of whichever form."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import msgspec
import orjson
from sqlalchemy import Connection

from service.edge.errors import Erased
from service.ledger.contents import content_of, entries_with_keys
from service.ledger.outer import Outer, outer_of
from service.ledger.seal import FORM, Leaves
from service.ledger.tables import ENTRIES, EntryRow

_LEAVES = msgspec.json.Decoder(dict[str, msgspec.Raw])
BATCH = 500
"""Entries read at a time."""
Seen = Callable[[int, int], None]
"""Is told, now and then, how many entries were read, and of how many."""


def unseen(_done: int, _of: int) -> None:
    """Nobody waits for it."""


@dataclass(frozen=True)
class OpenedEntry:
    """An entry. `text`: the leaves by pointer as they were sealed, JSON; None where the content was erased."""

    seq: int
    form: str
    at: str
    kind: str
    actor: str
    seal: str
    outer: Outer
    text: bytes | None
    answer: bytes | None

    @property
    def erased(self) -> bool:
        """Whether the content is gone."""
        return self.text is None

    @cached_property
    def body(self) -> Mapping[str, object] | None:
        """The leaves' values by pointer, read when first asked for: an assessment's are whole tables."""
        return None if self.text is None else orjson.loads(self.text)

    @property
    def leaves(self) -> Leaves:
        """The leaves by pointer, each as it was sealed; none where the content is gone."""
        return {pointer: bytes(value) for pointer, value in _LEAVES.decode(self.text or b"{}").items()}

    @property
    def second(self) -> bool:
        """Whether it is of form 2."""
        return self.form == FORM


def opened(connection: Connection, row: EntryRow) -> OpenedEntry:
    """The entry of a row of `entries_with_keys`. Raises as `content_of` does, but for what was erased."""
    text, answer = None, None
    try:
        held = content_of(connection, row)
        text, answer = held.body, held.answer
    except Erased:
        pass
    return OpenedEntry(row.seq, row.form, row.at, row.kind, row.actor, row.seal, outer_of(row), text, answer)


def opened_entries(connection: Connection, behind: int = 0) -> Iterator[list[OpenedEntry]]:
    """All entries behind a number, in order, a bounded number at a time."""
    while True:
        wanted = entries_with_keys().where(ENTRIES.c.seq > behind).order_by(ENTRIES.c.seq).limit(BATCH)
        found = [opened(connection, row) for row in connection.execute(wanted)]
        if not found:
            return
        yield found
        behind = found[-1].seq
