"""How a column of a raw table is declared: type, unit, meaning, constraint and audience in one line."""

from dataclasses import dataclass, replace
from typing import Literal, get_args

Kind = Literal["text", "choice", "money", "count", "number", "day", "flag"]
Audience = Literal["public", "fund", "bank", "person"]
"""Who may see a column; each reader also sees what the readers before it may see, `person` only the bank's own desk."""
AUDIENCES: tuple[str, ...] = get_args(Audience)

LARGEST_WHOLE = 2**53 - 1
"""Whole numbers beyond this are refused: up to it a float64 holds every integer, so that sums are exact in any order."""


@dataclass(frozen=True)
class Column:
    """One column of a raw table.

    `domain` names the vocabulary that text columns share (a patent number means the same in every table).
    `happened` marks a day that cannot lie after the row's `known_on`.
    """

    kind: Kind
    meaning: str
    unit: str = ""
    required: bool = False
    audience: Audience = "bank"
    choices: tuple[str, ...] = ()
    least: float | None = None
    most: float | None = None
    pattern: str | None = None
    domain: str = ""
    happened: bool = False
    name: str = ""

    def named(self, name: str) -> "Column":
        """The same column under its attribute's name, which is also its domain where none was given."""
        return replace(self, name=name, domain=self.domain or name)

    @property
    def whole(self) -> bool:
        """Whether only integers are allowed."""
        return self.kind in ("money", "count")

    @property
    def constraint(self) -> str:
        """The constraint in words, for the data dictionary and for error messages."""
        said = []
        if self.required:
            said.append("required")
        if self.choices:
            said.append("one of " + ", ".join(self.choices))
        if self.least is not None:
            said.append(f"at least {self.least:g}")
        if self.most is not None:
            said.append(f"at most {self.most:g}")
        if self.pattern:
            said.append(f"matches {self.pattern}")
        if self.happened:
            said.append("not after known_on")
        return "; ".join(said)


def text(
    meaning: str,
    *,
    domain: str = "",
    required: bool = False,
    pattern: str | None = None,
    audience: Audience = "public",
) -> Column:
    """A name, a number or a code; `domain` is the vocabulary that it shares with other tables."""
    return Column("text", meaning, required=required, pattern=pattern, audience=audience, domain=domain)


def choice(meaning: str, *choices: str, required: bool = False, audience: Audience = "public") -> Column:
    """One of a closed list of words."""
    return Column("choice", meaning, required=required, choices=choices, audience=audience)


def money(meaning: str, *, least: float | None = None, audience: Audience = "bank") -> Column:
    """An amount in the minor unit (fen) of the currency that the lake's manifest names."""
    return Column("money", meaning, unit="minor unit", least=least, audience=audience)


def count(meaning: str, unit: str, *, least: float = 0, most: float | None = None, audience: Audience = "public") -> Column:
    """A whole number of something."""
    return Column("count", meaning, unit=unit, least=least, most=most, audience=audience)


def number(
    meaning: str,
    unit: str,
    *,
    least: float | None = None,
    most: float | None = None,
    required: bool = False,
    audience: Audience = "public",
) -> Column:
    """A finite decimal number."""
    return Column("number", meaning, unit=unit, least=least, most=most, required=required, audience=audience)


def day(meaning: str, *, required: bool = False, happened: bool = False, audience: Audience = "public") -> Column:
    """A calendar day; `happened` if it cannot lie after the day on which the row was known."""
    return Column("day", meaning, unit="day", required=required, happened=happened, audience=audience)


def flag(meaning: str, *, audience: Audience = "public") -> Column:
    """Yes, no, or (when empty) not known."""
    return Column("flag", meaning, audience=audience)
