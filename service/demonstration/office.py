"""What the people of the demonstration do their work with: the use cases, under the clock that is given."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property

import orjson
from sqlalchemy import select

from service.access.roles import Caller
from service.access.tables import USERS, UserRecord
from service.application.state import AppState
from service.assessing.records import ReadyAnswer, Recorded
from service.assessing.stages import Question
from service.demonstration.applications import DemoApplication, HeldFirms
from service.demonstration.people import BankPeople
from service.edge.clock import SimulatedClock
from service.edge.database import fetch_all
from service.edge.errors import Refused
from service.ledger.entry_contents import EntryContent
from service.ledger.kinds import Kind
from service.loan_files.advised import AdvisedAnswer, advised
from service.loan_files.preparing import submit
from service.loan_files.record import LoanFile
from service.loan_files.requests import Submission
from service.loan_files.tables import read_file
from service.loan_files.turns import Desk, FileTurn, act_in_file


@dataclass(frozen=True)
class Office:
    """The service's state, its clock, the firms whose applications come in, and who works where."""

    state: AppState
    clock: SimulatedClock
    firms: HeldFirms
    people: Mapping[str, BankPeople]

    @property
    def today(self) -> date:
        """The day where the bank is."""
        return self.state.today(self.clock())

    def desk(self, account: str) -> Desk:
        """Somebody at a desk, now."""
        state, moment = self.state, self.clock()
        return Desk(self._caller(account), moment, self.today, state.assessor.policy, state.settings.zone)

    def question(
        self, one: DemoApplication, account: str, moment: datetime, extra: Mapping[str, object] | None = None
    ) -> Question:
        """An application as somebody asks about it at a moment; `extra` members come beside what the lake knows."""
        day = self.state.today(moment)
        body = {
            "kind": "pledge", "as_of": day.isoformat(), "firm": one.firm, "case": one.id, "application": one.id,
            **(extra or {}),
        }  # fmt: skip
        who = self._caller(account)
        return Question(orjson.dumps(body), moment, day, who.id, None, who.place)

    def assessed(self, questions: Sequence[Question]) -> list[ReadyAnswer | Refused]:
        """The answers to questions, worked out together and not recorded yet."""
        assessor = replace(self.state.assessor, firms=self.firms)
        return assessor.prepare(assessor.assess(assessor.gather(questions)))

    def record(self, answer: ReadyAnswer | Refused) -> LoanFile:
        """The loan file that an answer joins, which is recorded now. Raises what refused it."""
        match self.state.assessor.record([answer])[0]:
            case Recorded(body=recorded):
                with self.state.engine.connect() as connection:
                    return read_file(connection, orjson.loads(recorded)["record"]["loan_file"]["id"])
            case refusal:
                raise refusal

    def submit(self, account: str, told: Submission) -> LoanFile:
        """The file that two officers submitted. Raises `Refused`."""
        return submit(self.state.engine, self.desk(account), told).file

    def act(self, file: str, account: str, kind: Kind, work: Callable[[FileTurn], EntryContent]) -> LoanFile:
        """A file in which somebody did something. Raises `Refused`."""
        return act_in_file(self.state.engine, file, self.desk(account), kind, work).file

    def advised(self, assessment: str) -> AdvisedAnswer:
        """What an assessment advised."""
        with self.state.engine.connect() as connection:
            return advised(connection, assessment)

    def _caller(self, account: str) -> Caller:
        found = self.state.accounts.caller(self._rows[account], self.clock())
        if found is None:
            raise ValueError(f"{account} may not be used")
        return found

    @cached_property
    def _rows(self) -> dict[str, UserRecord]:
        with self.state.engine.connect() as connection:
            return {row.name: row for row in fetch_all(connection, select(USERS), UserRecord)}
