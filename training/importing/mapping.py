"""A mapping file: how somebody's own files become our tables, in TOML that a bank's data engineer writes in an hour.

    [lake]                                     # what is made
    name = "branch_17"
    currency = "CNY"

    [sources.books]                            # where rows come from: a file, a database, or a query over other sources
    path = "books_*.csv.gz"

    [[tables.statements]]                      # one block per table and source; a table may have several
    source = "books"
    source_kind = "document"
    [tables.statements.fields]                 # our column = theirs
    firm = "uscc:{code}"                       # braces: a template
    period_end = { column = "bs_date", format = "%Y%m%d" }
    months = { constant = 12 }
    revenue = { column = "rev_wan", factor = 1000000 }   # ten thousand yuan to fen, in exact decimals
    known_on = { after = "period_end", days = 120 }      # a rule, so counted as assumed

`docs/bring-your-own-data.md` says the rest. Reading a mapping checks everything that can be known without the data.
"""

import tomllib
from collections.abc import Mapping as Mapped
from datetime import date
from decimal import Decimal
from pathlib import Path
from string import Formatter
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from features.columns import PLAIN
from features.errors import Fault, PledgeScoreError
from features.tables import SOURCE_KINDS, TABLES
from features.text_files import NotUtf8, decoded
from models.words.faults import phrase_of, pydantic_error


class MappingError(PledgeScoreError):
    """A mapping file cannot be read, or names what does not exist."""


class _MappingTable(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _texts(value: object) -> object:
    return [value] if isinstance(value, str) else value


Texts = Annotated[tuple[str, ...], BeforeValidator(_texts)]
Constant = bool | int | float | date | str


class FieldRule(_MappingTable):
    """How one of our columns is filled: from exactly one of the first five, then changed by what follows.

    `column`: a source column; `template`: a text with {source columns}, empty where one of them is empty; `constant`;
    `hash_of`: 16 hexadecimal digits of SHA-256 over source columns (globs allowed), after `prefix`; `after`: our own
    day column, `days` later.
    `strip`: characters to remove. `take`: only so many leading characters. `values`: theirs = ours. `codes`: the number
    is the text's place in this list. `otherwise`: for texts in neither ("missing" leaves the value out; without it the
    row is refused). `factor`: exact, before rounding half to even. `over`: a source column to divide by. `format`: of
    days, as in strftime; the first that fits. `assumed`: a `known_on` that is no fact of the source.
    """

    column: str | None = None
    template: str | None = None
    constant: Constant | None = None
    hash_of: Texts = ()
    after: str | None = None
    prefix: str = ""
    days: int = 0
    take: int | None = None
    over: str | None = None
    factor: Annotated[Decimal, BeforeValidator(str)] = Decimal(1)
    values: dict[str, Constant] = {}
    codes: tuple[str, ...] = ()
    otherwise: Constant | None = None
    format: Texts = ("%Y-%m-%d",)
    strip: str = ""
    assumed: bool = False

    @model_validator(mode="after")
    def _one_origin(self) -> "FieldRule":
        given = [n for n in ("column", "template", "hash_of", "after") if getattr(self, n)]
        if len(given) + (self.constant is not None) != 1:
            raise pydantic_error("mapping_one_origin")
        if self.values and self.codes:
            raise pydantic_error("mapping_values_or_codes")
        return self

    @property
    def columns(self) -> list[str]:
        """The source columns that the rule names (not those that only a glob of `hash_of` matches)."""
        named = [self.column, self.over, *(part[1] for part in Formatter().parse(self.template or ""))]
        return [name for name in named if name]

    @property
    def is_assumed(self) -> bool:
        """Whether a `known_on` made by this rule is our assumption rather than the source's fact."""
        return self.assumed or self.after is not None or self.constant is not None or self.days != 0


def _short(value: object) -> object:
    """A bare text is a template where it has braces, else the name of a source column."""
    if isinstance(value, str):
        return {"template": value} if "{" in value else {"column": value}
    return value


Rule = Annotated[FieldRule, BeforeValidator(_short)]


class Keep(_MappingTable):
    """A filter: rows that do not meet it are left out and counted under `because`."""

    column: str
    because: str
    among: tuple[str, ...] | None = Field(None, alias="in")
    none_of: tuple[str, ...] | None = Field(None, alias="not_in")
    known: bool | None = None
    least: float | None = None
    most: float | None = None

    @model_validator(mode="after")
    def _one_test(self) -> "Keep":
        if sum(v is not None for v in (self.among, self.none_of, self.known, self.least, self.most)) != 1:
            raise pydantic_error("mapping_one_test")
        return self


class SourceRule(_MappingTable):
    """Where rows come from: files (`path`, globs allowed), a database (`url` or `url_from`, with `sql`), `sql` alone.

    `sql` alone is a query over the sources named before it. `url_from` names an environment variable that holds the
    URL, so that no password stands in a file. `missing`: texts that mean *not known*.
    """

    path: str | None = None
    url: str | None = None
    url_from: str | None = None
    sql: str | None = None
    format: Literal["csv", "parquet", "arff"] | None = None
    separator: str = ","
    encoding: str = "utf8"
    missing: Texts = ("",)
    keep: tuple[Keep, ...] = ()

    @model_validator(mode="after")
    def _one_place(self) -> "SourceRule":
        if self.url and self.url_from:
            raise pydantic_error("mapping_one_url")
        if bool(self.path) == bool(self.sql):
            raise pydantic_error("mapping_one_place")
        if self.path and (self.url or self.url_from):
            raise pydantic_error("mapping_path_url")
        return self


class TableRule(_MappingTable):
    """How one source fills one table. `each`: one row per entry, its name as `measure`, its rule filling `value`.

    `each_column` does the same for every source column that a glob matches, under the column's own name. `when_known`:
    our columns without which a source row makes no row here (it is counted); so several events come of one source row.
    """

    source: str
    source_kind: Annotated[str, Field(pattern=f"^({'|'.join(SOURCE_KINDS)})$")]
    fields: dict[str, Rule] = {}
    each: dict[str, Rule] = {}
    each_column: Texts = ()
    when_known: Texts = ()
    keep: tuple[Keep, ...] = ()


class LakeRule(_MappingTable):
    """What is made: its name, the currency of its money, and into how many partitions the firms are cut.

    `bank`: whose lake it is, by the name that its accounts have in the service; no other bank reads it there.
    """

    name: str
    bank: Annotated[str, Field(pattern=PLAIN, max_length=200)] = ""
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")]
    partitions: Annotated[int, Field(ge=1, le=9999)] = 4
    synthetic: bool = False


class Mapping(_MappingTable):
    """A whole mapping file."""

    lake: LakeRule
    sources: dict[str, SourceRule]
    tables: dict[str, tuple[TableRule, ...]]
    unused: dict[str, Texts] = {}

    @model_validator(mode="after")
    def _names_exist(self) -> "Mapping":
        for table, rules in self.tables.items():
            if table not in TABLES:
                raise pydantic_error("mapping_no_table", table=table)
            for rule in rules:
                _check_table_rule(table, rule, self.sources)
        return self


def _check_table_rule(table: str, rule: TableRule, sources: Mapped[str, SourceRule]) -> None:
    columns = TABLES[table].columns
    if rule.source not in sources:
        raise pydantic_error("mapping_no_source", table=table, source=rule.source)
    long = {"measure", "value"} if rule.each or rule.each_column else set()
    if long and table != "measures":
        raise pydantic_error("mapping_each", table=table)
    given = set(rule.fields) | long | {"source_kind"}
    for name in sorted(given | set(rule.when_known)):
        if name not in columns:
            raise pydantic_error("mapping_no_column", table=table, column=name)
    for name, field in rule.fields.items():
        if field.after is not None and (field.after not in rule.fields or columns[field.after].kind != "day"):
            raise pydantic_error("mapping_after", table=table, column=name, after=field.after)
    missing = [name for name, column in columns.items() if column.required and name not in given]
    if missing:
        raise pydantic_error("mapping_missing_columns", table=table, columns=tuple(missing))


def read_mapping(path: Path) -> Mapping:
    """The mapping in a TOML file. Raises `MappingError` naming file, place and what is wrong."""
    try:
        told: dict[str, object] = tomllib.loads(decoded(path.read_bytes()))
        return Mapping.model_validate(told)
    except FileNotFoundError:
        raise MappingError("mapping_missing", file=path) from None
    except (tomllib.TOMLDecodeError, NotUtf8) as fault:
        raise MappingError("not_toml", file=path, why=str(fault)) from None
    except ValidationError as fault:
        wrong = [Fault(".".join(map(str, one["loc"])), phrase_of(one)) for one in fault.errors(include_url=False)]
        raise MappingError("mapping_wrong", file=path, faults=wrong) from None
