"""Compares what was filed elsewhere with what was paid out here: one to one, and both ways.

Seals show that nothing was changed; this shows that nothing was left out. A line of the list and a drawdown are one
where the strongest number that both tell is the same: the loan, the contract, the registration of the pledge, or firm
and day. Each drawdown answers one line; a second line that would be the same is a duplicate.
"""

from calendar import monthrange
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Literal, TypeAlias

import msgspec
from sqlalchemy import Connection, select

from features.phrase import Language
from service.access.roles import Reach
from service.assessing.assessment_index import ASSESSMENTS
from service.decisions.decided import DECIDING, DecisionContent
from service.decisions.drawn_loans import Drawn, drawn_loans
from service.decisions.filed_lists import Comparison, Filed, FiledLine, ListKind
from service.decisions.pairing import DrawnIndex
from service.edge.faults import ProblemFault, problem_faults
from service.loan_files.steps import STEPS

Finding: TypeAlias = Literal[
    "filed_not_drawn", "registered_not_drawn", "duplicate", "differs", "unreadable", "drawn_not_filed",
    "drawn_not_registered", "out_of_reach",
]  # fmt: skip
RecordEnds: TypeAlias = Literal["never_assessed", "never_approved", "never_drawn", "drawn_otherwise"]
"""How far the record of a firm goes whose line has no drawdown."""
Difference: TypeAlias = Literal["firm", "bank", "loan", "contract", "registration", "on", "amount"]
_AT_ONCE = 500


class EnteredValues(msgspec.Struct, frozen=True, omit_defaults=True):
    """Of a drawdown on record, what its line tells otherwise; amount in fen.

    `registration`: of all its pledges. `on`: when it was drawn, then when its pledges were registered.
    """

    firm: str | None = None
    bank: str | None = None
    loan: str | None = None
    contract: str | None = None
    registration: tuple[str, ...] = ()
    on: tuple[date, ...] = ()
    amount: int | None = None


class OrphanLine(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is to be looked at: a line of the list, or a drawdown that no line tells of (`line` is None then).

    `entry`, `assessment`: the drawdown, where there is one; of a duplicate, the one that line `taken_by` already is.
    `entered`: what the drawdown says in the columns that differ. `out_of_reach`: the line names a bank whose drawdowns
    whoever asks does not read, so that nothing can be said of it.
    """

    finding: Finding
    line: int | None = None
    firm: str | None = None
    bank: str | None = None
    loan: str | None = None
    contract: str | None = None
    registration: str | None = None
    on: date | None = None
    amount: int | None = None
    why: RecordEnds | None = None
    differs: tuple[Difference, ...] = ()
    entered: EnteredValues | None = None
    entry: int | None = None
    assessment: str | None = None
    taken_by: int | None = None
    errors: tuple[ProblemFault, ...] = ()

    def in_words(self, language: Language | None) -> "OrphanLine":
        """The same, with what is wrong in sentences."""
        errors = tuple(one.in_words(language) for one in self.errors)
        return msgspec.structs.replace(self, errors=errors) if errors else self


class OrphansFound(msgspec.Struct, frozen=True):
    """What a comparison found. `compared`: lines; `matched`: lines that are a drawdown each, differing ones among them.

    `since`, `until`: the days of drawing over which drawdowns without a line were sought; None where no line tells a
    day and none was given: then that was not looked at.
    """

    kind: ListKind
    compared: int
    matched: int
    since: date | None
    until: date | None
    counts: Mapping[Finding, int]
    items: Sequence[OrphanLine]

    def in_words(self, language: Language | None) -> "OrphansFound":
        """The same, with what is wrong in unreadable lines in sentences."""
        return msgspec.structs.replace(self, items=[one.in_words(language) for one in self.items])


def compare(connection: Connection, lines: Sequence[FiledLine], asked: Comparison, reach: Reach) -> OrphansFound:
    """Compare a list with the drawdowns within reach."""
    drawn = drawn_loans(connection, reach)
    told = [(line.n, line.filed) for line in lines if line.filed is not None]
    index = DrawnIndex(drawn)
    pairs = index.paired(told)
    missing = [(n, one) for n, one in told if n not in pairs.of_line]
    elsewhere = {n for n, one in missing if one.bank is not None and not reach.reads(one.bank)}
    twice = {n: found for n, one in missing if (found := index.like(one)) is not None}
    ends = _ends(connection, {one.firm for n, one in missing if one.firm and n not in twice}, drawn, reach)
    since, until = _days_sought(asked, [one.on for _, one in told if one.on is not None])
    items = [
        OrphanLine("unreadable", line.n, errors=problem_faults(line.faults)) for line in lines if line.filed is None
    ]
    for n, one in missing:
        if n in elsewhere:
            items.append(_line("out_of_reach", n, one))
        elif n in twice:
            items.append(_line("duplicate", n, one, twice[n], taken_by=pairs.of_entry.get(twice[n].entry)))
        else:
            finding: Finding = "filed_not_drawn" if asked.kind == "filed" else "registered_not_drawn"
            items.append(_line(finding, n, one, why=ends.get(one.firm or "")))
    for n, one in told:
        if (found := pairs.of_line.get(n)) and (otherwise := _entered_otherwise(found, one)):
            entered = msgspec.convert(otherwise, EnteredValues)
            items.append(_line("differs", n, one, found, differs=tuple(otherwise), entered=entered))
    items.sort(key=lambda one: one.line or 0)
    if since is not None and until is not None:
        unlisted = (one for one in drawn if one.entry not in pairs.of_entry)
        items += [_unlisted(one, asked.kind) for one in unlisted if since <= one.days[0] <= until]
    counts: Counter[Finding] = Counter(item.finding for item in items)
    return OrphansFound(asked.kind, len(lines), len(pairs.of_line), since, until, counts, items)


def _days_sought(asked: Comparison, told: Sequence[date]) -> tuple[date | None, date | None]:
    """The days that were named, else the whole months of those told: what a list leaves out stands at its ends too."""
    first, last = min(told, default=None), max(told, default=None)
    since = asked.since or (first and first.replace(day=1))
    until = asked.until or (last and last.replace(day=monthrange(last.year, last.month)[1]))
    return since, until


def _line(finding: Finding, n: int, one: Filed, found: Drawn | None = None, **more: object) -> OrphanLine:
    told = one.model_dump(exclude_none=True)
    if found is not None:
        told |= {"entry": found.entry, "assessment": found.assessment}
    return OrphanLine(finding, n, **told, **more)  # type: ignore[arg-type]


def _unlisted(one: Drawn, kind: ListKind) -> OrphanLine:
    """A drawdown that no line of the list tells of."""
    return OrphanLine(
        "drawn_not_filed" if kind == "filed" else "drawn_not_registered", None, one.firm, one.bank, one.loan,
        one.contract, next(iter(one.registrations), None), one.days[0], one.amount,
        entry=one.entry, assessment=one.assessment,
    )  # fmt: skip


# --- what is told of each -----------------------------------------------------------------------------------------


def _entered_otherwise(drawn: Drawn, filed: Filed) -> dict[Difference, object]:
    """What a drawdown says where its line says otherwise.

    What only one of them tells is not compared, but a registration: its drawdown would have told it.
    """
    entered: Mapping[Difference, object] = {
        "firm": drawn.firm, "bank": drawn.bank, "loan": drawn.loan, "contract": drawn.contract,
        "registration": drawn.registrations, "on": drawn.days, "amount": drawn.amount,
    }  # fmt: skip
    told = ((name, value, getattr(filed, name)) for name, value in entered.items())
    return {
        name: value
        for name, value, line in told
        if line is not None and value is not None and line not in (value if isinstance(value, tuple) else (value,))
    }


def _ends(connection: Connection, firms: set[str], drawn: Sequence[Drawn], reach: Reach) -> dict[str, RecordEnds]:
    """How far the record of each firm goes."""
    paid = {one.firm for one in drawn}
    found: dict[str, RecordEnds] = {firm: "drawn_otherwise" if firm in paid else "never_assessed" for firm in firms}
    of = ASSESSMENTS.c
    asked = sorted(firms - paid)
    for start in range(0, len(asked), _AT_ONCE):
        some = asked[start : start + _AT_ONCE]
        here = (of.firm.in_(some), reach.of(ASSESSMENTS))
        found |= dict.fromkeys(connection.execute(select(of.firm).where(*here).distinct()).scalars(), "never_approved")
        acts = select(of.firm, STEPS.c.content).join(STEPS, STEPS.c.assessment == of.id)
        for row in connection.execute(acts.where(*here, STEPS.c.kind.in_(DECIDING))):
            if msgspec.json.decode(row.content or "{}", type=DecisionContent).grants:
                found[row.firm] = "never_drawn"
    return found
