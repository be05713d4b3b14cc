"""What becomes of an application: every act by the person whose turn it is, and how many working days lie between.

Nothing here decides for a use case: an act that is refused is not done, and the file waits, goes back or is withdrawn.
"""

import random
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import partial
from hashlib import sha256

from models.records.calendar import add_months
from service.assessing.trial_rows import TrialRequest
from service.demonstration import conduct
from service.demonstration.acts_in_file import ActsInFile
from service.demonstration.conduct import Wait, told_as
from service.demonstration.made_papers import PaperNumbers
from service.demonstration.supplied import Papers, supplied
from service.edge.errors import Refused
from service.ledger.canonical import float_of
from service.ledger.kinds import Kind
from service.loan_files import requests
from service.loan_files.approving import approve
from service.loan_files.closing import close
from service.loan_files.committee import minute, vote
from service.loan_files.drawdown_papers import PaperKind
from service.loan_files.drawing import pay_out, release
from service.loan_files.fulfilling import confirm, fulfil
from service.loan_files.handing_over import lay_beside
from service.loan_files.preparing import send_back, withdraw
from service.loan_files.record import ENDED, LoanFile
from service.loan_files.registrations import REGISTERED
from service.loan_files.returned import wanted_in
from service.loan_files.reviewing import review, to_answer
from service.loan_files.steps import steps_of_file
from service.loan_files.watching import check_done, close_warning, warn

_SHOWN_BY: Mapping[str, PaperKind] = {"standing.pledge_contract": "contract", REGISTERED: "registration"}
"""The papers that show that a precondition of drawdown holds."""
_STEP = 1_000_000
"""Fen: amounts are asked in whole ten thousand yuan."""


@dataclass
class LoanLife(ActsInFile):
    """One application at its branch, from the first answer, which was worked out before, to whatever it comes to."""

    opposed: bool = False
    papers: Papers = field(default_factory=Papers)

    def __post_init__(self) -> None:
        self.chance = random.Random(zlib.crc32(self.one.id.encode()))
        self.people = self.office.people[self.one.bank]
        self.second = self.chance.choice([one for one in self.people.officers[self.one.branch] if one != self.lead])

    def run(self) -> Iterator[Wait]:
        """Act, and say how long it takes until the next act."""
        self._file = self.office.record(self.first)
        yield from self._tried()
        yield 1, 5
        for place in range(conduct.ROUNDS):
            if place:
                yield 3, 14
                yield from self._asked_again()
                yield 0, 1
            if not self._submitted():
                yield 2, 9
                break
            yield from self._processed()
            if self._now.state in ("to_fulfil", "to_draw"):
                yield 1, 5
                self._handed_back()
            if self._now.state != "returned" or self.chance.random() < conduct.GIVEN_UP:
                break
        if self._now.state == "drawn":
            yield from self._watched()
        elif self._now.state not in ENDED:
            yield conduct.LAST_RESORT
            self._dropped()

    def _processed(self) -> Iterator[Wait]:
        """From the review to the payment, as far as it comes."""
        yield from self._decided()
        if self._now.state == "to_fulfil":
            yield from self._fulfilled()
        if self._now.state == "to_draw":
            yield from self._drawn()

    # --- what the officers do ----------------------------------------------------------------------------------------

    def _tried(self) -> Iterator[Wait]:
        """Where the advice falls short of what was asked, an officer may try what a smaller, shorter loan comes to."""
        less = self._answer.advice != "recommend" or (self._answer.most or 0) < self.one.amount
        if not less or self.chance.random() < conduct.UNTRIED:
            return
        yield 0, 0
        wanted = {"amount": self.one.amount * 7 // 10 // _STEP * _STEP, "term_months": min(self.one.term_months, 12)}
        told = told_as(TrialRequest, rows={"applications": [{"application": self.one.id, **wanted}]})
        try:
            self.office.tried(self.lead, self._now.newest, told)
        except Refused as refused:
            self._note(refused)

    def _submitted(self) -> bool:
        """Submit what the advice carries; where it carries nothing, many insist on what they asked for."""
        file, answer = self._now, self._answer
        if conduct.hopeless(answer) and self.chance.random() < conduct.DISSUADED:
            return False
        amount = max(min(self.one.amount, answer.most or self.one.amount) // _STEP, 1) * _STEP
        today = self.office.today
        self._bring()
        file = self._now
        aside = [self._aside(rule, answer.expires_on) for rule in dict.fromkeys(one.rule for one in answer.blocking)]
        visits = [(today - timedelta(days=self.chance.randint(1, 4))).isoformat()]
        told = {
            "assessment": file.newest, "second": self.second, "seen": file.head, "amount": amount,
            "term_months": min(self.one.term_months, answer.longest or self.one.term_months),
            "rate": round(0.0345 + self.chance.randrange(0, 20) / 2000, 4), "visits": visits, "waives": aside,
            "note": "双人实地调查，经营场所、设备与订单情况与申报一致",
        }  # fmt: skip
        if conduct.hopeless(answer):
            told |= {"reason_code": "further_security"}
        return self._done(lambda: self.office.submit(self.lead, told_as(requests.Submission, told)))

    def _bring(self) -> None:
        """Lay beside the file what it was returned for."""
        with self.office.state.engine.connect() as connection:
            wanted = wanted_in(self._now, steps_of_file(connection, self._now.id))
        for one in wanted:
            digest = sha256(f"{self._now.id}/{one.what}/{self._now.turn}".encode()).hexdigest()
            told = told_as(requests.Paper, hash=digest, what=one.what, about=one.what, dated_on=self.office.today)
            self._act(self.lead, Kind.DOCUMENT, partial(lay_beside, told=told))

    def _asked_again(self) -> Iterator[Wait]:
        """Ask again with the papers that conditions ask for, and once more where the answer asks for others."""
        office, answer = self.office, self._answer
        while True:
            self.papers.take(answer, self.one)
            told = supplied(
                self.papers, answer, office.firms.rows(self.one.firm, self.one.bank), self.one, office.today
            )
            question = office.question(self.one, self.lead, office.clock(), told)
            self._file = office.record(office.assessed([question])[0])
            answer = office.advised(self._now.newest)
            if not self.papers.wanting(answer):
                return
            yield 0, 0

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
        yield 2, 8
        reviewer = self.chance.choice(self.people.reviewers)
        if self._now.turn == 1 and self.chance.random() < conduct.SENT_BACK:
            told = told_as(requests.Return,
                reason_code="papers_missing", reason="用途证明与近期流水不完整",
                wanted=["近三个月主要账户流水", "与主要客户签订的购销合同"],
            )  # fmt: skip
            self._act(reviewer, Kind.SENT_BACK, lambda turn: send_back(turn, told))
            return
        self._reviewed(reviewer)
        if self._now.state == "to_committee":
            yield 4, 14
            yield from self._sat()
        if self._now.state == "to_approve":
            yield 2, 7
            yield from self._approved()

    def _reviewed(self, reviewer: str) -> None:
        answer, file = self._answer, self._now
        opposes = conduct.hopeless(answer) or (answer.advice == "refer" and self.chance.random() < conduct.OPPOSED)
        self.opposed = opposes
        answers = [
            {"rule": rule, "subject": subject, "answer": conduct.MITIGATION} for rule, subject in to_answer(answer)
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
        against = conduct.hopeless(self._answer) or self.chance.random() < conduct.VOTED_DOWN
        meeting = f"{self.office.today:%Y}-{self.office.today:%V}"
        for place, member in enumerate(self.people.members):
            yield 0, 0
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
        """Whoever has the authority signs, now and then for less; where two must, a second one some days later."""
        if self.opposed or self.chance.random() < conduct.DECLINED:
            decline = told_as(
                requests.Declined,
                seen=self._now.head,
                outcome="declined",
                reason_code="risk_too_high",
                reason="同意审查意见，第一还款来源依据不足" if self.opposed else "行业下行，暂不新增授信",
            )
            self._act(self.people.branch_approvers[self.one.branch], Kind.APPROVAL, lambda turn: approve(turn, decline))
            return
        amount = self._now.amount or 0
        if self.chance.random() < conduct.REDUCED:
            amount = max(amount * 4 // 5 // _STEP, 1) * _STEP
        for account in self.people.able_to_approve(self.one.branch, self._now.level or 1):
            file, answer = self._now, self._answer
            terms = {**self._terms(file), "amount": amount, **self._why(file, answer.expires_on)}
            told = told_as(requests.Approved, terms, outcome="approved")
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
        return {"reason": conduct.MITIGATION, "reason_code": "further_security", "expires_on": last}

    def _aside(self, rule: str, last: date) -> dict[str, object]:
        until = min(last, self.office.today + timedelta(days=60))
        return {"rule": rule, "reason_code": "further_security", "mitigation": conduct.MITIGATION, "until": until}

    def _handed_back(self) -> None:
        """What cannot be fulfilled or released as it was approved goes back to the officers."""
        told = told_as(requests.Return,
            reason_code="terms_to_change", reason="批复条件未能落实或事实已有变化，请重新测算后上报",
            wanted=["最新测算结果", "尚未落实条件的说明"],
        )  # fmt: skip
        self._act(self.people.drawdown_desk, Kind.SENT_BACK, lambda turn: send_back(turn, told))

    # --- conditions and money ----------------------------------------------------------------------------------------

    def _fulfilled(self) -> Iterator[Wait]:
        """The officer brings the papers and asks again; another person confirms each."""
        yield 3, 18
        if any(one.rule and one.state == "open" for one in self._now.conditions):
            yield from self._asked_again()
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
        yield 3, 10
        yield from self._asked_again()
        yield 0, 1
        file, today = self._now, self.office.today
        numbers = PaperNumbers(
            f"{today:%Y}质借字第{self.number:04}号", f"Y{today:%Y}9800{self.number:05}", file.amount or 0
        )
        papers = {item: self._kept(kind, numbers) for item, kind in _SHOWN_BY.items()}
        standing = [
            {"item": item, "done_on": today, "document": papers.get(item, f"卷宗第 {place} 页")}
            for place, item in enumerate(self.office.advised(file.newest).standing, start=3)
        ]
        pledge = {"registration": numbers.registration, "registered_on": today, "amount": file.amount}
        told = told_as(requests.Release, {
            "seen": self._now.head, "amount": file.amount, "contract": numbers.contract,
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
        if self._act(self.lead, Kind.DRAWDOWN, lambda turn: pay_out(turn, payment)):
            self._kept("payment", replace(numbers, amount=payment.amount, loan=payment.loan))

    def _watched(self) -> Iterator[Wait]:
        """What falls due is done, now and then late; some loans draw a warning; all end when they are due."""
        due = date.fromisoformat(self._now.drawdowns[0].due_on)
        early = self.chance.random() < conduct.REPAID_EARLY
        for round_ in range(12):
            yield (7, 12) if round_ == 0 else (18, 24)
            if self.office.today >= due or (early and round_ > 3):
                self._ended()
                return
            yield from self._checked()
            if self.chance.random() < conduct.WARNED:
                yield from self._warned()

    def _checked(self) -> Iterator[Wait]:
        near = (self.office.today + timedelta(days=5)).isoformat()
        for task in self._now.tasks:
            if (
                task.closed_seq is None
                and task.what != "warning"
                and task.due_on <= near
                and self.chance.random() < conduct.LOOKED
            ):
                yield 0, 1
                told = told_as(
                    requests.CheckDone,
                    happened_on=self.office.today,
                    found="资金用途与合同约定一致，经营正常，未见异常",
                )
                self._act(self.lead, Kind.MONITORED, partial(check_done, n=task.n, told=told))

    def _warned(self) -> Iterator[Wait]:
        told = told_as(requests.RaisedWarning, {
            "code": self.chance.choice(("营业收入下降", "年费缴纳期临近", "新增诉讼")),
            "level": self.chance.choice(("low", "middle", "high")),
            "due_on": self.office.today + timedelta(days=10), "owner": self.lead, "note": "系统监测提示，请核实",
        })  # fmt: skip
        self._act(self.people.risk_manager, Kind.WARNING, lambda turn: warn(turn, told))
        yield 3, 15
        for task in self._now.tasks:
            if task.what == "warning" and task.closed_seq is None and self.chance.random() < conduct.SETTLED:
                note = told_as(requests.ClosedWarning, note="已上门核实，属季节性波动")
                self._act(self.lead, Kind.WARNING, partial(close_warning, n=task.n, told=note))

    def _ended(self) -> None:
        told = told_as(requests.FileClosure, {"closed_on": self.office.today, "outcome": "repaid", "loss": 0})
        self._act(self.lead, Kind.CLOSURE, lambda turn: close(turn, told))
