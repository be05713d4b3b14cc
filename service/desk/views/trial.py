"""A trial as its page shows it: the fields, the answer before and after, what turned, and what was tried."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from features.errors import Fault
from features.schema import Row
from models.rules.finding import EFFECTS
from service.assessing.leaves import rows_of
from service.assessing.parties import Parties
from service.assessing.sealed_answer import SealedAssessment, sealed_assessment
from service.assessing.trial_records import TrialCounts, TrialShown, trials_of
from service.assessing.trial_rows import TriedRow, TriedValue
from service.assessing.trials import TrialOutcome
from service.desk.formats import ABSENT
from service.desk.intake.entries import TypedApplicant
from service.desk.intake.layout import column_of
from service.desk.intake.trying import ADDED, NEW, TAKE, SheetRecord, TrialSheet
from service.desk.labels import DeskLabels
from service.desk.pages import DeskPage
from service.desk.views.answer import is_patent
from service.desk.views.figures import FigureLine, count_line, money_line, points_line, share_line, text_line
from service.desk.views.intake import FieldView, IntakeView
from service.ledger.written_kinds import TriedFinding

SUMMED = 3
"""Changes that a line sums up; it tells how many more there are."""
_OPEN = ("fail", "unknown")


@dataclass(frozen=True)
class TurnedLine:
    """A finding that turned: what it is, about which patent, what it weighs, from which outcome to which."""

    title: str
    patent: str
    effect: str
    before: str
    after: str


@dataclass(frozen=True)
class TurnedGroup:
    """Findings that turned alike: newly open, no longer open, or open otherwise."""

    key: str
    lines: Sequence[TurnedLine]


@dataclass(frozen=True)
class ChangeLine:
    """What was tried otherwise: of which row, which column, what it said and what was tried."""

    what: str
    column: str
    before: str
    after: str

    @property
    def text(self) -> str:
        """The same in one line."""
        if not self.column:
            return f"{self.what} {self.after}"
        return f"{self.what} {self.column} {self.before} → {self.after}"


@dataclass(frozen=True)
class TrialLine:
    """A trial in a list: what was tried in short, and what came of it."""

    entry: int
    assessment: str
    at: str
    by: str
    tried: str
    after: TrialOutcome


@dataclass(frozen=True)
class TrialsCard:
    """How often it was tried, and what was tried last; shown beside an answer and a file."""

    counted: TrialCounts
    lines: Sequence[TrialLine]


@dataclass(frozen=True)
class RecordFields:
    """The fields of a row, under its title, with the box that keeps it (if any)."""

    place: str
    title: str
    fields: Sequence[FieldView]
    take: FieldView | None
    errors: Sequence[str] = ()


def view_of(
    page: DeskPage, parties: Parties, typed: TypedApplicant | None = None, faults: Sequence[Fault] = ()
) -> IntakeView:
    """What names columns and values, and shows fields, as the page of a new assessment does."""
    today = page.state.today(page.state.now())
    return replace(IntakeView.of(typed or TypedApplicant(), page.say, faults, today, lambda _: 0), parties=parties)


def parties_of(sealed: SealedAssessment) -> Parties:
    """How firms and people are called in what an assessment was answered from."""
    return Parties.of(sealed.answer.case.firm, sealed.answer.legal_name, rows_of(sealed.body).get("people", ()))


def trials_card(page: DeskPage, connection: Connection, assessment: str, most: int = 1) -> TrialsCard:
    """How often it was tried, and the latest trials. Raises `NoSuchAssessment`."""
    told = trials_of(connection, assessment, most)
    if not told.items:
        return TrialsCard(told.counted, [])
    view = view_of(page, parties_of(sealed_assessment(connection, assessment)))
    return TrialsCard(told.counted, [_line(one, view, page.moment) for one in told.items])


def _line(one: TrialShown, view: IntakeView, moment: Callable[[object], str]) -> TrialLine:
    lines = list(change_lines(one.changes, view))
    left = len(lines) - SUMMED
    said = [line.text for line in lines[:SUMMED]] + ([view.say("and_more", count=left)] if left > 0 else [])
    joint = "；" if view.say.language == "zh" else "; "
    return TrialLine(one.entry, one.assessment, moment(one.at), one.by, joint.join(said), one.after)


def records_of(sheet: TrialSheet, view: IntakeView, table: str) -> list[RecordFields]:
    """The rows of a table that the page shows."""
    return [_record(of, view) for of in sheet.records if of.table == table]


def _record(of: SheetRecord, view: IntakeView) -> RecordFields:
    fields = [view.of_record(of.table, of.place, name) for name in of.columns]
    title, name = _title(of, view), f"{TAKE}.{of.place}"
    take = None if of.kept is None else FieldView(name, title, "box", "", view.typed.text(name), False)
    return RecordFields(of.place, title, fields, take, view.faults.get(of.place, ()))


def _title(of: SheetRecord, view: IntakeView) -> str:
    match of.table:
        case "patents":
            return " ".join(filter(None, (str(of.row["patent"]), of.row.get("title"))))
        case "statements":
            return str(of.row["period_end"])
        case "uses":
            return _named(view.cell("uses", "use", of.row), view, "uses", "payee", of.row)
        case "collateral" | "guarantees":
            named = "item" if of.table == "collateral" else "guarantor"
            return _named(view.cell(of.table, "kind", of.row), view, of.table, named, of.row)
    return ""


def _named(kind: str, view: IntakeView, table: str, column: str, row: Row) -> str:
    """What a row is, and whom or what it names."""
    return f"{kind} {view.cell(table, column, row)}" if row.get(column) else kind


def added_fields(view: IntakeView, table: str) -> RecordFields:
    """The fields of a row that may be added."""
    place = f"{table}.{NEW}"
    fields = [view.of_record(table, place, name) for name in ADDED[table]]
    return RecordFields(place, "", fields, None, view.faults.get(place, ()))


def told_faults(view: IntakeView) -> list[tuple[str, str, str]]:
    """Everything that is wrong: field, label, sentence; what is at no field without the first two."""
    return [(name, view.label(name), text) if "." in name else ("", "", text) for name, _, text in view.told()]


def figure_lines(before: TrialOutcome, after: TrialOutcome, say: DeskLabels) -> list[FigureLine]:
    """Every figure before and after; bounds in the order of the answer."""
    bounds = list(dict.fromkeys((*before.bounds, *after.bounds)))
    return [
        money_line(say("trial.amount"), before.amount, after.amount),
        count_line(say("trial.term"), before.term_months, after.term_months),
        count_line(say("trial.conditions"), before.conditions, after.conditions),
        share_line(say("pd"), before.probability, after.probability, say),
        points_line(say("score"), before.points, after.points),
        text_line(say("grade"), before.grade, after.grade),
        money_line(say("limit"), before.limit, after.limit),
        text_line(say("col.binding"), _bound(before.binding, say), _bound(after.binding, say)),
        *(
            money_line(_capital(say.name("bound", one)), before.bounds.get(one), after.bounds.get(one))
            for one in bounds
        ),
    ]


def _bound(code: str | None, say: DeskLabels) -> str:
    return ABSENT if code is None else say.name("bound", code)


def turned_groups(findings: Sequence[TriedFinding], say: DeskLabels) -> list[TurnedGroup]:
    """The findings that turned, by how they turned; within, the heaviest first."""
    found: dict[str, list[TriedFinding]] = {"new": [], "gone": [], "other": []}
    for one in sorted(findings, key=lambda one: EFFECTS.index(one.effect)):
        was, now = one.before in _OPEN, one.after in _OPEN
        found["other" if was and now else "new" if now else "gone"].append(one)
    return [TurnedGroup(key, [_turned(one, say) for one in own]) for key, own in found.items() if own]


def _turned(one: TriedFinding, say: DeskLabels) -> TurnedLine:
    before, after = (ABSENT if code is None else say.name("outcome", code) for code in (one.before, one.after))
    patent = one.subject if is_patent(one.subject) else ""
    return TurnedLine(say.name("rule", one.rule), patent, say.name("effect", one.effect), before, after)


def change_lines(changes: Sequence[TriedRow], view: IntakeView) -> Iterator[ChangeLine]:
    """What was tried, a line for each column; a row that is added or left out in one."""
    for change in changes:
        what = _row_name(change, view)
        if change.how == "changed":
            for one in change.columns:
                before, after = (_value(change, one.column, value, view) for value in (one.before, one.after))
                yield ChangeLine(what, _label(change.table, one.column, view), before, after)
            continue
        told = [
            f"{_label(change.table, one.column, view)} {_value(change, one.column, one.after, view)}"
            for one in change.columns
            if one.column not in (*change.key, "answer", "pledgor", "pledgee")
        ]
        yield ChangeLine(what, "", ABSENT, " ".join((view.say(f"trial.{change.how}"), *told)))


def _row_name(change: TriedRow, view: IntakeView) -> str:
    """The table, and what in the key tells one row from another."""
    key = change.key
    if change.table == "collateral" and key.get("kind") == "patent":
        return f"{view.say('trial.pledge')} {key.get('item')}"
    if change.table == "evidence":
        row = dict(key) | {one.column: one.after for one in change.columns}
        return view.cell("evidence", "fact", row) if "answer" in row else view.say.name("fact", key.get("fact"))
    named = [_value(change, name, value, view) for name, value in key.items() if name not in _UNNAMED]
    return " ".join((_capital(view.say.name("table", change.table)), *named))


def _capital(name: str) -> str:
    return name[:1].upper() + name[1:]


_UNNAMED = ("application", "months", "scope", "basis", "loan")
"""Columns of keys that tell nothing to whoever reads about one application and yearly books."""


def _label(table: str, column: str, view: IntakeView) -> str:
    own = column_of(table, column)
    unit = view.say("brackets", text=view.say("unit.wan")) if own.kind == "money" else ""
    return (own.zh if view.say.language == "zh" else own.meaning) + unit


def _value(change: TriedRow, column: str, value: TriedValue, view: IntakeView) -> str:
    if value is None:
        return ABSENT
    if change.table == "evidence" and column == "answer":
        return view.say.name(f"answer.{change.key.get('fact')}", value)
    return view.cell(change.table, column, {column: value})
