"""The page of a new assessment as it is shown: cards, records, fields, and what was brought beside what is typed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from features.columns import Column
from features.errors import Fault
from features.tables import SOURCE_KINDS, TABLES
from features.vocabulary import VOCABULARY
from models.words.templates import SHIPPED
from service.assessing.parties import Parties
from service.desk.formats import wan
from service.desk.intake.bringing import BroughtRow, Row, Usable, latest
from service.desk.intake.entries import NONE, TypedApplicant
from service.desk.intake.layout import CARDS, EXTRACT, LISTS, CardLayout, FieldBlock, column_of
from service.desk.labels import DeskLabels
from service.workbooks.layout import GIVEN
from service.workbooks.template import help_of

_LISTED = 12
"""Rows that were brought of which a page shows so many; it always tells how many there are."""
_WIDE = 8
"""Columns of a table of rows that were brought."""


@dataclass(frozen=True)
class FieldView:
    """A field: its name, label, unit, what may be chosen, what stands in it and what is wrong with it."""

    name: str
    label: str
    kind: str
    unit: str
    value: str
    required: bool
    options: Sequence[tuple[str, Sequence[tuple[str, str]]]] = ()
    errors: Sequence[str] = ()
    hint: str = ""
    longest: int = 200

    @property
    def offers(self) -> bool:
        """Whether what stands in it is one of the choices."""
        return any(self.value == code for _, codes in self.options for code, _ in codes)


@dataclass(frozen=True)
class ListView:
    """What a register extract lists: its records, and the box that says that there is none."""

    place: str
    title: str
    none: FieldView | None
    records: Sequence["RecordView"]


@dataclass(frozen=True)
class RecordView:
    """A record: its fields, those that a fold holds, where it comes from, and what is wrong with it as a whole."""

    place: str
    title: str
    seen: Sequence[FieldView]
    more: Sequence[FieldView] = ()
    given: Sequence[FieldView] = ()
    lists: Sequence[ListView] = ()
    errors: Sequence[str] = ()

    @property
    def wrong(self) -> bool:
        """Whether a field in its folds is wrong, or filled: then they stand open."""
        return any(one.errors or one.value for one in self.more)

    @property
    def sourced(self) -> bool:
        """Whether something was typed of where it comes from."""
        return any(one.errors or one.value for one in self.given)


@dataclass(frozen=True)
class BroughtView:
    """Rows that were brought: headings by column, and of each row its cells, its source with day and age."""

    headings: Mapping[str, str]
    rows: Sequence[tuple[BroughtRow, Mapping[str, str], str]]
    count: int


@dataclass(frozen=True)
class BlockView:
    """A block of the page."""

    table: str
    title: str
    records: Sequence[RecordView]
    brought: BroughtView | None
    none: FieldView | None
    grid: bool
    open: bool
    room: bool
    errors: Sequence[str]


@dataclass(frozen=True)
class CardView:
    """A card of the page: blocks that are seen, and those that a fold holds."""

    key: str
    blocks: Sequence[BlockView]
    folded: Sequence[BlockView]


@dataclass(frozen=True)
class IntakeView:
    """What makes the page of what was typed."""

    typed: TypedApplicant
    say: DeskLabels
    faults: Mapping[str, Sequence[str]]
    as_of: date
    usable: Usable
    parties: Parties = field(default_factory=Parties)

    @classmethod
    def of(
        cls, typed: TypedApplicant, say: DeskLabels, faults: Sequence[Fault], as_of: date, usable: Usable
    ) -> "IntakeView":
        """The view, with faults as sentences at their fields; people are called as rows that were brought call them."""
        told: dict[str, list[str]] = {}
        for one in faults:
            told.setdefault(one.pointer, []).append(SHIPPED.say(one.phrase, say.language))
        return cls(typed, say, told, as_of, usable, Parties.of("", None, typed.brought.get("people", ())))

    def cards(self) -> list[CardView]:
        """The cards in their order."""
        return [self._card(card) for card in CARDS]

    def head(self) -> list[FieldView]:
        """The fields of the question itself."""
        say, typed = self.say, self.typed
        firm = FieldView("firm", say("new.firm"), "text", "", typed.texts.get("firm", ""), True,
                         errors=self.faults.get("firm", ()))  # fmt: skip
        named = ("applications", "application")
        application = self._field("application", TABLES[named[0]].columns[named[1]], named, required=False)
        case = FieldView("case", say("new.case"), "text", "", typed.texts.get("case", ""), False,
                         errors=self.faults.get("case", ()))  # fmt: skip
        as_of = FieldView("as_of", say("as_of"), "day", "", typed.texts.get("as_of", "") or self.as_of.isoformat(),
                          True, errors=self.faults.get("as_of", ()))  # fmt: skip
        return [firm, application, case, as_of]

    def told(self) -> list[tuple[str, str, str]]:
        """Everything that is wrong: field, label, sentence; what is at no field of the page without one."""
        return [(name, self.label(name), text) for name, sentences in self.faults.items() for text in sentences]

    def label(self, name: str) -> str:
        """What a field is called, with its block."""
        parts = name.split(".")
        if len(parts) == 1:
            known = {"firm": "new.firm", "case": "new.case", "as_of": "as_of", "application": "col.application"}
            return self.say(known[name]) if name in known else self._title(name) if name in TABLES else name
        table, column = (parts[2], parts[4]) if len(parts) == 5 else (parts[0], parts[-1])
        title = f"{self._title(parts[0])} {int(parts[1]) + 1}" if parts[1].isdigit() else self._title(parts[0])
        if len(parts) == 2:
            return title
        try:
            return f"{title} · {self._label(column_of(table, column) if column not in GIVEN else _GIVEN[column])}"
        except KeyError:
            return title

    # --- parts of the page ----------------------------------------------------------------------------------------

    def _card(self, card: CardLayout) -> CardView:
        found = [(block, self._block(block)) for block in card.blocks]
        return CardView(
            card.key,
            [view for block, view in found if not block.folded],
            [view for block, view in found if block.folded],
        )

    def _block(self, block: FieldBlock) -> BlockView:
        table, typed = block.table, self.typed
        records = [self._record(block, place, number) for number, place in enumerate(typed.of(table), start=1)]
        brought = self._brought(block)
        of_table, none = table in TABLES, self.say("intake.none" if brought is None else "intake.none_beyond")
        return BlockView(
            table=table,
            title=self._title(table),
            records=records,
            brought=brought,
            none=self._none(f"{NONE}.{table}", none) if of_table and block.most > 1 else None,
            grid=block.grid,
            open=bool(records or brought or typed.text(f"{NONE}.{table}") or self.faults.get(table)),
            room=len(records) < block.most and not (block.most == 1 and brought is not None and records),
            errors=self.faults.get(table, ()),
        )

    def _title(self, table: str) -> str:
        if table == EXTRACT:
            return self.say.name("source", "register_extract")
        title = self.say.name("table", table) if table in TABLES else self.say(f"intake.{table}")
        return title[:1].upper() + title[1:]

    def _record(self, block: FieldBlock, place: str, number: int) -> RecordView:
        fields = [self.of_record(block.table, place, name) for name in block.columns]
        seen = len(block.seen) or len(fields)
        given = [self._field(f"{place}.{name}", _GIVEN[name], ("", name), required=False)
                 for name in (GIVEN if block.table != EXTRACT else ())]  # fmt: skip
        lists = [self._list(place, name) for name in LISTS] if block.table == EXTRACT else []
        title = f"{self._title(block.table)} {number}" if block.most > 1 else ""
        return RecordView(place, title, fields[:seen], fields[seen:], given, lists, self.faults.get(place, ()))

    def of_record(self, table: str, place: str, name: str) -> FieldView:
        """The field of a column in a record."""
        required = name in _OF_EXTRACT if table == EXTRACT else None
        return self._field(f"{place}.{name}", column_of(table, name), (table, name), required=required)

    def _list(self, place: str, name: str) -> ListView:
        of = f"{place}.{name}"
        records = [
            RecordView(
                own,
                f"{self._title(name)} {number}",
                [
                    self._field(f"{own}.{column}", column_of(name, column), (name, column), required=False)
                    for column in LISTS[name]
                ],
                errors=self.faults.get(own, ()),
            )
            for number, own in enumerate(self.typed.of(of), start=1)
        ]
        none = None if name == "holders" else self._none(f"{of}.{NONE}", self.say("intake.none_entered"))
        return ListView(of, self._title(name), none, records)

    def _none(self, name: str, label: str) -> FieldView:
        return FieldView(name, label, "box", "", self.typed.text(name), False)

    def _field(self, name: str, column: Column, of: tuple[str, str], *, required: bool | None = None) -> FieldView:
        kind = "area" if column.kind == "text" and column.longest > 200 else column.kind
        options = self._options(column, of)
        return FieldView(
            name=name,
            label=self._label(column) if of != ("person_bureau", "person") else self._label(_FULL_NAME),
            kind="choice" if options else kind,
            unit=self._unit(column),
            value=self.typed.texts.get(name, ""),
            required=column.required if required is None else required,
            options=options,
            errors=self.faults.get(name, ()),
            hint=help_of(*of, self.say.language) if of[0] in TABLES else "",
            longest=column.longest,
        )

    def _label(self, column: Column) -> str:
        return column.zh if self.say.language == "zh" else column.meaning

    def _unit(self, column: Column) -> str:
        if column.kind == "money":
            return self.say("unit.wan")
        return "%" if column.unit == "share" else ""

    def _options(self, column: Column, of: tuple[str, str]) -> list[tuple[str, list[tuple[str, str]]]]:
        """What may be chosen, in groups with a title where it has any."""
        if of == ("evidence", "fact"):
            return [
                (self.say.name("fact", fact), [(f"{fact}={code}", self.say.name(f"answer.{fact}", code))
                                               for code in told.answers.words])
                for fact, told in VOCABULARY.facts.items()
            ]  # fmt: skip
        if of == ("holders", "bought"):
            return [("", [(code, self.say.name("choice.holdings.how", code)) for code in ("original", "bought")])]
        if of == ("", "source_kind"):
            return [("", [(code, self.say.name("choice.firms.source_kind", code)) for code in SOURCE_KINDS])]
        if column.kind == "flag":
            return [("", [("是", self.say("is.yes")), ("否", self.say("is.no"))])]
        if column.kind == "choice":
            codes = VOCABULARY.choice(column.table, column.name).words
            return [("", [(code, self._word(column.table, column.name, code)) for code in codes])]
        return []

    def _word(self, table: str, name: str, code: object) -> str:
        return self.say.name(f"choice.{table}.{name}", code)

    # --- what was brought -----------------------------------------------------------------------------------------

    def _brought(self, block: FieldBlock) -> BroughtView | None:
        rows = self.typed.brought.get(block.table)
        if not rows:
            return None
        found = latest(block.table, rows, self.as_of, self.usable)
        shown = found[:_LISTED]
        names = [name for name in block.columns if any(one.values.get(name) is not None for one in shown)]
        names = names if block.grid or len(shown) == 1 else names[:_WIDE]
        headings = {
            name: self._label(column_of(block.table, name)) + self._bracket(block.table, name) for name in names
        }
        cells = [
            (one, {name: self.cell(block.table, name, one.values) for name in names}, self._source(block.table, one))
            for one in shown
        ]
        return BroughtView(headings, cells, len(found))

    def _bracket(self, table: str, name: str) -> str:
        return f"（{self.say('unit.wan')}）" if column_of(table, name).kind == "money" else ""

    def cell(self, table: str, name: str, row: Row) -> str:
        """A value of a row as it is shown."""
        value, column = row.get(name), column_of(table, name)
        if table == "evidence" and name == "fact":
            return self._fact(row)
        if value is None or column.kind == "money":
            return wan(value)
        if isinstance(value, bool):
            return self.say("is.yes" if value else "is.no")
        if column.kind == "choice":
            return self._word(table, name, value)
        if column.form == "firm" or column.domain == "firm":
            return self.parties.said(str(value), self.say.language)
        return f"{value * 100:.12g}%" if column.unit == "share" and isinstance(value, int | float) else str(value)

    def _fact(self, row: Row) -> str:
        fact = str(row.get("fact"))
        answer = self.say.name(f"answer.{fact}", row.get("answer") or "unknown")
        return f"{self.say.name('fact', fact)}{self.say('colon')}{answer}"

    def _source(self, table: str, one: BroughtRow) -> str:
        kind = self._word(table, "source_kind", one.source_kind)
        return " · ".join(filter(None, (kind, one.source, one.known_on, self.say("days_old", days=one.age))))


_GIVEN: Mapping[str, Column] = {name: TABLES["firms"].columns[name] for name in GIVEN}
_OF_EXTRACT = ("patent", "drawn_on", "status")
"""What every extract says."""
_FULL_NAME = TABLES["people"].columns["full_name"]
