"""Brings what people write to normal form: words to codes, numbers of patents and firms, IPC symbols, amounts in units.

What was written is kept beside it, in the row's `as_written`. What cannot be read stays as it is, for the check of the
tables to refuse.
"""

import json
import re
import unicodedata
from collections.abc import Callable, Mapping
from decimal import Decimal, DecimalException
from functools import cache, partial
from typing import cast

from features.columns import Column
from features.identifiers import IdentifierError, firm_key, ipc, locarno, patent_number
from features.patent_pledges import US
from features.tables import TABLES
from features.vocabulary import VOCABULARY, CodeWords
from features.vocabulary.evidence import is_about

AS_WRITTEN = "as_written"
"""The column that keeps what was written."""
UNITS: Mapping[str, int] = {
    "分": 1,
    "元": 10**2,
    "百元": 10**4,
    "千元": 10**5,
    "万元": 10**6,
    "百万元": 10**8,
    "亿元": 10**10,
}
"""Units that an amount may carry, in the minor unit."""
_OURSELVES = frozenset({*US, "ours", "我行"})
_WITH_UNIT = re.compile(rf"([+-]?[0-9][0-9,]*(?:\.[0-9]+)?)\s*({'|'.join(sorted(UNITS, key=len, reverse=True))})")
WrittenRow = dict[str, object]
Reader = Callable[[object], object]


def normal_row(table: str, row: WrittenRow) -> WrittenRow:
    """A row with every value in normal form, and in `as_written` as JSON those that were written otherwise."""
    readers = _readers(table, row.get("source_kind") == "register")
    read = {name: readers[name](value) if name in readers else value for name, value in row.items()}
    for name, (other, word) in _where(table):
        if name in row and read.get(other) != word:
            read[name] = row[name]
    if table == "evidence":
        read |= _answer(read)
    if table == "patents":
        read |= _locarno(read)
    changed = {name: row[name] for name in row if row[name] != read[name]}
    return read | {AS_WRITTEN: json.dumps(changed, ensure_ascii=False)} if changed else read


@cache
def _readers(table: str, registered: bool) -> Mapping[str, Reader]:
    """What brings each column of a table to normal form, where something can be written in several ways.

    `registered`: in a row of the register, where a firm's code may fail its check digits.
    """
    columns = TABLES[table].columns.values()
    found = {column.name: reader for column in columns if (reader := _reader(column)) is not None}
    if registered:
        found |= {
            c.name: partial(_text, partial(firm_key, registered=True))
            for c in columns
            if c.form == "firm" and c.name != "pledgee"
        }
    return found


@cache
def _where(table: str) -> tuple[tuple[str, tuple[str, str]], ...]:
    """The columns that have a form only where another column holds a word, with both."""
    return tuple((one.name, one.form_where) for one in TABLES[table].columns.values() if one.form_where)


def text_reader(column: Column) -> Callable[[str], str] | None:
    """What brings a text of a column to normal form; None where it can be written in one way alone."""
    reader = _reader(column)
    return None if reader is None or column.kind == "money" else cast("Callable[[str], str]", reader)


def _reader(column: Column) -> Reader | None:
    if column.kind == "choice" and column.table:
        return partial(_code, VOCABULARY.choice(column.table, column.name))
    if column.kind == "money":
        return minor_unit
    if column.domain == "ipc":
        return partial(_text, ipc)
    if column.name == "pledgee":
        return partial(_text, _pledgee)
    if column.form == "firm":
        return partial(_text, firm_key)
    return partial(_text, patent_number) if column.form == "patent" else None


def _pledgee(text: str) -> str:
    """The bank that asks, by whatever word, or a firm's key."""
    return US[0] if text.strip().lower() in _OURSELVES else firm_key(text)


def _code(words: CodeWords, value: object) -> object:
    return (words.code(value) or value) if isinstance(value, str) else value


def _text(normal: Callable[[str], str], value: object) -> object:
    try:
        return normal(value) if isinstance(value, str) else value
    except IdentifierError:
        return value


def amount_in_text(text: str) -> Decimal | None:
    """An amount written with its unit (`300万元`, `1,234.5 元`), in the minor unit; None where no unit is written."""
    found = _WITH_UNIT.fullmatch(unicodedata.normalize("NFKC", text).strip())
    return None if found is None else Decimal(found[1].replace(",", "")) * UNITS[found[2]]


def minor_unit(value: object) -> object:
    """`{"value": 300, "unit": "万元"}` or `300万元` in the minor unit; what is no whole number of it stays as it is."""
    if isinstance(value, str):
        return _whole(amount_in_text(value), value)
    if not isinstance(value, dict) or set(value) != {"value", "unit"} or value["unit"] not in UNITS:
        return value
    try:
        amount = Decimal(str(value["value"])) * UNITS[value["unit"]]
    except DecimalException:
        return value
    return _whole(amount, value)


def _whole(amount: Decimal | None, value: object) -> object:
    whole = amount is not None and amount.is_finite() and amount == amount.to_integral_value()
    return int(amount) if amount is not None and whole else value


def _answer(row: WrittenRow) -> WrittenRow:
    fact, answer, read = row.get("fact"), row.get("answer"), WrittenRow()
    if isinstance(fact, str) and isinstance(answer, str):
        read["answer"] = VOCABULARY.answers(fact).code(answer) or answer
    if isinstance(fact, str) and "subject" in row:
        if is_about(fact, "patent"):
            read["subject"] = _text(patent_number, row["subject"])
        elif is_about(fact, "firm"):
            read["subject"] = _text(partial(firm_key, registered=True), row["subject"])
    return read


def _locarno(row: WrittenRow) -> WrittenRow:
    """The class of a design, where it was written in the place of the IPC symbol."""
    symbol = row.get("ipc")
    place = locarno(symbol) if isinstance(symbol, str) and row.get("locarno") is None else None
    return {"ipc": None, "locarno": place} if place else {}
