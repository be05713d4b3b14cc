"""What may be typed, for pages that offer it as lists: facts with their answers, and every column with what it takes.

Made of the one declaration that rows are read and checked by.
"""

from collections.abc import Iterable, Iterator, Mapping

import msgspec

from features.columns import Column, Form, Kind
from features.phrase import LANGUAGES, Language
from features.tables import TABLES
from features.vocabulary import VOCABULARY, CodeWords
from features.vocabulary.evidence import OWN, facts_of_scorecards
from features.written import UNITS
from models.words.templates import SHIPPED


class ListedCode(msgspec.Struct, frozen=True, omit_defaults=True):
    """A code and the words that may be typed for it, the label first. `reads`: how a rule reads it, where one does."""

    code: str
    zh: tuple[str, ...]
    en: tuple[str, ...]
    reads: str | None = None


class ListedFact(msgspec.Struct, frozen=True):
    """A fact that evidence may tell: its names, what it is about (patent, application, loan, firm), its answers.

    One that only a scorecard of policy names has no names.
    """

    fact: str
    names: Mapping[Language, str]
    about: str
    answers: tuple[ListedCode, ...]


class ListedColumn(msgspec.Struct, frozen=True, omit_defaults=True):
    """A column: its names, what it takes, and of a choice the codes. Money is in the minor unit unless a unit is told.

    `form`: the identifier that a text must be (a firm's key, a patent's application number).
    """

    column: str
    zh: str
    en: str
    kind: Kind
    unit: str = ""
    required: bool = False
    least: float | None = None
    most: float | None = None
    form: Form = ""
    choices: tuple[ListedCode, ...] = ()


class ListedTable(msgspec.Struct, frozen=True):
    """A table of a request's rows. `key`: the columns that make two rows of a firm the same fact."""

    names: Mapping[Language, str]
    key: tuple[str, ...]
    columns: tuple[ListedColumn, ...]


class ListedVocabulary(msgspec.Struct, frozen=True):
    """All that may be typed. `units`: those that an amount may carry, each in the minor unit.

    `own`: how the name of a bank's own fact begins. `reads`: the names of the ways in which codes are read.
    """

    facts: tuple[ListedFact, ...]
    own: str
    tables: Mapping[str, ListedTable]
    units: Mapping[str, int]
    reads: Mapping[Language, Mapping[str, str]]


def listed_vocabulary() -> ListedVocabulary:
    """The vocabulary of the product as pages offer it."""
    return ListedVocabulary(
        facts=tuple(_facts()),
        own=OWN,
        tables={
            name: ListedTable(
                {language: SHIPPED.name(f"table.{name}", language) for language in LANGUAGES},
                table.key,
                tuple(map(_column, table.columns.values())),
            )
            for name, table in TABLES.items()
        },
        units=UNITS,
        reads={language: SHIPPED.family("reads", language) for language in LANGUAGES},
    )


def _facts() -> Iterator[ListedFact]:
    """Those of the vocabulary, then those that only scorecards of policy name."""
    for fact, told in VOCABULARY.facts.items():
        names = {language: SHIPPED.name(f"fact.{fact}", language) for language in LANGUAGES}
        yield ListedFact(fact, names, told.about, _codes(told.answers, VOCABULARY.reads[fact]))
    for fact in sorted(facts_of_scorecards() - VOCABULARY.facts.keys()):
        yield ListedFact(fact, {}, "firm", _codes(VOCABULARY.answers(fact), {}))


def _column(column: Column) -> ListedColumn:
    place = (column.table, column.name)
    words = VOCABULARY.choice(*place) if column.kind == "choice" else None
    return ListedColumn(
        column.name, column.zh, column.meaning, column.kind, column.unit, column.required, column.least, column.most,
        column.form, _codes(words, VOCABULARY.reads.get(".".join(place), {})) if words else (),
    )  # fmt: skip


def _codes(words: CodeWords, reads: Mapping[str, str]) -> tuple[ListedCode, ...]:
    found: Iterable[ListedCode] = (
        ListedCode(code, word.zh, word.en, reads.get(code)) for code, word in words.words.items()
    )
    return tuple(found)
