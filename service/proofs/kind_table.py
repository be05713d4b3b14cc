"""The table of kinds and leaves in `docs/format.md`."""

from collections.abc import Iterable, Iterator
from textwrap import wrap

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


VERIFIER_BEGIN, VERIFIER_END = "# kinds: pledgescore ledger kinds --verifier", "# end of kinds"
"""Between these lines `verify.py` holds the leaves of each kind."""
_MARKS = {"public": "", "fund": "", "bank": "-", "person": "="}


def verifier_table() -> str:
    """The same as `verify.py` holds it: every leaf of a kind in order, with a mark where a fund may not see it.

    `+` stands before a leaf that the first entries of form 2 are without.
    """
    lines = [VERIFIER_BEGIN, 'LEAVES = """']
    for content in sorted(WRITTEN, key=lambda one: one.KIND.value):
        leaves = sorted(fields(content), key=lambda one: f"/{one.name}")
        text = f"{content.KIND}: {' '.join(_marked(one) for one in leaves)}"
        lines += wrap(text, 116, subsequent_indent=" ", break_long_words=False, break_on_hyphens=False)
    return "\n".join((*lines, '"""', VERIFIER_END))


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


def _marked(one: LeafField) -> str:
    return f"{'+' if one.later else ''}{one.name}{_MARKS[one.audience]}"


def _row(one: LeafField) -> str:
    meaning = f"{one.meaning} (later)" if one.later else one.meaning
    return " | ".join((one.type.replace("|", "\\|"), one.audience, meaning))
