"""What would change an answer, computed from the rows that its entry sealed; counted, and no part of what was sealed.

Whoever asks this often about one firm is tuning an application: so each time is an entry of its own.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import msgspec
import orjson
from sqlalchemy import Connection, Engine, Table, func, insert, select
from sqlmodel import Field, SQLModel

from features.asof import Case
from models.collateral.bank_assumptions import BankAssumption, BankAssumptions
from models.counterfactuals.forest import Forest
from models.counterfactuals.what_if import what_would_change
from models.score.bundle import Bundle
from service.assessing.assessment_index import row_of
from service.assessing.leaves import rows_of
from service.assessing.loan_files import file_of_act
from service.assessing.records import entry_of
from service.assessing.story import Assessor
from service.edge.database import in_turn
from service.edge.errors import NotAnswerable
from service.ledger.append import Draft, append
from service.ledger.canonical import float_of
from service.ledger.contents import content_of
from service.ledger.entry_contents import AssessmentRef
from service.ledger.kinds import Kind
from service.ledger.opened import OpenedEntry
from service.ledger.written_kinds import WhatIfEntry


class WhatIfRecord(SQLModel, table=True):
    """That it was asked what would change an assessment; the ledger holds it under `seq`."""

    __tablename__ = "what_ifs"

    seq: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    assessment: str = Field(index=True)
    at: str


WHAT_IFS: Table = SQLModel.metadata.tables["what_ifs"]


@dataclass(frozen=True)
class Sealed:
    """An assessment as its entry holds it."""

    id: str
    seal: str
    answer: Mapping[str, Any]
    body: Mapping[str, Any]


def sealed(connection: Connection, assessment: str) -> Sealed:
    """The entry of an assessment. Raises `NoSuchAssessment`, or `Erased`."""
    entry = entry_of(connection, assessment)
    content = content_of(connection, entry)
    return Sealed(assessment, entry.seal, orjson.loads(content.answer or b"{}"), orjson.loads(content.body))


@dataclass(frozen=True)
class WhatIfs:
    """Answers what would change an assessment. The leaves of the model in service are kept as arrays."""

    assessor: Assessor
    forests: dict[str, Forest] = field(default_factory=dict)

    def told(self, of: Sealed) -> dict[str, Any]:
        """The changes as plain JSON values. Raises `NotAnswerable` where the model is another one by now."""
        if of.answer["kind"] != "pledge":
            raise NotAnswerable("pledge_alone")
        bundle = self.assessor.bundles.of("pledge")
        used = of.answer["versions"]
        if bundle.id != used["bundle"]:
            raise NotAnswerable("bundle_gone", bundle=used["bundle"])
        told = of.answer["case"]
        case = Case(**told | {"as_of": date.fromisoformat(told["as_of"])})
        bank = _bank_assumptions(of.body["/asked"])
        found = what_would_change(case, rows_of(of.body), bundle, self._forest(bundle), self.assessor.policy, bank)
        return {
            "assessment": of.id,
            "bundle": bundle.id,
            "policy": self.assessor.policy.digest,
            "policy_changed": self.assessor.policy.digest != used["policy"],
            **msgspec.to_builtins(found),
        }

    def _forest(self, bundle: Bundle) -> Forest:
        if bundle.id not in self.forests:
            self.forests.clear()  # the model before is not asked again
            self.forests[bundle.id] = Forest(bundle.booster)
        return self.forests[bundle.id]


def _bank_assumptions(asked: Mapping[str, Any]) -> BankAssumptions:
    """The bank's own assumptions, whose numbers were sealed as texts."""
    return BankAssumptions({one["patent"]: _bank_assumption(one) for one in asked.get("assumptions", ())})


def _bank_assumption(told: Mapping[str, Any]) -> BankAssumption:
    numbers = {name: float_of(told[name]) for name in ("royalty", "life", "revenue_share") if name in told}
    return BankAssumption(**numbers, source=told.get("source", ""))


def what_if_row(entry: OpenedEntry) -> dict[str, Any] | None:
    """The row that follows from an entry, if it tells that it was asked what would change an assessment."""
    if entry.kind != Kind.WHAT_IF:
        return None
    row = {"seq": entry.seq, "at": entry.at}
    return (
        row
        if entry.body is None
        else row | {"assessment": msgspec.convert(entry.body["/assessment"], AssessmentRef).id}
    )


def count(engine: Engine, of: Sealed, told: Mapping[str, Any], actor: str) -> int:
    """Enter that it was asked, and with which outcome; how often it was asked so far."""
    same = {name: told[name] for name in ("state", "bundle", "policy")}
    content = WhatIfEntry(assessment=AssessmentRef(of.id, of.seal), offers=len(told["offers"]), **same)

    def write(connection: Connection) -> int:
        row = row_of(connection, of.id)
        file, taken_up = file_of_act(connection, row)
        draft = Draft.of(content, actor, firm=row.firm, bank=row.bank, file=file, taken_up=taken_up)
        entry = append(connection, [draft])[0]
        connection.execute(insert(WHAT_IFS), {"seq": entry.seq, "assessment": of.id, "at": entry.at})
        asked = select(func.count()).select_from(WHAT_IFS).where(WHAT_IFS.c.assessment == of.id)
        return int(connection.execute(asked).scalar_one())

    return in_turn(engine, write)
