"""Loans that were filed, or pledges that were registered, as offices keep them: a sheet or a CSV file, a line each."""

from collections.abc import Mapping, Sequence
from itertools import chain, islice
from typing import Literal, TypeAlias, get_args

from pydantic import Field

from features.columns import Column, day, money, text
from features.errors import Fault, fault
from service.decisions.filed_lists import MOST, FiledLine, ListAsked
from service.edge.errors import InvalidRequest
from service.workbooks.cells import Cell, CellRefused, is_blank, read_cell
from service.workbooks.grids import BadWorkbook, Grid
from service.workbooks.headings import WITHIN
from service.workbooks.layout import plain, unit_words
from service.workbooks.sent import sent_grids

_COLUMNS: Mapping[str, tuple[Column, tuple[str, ...]]] = {
    "firm": (text("borrower"), ("统一社会信用代码", "信用代码", "借款人", "借款企业", "企业", "uscc", "borrower")),
    "bank": (text("bank"), ("银行", "贷款银行", "合作银行", "质权人", "lender")),
    "loan": (text("loan"), ("借据号", "借据编号", "借款借据号", "贷款编号", "loan number")),
    "contract": (text("contract"), ("合同号", "合同编号", "借款合同号", "借款合同编号", "contract number")),
    "registration": (
        text("registration"),
        ("质押登记号", "登记号", "质权登记号", "登记编号", "质押登记编号", "registration number"),
    ),
    "on": (day("day"), ("日期", "放款日", "放款日期", "发放日期", "登记日", "登记日期", "day", "date")),
    "amount": (money("amount"), ("金额", "贷款金额", "放款金额", "发放金额", "备案金额", "担保金额")),
}
"""Each column with what may stand above it, beside its own name."""
UnitName: TypeAlias = Literal["分", "元", "千元", "万元", "亿元"]
UNIT_CHOICES: tuple[UnitName, ...] = get_args(UnitName)
_Columns: TypeAlias = Sequence[tuple[int, str, str | None]]


class FilingsAsked(ListAsked):
    """What a file is, and the unit of its amounts."""

    unit: UnitName | None = Field(default=None, description="Unit of amounts where no heading names one")


def filed_lines(data: bytes, unit: str | None = None) -> list[FiledLine]:
    """The lines of a file, each read or told to be unreadable; `unit`: of amounts where no heading names one.

    Raises `InvalidRequest` where the file is no table, or none of its first rows names a column.
    """
    try:
        for grid in sent_grids(data):
            if lines := _lines(grid, unit):
                return lines
    except BadWorkbook as bad:
        raise InvalidRequest([Fault("", bad.phrase)]) from None
    raise InvalidRequest([fault("", "filed_no_columns", columns=tuple(one[1][0] for one in _COLUMNS.values()))])


def _lines(grid: Grid, unit: str | None) -> list[FiledLine]:
    top = list(islice(grid.rows, WITHIN))
    heads = [_headings(row, unit) for row in top]
    above = max(range(len(heads)), key=lambda place: len(heads[place]), default=0)
    if not heads or not heads[above]:
        return []
    found = []
    for n, row in enumerate(chain(top[above + 1 :], grid.rows), start=above + 2):
        if any(not is_blank(raw) for raw in row):
            found.append(_line(n, row, heads[above]))
        if len(found) > MOST:
            raise InvalidRequest([fault("", "filed_too_many", most=MOST)])
    return found


def _headings(row: Sequence[Cell], unit: str | None) -> _Columns:
    """The columns that a row names, each with the unit of its amounts."""
    found: dict[str, tuple[int, str, str | None]] = {}
    for place, raw in enumerate(row):
        if isinstance(raw, str) and (told := _heading(raw)) is not None and told[0] not in found:
            found[told[0]] = (place, told[0], unit_words().get(told[1], "") if told[1] else unit)
    return list(found.values())


def _heading(raw: str) -> tuple[str, str] | None:
    """The column that a heading names, and what stands behind it in brackets."""
    label, _, behind = plain(raw).removesuffix(")").partition("(")
    name = next((name for name, (_, words) in _COLUMNS.items() if label in (name, *map(plain, words))), None)
    return None if name is None else (name, behind)


def _line(n: int, row: Sequence[Cell], columns: _Columns) -> FiledLine:
    told: dict[str, object] = {}
    faults = []
    for place, name, unit in columns:
        raw = row[place] if place < len(row) else None
        if is_blank(raw):
            continue
        try:
            told[name] = read_cell(raw, _COLUMNS[name][0], unit)
        except CellRefused as refused:
            faults.append(fault(f"/{name}", refused.code))
    return FiledLine(n, None, faults) if faults else FiledLine.of(n, told)
