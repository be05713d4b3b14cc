"""What was typed on the page of a new assessment, and the question that it makes: as the API would be asked it.

A field is named by its place: `statements.1.revenue`, `extract.0.holders.1.since`. Texts are read as cells of the
workbook are, so that one rule says what an amount, a day or a share looks like.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import msgspec
import orjson
from pydantic import ValidationError

from features.errors import Fault, fault
from features.tables import TABLES
from service.assessing.register_extract import RegisterExtract, expand
from service.assessing.requests import read_applicant
from service.desk.intake.layout import EXTRACT, FILLED, LISTS, PLEDGE, FieldBlock, blocks, column_of
from service.desk.typed_values import UNIT
from service.edge.errors import InvalidRequest
from service.workbooks.cells import CellRefused, as_typed, is_blank, read_cell, read_percent
from service.workbooks.completing import completed
from service.workbooks.layout import GIVEN
from service.workbooks.rows import ReadRow

HEAD = ("firm", "case", "application", "as_of")
"""Fields of the question itself."""
NONE = "none"
"""Begins the field that says that a source was asked and had nothing."""
_SHARE = "share"
_KNOWN_BEFORE = ("extract_filed_on", "extract_holder_since")


class TypedApplicant(msgspec.Struct, frozen=True):
    """What stands on the page: texts by field, the records that there are, and rows brought from the lake.

    `file`: the loan file that it is assessed anew for. `whole`: what was brought is more than a look-up would find.
    """

    texts: dict[str, str] = {}
    records: tuple[str, ...] = ()
    brought: dict[str, list[dict[str, object]]] = {}
    file: str = ""
    whole: bool = False

    def text(self, name: str) -> str:
        """What was typed in a field, without the blanks around it."""
        return self.texts.get(name, "").strip()

    def of(self, place: str) -> list[str]:
        """The records of a table or of a list within a record, by their places, in order."""
        return [one for one in self.records if one.rpartition(".")[0] == place]

    def following(self, place: str) -> str:
        """The place of one more record."""
        numbers = (int(one.rpartition(".")[2]) for one in self.of(place))
        return f"{place}.{max(numbers, default=-1) + 1}"


@dataclass
class TypedQuestion:
    """The question that was typed; `faults` name fields. `places`: the record that each row of the body comes from."""

    body: dict[str, object] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    places: dict[tuple[str, int], str] = field(default_factory=dict)

    @property
    def json(self) -> bytes:
        """The question as `POST /v1/assessments` takes it."""
        return orjson.dumps(self.body)

    @property
    def wrong(self) -> list[Fault]:
        """All that is wrong, by field: what cannot be read, then what the question's own check refuses."""
        try:
            read_applicant(self.json)
        except InvalidRequest as refused:
            return self.with_faults([*refused.faults, *self._extract_faults()])
        return list(self.faults)

    def _extract_faults(self) -> Iterator[Fault]:
        """What is wrong with the extracts: where rows are wrong too, nobody has come to what they say yet.

        What may be known from elsewhere is not missed here.
        """
        extracts = self.body.get(EXTRACT)
        for number, told in enumerate(extracts if isinstance(extracts, list) else ()):
            try:
                one = RegisterExtract.model_validate_json(orjson.dumps(told))
                expand(one, {}, "row:typed", one.drawn_on, f"/{EXTRACT}/{number}")
            except ValidationError:
                continue
            except InvalidRequest as refused:
                yield from (one for one in refused.faults if one.code not in _KNOWN_BEFORE)

    def with_faults(self, faults: Sequence[Fault]) -> list[Fault]:
        """Faults of the question beside those of the fields; the first of each field alone."""
        found = [*self.faults, *(Fault(self.field(one.pointer), as_typed(one.phrase, percent=True)) for one in faults)]
        return list({one.pointer: one for one in reversed(found)}.values())[::-1]

    def field(self, pointer: str) -> str:
        """The field of a place in the question, `/rows/patents/3/filed_on`."""
        parts = pointer.split("/")[1:]
        if parts[:1] == [EXTRACT]:
            return self._within(EXTRACT, parts[1:])
        if parts[:1] == ["rows"] and len(parts) > 1:
            return self._within(parts[1], parts[2:])
        return parts[0] if parts else ""

    def _within(self, place: str, parts: Sequence[str]) -> str:
        """The field within the records of a table, or of a list within a record."""
        if not parts or not parts[0].isdigit():
            return place
        record = self.places.get((place, int(parts[0])))
        if record is None or len(parts) == 1:
            return record or place
        if len(parts) > 2:
            return self._within(f"{record}.{parts[1]}", parts[2:])
        if parts[1] in FILLED:
            return parts[1]
        of_pledge = parts[1] == "item" and record.startswith(f"{EXTRACT}.")
        return f"{record}.{'patent' if of_pledge else parts[1]}"


def question_of(typed: TypedApplicant, today: str) -> TypedQuestion:
    """The question that what was typed makes; without a word typed beside the firm, the firm is looked up."""
    made = TypedQuestion()
    head = {name: typed.text(name) for name in HEAD}
    head["as_of"] = _day(made, "as_of", head["as_of"]) or today
    made.body |= {"kind": "pledge", **{name: text for name, text in head.items() if text}}
    rows = _rows(made, typed, head["application"])
    extracts = [one for place in typed.of(EXTRACT) if (one := _extract(made, typed, place))]
    told = completed(head["firm"], head["as_of"], rows)
    if told or typed.whole:
        made.body["rows"] = _beside(typed.brought, told, head["as_of"])
    if extracts:
        made.body[EXTRACT] = extracts
    return made


def _rows(made: TypedQuestion, typed: TypedApplicant, application: str) -> dict[str, list[ReadRow]]:
    """The rows that were typed, by table, and the sources that were asked in vain."""
    rows: dict[str, list[ReadRow]] = {}

    def add(table: str, place: str, values: dict[str, object]) -> None:
        own = rows.setdefault(table, [])
        made.places[table, len(typed.brought.get(table, ())) + len(own)] = place
        own.append(ReadRow(table, len(own), values, {}))

    for table, block in blocks().items():
        for place in typed.of(table) if table != EXTRACT else ():
            if values := _record(made, typed, block, place, application):
                add(table, place, values)
    for place, patent in _pledged(typed):
        add("collateral", place, _pledge(typed, place, patent, application, rows))
    asked = [table for table in TABLES if typed.text(f"{NONE}.{table}") and table not in rows]
    if asked:
        rows["coverage"] = [ReadRow("coverage", number, {"about": one}, {}) for number, one in enumerate(asked)]
    return rows


def _beside(
    brought: Mapping[str, list[dict[str, object]]], told: Mapping[str, list[dict[str, object]]], as_of: str
) -> dict[str, list[dict[str, object]]]:
    """The rows brought from the lake and those typed; of a table that was brought, nothing says that it was asked."""
    if not brought:
        return dict(told)
    rows = {table: [*brought.get(table, ()), *own] for table, own in told.items()}
    rows = {table: own for table, own in brought.items() if table not in rows} | rows
    covered = {row.get("about") for row in rows.get("coverage", ())} | {table for table in told if not told[table]}
    unsaid = [table for table in brought if table not in (*covered, "coverage")]
    claimed = [{"about": table, "complete": False, "known_on": as_of, "source_kind": "typed"} for table in unsaid]
    return rows | ({"coverage": [*rows.get("coverage", ()), *claimed]} if claimed else {})


def _record(
    made: TypedQuestion, typed: TypedApplicant, block: FieldBlock, place: str, application: str
) -> dict[str, object]:
    """What a record says; nothing where nothing but its source was typed."""
    values = values_of(made, typed, block.table, place, (*block.columns, *GIVEN))
    if block.table == "people" and "full_name" in values:
        values["person"] = values["full_name"]
    if block.table == "evidence":
        values |= answered(typed, place)
    if not values.keys() - set(GIVEN):
        return {}
    if application and "application" in TABLES[block.table].columns and block.table not in _OWN_APPLICATION:
        values["application"] = application
    return values


_OWN_APPLICATION = ("loans",)
"""Tables whose application is another one."""


def answered(typed: TypedApplicant, place: str) -> dict[str, object]:
    """A fact with its answer: chosen together, as each fact has answers of its own."""
    fact, equals, answer = typed.text(f"{place}.fact").partition("=")
    return {"fact": fact, "answer": answer} if equals else {}


def values_of(
    made: TypedQuestion, typed: TypedApplicant, table: str, place: str, names: Sequence[str]
) -> dict[str, object]:
    """What was typed in these fields of a record; what cannot be read is a fault of what is made."""
    found: dict[str, object] = {}
    for name in names:
        where = f"{place}.{name}"
        text = typed.text(where)
        column = TABLES["firms"].columns[name] if name in GIVEN else column_of(table, name)
        if is_blank(text, column):
            continue
        try:
            found[name] = read_percent(text) if column.unit == _SHARE else read_cell(text, column, UNIT)
        except CellRefused as refused:
            made.faults.append(fault(where, refused.code))
    return found


def _day(made: TypedQuestion, where: str, text: str) -> str:
    if not text:
        return ""
    try:
        return str(read_cell(text, column_of("applications", "applied_on"), None))
    except CellRefused as refused:
        made.faults.append(fault(where, refused.code))
        return ""


def _extract(made: TypedQuestion, typed: TypedApplicant, place: str) -> dict[str, object]:
    """A register extract as it was typed; nothing where nothing was."""
    names = [name for name in blocks()[EXTRACT].columns if name not in PLEDGE]
    told = values_of(made, typed, EXTRACT, place, names)
    for name, columns in LISTS.items():
        found: list[dict[str, object]] = []
        for own in typed.of(f"{place}.{name}"):
            if one := _listed(made, typed, name, own, [*columns]):
                made.places[f"{place}.{name}", len(found)] = own
                found.append(one)
        if found or typed.text(f"{place}.{name}.{NONE}"):
            told[name] = found
    if told:
        number = sum(1 for table, _ in made.places if table == EXTRACT)
        made.places[EXTRACT, number] = place
    return told


def _listed(
    made: TypedQuestion, typed: TypedApplicant, name: str, place: str, columns: Sequence[str]
) -> dict[str, object]:
    told = values_of(made, typed, name, place, columns)
    if "bought" in told:
        told["bought"] = told["bought"] == "bought"
    return told


def _pledged(typed: TypedApplicant) -> Iterator[tuple[str, str]]:
    """The extracts beside which stands who takes the pledge, and their patents."""
    for place in typed.of(EXTRACT):
        patent = typed.text(f"{place}.patent")
        if patent and any(typed.text(f"{place}.{name}") for name in PLEDGE):
            yield place, patent


def _pledge(
    typed: TypedApplicant, place: str, patent: str, application: str, rows: Mapping[str, Sequence[ReadRow]]
) -> dict[str, object]:
    """The pledge of a patent that we ask for: known as the application is."""
    told: dict[str, object] = {"kind": "patent", "item": patent}
    if application:
        told["application"] = application
    told |= {name: text for name in PLEDGE if (text := typed.text(f"{place}.{name}"))}
    for asked in rows.get("applications", ())[:1]:
        told |= {name: asked.values[name] for name in ("known_on", "source_kind") if name in asked.values}
    return told
