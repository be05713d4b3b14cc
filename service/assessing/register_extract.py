"""One register extract, typed once, as the rows of patents, holdings and events that it says.

An extract of the patent register (专利登记簿副本) is one paper with many facts: whoever types it need not know in which
tables they stand. What it does not say stays as it was known before; what cannot follow from it is asked for, never
guessed. The rows are checked as any others are, and what is wrong is told at its place in `extract`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, Discriminator, Field, Tag, ValidationError

from features.columns import PLAIN
from features.errors import Fault, fault, refusal_phrase
from features.identifiers import IdentifierError, patent_number
from features.schema import Row, problems, rows_adapter
from features.written import AS_WRITTEN, UNITS, normal_row
from models.words.faults import pointer
from service.assessing.ports import Rows
from service.edge.errors import InvalidRequest
from service.edge.fields import STRICT, Day, Note, Share

SOURCE = "专利登记簿副本"
_KIND_OF_DIGIT = {"1": "invention", "8": "invention", "2": "utility_model", "9": "utility_model", "3": "design"}
"""The kind of right that the fifth digit of a Chinese application number states; 8 and 9 came by the PCT."""
Typed = Annotated[str, Field(min_length=1, max_length=200, pattern=PLAIN)]
"""A text, brought to normal form and checked as that of the table in which it will stand."""


class WrittenAmount(BaseModel):
    """An amount with its unit."""

    model_config = STRICT

    value: int | float | str
    unit: Literal[tuple(UNITS)]  # type: ignore[valid-type]


Amount = int | WrittenAmount
"""An amount in fen, or with its unit."""


class ExtractHolder(BaseModel):
    """Who holds the patent on the day of the extract."""

    model_config = STRICT

    holder: Typed = Field(description="Unified social credit code, key or name")
    since: Day | None = Field(
        default=None, description="First day of the holding: the filing day, or that of the entry of a transfer"
    )
    share: Share | None = None
    bought: bool | None = Field(default=None, description="Whether it came by a transfer")


class ExtractPledge(BaseModel):
    """One registration of a pledge."""

    model_config = STRICT

    registration: Typed | None = None
    registered_on: Day
    pledgee: Typed | None = None
    pledgee_name: Typed | None = None
    amount: Amount | None = None
    until: Day | None = None
    released_on: Day | None = None


class ExtractLicence(BaseModel):
    """One record of a licence."""

    model_config = STRICT

    record: Typed | None = None
    from_on: Day
    licensee: Typed | None = None
    exclusive: bool | None = None
    until: Day | None = None
    ended_on: Day | None = None


class ExtractPreservation(BaseModel):
    """One preservation by a court, or suspension."""

    model_config = STRICT

    reference: Typed | None = None
    from_on: Day
    court: Typed | None = None
    until: Day | None = None
    released_on: Day | None = None


class RegisterExtract(BaseModel):
    """An extract of the patent register, as an officer reads it.

    `holders` are all who hold the patent on the day: whoever held it before and is not among them holds it no more. An
    empty list of pledges, licences or preservations says that none is entered; one that is left out says nothing.
    """

    model_config = STRICT

    patent: Typed = Field(description="Application number, in any usual writing")
    drawn_on: Day = Field(description="Day of the extract")
    status: Typed = Field(description="Legal status, as the extract words it or by code: see /v1/vocabulary")
    number: Typed | None = Field(default=None, description="Number of the extract")
    title: Note | None = None
    kind: Typed | None = Field(default=None, description="Left out: as the application number says")
    filed_on: Day | None = None
    granted_on: Day | None = None
    fees_paid_to: Day | None = None
    holders: Annotated[list[ExtractHolder], Field(max_length=100)] | None = None
    pledges: Annotated[list[ExtractPledge], Field(max_length=100)] | None = None
    licences: Annotated[list[ExtractLicence], Field(max_length=100)] | None = None
    preservations: Annotated[list[ExtractPreservation], Field(max_length=100)] | None = None
    remarks: Annotated[Note, Field(max_length=3000)] | None = None


ONE, MANY = "one", "many"
Extracts = Annotated[
    Annotated[RegisterExtract, Tag(ONE)]
    | Annotated[list[RegisterExtract], Field(min_length=1, max_length=1000), Tag(MANY)],
    Discriminator(lambda given: MANY if isinstance(given, list) else ONE),
]
"""One extract, or several."""


def with_extracts(given: RegisterExtract | Sequence[RegisterExtract], rows: Rows, firm: str, as_of: date) -> Rows:
    """The rows with what the extracts say. Raises `InvalidRequest`, naming places in `/extract`."""
    alone = isinstance(given, RegisterExtract)
    found = {table: list(own) for table, own in rows.items()}
    for place, one in enumerate([given] if isinstance(given, RegisterExtract) else given):
        expand(one, found, firm, as_of, "/extract" if alone else f"/extract/{place}")
    return found


@dataclass
class _NewRow:
    """A row to be added, and where in the request each of its cells stands."""

    table: str
    cells: Row
    at: str
    places: Mapping[str, str] = field(default_factory=dict)

    def place(self, column: str) -> str:
        """The place of a column's value."""
        name = self.places.get(column, "")
        return f"{self.at}/{name}" if name else self.at


def expand(extract: RegisterExtract, rows: Rows, firm: str, as_of: date, at: str) -> None:
    """Add to the rows what one extract says. Raises `InvalidRequest`."""
    if extract.drawn_on > as_of:
        raise InvalidRequest([fault(f"{at}/drawn_on", "extract_after_asked", as_of=as_of)])
    try:
        number = patent_number(extract.patent)
    except IdentifierError as error:
        raise InvalidRequest([Fault(f"{at}/patent", error.phrase)]) from None
    known = _Known(rows, number, extract.drawn_on)
    made = [_patent(extract, known, at), *_holdings(extract, known, at), *_events(extract, at)]
    common = {"firm": firm, "known_on": extract.drawn_on, "source_kind": "register", "source": SOURCE}
    checked = _checked(made, common)
    replaced = known.same_day
    if replaced is not None:
        rows["patents"] = [row for row in rows["patents"] if row is not replaced]
    for table, own in checked.items():
        rows[table] = [*rows.get(table, ()), *own]


@dataclass(frozen=True)
class _Known:
    """What was known of a patent on the day of the extract."""

    rows: Rows
    number: str
    day: date

    @property
    def patent(self) -> Row:
        """The latest row of the patent; empty where there is none."""
        own = [row for row in self.rows.get("patents", ()) if row["patent"] == self.number]
        own = [row for row in own if row["known_on"] <= self.day]
        latest = max(own, key=lambda row: row["known_on"], default=None)
        return {} if latest is None or latest.get("withdrawn") else latest

    @property
    def same_day(self) -> Row | None:
        """That row where it became known on the day of the extract, which then says all of it."""
        found = self.patent
        return found if found and found["known_on"] == self.day else None

    def holdings(self) -> list[Row]:
        """The holdings that were running, each by its latest row."""
        latest: dict[tuple[object, ...], Row] = {}
        for row in sorted(self.rows.get("holdings", ()), key=lambda row: row["known_on"]):
            if row["patent"] == self.number and row["known_on"] <= self.day:
                latest[row["holder"], row["from_on"]] = row
        return [
            row
            for row in latest.values()
            if not row.get("withdrawn") and (row.get("to_on") is None or row["to_on"] > self.day)
        ]


_NOT_KEPT = frozenset({"firm", "known_on", "source_kind", "source", AS_WRITTEN})
"""What a row that is stated anew does not take over from the one before."""


def _kept(row: Row) -> Row:
    return {name: value for name, value in row.items() if name not in _NOT_KEPT and value is not None}


def _patent(extract: RegisterExtract, known: _Known, at: str) -> _NewRow:
    own = ("title", "kind", "filed_on", "granted_on", "fees_paid_to")
    said = {name: value for name in own if (value := getattr(extract, name)) is not None}
    cells = _kept(known.patent) | said | {"patent": extract.patent}
    if "kind" not in cells and (digit := _digit_of_kind(known.number)) in _KIND_OF_DIGIT:
        cells["kind"] = _KIND_OF_DIGIT[digit]
    if "filed_on" not in cells:
        raise InvalidRequest([fault(f"{at}/filed_on", "extract_filed_on")])
    return _NewRow("patents", cells, at, {name: name for name in (*own, "patent")})


def _digit_of_kind(number: str) -> str:
    """The fifth digit of a number of twelve digits, the third of one of eight; empty for other offices."""
    digits = number.removeprefix("CN").partition(".")[0] if number.startswith("CN") else ""
    return digits[4:5] if len(digits) == 12 else digits[2:3]


def _holdings(extract: RegisterExtract, known: _Known, at: str) -> Iterator[_NewRow]:
    """The holdings on the day; those that ran and of which the extract says nothing more have ended by it."""
    if extract.holders is None:
        return
    running = known.holdings()
    made = [
        _holding(extract.patent, one, running, f"{at}/holders/{place}") for place, one in enumerate(extract.holders)
    ]
    yield from made
    named = {normal_row("holdings", dict(one.cells))["holder"] for one in made}
    for row in running:
        if row["holder"] not in named:
            yield _NewRow("holdings", _kept(row) | {"to_on": extract.drawn_on}, f"{at}/holders")


def _holding(patent: str, one: ExtractHolder, running: Sequence[Row], at: str) -> _NewRow:
    told: Row = {"patent": patent, "holder": one.holder}
    holder = normal_row("holdings", dict(told))["holder"]
    before = next((row for row in running if row["holder"] == holder and one.since in (None, row["from_on"])), None)
    told |= {
        "from_on": one.since,
        "share": one.share,
        "how": None if one.bought is None else "bought" if one.bought else "original",
    }
    cells = (_kept(before) if before else {}) | {name: value for name, value in told.items() if value is not None}
    if "from_on" not in cells:
        raise InvalidRequest([fault(f"{at}/since", "extract_holder_since")])
    return _NewRow("holdings", cells, at, {"holder": "holder", "from_on": "since", "share": "share"})


def _events(extract: RegisterExtract, at: str) -> Iterator[_NewRow]:
    detail = [extract.remarks] if extract.remarks else []
    if all(
        entered is not None and not entered for entered in (extract.pledges, extract.licences, extract.preservations)
    ):
        detail.insert(0, "unencumbered")
    stated: Row = {
        "patent": extract.patent,
        "happened_on": extract.drawn_on,
        "event": "register_extract",
        "extract_status": extract.status,
        "reference": extract.number,
        "detail": "; ".join(detail) or None,
    }
    yield _new(stated, at, {"extract_status": "status", "reference": "number", "detail": "remarks", "patent": "patent"})
    for place, pledge in enumerate(extract.pledges or ()):
        said = {
            "reference": "registration",
            "party": "pledgee",
            "party_name": "pledgee_name",
            "amount": "amount",
            "until": "until",
        }
        where = f"{at}/pledges/{place}"
        yield from _opened(
            extract, pledge, ("pledged", "registered_on"), ("pledge_released", "released_on"), said, where
        )
    for place, licence in enumerate(extract.licences or ()):
        said = {"reference": "record", "party": "licensee", "exclusive": "exclusive", "until": "until"}
        where = f"{at}/licences/{place}"
        yield from _opened(extract, licence, ("licensed", "from_on"), ("licence_ended", "ended_on"), said, where)
    for place, held in enumerate(extract.preservations or ()):
        said = {"reference": "reference", "party": "court", "until": "until"}
        where = f"{at}/preservations/{place}"
        yield from _opened(
            extract, held, ("preserved", "from_on"), ("preservation_released", "released_on"), said, where
        )


def _opened(
    extract: RegisterExtract,
    entry: BaseModel,
    opening: tuple[str, str],
    closing: tuple[str, str],
    said: Mapping[str, str],
    at: str,
) -> Iterator[_NewRow]:
    """The event that an entry of the register opens and, where it tells a day of that, the one that closes it."""
    for event, day in (opening, closing):
        if (on := getattr(entry, day)) is None:
            continue
        cells = {"patent": extract.patent, "event": event, "happened_on": on}
        columns = said if event == opening[0] else {"reference": said["reference"]}
        cells |= {column: getattr(entry, name) for column, name in columns.items()}
        yield _new(cells, at, {**columns, "happened_on": day})


def _new(cells: Row, at: str, places: Mapping[str, str]) -> _NewRow:
    told = {
        name: value.model_dump() if isinstance(value, WrittenAmount) else value
        for name, value in cells.items()
        if value is not None
    }
    return _NewRow("patent_events", told, at, places)


def _checked(made: Sequence[_NewRow], common: Row) -> Rows:
    """The new rows in normal form, by table. Raises `InvalidRequest`, naming where in the extract each fault stands."""
    placed: dict[str, list[_NewRow]] = {}
    for one in made:
        placed.setdefault(one.table, []).append(one)
    written = {table: [normal_row(table, one.cells | common) for one in own] for table, own in placed.items()}
    try:
        return rows_adapter().validate_python(written)
    except ValidationError as error:
        faults = []
        for problem in problems(error):
            own = placed[problem.table][problem.row or 0]
            late = problem.phrase.code == "refusal.row_after_known"
            phrase = refusal_phrase("after_extract") if late else problem.phrase
            faults.append(Fault(own.place(problem.column), phrase))
        raise InvalidRequest(faults) from None


def place_in_request(loc: Sequence[int | str]) -> str:
    """The pointer of a place that pydantic names within `extract`, without the tag of its kind."""
    return pointer(part for place, part in enumerate(loc) if not (place == 1 and part in (ONE, MANY)))
