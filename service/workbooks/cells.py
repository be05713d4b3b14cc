"""One cell as a person fills it, brought to what JSON would say: days, amounts with their unit, shares, yes and no.

Spreadsheets keep a day as a number, a number as text, half of a sum as a long fraction. Nothing is guessed: what can be
read in one way alone is read, and the rest is refused with its cell.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from types import MappingProxyType
from typing import TypeAlias

from features.columns import LARGEST_WHOLE, Column, Kind
from features.phrase import Phrase
from features.vocabulary import UNKNOWN
from features.vocabulary.vocabulary import YES_NO
from features.written import UNITS
from service.workbooks.layout import plain, unit_words

Cell: TypeAlias = object
"""What a spreadsheet holds: text, a number, true or false, a day, a moment, or nothing."""
_ERRORS = frozenset(("#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!", "#GETTING_DATA"))
_EPOCH = date(1899, 12, 30)
"""The day before the first of a spreadsheet, less the 29 February 1900 that it counts."""
_SERIALS = range(18_264, 109_575)
"""Days from 1950 to 2199 as a spreadsheet numbers them; other numbers are no days."""
_DAY = re.compile(
    r"(\d{4})(?:-(\d{1,2})-(\d{1,2})|/(\d{1,2})/(\d{1,2})|\.(\d{1,2})\.(\d{1,2})|年(\d{1,2})月(\d{1,2})日)"
)
_SERIAL = re.compile(r"\d{5,6}")
_DAY8 = re.compile(r"(\d{4})(\d{2})(\d{2})")
_NUMBER = re.compile(r"([+-]?)(\d{1,3}(?:,\d{3})+|\d+)(\.\d+)?")
_UNITED = re.compile(r"([^a-z\u4e00-\u9fff%]+)\s*([a-z\u4e00-\u9fff%][a-z0-9, \u4e00-\u9fff]*)?")
_MANY = ("百", "千", "万", "亿", "兆", "hundred", "thousand", "million", "billion", "%")
READABLE = Decimal(10) ** 22
"""No number is read that is larger, in fen; what a column allows is less, and is told by the column's own check."""
_CURRENCY = str.maketrans("", "", "￥¥")


class CellRefused(Exception):
    """A cell cannot be read; `code` names the template `refusal.CODE` that says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def is_blank(raw: Cell, column: Column | None = None) -> bool:
    """Whether a cell says nothing: it is empty, or says that the fact is not known (but for an answer, which may)."""
    if raw is None:
        return True
    if not isinstance(raw, str):
        return False
    text = raw.strip()
    return not text or (column is not None and column.name != "answer" and YES_NO.answers.code(text) == UNKNOWN)


def read_cell(raw: Cell, column: Column, unit: str | None) -> object:
    """What the cell says, as JSON would; `unit`: of its heading. Raises `CellRefused`."""
    if isinstance(raw, str) and raw.strip() in _ERRORS:
        raise CellRefused("cell_error")
    if column.kind == "money":
        return _money(raw, unit)
    return _READERS[column.kind](raw)


_AS_TYPED: Mapping[str, str] = MappingProxyType(
    {"column.money": "column.money_typed", "column.flag": "column.flag_typed"}
)


def as_typed(phrase: Phrase, *, percent: bool = False) -> Phrase:
    """What a column allows, as whoever types it is told: the tables count in fen, in shares of one, in true and false.

    `percent`: shares are typed in per cent.
    """
    allowed = phrase.facts.get("allowed")
    if not isinstance(allowed, tuple):
        return phrase
    share = percent and "column.as_share" in allowed
    pairs = zip(map(str, allowed[::2]), map(str, allowed[1::2]), strict=True)
    told = [part for code, value in pairs for part in _limit_typed(code, value, share)]
    return Phrase(phrase.code, {**phrase.facts, "allowed": tuple(told)})


def _limit_typed(code: str, value: str, in_percent: bool) -> tuple[str, str]:
    if in_percent and code == "column.as_share":
        return "column.as_percent", value
    if in_percent and code in ("column.least", "column.most"):
        return code, f"{100 * float(value):g}%"
    return _AS_TYPED.get(code, code), value


def _text(raw: Cell) -> str:
    """A text; a number stands for its digits. What became a day is not what was typed."""
    if isinstance(raw, date | timedelta | bool):
        raise CellRefused("cell_not_text")
    if isinstance(raw, float):
        return str(int(raw)) if raw.is_integer() else repr(raw)
    return str(raw).strip()


def _choice(raw: Cell) -> str:
    return "是" if raw is True else "否" if raw is False else _text(raw)


def _flag(raw: Cell) -> bool:
    if isinstance(raw, bool):
        return raw
    code = YES_NO.answers.code(raw) if isinstance(raw, str) else None
    if code not in ("yes", "no"):
        raise CellRefused("cell_flag")
    return code == "yes"


def _day(raw: Cell) -> str:
    if isinstance(raw, datetime):
        return raw.date().isoformat()
    if isinstance(raw, date):
        return raw.isoformat()
    digits = _half(raw) if isinstance(raw, str) else "" if isinstance(raw, bool) else _text(raw)
    if found := _DAY.fullmatch(digits) or _DAY8.fullmatch(digits):
        year, month, of_month = (int(part) for part in found.groups() if part and part not in "-/.")
        try:
            return date(year, month, of_month).isoformat()
        except ValueError:
            raise CellRefused("cell_day") from None
    if _SERIAL.fullmatch(digits) and int(digits) in _SERIALS:
        return (_EPOCH + timedelta(days=int(digits))).isoformat()
    raise CellRefused("cell_day")


def read_fen(text: str, unit: str) -> int:
    """An amount in fen, as somebody typed it; `unit`: of one that is written without. Raises `CellRefused`."""
    return int(_amount(text, unit)[0])


def read_percent(text: str) -> float:
    """A share that was typed in per cent, with or without its sign. Raises `CellRefused`."""
    number, written = _united(text)
    if number is None or written not in ("", "%"):
        raise CellRefused("cell_percent")
    return float(number / 100)


def _money(raw: Cell, unit: str | None) -> object:
    """An amount with its unit."""
    minor, unit = _amount(raw, unit)
    return {"value": _told(minor / UNITS[unit]), "unit": unit}


def _amount(raw: Cell, unit: str | None) -> tuple[Decimal, str]:
    """An amount in fen and its unit: the cell's own, else the heading's. A computed amount is rounded to the fen."""
    if isinstance(raw, str):
        found, written = _united(raw.translate(_CURRENCY))
        unit = unit_words().get(plain(written), "") if written else unit
    else:
        found = _decimal(raw, "cell_money")
    if found is None or unit == "":
        raise CellRefused("cell_money")
    if unit is None:
        raise CellRefused("cell_unit")
    return _bounded(found * UNITS[unit]).quantize(Decimal(1), ROUND_HALF_EVEN), unit


def _count(raw: Cell) -> int:
    """A whole number, with or without what is counted, as in `36个月`; ten thousands of it are not guessed."""
    number, written = _united(raw) if isinstance(raw, str) else (_decimal(raw, "cell_count"), "")
    if number is None or number != number.to_integral_value() or written.startswith(_MANY):
        raise CellRefused("cell_count")
    return int(_bounded(number, Decimal(LARGEST_WHOLE)))


def _number(raw: Cell) -> float:
    if not isinstance(raw, str):
        return float(_decimal(raw, "cell_number"))
    number, written = _united(raw)
    if number is None or written not in ("", "%"):
        raise CellRefused("cell_number")
    return float(number / 100 if written else number)


_READERS: Mapping[Kind, Callable[[Cell], object]] = MappingProxyType(
    {"text": _text, "choice": _choice, "flag": _flag, "day": _day, "count": _count, "number": _number}
)


def _half(raw: str) -> str:
    """Half-width, without blanks."""
    return "".join(unicodedata.normalize("NFKC", raw).replace("\N{MINUS SIGN}", "-").casefold().split())


def _united(raw: str) -> tuple[Decimal | None, str]:
    """A number as people write it, `(1,234.50)` below zero, and the unit that follows it; None where it is none."""
    found = _UNITED.fullmatch(_half(raw))
    if found is None:
        return None, ""
    digits, unit = found[1], found[2] or ""
    below = digits.startswith("(") and digits.endswith(")")
    parts = _NUMBER.fullmatch(digits[1:-1] if below else digits)
    if parts is None or (below and parts[1]):
        return None, unit
    number = _bounded(Decimal("".join(part or "" for part in parts.groups()).replace(",", "")))
    return (-number if below else number), unit


def _decimal(raw: Cell, code: str) -> Decimal:
    """A number of a cell to the fifteen digits that a spreadsheet keeps."""
    if isinstance(raw, bool) or not isinstance(raw, int | float):
        raise CellRefused(code)
    try:
        number = Decimal(raw) if isinstance(raw, int) else Decimal(f"{raw:.15g}")
    except InvalidOperation:
        raise CellRefused(code) from None
    if not number.is_finite():
        raise CellRefused(code)
    return _bounded(number)


def _bounded(number: Decimal, most: Decimal = READABLE) -> Decimal:
    """The number. Raises `CellRefused` where it is larger: most often its unit is wrong."""
    if abs(number) > most:
        raise CellRefused("cell_too_large")
    return number


def _told(number: Decimal) -> str:
    """Plain digits."""
    return f"{number.normalize():f}"
