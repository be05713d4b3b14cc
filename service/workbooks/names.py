"""Names that a workbook shows in place of codes beyond the tables' choices: facts of evidence, and tables asked for."""

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from features.phrase import LANGUAGES
from features.vocabulary import VOCABULARY
from models.words.templates import SHIPPED
from service.workbooks.layout import plain, tabs


def named(table: str, column: str, value: object) -> object:
    """The code of a fact or a table that a cell names; any other value as it is."""
    if isinstance(value, str):
        if (table, column) == ("evidence", "fact"):
            return _facts().get(plain(value), value)
        if (table, column) == ("coverage", "about"):
            return tabs().get(plain(value), value)
    return value


@cache
def _facts() -> Mapping[str, str]:
    return MappingProxyType(
        {plain(SHIPPED.name(f"fact.{fact}", language)): fact for fact in VOCABULARY.facts for language in LANGUAGES}
    )
