"""A bank with everything that a path can name, files that wait for each step, and one person of each role."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from service.access.roles import UNBOUND, Place
from tests.models.underwriting.whole_case import whole
from tests.service.access.test_matrix import ROLES
from tests.service.decided import DecidedBank, decided_bank
from tests.service.desk.test_intake import begin
from tests.service.loan_files import cases
from tests.service.loan_files.people import People, done

PNG = b"\x89PNG\r\n\x1a\n"


WAITS_FOR = {
    "review": "to_review", "votes": "to_committee", "minutes": "to_committee", "approval": "to_approve",
    "return": "to_approve", "release": "to_draw", "loan-files": "draft", "submission": "draft",
}  # fmt: skip
"""In which state an act finds a loan file; any other the one that runs."""


@dataclass
class Staged:
    """The running bank.

    `names`: somebody of each role. `things`: what paths name, by the parameter's name. `waiting`: the loan files that
    wait for something, by state.
    """

    bank: DecidedBank
    names: dict[str, str]
    things: dict[str, str]
    waiting: dict[str, str]
    _headers: dict[str, dict[str, str]] = field(default_factory=dict)

    @property
    def people(self) -> People:
        """The people of the bank."""
        return self.bank.people

    def things_at(self, path: str) -> dict[str, str]:
        """What a path names; of loan files the one that waits for what the path ends with."""
        state = WAITS_FOR.get(path.rpartition("/")[2])
        return self.things if state is None else self.things | {"loan_file": self.waiting[state]}

    def headers(self, role: str) -> dict[str, str]:
        """What a browser of the role's person sends, signed in once."""
        if role not in self._headers:
            self._headers[role] = self.people.headers(self.names[role])
        return self._headers[role]

    def sign_in_again(self, role: str) -> dict[str, str]:
        """The same after the session ended; somebody else of the role where the account did."""
        people = self.people
        place = people.state.accounts.one(self.names[role]).place
        name = f"{role.replace('_', '-')}-{len(people.state.accounts.listed(UNBOUND)) + 1}"
        self.names[role] = people.account(role, place, 4, name)
        self._headers.pop(role)
        return self.headers(role)


@contextmanager
def staged(place: Path, bundle: Path, database: str) -> Iterator[Staged]:
    """The bank at noon, on either database."""
    place.mkdir()
    with decided_bank(place, bundle, database) as bank:
        bank.people.sign_in_again()
        bank.countersign()
        yield Staged(bank, _somebody(bank), *_things(bank))


def _somebody(bank: DecidedBank) -> dict[str, str]:
    people = bank.people
    names = {
        "credit_officer": people.lead, "reviewer": people.reviewer, "committee_member": people.members[0],
        "committee_secretary": people.secretary, "approver": people.head, "drawdown_desk": people.desk,
        "risk_manager": people.risk, "auditor": bank.auditor, "fund_manager": bank.manager,
    }  # fmt: skip
    head = Place(people.bank)
    return names | {role: people.account(role, head) for role in ROLES if role not in names}


def _things(bank: DecidedBank) -> tuple[dict[str, str], dict[str, str]]:
    people = bank.people
    given = {"draft": whole(), "to_review": whole(), "to_committee": cases.special_mention(), "to_approve": whole(),
             "to_draw": whole()}  # fmt: skip
    answers = {name: people.assess(rows, firm=f"row:{name}") for name, rows in given.items()}
    waiting = {name: str(answer["record"]["loan_file"]["id"]) for name, answer in answers.items()}
    for name, file in waiting.items():
        if name != "draft":
            done(people.submit(answers[name], 200))
        if name not in ("draft", "to_review"):
            done(people.review(file, outcome="opposed" if name == "to_committee" else "agreed"))
        if name == "to_draw":
            done(people.approve(file, people.first, 200))
    drawn, answer = (bank.answers["drawn"][part] for part in ("record", "id"))
    file = drawn["loan_file"]["id"]
    sent = {"params": {"name": "paper.png", "audience": "fund"}, "content": PNG, "headers": people.as_(people.lead)}
    assert people.client.post(f"/v1/loan-files/{file}/attachments", **sent).status_code == 201
    held = done(people.act(file, "holds", bank.manager, reason="补偿申请审核中"))
    people.key("credit_officer", Place(people.bank, "b1"), "machine")
    people.account("credit_officer", Place(people.bank, "b1"), name="somebody")
    things = {
        "loan_file": file, "assessment": answer, "n": "1", "entry": str(held["record"]["entry"]),
        "draft": begin(people).rpartition("/")[2], "bundle": people.state.model_store.held["pledge"].bundle.id,
        "job": people.job(people.lead), "push": people.push(people.lead), "erasure": people.erasure(people.lead),
        "proposal": people.proposal(Place(people.bank, "b1")), "key": "machine", "user": "somebody",
        "name": "authority.branch", "path": "swagger-ui.css", "resumption": "none", "digest": "none",
    }  # fmt: skip
    return things, waiting
