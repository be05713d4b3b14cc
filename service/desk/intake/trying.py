"""What may be tried of an assessment on a page: its rows as texts in fields, and the trial that changed texts make.

A field is named as on the page of a new assessment: `statements.1.revenue` is of the row that was sealed in that
place, `collateral.new.value` of a row that is added. A box tells whether a row is kept. Fields that say what stood
there are no change.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from features.asof import Case
from features.patent_pledges import US
from features.schema import Row
from features.standing import standing
from features.tables import TABLES
from models.words.formats import in_wan
from service.assessing.asking_again import sealed_rows
from service.assessing.ports import Rows
from service.assessing.sealed_answer import SealedAssessment
from service.assessing.trial_rows import TriedRow, TriedValue
from service.desk.forms import SentForm
from service.desk.intake.drafting import as_typed
from service.desk.intake.entries import TypedApplicant, TypedQuestion, answered, values_of
from service.desk.intake.layout import column_of
from service.workbooks.people import with_keys
from service.workbooks.rows import ReadRow

NEW = "new"
"""The place of a row that is added."""
TAKE = "take"
"""Begins the name of the box that keeps a row."""
_RECORD = "record"
"""The field that names each record of the page."""
_YEAR = 12
_MOST_PATENTS = 100
_LOAN = ("amount", "term_months", "product", "purpose", "repayment", "rate_asked")
_BOOKS = (
    "revenue", "cost_of_sales", "operating_profit", "interest_expense", "net_profit", "depreciation_amortisation",
    "operating_cash_flow", "cash", "receivables", "inventory", "current_assets", "total_assets", "short_term_debt",
    "current_liabilities", "long_term_debt", "total_liabilities", "equity",
)  # fmt: skip
_ITEM = ("value", "confirmed_value", "valued_on", "prior_secured", "owner_agrees")
_GUARANTEE = ("amount", "share", "signed_on")
ADDED: Mapping[str, tuple[str, ...]] = {
    "uses": ("use", "amount", "payee", "contract"),
    "collateral": ("kind", "item", "sort", *_ITEM),
    "guarantees": ("guarantor", "kind", *_GUARANTEE),
    "evidence": ("fact", "subject", "seen_on"),
}
"""Tables of which a row may be added, and the fields that it has."""


@dataclass(frozen=True)
class SheetRecord:
    """A row that is shown, its fields, and whether a box keeps it; `kept` as it stands, None where it has no box."""

    place: str
    table: str
    row: Row
    columns: tuple[str, ...] = ()
    kept: bool | None = None


@dataclass(frozen=True)
class TrialSheet:
    """The page of a trial: what the assessment of a case was answered from."""

    case: Case
    rows: Rows

    @classmethod
    def of(cls, sealed: SealedAssessment) -> "TrialSheet":
        """The page of an assessment."""
        return cls(sealed.answer.case, sealed_rows(sealed))

    @cached_property
    def records(self) -> list[SheetRecord]:
        """The rows that are shown: the application, the last yearly books, patents, other security."""
        return [*self._loan(), *self._books(), *self._patents(), *self._security()]

    def _latest(self, table: str) -> list[int]:
        return sorted(standing(table, self.rows.get(table, [])).values())

    def _loan(self) -> Iterator[SheetRecord]:
        for place in self._latest("applications"):
            row = self.rows["applications"][place]
            if row["application"] == self.case.application:
                yield SheetRecord(f"applications.{place}", "applications", row, _LOAN)
        for place in self._latest("uses"):
            if (row := self.rows["uses"][place]).get("application") == self.case.application:
                yield SheetRecord(f"uses.{place}", "uses", row, ("amount",), kept=True)

    def _books(self) -> Iterator[SheetRecord]:
        every = self.rows.get("statements", [])
        years = [place for place in self._latest("statements") if every[place].get("months") == _YEAR]
        if years:
            last = max(years, key=lambda place: str(every[place]["period_end"]))
            yield SheetRecord(f"statements.{last}", "statements", every[last], _BOOKS)

    def _patents(self) -> Iterator[SheetRecord]:
        """The patents: those that are offered first, then the others that rows tell of."""
        own, offered = self.rows.get("patents", []), self._offered
        places = sorted(self._latest("patents"), key=lambda place: own[place]["patent"] not in offered)
        for place in places[:_MOST_PATENTS]:
            yield SheetRecord(f"patents.{place}", "patents", own[place], kept=own[place]["patent"] in offered)

    @cached_property
    def patents_beyond(self) -> int:
        """How many patents the page does not show."""
        return max(len(self._latest("patents")) - _MOST_PATENTS, 0)

    @cached_property
    def _offered(self) -> Mapping[str, Row]:
        """The pledges of the application, by patent."""
        own = self.rows.get("collateral", [])
        found = (own[place] for place in self._latest("collateral") if self._is_offered(own[place]))
        return {str(row["item"]): row for row in found}

    def _is_offered(self, row: Row) -> bool:
        return row["kind"] == "patent" and row.get("application") == self.case.application

    def _security(self) -> Iterator[SheetRecord]:
        for table, columns in (("collateral", _ITEM), ("guarantees", _GUARANTEE)):
            for place in self._latest(table):
                row = self.rows[table][place]
                if row.get("application") == self.case.application and row["kind"] != "patent":
                    yield SheetRecord(f"{table}.{place}", table, row, columns, kept=True)

    # --- texts ----------------------------------------------------------------------------------------------------

    @cached_property
    def stands(self) -> TypedApplicant:
        """The page as it stands: what each field says, and which boxes are ticked."""
        texts: dict[str, str] = {}
        for of in self.records:
            told = {name: value for name in of.columns if (value := of.row.get(name)) is not None}
            texts |= {f"{of.place}.{name}": _stood(of.table, name, value) for name, value in told.items()}
            texts |= {f"{TAKE}.{of.place}": "1"} if of.kept else {}
        return self._page(texts)

    def _page(self, texts: dict[str, str]) -> TypedApplicant:
        return TypedApplicant(texts, tuple(of.place for of in self.records))

    def with_trial(self, changes: Sequence[TriedRow]) -> TypedApplicant:
        """The page with what a trial changed."""
        texts = dict(self.stands.texts)
        for change in changes:
            texts |= self._texts_of(change)
        return self._page({name: text for name, text in texts.items() if text})

    def _texts_of(self, change: TriedRow) -> dict[str, str]:
        table, after = change.table, {one.column: one.after for one in change.columns}
        item = change.key.get("item")
        patent = next((of for of in self.records if of.table == "patents" and of.row["patent"] == item), None)
        if table == "collateral" and patent is not None:
            return {f"{TAKE}.{patent.place}": "1" if change.how == "added" else ""}
        of = next((one for one in self.records if one.table == table and _has_key(one, change.key)), None)
        if change.how == "left_out":
            return {} if of is None else {f"{TAKE}.{of.place}": ""}
        place = of.place if of is not None and change.how == "changed" else f"{table}.{NEW}"
        texts = {
            f"{place}.{name}": "" if value is None else as_typed(table, name, value) for name, value in after.items()
        }
        if table == "evidence":
            texts[f"{place}.fact"] = f"{after.get('fact')}={after.get('answer') or ''}"
        return texts

    def sent(self, form: SentForm) -> TypedApplicant:
        """The page as it was sent; of a field that the form had not, nothing was said."""
        boxes = {f"{TAKE}.{of.place}": of.place for of in self.records}
        fields = {f"{of.place}.{name}" for of in self.records for name in of.columns}
        fields |= {f"{table}.{NEW}.{name}" for table, columns in ADDED.items() for name in columns}
        there = set(form.texts(_RECORD))
        said = {name for name in fields if name in form.data} | {name for name, of in boxes.items() if of in there}
        texts = self.stands.texts | {name: form.text(name) for name in said}
        return self._page({name: text for name, text in texts.items() if text})

    # --- the trial ------------------------------------------------------------------------------------------------

    def asked(self, typed: TypedApplicant) -> TypedQuestion:
        """The trial that the page makes, as the API would be asked it; faults name fields."""
        made = TypedQuestion()
        rows, without = dict[str, list[dict[str, object]]](), dict[str, list[dict[str, object]]]()

        def add(to: dict[str, list[dict[str, object]]], table: str, place: str, row: dict[str, object]) -> None:
            if to is rows:
                made.places[table, len(rows.get(table, []))] = place
            to.setdefault(table, []).append(row)

        for of in self.records:
            kept = bool(typed.text(f"{TAKE}.{of.place}"))
            if of.table == "patents" and kept != of.kept:
                patent = str(of.row["patent"])
                add(rows if kept else without, "collateral", of.place, self._pledge(patent, new=kept))
            elif of.kept and not kept:
                add(without, of.table, of.place, dict(_key(of)))
            elif changed := self._changed(made, typed, of):
                add(rows, of.table, of.place, _key(of) | changed)
        for table, row in self._added(made, typed):
            add(rows, table, f"{table}.{NEW}", row)
        made.body = {"rows": rows, "without": without}
        return made

    def _changed(self, made: TypedQuestion, typed: TypedApplicant, of: SheetRecord) -> dict[str, object]:
        fields = {name: f"{of.place}.{name}" for name in of.columns}
        names = [name for name, field in fields.items() if typed.text(field) != self.stands.text(field)]
        told = values_of(made, typed, of.table, of.place, names)
        return {name: None for name in names if not typed.text(fields[name])} | told

    def _pledge(self, patent: str, *, new: bool) -> dict[str, object]:
        """The pledge of a patent; a new one as the others of the application are, of the firm's own to us."""
        row: dict[str, object] = {"kind": "patent", "item": patent}
        return row | {"pledgor": self.case.firm, "pledgee": US[0]} if new else row

    def _added(self, made: TypedQuestion, typed: TypedApplicant) -> Iterator[tuple[str, dict[str, object]]]:
        found: dict[str, list[ReadRow]] = {}
        for table, columns in ADDED.items():
            place = f"{table}.{NEW}"
            values = values_of(made, typed, table, place, columns)
            if table == "evidence":
                values |= answered(typed, place)
            if values:
                key = {name: values.get(name) for name in TABLES[table].key if name in columns or name == "loan"}
                found[table] = [ReadRow(table, 0, values if table == "evidence" else key | values, {})]
        with_keys(self.case.firm, found)
        yield from ((table, one.values) for table, own in found.items() for one in own)


def _stood(table: str, name: str, value: object) -> str:
    """What a field says that is not changed: an amount rounded as pages show it, since only what is typed is tried."""
    money = column_of(table, name).kind == "money"
    return in_wan(value) if money and isinstance(value, int) else as_typed(table, name, value)


def _key(of: SheetRecord) -> dict[str, object]:
    """What names a row: every column of its table's key."""
    return {name: None if (value := of.row.get(name)) is None else _plain(value) for name in TABLES[of.table].key}


def _has_key(of: SheetRecord, key: Mapping[str, TriedValue]) -> bool:
    return {name: value for name, value in _key(of).items() if value is not None} == dict(key)


def _plain(value: object) -> object:
    return value if isinstance(value, str | int | float) else str(value)
