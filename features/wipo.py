"""Which of the 35 technology fields of WIPO an IPC symbol belongs to.

Source of the assignment: WIPO, IPC–Technology Concordance Table (public), as entered in `data/wipo35.csv`: field,
sector, names and the IPC subclasses (`H04L`) or main groups (`H04N19/`) that belong to it.
"""

import csv
import re
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

_DATA = Path(__file__).parent / "data" / "wipo35.csv"
_GROUP = re.compile(r"([A-H][0-9]{2}[A-Z])([0-9]{1,4}/)?")

NO_FIELD = 0


@dataclass(frozen=True)
class TechnologyField:
    """One of the 35 fields: `number` from 1, its sector, its names and the IPC prefixes that belong to it."""

    number: int
    sector: str
    zh: str
    en: str
    prefixes: tuple[str, ...]


@cache
def fields() -> dict[int, TechnologyField]:
    """The 35 fields by number."""
    with _DATA.open(encoding="utf-8", newline="") as lines:
        return {
            int(row["field"]): TechnologyField(
                int(row["field"]), row["sector"], row["zh"], row["en"], tuple(row["ipc"].split())
            )
            for row in csv.DictReader(lines)
        }


@lru_cache(100_000)
def field_of(symbol: str) -> int:
    """The field's number of an IPC symbol in normal form (`H04N19/00`, `H04L`); 0 where it belongs to none.

    Some subclasses are divided among fields by main group (`G01N33/` is not `G01N1/`): of such a subclass alone,
    without a group, the field is the one that most of its groups belong to.
    """
    found = _GROUP.match(symbol)
    if not found:
        return NO_FIELD
    by_prefix = _by_prefix()
    return (
        by_prefix.get(found[0]) or by_prefix.get(found[1], NO_FIELD) if found[2] else _whole().get(found[1], NO_FIELD)
    )


@cache
def _by_prefix() -> dict[str, int]:
    return {prefix: field.number for field in fields().values() for prefix in field.prefixes}


@cache
def _whole() -> dict[str, int]:
    groups: dict[str, dict[int, int]] = {}
    for prefix, number in _by_prefix().items():
        of_subclass = groups.setdefault(prefix[:4], {})
        of_subclass[number] = of_subclass.get(number, 0) + 1
    return {subclass: max(sorted(of), key=lambda number: of[number]) for subclass, of in groups.items()}
