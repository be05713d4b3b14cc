"""What a row must be to be let in: one set of rules, from the tables' declaration, for JSON, frames and readers.

A request's rows are checked by pydantic while they are parsed (`rows_adapter`), a lake's rows by Polars a column at a
time (`features.frames`). Both accept the same rows; a test generates rows to see that. Nothing is coerced: "1" is no
number, 1.5 is no count, 2020-02-30 is no day.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Annotated, Any, Literal, NotRequired, Optional

from pydantic import ConfigDict, Field, GetCoreSchemaHandler, GetJsonSchemaHandler, TypeAdapter, ValidationError
from pydantic_core import CoreSchema, PydanticCustomError, core_schema
from typing_extensions import TypedDict

from features.columns import FIRST_DAY, LARGEST_WHOLE, LAST_DAY, PLAIN, Column, Form
from features.errors import refusal_phrase
from features.phrase import Phrase
from features.row_checks import FORM_CHECKS, REGISTER_CHECKS, RowProblem, evidence_fault, no_column, not_allowed, shown
from features.tables import TABLES, Table

Row = dict[str, Any]

_ISO_DAY = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
_STRICT = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False)


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
    forms = tuple((c.name, c.form, c.form_where) for c in table.columns.values() if c.form)
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
        _check_forms(row, forms)
        return row

    return rule


def _check_forms(row: Row, forms: Sequence[tuple[str, Form, tuple[str, str] | None]]) -> None:
    checks = REGISTER_CHECKS if row["source_kind"] == "register" else FORM_CHECKS
    for name, form, where in forms:
        text = row.get(name) if where is None or row.get(where[0]) == where[1] else None
        if text is not None and (fault := checks[form](text)):
            raise _refusal(name, text, fault)


def _evidence_rule(other: Callable[[Row], Row]) -> Callable[[Row], Row]:
    """The other check, and that of what the vocabulary asks of a fact and its answer."""

    def rule(row: Row) -> Row:
        if wrong := evidence_fault(row["fact"], row.get("answer"), row["subject"]):
            raise _refusal(*wrong)
        return other(row)

    return rule


def _refusal(column: str, value: object, phrase: Phrase) -> PydanticCustomError:
    return PydanticCustomError("row_rule", "row rule", {"column": column, "value": shown(value), "phrase": phrase})


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
    rule = _row_rule(declared)
    return Annotated[model, _After(_evidence_rule(rule) if table == "evidence" else rule)]


@dataclass(frozen=True)
class _After:
    """Runs a row rule after the columns were found right."""

    rule: Callable[[Row], Row]

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self.rule, handler(source))


@cache
def rows_model(first_fault: bool = False) -> Any:
    """The type of a request's raw rows: lists of rows by table name; `firm` may be left out of a row.

    `first_fault`: a list is looked at as far as its first row that is wrong.
    """
    make: Any = TypedDict
    stops: Any = Field(fail_fast=first_fault)
    lists: dict[str, Any] = {
        name: Annotated[list[row_model(name, firm_required=False)], stops]  # type: ignore[misc]
        for name in TABLES
    }
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


@cache
def row_adapter(table: str) -> TypeAdapter[Row]:
    """Validates one row as `rows_adapter` does."""
    return TypeAdapter(row_model(table, firm_required=False))


def problems(error: ValidationError, within: int = 0, at: Sequence[int | str] = ()) -> list[RowProblem]:
    """A validation error of `rows_adapter` as problems; `within` is the number of leading places to skip.

    `at`: the table and row of an error of `row_adapter`.
    """
    return [_problem(fault, (*at, *fault["loc"][within:])) for fault in error.errors(include_url=False)]


def _problem(fault: Mapping[str, Any], place: Sequence[int | str]) -> RowProblem:
    table = str(place[0]) if place else ""
    row = place[1] if len(place) > 1 and isinstance(place[1], int) else None
    context = fault.get("ctx", {})
    if fault["type"] == "row_rule":
        return RowProblem(table, row, context["column"], context["value"], context["phrase"])
    name = str(place[2]) if len(place) > 2 else ""
    column = TABLES[table].columns.get(name) if table in TABLES else None
    said = not_allowed(column, fault["type"] == "missing") if column else _misplaced(fault, table, name)
    value = "" if fault["type"] in ("missing", "extra_forbidden", "json_invalid") else shown(fault["input"])
    return RowProblem(table, row, name, value, said)


def _misplaced(fault: Mapping[str, Any], table: str, name: str) -> Phrase:
    match fault["type"]:
        case "extra_forbidden":
            return no_column(table, name) if name else refusal_phrase("row_no_table", table=table)
        case "json_invalid":
            return refusal_phrase("rows_not_json", why=str(fault["ctx"]["error"]))
        case "list_type" | "dict_type" as code:
            return refusal_phrase(code)
        case code:
            return refusal_phrase("value", type=str(code))
