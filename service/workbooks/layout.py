"""What sheets the workbook has and which columns stand on them: from the declaration of the tables alone.

The first sheet holds the questions, one row each; every further sheet is a table. A row of a table belongs to the
question whose number stands in its first column, or to the only one.
"""

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from features.columns import Column, text
from features.phrase import LANGUAGES, Language
from features.question_columns import QUESTION_COLUMNS, QUESTIONS
from features.tables import TABLES
from features.written import UNITS
from models.words.templates import SHIPPED

FORM = 1
"""The form of the template; a later one is refused."""
LINK = "file"
"""The column by which a row of a table names its question."""
ABOUT = "about"
"""The sheet that says how the workbook is filled; it is never read as a table."""
GIVEN = ("known_on", "source_kind", "source")
"""Columns of every table that stand last; the service fills the first two where they are blank."""
HIDDEN = ("firm", "withdrawn", "as_written")
"""Columns of every table that are read and not offered: the firm follows from the question."""
MONEY_UNITS = {
    "RMB 10,000": "万元", "yuan": "元", "RMB": "元", "fen": "分", "万": "万元", "亿": "亿元", "千": "千元", "圆": "元",
}  # fmt: skip
"""Other words for units of money."""
_UNIT: Mapping[Language, str] = MappingProxyType({"zh": "万元", "en": "RMB 10,000"})


@dataclass(frozen=True)
class TabLayout:
    """One sheet: the table that it holds, and the columns that are offered, in their order."""

    table: str
    offered: tuple[str, ...]
    columns: Mapping[str, Column]

    def title(self, language: Language) -> str:
        """What stands on the tab."""
        return SHIPPED.name(f"sheet.{self.table}", language)

    def heading(self, name: str, language: Language) -> str:
        """The heading of a column with its unit; a star where it must be filled."""
        column = self.columns[name]
        label = column.zh if language == "zh" else column.meaning
        if column.kind == "money":
            label += f"（{_UNIT[language]}）" if language == "zh" else f" ({_UNIT[language]})"
        return label + ("*" if column.required and name not in GIVEN else "")


@cache
def sheets() -> Mapping[str, TabLayout]:
    """Every sheet by the name of its table, the questions first."""
    link = text("Number of the file · 业务编号").named(LINK, QUESTIONS)
    found = {QUESTIONS: TabLayout(QUESTIONS, tuple(QUESTION_COLUMNS), QUESTION_COLUMNS)}
    for table, declared in TABLES.items():
        own = tuple(name for name in declared.columns if name not in (*GIVEN, *HIDDEN))
        found[table] = TabLayout(table, (LINK, *own, *GIVEN), MappingProxyType({LINK: link, **declared.columns}))
    return MappingProxyType(found)


def machine(table: str, name: str) -> str:
    """What the hidden row says of a column."""
    return f"{table}.{name}"


def plain(label: str) -> str:
    """A label as it is compared: half-width, without blanks, stars and colons, in small letters."""
    half = unicodedata.normalize("NFKC", label).casefold()
    return "".join(one for one in half if not one.isspace() and one not in "*:")


@dataclass(frozen=True)
class Heading:
    """What a heading stands for: a column, and the unit of its amounts where it names one."""

    table: str
    name: str
    unit: str | None = None


@cache
def unit_words() -> Mapping[str, str]:
    """Units of money by what is written for them."""
    return MappingProxyType(
        {plain(word): unit for word, unit in (*MONEY_UNITS.items(), *zip(UNITS, UNITS, strict=True))}
    )


@cache
def tabs() -> Mapping[str, str]:
    """The table of a sheet by what may stand on its tab: its short title, the table's title, or the machine's name."""
    return MappingProxyType({plain(word): table for table in (*sheets(), ABOUT) for word in _titles(table)})


def _titles(table: str) -> Iterator[str]:
    yield table
    for language in LANGUAGES:
        yield SHIPPED.name(f"sheet.{table}", language)
        if table in TABLES:
            yield SHIPPED.name(f"table.{table}", language)


def heading_of(table: str, label: str) -> Heading | None:
    """The column of a table that a heading names, by its label in either language or by the machine's name."""
    known, whole = _labels(table), plain(label)
    if whole in known:
        return Heading(table, known[whole])
    before, bracket, unit = whole.removesuffix(")").rpartition("(")
    if bracket and whole.endswith(")") and before in known:
        return Heading(table, known[before], unit)
    return None


@cache
def _labels(table: str) -> Mapping[str, str]:
    sheet = sheets()[table]
    return {plain(word): name for name, column in sheet.columns.items() for word in _words(table, name, column)}


def _words(table: str, name: str, column: Column) -> Iterator[str]:
    yield from (machine(table, name), name, column.zh, column.meaning)
