"""What becomes of an application: every act by the person whose turn it is, and how many working days lie between.

Nothing here decides for a use case: an act that is refused is not done, and the file waits, goes back or is withdrawn.
"""

import random
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial
from typing import TypeVar

import orjson
from pydantic import BaseModel

from models.records.calendar import add_months
from service.assessing.records import ReadyAnswer
from service.demonstration.applications import DemoApplication
from service.demonstration.office import Office
from service.demonstration.supplied import supplied
from service.edge.errors import Refused
from service.ledger.canonical import float_of
from service.ledger.entry_contents import EntryContent
from service.ledger.kinds import Kind
from service.loan_files import requests
from service.loan_files.advised import AdvisedAnswer
from service.loan_files.approving import approve
from service.loan_files.closing import close
from service.loan_files.committee import minute, vote
from service.loan_files.drawing import pay_out, release
from service.loan_files.fulfilling import confirm, fulfil
from service.loan_files.preparing import send_back, withdraw
from service.loan_files.record import ENDED, LoanFile
from service.loan_files.reviewing import review, to_answer
from service.loan_files.turns import FileTurn
from service.loan_files.watching import check_done, close_warning, warn

Wait = tuple[int, int]
"""Working days until the next act: at least, and at most."""
_STEP = 1_000_000
"""Fen: amounts are asked in whole ten thousand yuan."""
_ROUNDS = 3
"""How often an application is submitted at most."""
_MITIGATION = "追加存单质押并由实际控制人提供连带责任保证"
_LAST_RESORT: Wait = (8, 25)
_GIVEN_UP = 0.15
"""Share of the files that came back whose applicants do not go on."""


T = TypeVar("T", bound=BaseModel)


def told_as(shape: type[T], members: Mapping[str, object] | None = None, **more: object) -> T:
    """An act as the API reads it."""
    return shape.model_validate_json(orjson.dumps({**(members or {}), **more}))


@dataclass
class LoanLife:
    """One application at its branch, from the first answer, which was worked out before, to whatever it comes to."""

    office: Office
    one: DemoApplication
    number: int
    lead: str
    first: ReadyAnswer
    refusals: list[str] = field(default_factory=list)
    _file: LoanFile | None = None

    def __post_init__(self) -> None:
        self.chance = random.Random(zlib.crc32(self.one.id.encode()))
        self.people = self.office.people[self.one.bank]
        self.second = self.chance.choice([one for one in self.people.officers[self.one.branch] if one != self.lead])

    def run(self) -> Iterator[Wait]:
        """Act, and say how long it takes until the next act."""
        self._file = self.office.record(self.first)
        yield 1, 5
        for place in range(_ROUNDS):
            if place:
                yield 3, 14
                self._asked_again()
                yield 0, 1
            if not self._submitted():
                yield 2, 9
                break
            yield from self._processed()
            if self._now.state != "returned" or self.chance.random() < _GIVEN_UP:
                break
        if self._now.state == "drawn":
            yield from self._watched()
        elif self._now.state not in ENDED:
            yield _LAST_RESORT
            self._dropped()

    def _processed(self) -> Iterator[Wait]:
        """From the review to the payment, as far as it comes."""
        yield from self._decided()
        if self._now.state == "to_fulfil":
            yield from self._fulfilled()
        if self._now.state == "to_draw":
            yield from self._drawn()

    # --- what the officers do ----------------------------------------------------------------------------------------

    def _submitted(self) -> bool:
        """Submit what the advice carries; where something blocks, a few try with what makes up for it."""
        file, answer = self._now, self._answer
        most = min(self.one.amount, answer.most or 0) // _STEP * _STEP
        if most <= 0 or (answer.blocking and self.chance.random() < 0.6):
            return False
        today = self.office.today
        aside = [self._aside(rule, answer.expires_on) for rule in dict.fromkeys(one.rule for one in answer.blocking)]
        visits = [(today - timedelta(days=self.chance.randint(1, 4))).isoformat()]
        told = {
            "assessment": file.newest, "second": self.second, "seen": file.head, "amount": most,
            "term_months": min(self.one.term_months, answer.longest or self.one.term_months),
            "rate": 0.0345 + self.chance.randrange(0, 20) / 2000, "visits": visits, "waives": aside,
            "note": "双人实地调查，经营场所、设备与订单情况与申报一致",
        }  # fmt: skip
        if aside:
            told |= {"reason_code": "further_security"}
        return self._done(lambda: self.office.submit(self.lead, told_as(requests.Submission, told)))

    def _asked_again(self) -> None:
        """Ask again today with whatever papers were brought in since."""
        office = self.office
        papers = supplied(self._answer, office.firms.rows(self.one.firm), self.one, office.today)
        question = office.question(self.one, self.lead, office.clock(), papers)
        self._file = office.record(office.assessed([question])[0])

    def _dropped(self) -> None:
        """The applicant, or the bank, gives it up, where it still may."""
        by_bank = self._answer.advice == "advise_against"
        told = told_as(
            requests.Withdrawal,
            by="bank" if by_bank else "applicant",
            reason_code="risk_too_high" if by_bank else "applicant_withdrew",
            reason="测算结论为不建议办理，经与企业沟通终止申请" if by_bank else "企业已通过其他渠道融资",
        )
        self._act(self.lead, Kind.WITHDRAWN, lambda turn: withdraw(turn, told))

    # --- review, committee, approval ---------------------------------------------------------------------------------

    def _decided(self) -> Iterator[Wait]:
        yield 1, 6
        reviewer = self.chance.choice(self.people.reviewers)
        if self._now.turn == 1 and self.chance.random() < 0.3:
            told = told_as(requests.Return,
                reason_code="papers_missing", reason="用途证明与近期流水不完整",
                wanted=["近三个月主要账户流水", "与主要客户签订的购销合同"],
            )  # fmt: skip
            self._act(reviewer, Kind.SENT_BACK, lambda turn: send_back(turn, told))
            return
        self._reviewed(reviewer)
        if self._now.state == "to_committee":
            yield 4, 12
            yield from self._sat()
        if self._now.state == "to_approve":
            yield 1, 4
            yield from self._approved()

    def _reviewed(self, reviewer: str) -> None:
        answer, file = self._answer, self._now
        opposes = bool(answer.blocking) or (answer.advice == "refer" and self.chance.random() < 0.12)
        answers = [
            {"rule": rule, "subject": subject, "answer": _MITIGATION} for rule, subject in to_answer(answer)
        ]  # fmt: skip
        own = [{"text": "放款后按月报送账户流水", "due": "after"}] if self.chance.random() < 0.5 else []
        told = told_as(requests.Review, {
            "seen": file.head, "outcome": "opposed" if opposes else "agreed_with_conditions" if own else "agreed",
            "opinion": "第一还款来源依据不足，不同意上报" if opposes else "第一还款来源可靠，质押物权属清晰，同意上报",
            "answers": answers, "conditions": [] if opposes else own,
        })  # fmt: skip
        self._act(reviewer, Kind.REVIEWED, lambda turn: review(turn, told))

    def _sat(self) -> Iterator[Wait]:
        """The committee votes; the secretary closes the vote."""
        against = bool(self._answer.blocking) or self.chance.random() < 0.1
        meeting = f"{self.office.today:%Y}-{self.office.today:%V}"
        for place, member in enumerate(self.people.members):
            word = "reject" if against and place < 3 else "abstain" if place == 4 and against else "agree"
            told = told_as(requests.Vote, {
                "seen": self._now.head, "meeting": meeting, "vote": word,
                "reason": "风险缓释措施不足" if word == "reject" else None,
            })  # fmt: skip
            if not self._act(member, Kind.VOTE, partial(vote, told=told)):
                return
        yield 0, 0
        people, file = self.people, self._now
        minutes = told_as(requests.Minutes, {
            **self._terms(file), "meeting": meeting, "held_on": self.office.today, "chair": people.chair,
            "present": people.members,
        })  # fmt: skip
        self._act(people.secretary, Kind.MINUTES, lambda turn: minute(turn, minutes))

    def _approved(self) -> Iterator[Wait]:
        """Whoever has the authority signs; where two must, a second one some days later."""
        if self.chance.random() < 0.07:
            decline = told_as(
                requests.Declined,
                seen=self._now.head,
                outcome="declined",
                reason_code="risk_too_high",
                reason="行业下行，暂不新增授信",
            )
            self._act(self.people.branch_approvers[self.one.branch], Kind.APPROVAL, lambda turn: approve(turn, decline))
            return
        for account in self.people.able_to_approve(self.one.branch, self._now.level or 1):
            file, answer = self._now, self._answer
            told = told_as(
                requests.Approved, {**self._terms(file), "outcome": "approved", **self._why(file, answer.expires_on)}
            )
            if not self._act(account, Kind.APPROVAL, partial(approve, told=told)) or self._now.state != "to_approve":
                return
            yield 0, 2

    def _terms(self, file: LoanFile) -> dict[str, object]:
        return {
            "seen": file.head, "amount": file.amount, "term_months": file.term_months,
            "rate": None if file.rate is None else float_of(file.rate),
            "waives": [self._aside(rule, self._answer.expires_on) for rule in sorted(file.waived)],
        }  # fmt: skip

    def _why(self, file: LoanFile, last: date) -> dict[str, object]:
        if file.stands != "better":
            return {}
        return {"reason": _MITIGATION, "reason_code": "further_security", "expires_on": last}

    def _aside(self, rule: str, last: date) -> dict[str, object]:
        until = min(last, self.office.today + timedelta(days=60))
        return {"rule": rule, "reason_code": "further_security", "mitigation": _MITIGATION, "until": until}

    # --- conditions and money ----------------------------------------------------------------------------------------

    def _fulfilled(self) -> Iterator[Wait]:
        """The officer brings the papers and asks again; another person confirms each."""
        yield 3, 18
        if any(one.rule and one.state == "open" for one in self._now.conditions):
            self._asked_again()
        for n in [one.n for one in self._now.conditions if one.due != "after"]:
            if self._now.state != "to_fulfil":
                return
            file = self._now
            done = told_as(requests.ConditionDone,
                happened_on=self.office.today, proof="原件已核，扫描件入卷",
                assessment=file.newest if file.newest != file.assessment else None,
            )  # fmt: skip
            if (
                self._act(self.lead, Kind.CONDITION_MET, partial(fulfil, n=n, told=done))
                and self._now.state == "to_fulfil"
            ):
                yield 0, 2
                check = told_as(requests.ConditionCheck, proof="经复核，原件与扫描件一致")
                self._act(self.second, Kind.CONDITION_MET, partial(confirm, n=n, told=check))

    def _drawn(self) -> Iterator[Wait]:
        """The facts are looked at again, the desk releases, the money is paid."""
        yield 1, 6
        self._asked_again()
        yield 0, 1
        file, today = self._now, self.office.today
        standing = [
            {"item": item, "done_on": today, "document": f"卷宗第 {place} 页"}
            for place, item in enumerate(self.office.advised(file.newest).standing, start=3)
        ]
        pledge = {"registration": f"Y{today:%Y}9800{self.number:05}", "registered_on": today, "amount": file.amount}
        told = told_as(requests.Release, {
            "seen": file.head, "amount": file.amount, "contract": f"{today:%Y}质借字第{self.number:04}号",
            "standing": standing, "pledges": [pledge],
        })  # fmt: skip
        if (
            not self._act(self.people.drawdown_desk, Kind.DRAWDOWN_CHECK, lambda turn: release(turn, told))
            or self._now.state != "to_draw"
        ):
            return
        yield 0, 1
        file, today = self._now, self.office.today
        payment = told_as(requests.PaidOut,
            drawn_on=today, amount=file.released, due_on=add_months(today, file.term_months or 1),
            loan=f"JJ{today:%Y%m}{self.number:05}",
        )  # fmt: skip
        self._act(self.lead, Kind.DRAWDOWN, lambda turn: pay_out(turn, payment))

    def _watched(self) -> Iterator[Wait]:
        """What falls due is done, now and then late; some loans draw a warning; all end when they are due."""
        due = date.fromisoformat(self._now.drawdowns[0].due_on)
        early = self.chance.random() < 0.12
        for round_ in range(12):
            yield (7, 12) if round_ == 0 else (18, 24)
            if self.office.today >= due or (early and round_ > 3):
                self._ended()
                return
            self._checked()
            if self.chance.random() < 0.06:
                yield from self._warned()

    def _checked(self) -> None:
        for task in self._now.tasks:
            near = task.due_on <= (self.office.today + timedelta(days=5)).isoformat()
            if task.closed_seq is None and task.what != "warning" and near and self.chance.random() < 0.85:
                told = told_as(
                    requests.CheckDone,
                    happened_on=self.office.today,
                    found="资金用途与合同约定一致，经营正常，未见异常",
                )
                self._act(self.lead, Kind.MONITORED, partial(check_done, n=task.n, told=told))

    def _warned(self) -> Iterator[Wait]:
        told = told_as(requests.RaisedWarning, {
            "code": self.chance.choice(("sales_drop", "fee_day_near", "new_lawsuit")),
            "level": self.chance.choice(("low", "middle", "high")),
            "due_on": self.office.today + timedelta(days=10), "owner": self.lead, "note": "系统监测提示，请核实",
        })  # fmt: skip
        self._act(self.people.risk_manager, Kind.WARNING, lambda turn: warn(turn, told))
        yield 3, 15
        for task in self._now.tasks:
            if task.what == "warning" and task.closed_seq is None and self.chance.random() < 0.7:
                note = told_as(requests.ClosedWarning, note="已上门核实，属季节性波动")
                self._act(self.lead, Kind.WARNING, partial(close_warning, n=task.n, told=note))

    def _ended(self) -> None:
        told = told_as(requests.FileClosure, {"closed_on": self.office.today, "outcome": "repaid", "loss": 0})
        self._act(self.lead, Kind.CLOSURE, lambda turn: close(turn, told))

    # --- how an act is done ------------------------------------------------------------------------------------------

    @property
    def _now(self) -> LoanFile:
        if self._file is None:
            raise ValueError("nobody asked yet")
        return self._file

    @property
    def _answer(self) -> AdvisedAnswer:
        file = self._now
        return self.office.advised(file.newest if file.state in ("draft", "returned") else file.assessment)

    def _act(self, account: str, kind: Kind, work: Callable[[FileTurn], EntryContent]) -> bool:
        return self._done(lambda: self.office.act(self._now.id, account, kind, work))

    def _done(self, act: Callable[[], LoanFile]) -> bool:
        try:
            self._file = act()
        except Refused as refused:
            self._note(refused)
            return False
        return True

    def _note(self, refused: Refused) -> None:
        self.refusals.append(",".join(dict.fromkeys(one.code for one in refused.as_faults())))
