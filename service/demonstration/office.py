"""What the people of the demonstration do their work with: the use cases, under the clock that is given."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property
from hashlib import sha256

import orjson
from sqlalchemy import select

from service.access.roles import Caller, Reach
from service.access.tables import USERS, UserRecord
from service.application.firm_lists import push_list, tell_feedback
from service.application.job_runner import IDLE_SECONDS, JobRunner
from service.application.state import AppState
from service.application.trials import try_out
from service.assessing.records import ReadyAnswer, Recorded
from service.assessing.stages import Question
from service.assessing.trial_records import TrialAnswer
from service.assessing.trial_rows import TrialRequest
from service.demonstration.applications import DemoApplication, HeldFirms
from service.demonstration.made_papers import MadePaper
from service.demonstration.people import BankPeople
from service.edge.clock import SimulatedClock
from service.edge.database import fetch_all
from service.edge.errors import Refused
from service.firm_lists.listing import firms_of_push
from service.firm_lists.requests import FeedbackRequest, PushRequest
from service.jobs.entering import NewJob, NewRow, enter_job
from service.ledger.entry_contents import EntryContent
from service.ledger.kinds import Kind
from service.loan_files.advised import AdvisedAnswer, advised
from service.loan_files.attachments import attach
from service.loan_files.preparing import submit
from service.loan_files.queues import queues
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
                return self.file(orjson.loads(recorded)["record"]["loan_file"]["id"])
            case refusal:
                raise refusal

    def submit(self, account: str, told: Submission) -> LoanFile:
        """The file that two officers submitted. Raises `Refused`."""
        return submit(self.state.engine, self.desk(account), told).file

    def act(self, file: str, account: str, kind: Kind, work: Callable[[FileTurn], EntryContent]) -> LoanFile:
        """A file in which somebody did something. Raises `Refused`."""
        return act_in_file(self.state.engine, file, self.desk(account), kind, work).file

    def keep(self, file: str, account: str, paper: MadePaper) -> str:
        """Keep a paper beside a file, by the SHA-256 that its entry holds. Raises `Refused`."""
        return attach(self.state.engine, file, self.desk(account), paper.told, paper.content).hash

    def file(self, file: str) -> LoanFile:
        """A file as it is now."""
        with self.state.engine.connect() as connection:
            return read_file(connection, file)

    def tried(self, account: str, assessment: str, told: TrialRequest) -> TrialAnswer:
        """What an assessment would come to on other facts, entered. Raises `Refused`."""
        return try_out(self.state, self._caller(account), assessment, told)

    def screened(self, account: str, firms: Sequence[str], name: str) -> str:
        """A job that put firms to the lists of policy, by its id; it is over."""
        questions = [orjson.dumps({"kind": "whitelist", "as_of": self.today.isoformat(), "firm": one}) for one in firms]
        rows = [
            NewRow(f"A{n}", None, firm, asked) for n, (firm, asked) in enumerate(zip(firms, questions, strict=True), 2)
        ]
        digest = sha256(b"\n".join(questions)).hexdigest()
        sent = NewJob("whitelist", name, digest, rows, "zh")
        job = enter_job(self.state.engine, self._caller(account), sent, self.state.settings.jobs, self.clock())
        runner = JobRunner(self.state)
        while runner.step() != IDLE_SECONDS:
            pass
        return job

    def pushed(self, account: str, told: PushRequest) -> str:
        """A list that was pushed, by its id. Raises `Refused`."""
        return push_list(self.state, self._caller(account), told)

    def firms_on(self, pushed: str) -> dict[str, str]:
        """The firms that stand on a list that was pushed, by their answers in the screening."""
        with self.state.engine.connect() as connection:
            found = firms_of_push(connection, pushed, "zh", self.today).items
        return {one.assessment: one.firm for one in found if one.on_list and one.firm is not None}

    def fed_back(self, account: str, pushed: str, told: FeedbackRequest) -> None:
        """Tell what became of a firm of a list. Raises `Refused`."""
        tell_feedback(self.state, self._caller(account), pushed, told)

    def advised(self, assessment: str) -> AdvisedAnswer:
        """What an assessment advised."""
        with self.state.engine.connect() as connection:
            return advised(connection, assessment)

    def busy(self, bank: str) -> bool:
        """Whether a file of the bank waits for every step, one of them is late, and a warning is open."""
        with self.state.engine.connect() as connection:
            found = queues(connection, Reach(frozenset({bank})), self.today)
        waits = found.files.values()
        return all(one.number for one in waits) and any(one.late for one in waits) and found.warnings.number > 0

    def _caller(self, account: str) -> Caller:
        found = self.state.accounts.caller(self._rows[account], self.clock())
        if found is None:
            raise ValueError(f"{account} may not be used")
        return found

    @cached_property
    def _rows(self) -> dict[str, UserRecord]:
        with self.state.engine.connect() as connection:
            return {row.name: row for row in fetch_all(connection, select(USERS), UserRecord)}
