"""The table of kinds and leaves in `docs/format.md`."""

from collections.abc import Iterable, Iterator

from service.ledger.entry_contents import LeafField, fields
from service.ledger.kinds import FOR_EVERY_FUND, Kind
from service.ledger.reserved_kinds import RESERVED
from service.ledger.written_kinds import WRITTEN

BEGIN, END = "<!-- kinds: pledgescore ledger kinds -->", "<!-- end of kinds -->"
"""Between these lines the page holds the table."""


def kind_table() -> str:
    """The table as Markdown, in the order in which kinds are reserved."""
    written = {content.KIND: tuple(fields(content)) for content in WRITTEN}
    return "\n".join(_lines({**RESERVED, **written}, frozenset(written)))


def _lines(leaves: dict[Kind, tuple[LeafField, ...]], written: Iterable[Kind]) -> Iterator[str]:
    yield BEGIN
    yield ""
    yield "| kind | leaf | type | audience | meaning |"
    yield "|---|---|---|---|---|"
    for kind in Kind:
        for place, one in enumerate(leaves.get(kind, ())):
            yield f"| {_shown(kind, kind in written) if not place else ''} | `/{one.name}` | {_row(one)} |"
    yield ""
    yield END


def _shown(kind: Kind, written: bool) -> str:
    return f"`{kind}`{'' if written else ' (reserved)'}{' †' if kind in FOR_EVERY_FUND else ''}"


def _row(one: LeafField) -> str:
    return " | ".join((one.type.replace("|", "\\|"), one.audience, one.meaning))
