"""Who reads a pack, and the audiences whose leaves each of them sees."""

from typing import Literal, get_args

Reader = Literal["bank", "fund", "court"]
READERS: dict[Reader, frozenset[str]] = {
    "bank": frozenset({"public", "fund", "bank", "person"}),
    "fund": frozenset({"public", "fund"}),
    # Data of persons leaves the bank for nobody: a court that may see them asks the bank for its own pack.
    "court": frozenset({"public", "fund", "bank"}),
}
assert set(READERS) == set(get_args(Reader))
