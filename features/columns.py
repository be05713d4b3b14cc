"""How a column of a raw table is declared: type, unit, meaning, constraint and audience in one line."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Literal, get_args

Kind = Literal["text", "choice", "money", "count", "number", "day", "flag"]
Form = Literal["", "firm", "patent"]
FORMS: dict[Form, str] = {
    "": "",
    "firm": "check digits right where it begins with uscc:",
    "patent": "check digit right where it is a Chinese application number",
}
"""What a form asks of a text."""
Audience = Literal["public", "fund", "bank", "person"]
"""Who may see a column; each reader also sees what the readers before it may see, `person` only the bank's own desk."""
AUDIENCES: tuple[str, ...] = get_args(Audience)

LARGEST_WHOLE = 2**53 - 1
"""Whole numbers beyond this are refused: up to it a float64 holds every integer, so sums are exact in any order."""
_NOT_PLAIN = r"\u0000-\u001f\u007f-\u009f\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
PLAIN = f"^[^{_NOT_PLAIN}]*$"
"""Texts without control characters, line ends and marks that turn the direction of writing, which hide what it says; in
a syntax that Rust's (pydantic, Polars), JSON Schema's and Python's expressions share."""
PLAIN_LINES = f"^(?:[^{_NOT_PLAIN}]|[\\t\\r\\n])*$"
"""The same, but of several lines."""
_CENTURY = {"day": 36_525, "month": 1_200, "year": 100}
FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2199, 12, 31)
"""Days outside are slips of the pen or placeholders for *never*, and are refused."""


@dataclass(frozen=True)
class Column:
    """One column of a raw table.

    `meaning` is declared in English and, after a middle dot, in Chinese; `named` parts the two.
    `domain` names the vocabulary that text columns share (a patent number means the same in every table).
    `form` names the identifier whose check digits a text must satisfy, `form_where` the column and its word where alone
    that is asked; `longest` bounds a text, in characters.
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
    form: Form = ""
    form_where: tuple[str, str] | None = None
    longest: int = 200
    happened: bool = False
    name: str = ""
    zh: str = ""
    table: str = ""

    def named(self, name: str, table: str) -> "Column":
        """The same column of a table under its attribute's name, which is also its domain where none was given."""
        meaning, _, zh = self.meaning.partition(" · ")
        return replace(self, name=name, domain=self.domain or name, meaning=meaning, zh=zh, table=table)

    @property
    def whole(self) -> bool:
        """Whether only integers are allowed."""
        return self.kind in ("money", "count")

    @property
    def coded(self) -> bool:
        """Whether its values become codes: places in a list of words."""
        return self.kind in ("text", "choice")

    @property
    def limits(self) -> tuple[str, ...]:
        """What is allowed, as pairs of the code of a template `column.…` and what fills it, for refusals."""
        said: tuple[tuple[object, str, str], ...] = (
            (True, self.kind, ""),
            (self.kind == "day", "between", f"{FIRST_DAY} – {LAST_DAY}"),
            (self.required, "required", ""),
            (self.choices, "one_of", f"choice.{self.table}.{self.name}"),
            (self.unit == "share", "as_share", ""),
            (self.least is not None, "least", f"{self.least or 0:g}"),
            (self.most is not None, "most", f"{self.most or 0:g}"),
            (self.kind == "text", "longest", str(self.longest)),
            (self.pattern, "matches", self.pattern or ""),
            (self.form, f"{self.form}_form", ""),
            (self.happened, "not_after_known", ""),
        )
        return tuple(part for applies, code, value in said if applies for part in (f"column.{code}", value))

    @property
    def constraint(self) -> str:
        """The constraint in words, for the data dictionary."""
        said = (
            (self.required, "required"),
            (self.choices, "one of " + ", ".join(self.choices)),
            (self.least is not None, f"at least {self.least or 0:g}"),
            (self.most is not None, f"at most {self.most or 0:g}"),
            (self.kind == "text", f"1 to {self.longest} characters, none of them a control character"),
            (self.pattern, f"matches {self.pattern}"),
            (self.form, FORMS[self.form] + (" (where `{}` is {})".format(*self.form_where) if self.form_where else "")),
            (self.happened, "not after known_on"),
        )
        return "; ".join(words for applies, words in said if applies)


def text(
    meaning: str,
    *,
    domain: str = "",
    required: bool = False,
    pattern: str | None = None,
    audience: Audience = "public",
    form: Form = "",
) -> Column:
    """A name, a number or a code; `domain` is the vocabulary that it shares with other tables."""
    return Column("text", meaning, required=required, pattern=pattern, audience=audience, domain=domain, form=form)


def text_where(meaning: str, *, domain: str, form: Form, where: tuple[str, str]) -> Column:
    """A text that has the form only `where` another column of the row holds a word."""
    return Column("text", meaning, audience="public", domain=domain, form=form, form_where=where)


def note(meaning: str, *, audience: Audience = "public") -> Column:
    """A longer text that nothing is joined by."""
    return Column("text", meaning, audience=audience, longest=4000)


def choice(meaning: str, *choices: str, required: bool = False, audience: Audience = "public") -> Column:
    """One of a closed list of words."""
    return Column("choice", meaning, required=required, choices=choices, audience=audience)


def money(meaning: str, *, least: float | None = None, audience: Audience = "bank") -> Column:
    """An amount in the minor unit (fen) of the currency that the lake's manifest names."""
    return Column("money", meaning, unit="minor unit", least=least, audience=audience)


def count(
    meaning: str, unit: str, *, least: float = 0, most: float | None = None, audience: Audience = "public"
) -> Column:
    """A whole number of something; of days and months at most a century's, as they lead to days of a calendar."""
    most = _CENTURY.get(unit) if most is None else most
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
