"""What would change an answer, computed from the rows that its entry sealed; counted, and no part of what was sealed.

Whoever asks this often about one firm is tuning an application: so each time is an entry of its own.
"""

from dataclasses import dataclass, field

import msgspec
from sqlalchemy import Connection, Engine, func, insert, select
from sqlmodel import Field, SQLModel

from models.counterfactuals.forest import Forest
from models.counterfactuals.what_if import WhatIf, what_would_change
from models.score.bundle import Bundle
from service.assessing.assessment_index import row_of
from service.assessing.gathering import bank_assumptions
from service.assessing.leaves import asked_of, rows_of
from service.assessing.loan_files import file_of_act
from service.assessing.model_validity import ServedBy, check_answering
from service.assessing.sealed_answer import SealedAssessment
from service.assessing.story import Assessor
from service.edge.database import in_turn
from service.edge.errors import NotAnswerable
from service.ledger.append import Draft, append
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


WHAT_IFS = SQLModel.metadata.tables["what_ifs"]


class WhatIfAnswer(msgspec.Struct, frozen=True):
    """What would change an assessment, by which model and under which policy that is told."""

    assessment: str
    bundle: str
    policy: str
    policy_changed: bool
    found: WhatIf

    def to_dict(self) -> dict[str, object]:
        """As it is shown: what was found beside what it is about."""
        told: dict[str, object] = msgspec.to_builtins(self)
        found: dict[str, object] = msgspec.to_builtins(self.found)
        del told["found"]
        return told | found


@dataclass(frozen=True)
class WhatIfs:
    """Answers what would change an assessment. The leaves of the model in service are kept as arrays."""

    assessor: Assessor
    forests: dict[str, Forest] = field(default_factory=dict)

    def answer(self, of: SealedAssessment) -> WhatIfAnswer:
        """The changes. Raises `NotAnswerable` where the model is another one by now."""
        answer, policy = of.answer, self.assessor.policy
        if answer.kind != "pledge":
            raise NotAnswerable("pledge_alone")
        bundle = self.assessor.bundles.of("pledge")
        if bundle.id != answer.versions.bundle:
            raise NotAnswerable("bundle_gone", bundle=answer.versions.bundle)
        bank = bank_assumptions(asked_of(of.body))
        found = what_would_change(answer.case, rows_of(of.body), bundle, self._forest(bundle), policy, bank)
        return WhatIfAnswer(answer.id, bundle.id, policy.digest, policy.digest != answer.versions.policy, found)

    def _forest(self, bundle: Bundle) -> Forest:
        if bundle.id not in self.forests:
            self.forests.clear()  # the model before is not asked again
            self.forests[bundle.id] = Forest(bundle.booster)
        return self.forests[bundle.id]


def what_if_row(entry: OpenedEntry) -> dict[str, object] | None:
    """The row that follows from an entry, if it tells that it was asked what would change an assessment."""
    if entry.kind != Kind.WHAT_IF:
        return None
    row = {"seq": entry.seq, "at": entry.at}
    return (
        row
        if entry.body is None
        else row | {"assessment": msgspec.convert(entry.body["/assessment"], AssessmentRef).id}
    )


def count(engine: Engine, seal: str, told: WhatIfAnswer, actor: str) -> int:
    """Enter that it was asked, and with which outcome; how often it was asked so far."""
    content = WhatIfEntry(
        assessment=AssessmentRef(told.assessment, seal),
        state=told.found.state,
        bundle=told.bundle,
        policy=told.policy,
        offers=len(told.found.offers),
    )

    def write(connection: Connection) -> int:
        row = row_of(connection, told.assessment)
        check_answering(connection, ServedBy(told.bundle, "pledge", row.bank))
        file, taken_up = file_of_act(connection, row)
        draft = Draft.of(content, actor, firm=row.firm, bank=row.bank, file=file, taken_up=taken_up)
        entry = append(connection, [draft])[0]
        connection.execute(insert(WHAT_IFS), {"seq": entry.seq, "assessment": told.assessment, "at": entry.at})
        asked = select(func.count()).select_from(WHAT_IFS).where(WHAT_IFS.c.assessment == told.assessment)
        return int(connection.execute(asked).scalar_one())

    return in_turn(engine, write)
