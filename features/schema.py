"""What a row must be to be let in: one set of rules, from the tables' declaration, for JSON, frames and readers.

A request's rows are checked by pydantic while they are parsed (`rows_adapter`), a lake's rows by Polars a column at a
time (`check_frame`). Both accept the same rows; a test generates rows to see that. Nothing is coerced: "1" is no
number, 1.5 is no count, 2020-02-30 is no day.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from typing import Annotated, Any, Literal, NotRequired, Optional

import polars as pl
from pydantic import ConfigDict, Field, GetCoreSchemaHandler, GetJsonSchemaHandler, TypeAdapter, ValidationError
from pydantic_core import CoreSchema, PydanticCustomError, core_schema
from typing_extensions import TypedDict

from features.columns import FIRST_DAY, LARGEST_WHOLE, LAST_DAY, Column, Form
from features.errors import Fault, PledgeScoreError, refusal_phrase
from features.identifiers import check_firm_key, check_patent
from features.phrase import Language, Phrase
from features.tables import TABLES, Table

Row = dict[str, Any]
Checked = Callable[[str], Phrase | None]

PLAIN = r"^[^\p{Cc}\p{Zl}\p{Zp}]*$"
"""Texts without control characters and line ends, in the syntax that pydantic and Polars share (Rust's)."""
_ISO_DAY = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
_STRICT = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False)
_DTYPES: dict[str, pl.DataType] = {
    "text": pl.String(),
    "choice": pl.String(),
    "money": pl.Int64(),
    "count": pl.Int64(),
    "number": pl.Float64(),
    "day": pl.Date(),
    "flag": pl.Boolean(),
}


@lru_cache(maxsize=1 << 16)
def _check_firm(text: str) -> Phrase | None:
    """A court or a foreign buyer may stand in the register without a code; what claims to be a code must be right."""
    return check_firm_key(text) if text.startswith("uscc:") else None


_FORM_CHECKS: dict[Form, Checked] = {"firm": _check_firm, "patent": lru_cache(maxsize=1 << 16)(check_patent)}


@dataclass(frozen=True)
class RowProblem:
    """Why a row is refused. `row` counts from 0 within its table; None where a whole table or the text is at fault."""

    table: str
    row: int | None
    column: str
    value: str
    phrase: Phrase

    @property
    def fault(self) -> Fault:
        """The same as a place that is wrong: `/table/row/column`."""
        place = (self.table, self.row, self.column)
        return Fault("".join(f"/{part}" for part in place if part not in (None, "")), self.phrase)

    def text(self, language: Language) -> str:
        """The place, what is wrong there, and what was found."""
        told = f"{self.fault.pointer or '/'}: {PledgeScoreError.say(self.phrase, language)}"
        return f"{told} ({self.value})" if self.value else told


# --- rows, by pydantic -----------------------------------------------------------------------------------------------


class _Day:
    """A calendar day: in JSON a text YYYY-MM-DD (pydantic alone would take "1577836800" too), in Python a `date`."""

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        text = core_schema.str_schema(strict=True, pattern=_ISO_DAY)
        parsed = core_schema.date_schema(strict=False, ge=FIRST_DAY, le=LAST_DAY)
        given = core_schema.date_schema(strict=True, ge=FIRST_DAY, le=LAST_DAY)
        return core_schema.json_or_python_schema(core_schema.chain_schema([text, parsed]), given)

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"type": "string", "format": "date"}


def _annotation(column: Column) -> Any:
    """The type of one known value."""
    field: Any = Field
    if column.kind == "text":
        return Annotated[str, field(min_length=1, max_length=column.longest, pattern=column.pattern or PLAIN)]
    if column.kind == "choice":
        return Literal[column.choices]
    if column.whole:
        least, most = (None if limit is None else int(limit) for limit in (column.least, column.most))
        least = -LARGEST_WHOLE if least is None else least
        return Annotated[int, field(ge=least, le=LARGEST_WHOLE if most is None else most)]
    if column.kind == "number":
        return Annotated[float, field(ge=column.least, le=column.most)]
    return Annotated[date, _Day] if column.kind == "day" else bool


def _field(column: Column, required: bool) -> Any:
    about = f"{column.meaning} · {column.zh}" + (f". Unit: {column.unit}." if column.unit else ".")
    known: Any = _annotation(column)
    described: Any = Annotated[known, Field(description=about)]
    return described if required else NotRequired[Optional[described]]  # noqa: UP045 (a value, no type, at run time)


def _row_rule(table: type[Table]) -> Callable[[Row], Row]:
    """The check of what one column alone cannot tell: order of days, and identifiers' check digits."""
    happened = tuple(c.name for c in table.columns.values() if c.happened)
    forms = tuple((c.name, _FORM_CHECKS[c.form]) for c in table.columns.values() if c.form)
    orders = table.orders

    def rule(row: Row) -> Row:
        known_on = row["known_on"]
        for name in happened:
            day = row.get(name)
            if day is not None and day > known_on:
                raise _refusal(name, day, refusal_phrase("row_after_known"))
        for first, second in orders:
            day, later = row.get(first), row.get(second)
            if day is not None and later is not None and day > later:
                raise _refusal(second, later, refusal_phrase("row_before", first=first))
        for name, check in forms:
            text = row.get(name)
            if text is not None and (fault := check(text)):
                raise _refusal(name, text, fault)
        return row

    return rule


def _refusal(column: str, value: object, phrase: Phrase) -> PydanticCustomError:
    return PydanticCustomError("row_rule", "row rule", {"column": column, "value": _shown(value), "phrase": phrase})


@cache
def row_model(table: str, firm_required: bool = True) -> Any:
    """The type of one row: a typed dictionary with `datetime.date` days, its row rules included."""
    declared = TABLES[table]
    fields = {
        name: _field(column, column.required and (firm_required or name != "firm"))
        for name, column in declared.columns.items()
    }
    title = "".join(part.title() for part in table.split("_")) + ("" if firm_required else "OfApplicant")
    make: Any = TypedDict
    model = make(title, fields)
    model.__doc__ = declared.__doc__
    model.__pydantic_config__ = _STRICT
    return Annotated[model, _After(_row_rule(declared))]


@dataclass(frozen=True)
class _After:
    """Runs a row rule after the columns were found right."""

    rule: Callable[[Row], Row]

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self.rule, handler(source))


@cache
def rows_model() -> Any:
    """The type of a request's raw rows: lists of rows by table name; `firm` may be left out of a row."""
    make: Any = TypedDict
    lists: dict[str, Any] = {name: list[row_model(name, firm_required=False)] for name in TABLES}  # type: ignore[misc]
    model = make("Rows", lists, total=False)
    model.__doc__ = "Raw rows by table name; a table that is present, be it empty, was asked for."
    model.__pydantic_config__ = _STRICT
    return model


@cache
def rows_adapter() -> TypeAdapter[dict[str, list[Row]]]:
    """Validates an object of rows by table name; gives plain dictionaries ready for `Tables.from_rows`.

    `firm` may be left out of a row: the caller fills in the applicant's key.
    """
    return TypeAdapter(rows_model())


def problems(error: ValidationError, within: int = 0) -> list[RowProblem]:
    """A validation error of `rows_adapter` as problems; `within` is the number of leading places to skip."""
    return [_problem(fault, fault["loc"][within:]) for fault in error.errors(include_url=False)]


def _problem(fault: Mapping[str, Any], place: Sequence[int | str]) -> RowProblem:
    table = str(place[0]) if place else ""
    row = place[1] if len(place) > 1 and isinstance(place[1], int) else None
    context = fault.get("ctx", {})
    if fault["type"] == "row_rule":
        return RowProblem(table, row, context["column"], context["value"], context["phrase"])
    name = str(place[2]) if len(place) > 2 else ""
    column = TABLES[table].columns.get(name) if table in TABLES else None
    said = _not_allowed(column, fault["type"] == "missing") if column else _misplaced(fault, table, name)
    value = "" if fault["type"] in ("missing", "extra_forbidden", "json_invalid") else _shown(fault["input"])
    return RowProblem(table, row, name, value, said)


def _not_allowed(column: Column, missing: bool) -> Phrase:
    return refusal_phrase("row_missing" if missing else "row_value", allowed=column.limits)


def _no_column(table: str, name: str) -> Phrase:
    return refusal_phrase("row_no_column", table=table, column=name)


def _misplaced(fault: Mapping[str, Any], table: str, name: str) -> Phrase:
    match fault["type"]:
        case "extra_forbidden":
            return _no_column(table, name) if name else refusal_phrase("row_no_table", table=table)
        case "json_invalid":
            return refusal_phrase("rows_not_json", why=str(fault["ctx"]["error"]))
        case "list_type" | "dict_type" as code:
            return refusal_phrase(code)
        case code:
            return refusal_phrase("value", type=str(code))


def _shown(value: object, longest: int = 80) -> str:
    if isinstance(value, str):
        text = repr(value)  # so that a control character reaches no terminal
    else:
        text = str(value) if isinstance(value, date | int | float) else type(value).__name__
    return text if len(text) <= longest else text[: longest - 1] + "…"


# --- frames, by Polars -----------------------------------------------------------------------------------------------


def polars_schema(table: str) -> dict[str, pl.DataType]:
    """The Polars type of every column of a table, in the order of its declaration."""
    return {name: _DTYPES[column.kind] for name, column in TABLES[table].columns.items()}


def check_frame(table: str, frame: pl.DataFrame, most: int = 1000) -> list[RowProblem]:
    """What is wrong with a frame of rows: at most `most` problems per rule, in order of rule and row.

    A column that is not required may be absent. Whole columns are judged at once: millions of rows take seconds.
    """
    shape = list(_shape_problems(table, frame))
    if shape:
        return shape
    rules = [rule for rule in _rules(TABLES[table]) if set(rule.reads) <= set(frame.columns)]
    broken = frame.select(rule.broken.any().alias(str(place)) for place, rule in enumerate(rules)).row(0)
    found = [
        p for rule, is_broken in zip(rules, broken, strict=True) if is_broken for p in _rows(table, frame, rule, most)
    ]
    return found + list(_form_problems(table, frame, most))


@dataclass(frozen=True)
class _Rule:
    """A Boolean expression that is true where the column is wrong; null or false where it is right."""

    column: str
    broken: pl.Expr
    phrase: Phrase
    missing: Phrase
    other: str = ""

    @property
    def reads(self) -> tuple[str, ...]:
        return (self.column, self.other) if self.other else (self.column,)


def _shape_problems(table: str, frame: pl.DataFrame) -> Iterator[RowProblem]:
    schema, columns = polars_schema(table), TABLES[table].columns
    for name, dtype in frame.schema.items():
        if name not in schema:
            yield RowProblem(table, None, name, "", _no_column(table, name))
        elif dtype != schema[name]:
            said = refusal_phrase("row_column_type", type=str(schema[name]), allowed=columns[name].limits)
            yield RowProblem(table, None, name, str(dtype), said)
    for name, column in columns.items():
        if column.required and name not in frame.columns:
            yield RowProblem(table, None, name, "", refusal_phrase("row_column_missing", allowed=column.limits))


def _rules(table: type[Table]) -> Iterator[_Rule]:
    for column in table.columns.values():
        missing = _not_allowed(column, missing=True)
        for broken in _broken(column):
            yield _Rule(column.name, broken, _not_allowed(column, missing=False), missing)
        if column.happened:
            later = pl.col(column.name) > pl.col("known_on")
            yield _Rule(column.name, later, refusal_phrase("row_after_known"), missing, "known_on")
    for first, second in table.orders:
        before = refusal_phrase("row_before", first=first)
        yield _Rule(second, pl.col(first) > pl.col(second), before, before, first)


def _broken(column: Column) -> Iterator[pl.Expr]:
    value = pl.col(column.name)
    if column.required:
        yield value.is_null()
    if column.least is not None:
        yield value < column.least
    if column.most is not None:
        yield value > column.most
    yield from _broken_kind(column, value)


def _broken_kind(column: Column, value: pl.Expr) -> Iterator[pl.Expr]:
    if column.kind == "text":
        yield ~value.str.len_chars().is_between(1, column.longest)
        yield ~value.str.contains(column.pattern or PLAIN)
    elif column.kind == "choice":
        yield ~value.is_in(column.choices)
    elif column.kind == "day":
        yield ~value.is_between(FIRST_DAY, LAST_DAY)
    elif column.kind == "number":
        yield ~value.is_finite()
    elif column.whole:
        yield ~value.is_between(-LARGEST_WHOLE, LARGEST_WHOLE)


def _rows(table: str, frame: pl.DataFrame, rule: _Rule, most: int) -> Iterator[RowProblem]:
    rows = frame.select(pl.arg_where(rule.broken)).to_series().head(most)
    for row, value in zip(rows, frame[rule.column].gather(rows), strict=True):
        missing = value is None
        said = rule.missing if missing else rule.phrase
        yield RowProblem(table, row, rule.column, "" if missing else _shown(value), said)


def _form_problems(table: str, frame: pl.DataFrame, most: int) -> Iterator[RowProblem]:
    for column in TABLES[table].columns.values():
        if not column.form or column.name not in frame.columns:
            continue
        faults = _faults(_FORM_CHECKS[column.form], frame[column.name].drop_nulls().unique().sort())
        if faults:
            rows = frame.select(pl.arg_where(pl.col(column.name).is_in(list(faults)))).to_series().head(most)
            for row, text in zip(rows, frame[column.name].gather(rows), strict=True):
                yield RowProblem(table, row, column.name, _shown(text), faults[text])


def _faults(check: Checked, texts: Iterable[str]) -> dict[str, Phrase]:
    return {text: fault for text in texts if (fault := check(text))}


# --- what is odd but not refused -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Imbalance:
    """Books whose assets differ from liabilities and equity by `gap` (minor units)."""

    row: int
    period_end: date
    gap: int
    total_assets: int

    @property
    def says(self) -> dict[str, str]:
        """The warning in Chinese and English; `gap` in whole units of the currency."""
        gap = f"{self.gap / 100:,.2f}"
        return {
            "zh": f"{self.period_end} 报表不平：资产减负债减所有者权益为 {gap} 元",
            "en": f"books of {self.period_end} do not balance: assets less liabilities less equity are {gap}",
        }


def balance_warnings(statements: Iterable[Mapping[str, Any]]) -> list[Imbalance]:
    """The statements in which assets, liabilities and equity are all known and do not balance to the minor unit."""
    found = []
    for row, books in enumerate(statements):
        sides = [books.get(name) for name in ("total_assets", "total_liabilities", "equity")]
        if None not in sides:
            assets, liabilities, equity = sides
            if gap := assets - liabilities - equity:  # type: ignore[operator]
                found.append(Imbalance(row, books["period_end"], gap, assets))  # type: ignore[arg-type]
    return found
