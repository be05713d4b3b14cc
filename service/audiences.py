"""Which leaf of an entry which reader of a pack may see: what is not for the reader stays a digest.

A row's leaf names its audience itself. An answer's part, and whatever else an entry holds, has the audience stated
here; what is not stated is the bank's alone. A part that can quote a column of the bank is the bank's.
"""

from typing import Literal, get_args

Reader = Literal["bank", "fund", "court"]
READERS: dict[Reader, frozenset[str]] = {
    "bank": frozenset({"public", "fund", "bank", "person"}),
    "fund": frozenset({"public", "fund"}),
    # Data of persons leaves the bank for nobody: a court that may see them asks the bank for its own pack.
    "court": frozenset({"public", "fund", "bank"}),
}
"""The audiences whose leaves a reader sees."""
assert set(READERS) == set(get_args(Reader))

FOR_THE_FUND = frozenset(
    {
        "id", "asked_at", "retrospective", "case", "legal_name", "as_of", "kind", "synthetic", "pd", "admission",
        "log_odds", "points", "grade", "base", "recommendation", "value", "value_on_default", "licence_guidance",
        "pledge", "limit", "term", "recoverable", "read_together", "expires_on", "versions", "overrides", "links",
    }
)  # fmt: skip
"""Parts of an answer that a fund may see. Not among them: reasons, features, findings, patents, sources, earlier."""

_FUND_KINDS = ("/assessment", "/decision", "/drawdown", "/closure", "/receipt", "/signature", "/key", "/anchor")
_PUBLIC = ("/sent",)


def audience(pointer: str) -> str:
    """The audience of a leaf."""
    match pointer.split("/")[1:]:
        case ["rows", _, _, own]:
            return own
        case ["answer", part]:
            return "fund" if part in FOR_THE_FUND else "bank"
    if pointer in _PUBLIC:
        return "public"
    return "fund" if pointer.startswith(_FUND_KINDS) else "bank"


def is_shown(pointer: str, reader: Reader) -> bool:
    """Whether the reader sees the leaf."""
    return audience(pointer) in READERS[reader]
