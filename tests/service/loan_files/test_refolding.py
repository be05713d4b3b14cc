"""Loan files follow from entries: after many random acts the tables are emptied, and made again byte for byte."""

from datetime import timedelta
from random import Random

from sqlalchemy import Connection, delete, select

from service.assessing.loan_file_index import LOAN_FILES
from service.edge.database import in_turn
from service.loan_files.steps import STEPS
from service.loan_files.tables import PARTS
from service.proofs.rebuild import differences, remake
from tests.models.underwriting.base_firm import WAN
from tests.models.underwriting.whole_case import whole
from tests.service.loan_files import cases
from tests.service.loan_files.people import Body, People

ACTS = 150
"""Acts that are tried; most of them are let through."""
TABLES = (LOAN_FILES, STEPS, *PARTS.values())
ROWS = (whole, cases.special_mention, cases.without_sales, cases.institution, cases.non_performing)


class Walk:
    """Random acts in a few files, each one that its state allows, or one that it may not."""

    def __init__(self, people: People, chance: Random) -> None:
        self.people, self.chance, self.entered = people, chance, 0
        self.firms = [f"row:{n}" for n in range(6)]
        self.newest: dict[str, Body] = {}

    def step(self) -> None:
        """One act."""
        firm = self.chance.choice(self.firms)
        if firm not in self.newest or self.chance.random() < 0.08:
            self.newest[firm] = self.people.assess(self.chance.choice(ROWS)(), self.people.today, firm)
            return
        file = self.newest[firm]["record"]["loan_file"]["id"]
        told = self.people.file(file)
        state = told["state"] if self.chance.random() < 0.9 else self.chance.choice(["to_review", "to_draw", "drawn"])
        status = self.act(file, state, told, firm)
        self.entered += status == 201

    def act(self, file: str, state: str, told: Body, firm: str) -> int:
        """What the act of a state gets."""
        if self.chance.random() < 0.08 and state not in ("draft", "drawn", "closed"):
            return self.stray(file, state)
        acts = {
            "draft": self.submit,
            "returned": self.submit,
            "to_review": self.review,
            "to_committee": self.meet,
            "to_approve": self.approve,
            "to_fulfil": self.condition,
            "to_draw": self.release,
        }
        return acts[state](file, told, firm) if state in acts else self.after(file)

    def stray(self, file: str, state: str) -> int:
        """The application is withdrawn, or returned by the step that it waits for."""
        people = self.people
        if self.chance.random() < 0.3:
            body = {"by": "applicant", "reason_code": "applicant_withdrew"}
            return people.act(file, "withdrawal", people.lead, **body).status_code
        by = {"to_review": people.reviewer, "to_committee": people.secretary, "to_approve": people.first}
        back = {"reason_code": "facts_unclear", "reason": "r"}
        return people.act(file, "return", by.get(state, people.desk), **back).status_code

    def waived(self, told: Body) -> Body:
        """What blocks is set aside, and conditions now and then."""
        why = {"reason_code": "relationship", "mitigation": "m", "until": self.people.today.isoformat()}
        more = told["advised_conditions"] if self.chance.random() < 0.5 else ()
        return {"waives": [{"rule": one, **why} for one in (*told["blocking"], *more)]}

    def submit(self, file: str, told: Body, firm: str) -> int:
        """Two officers submit it, on a new assessment where it was returned."""
        if told["state"] == "returned":
            self.newest[firm] = self.people.assess(self.chance.choice(ROWS)(), self.people.today, firm)
            told = self.people.file(file)
        amount = self.chance.choice((50, 120, 200, 300))
        return self.people.submit(self.newest[firm], amount, **self.waived(told)).status_code

    def review(self, file: str, _: Body, __: str) -> int:
        """The reviewer agrees, with conditions, or opposes."""
        outcome = self.chance.choice(("agreed", "agreed", "opposed", "agreed_with_conditions"))
        more = {"conditions": [{"text": "t", "due": self.chance.choice(("after", "before_drawdown"))}]}
        return self.people.review(file, outcome=outcome, **(more if "with" in outcome else {})).status_code

    def meet(self, file: str, told: Body, _: str) -> int:
        """The committee votes, and its secretary closes the vote."""
        self.people.vote(file, "".join(self.chance.choices("aaaacrxo", k=5)))
        return self.people.minutes(file, (told["amount"] or WAN) / WAN, **self.waived(told)).status_code

    def approve(self, file: str, told: Body, _: str) -> int:
        """Whoever has authority, or has not, approves."""
        people = self.people
        who = self.chance.choice((people.first, *people.branch, people.president, people.head))
        why = {"reason": "r", "reason_code": "relationship", "expires_on": people.today.isoformat()}
        least = (told["cap"] or told["amount"] or WAN) / WAN
        return people.approve(file, who, least, **self.waived(told), **why).status_code

    def release(self, file: str, told: Body, _: str) -> int:
        """The desk releases all of it, or a half."""
        return self.people.release(file, (told["amount"] or WAN) / WAN / self.chance.choice((1, 2))).status_code

    def condition(self, file: str, told: Body, firm: str) -> int:
        """A condition is done or confirmed."""
        people = self.people
        one = next((one for one in told["conditions"] if one["state"] != "confirmed"), None)
        if one is None:
            return 0
        if one["state"] == "done":
            return people.act(file, f"conditions/{one['n']}/confirmation", people.third, proof="p").status_code
        body: Body = {"happened_on": people.today.isoformat(), "proof": "p"}
        if one["rule"]:
            self.newest[firm] = people.assess(self.chance.choice((whole(), cases.flows(1700))), people.today, firm)
            body["assessment"] = self.newest[firm]["id"]
        return people.act(file, f"conditions/{one['n']}/done", people.second, **body).status_code

    def after(self, file: str) -> int:
        """What is done once money may leave."""
        people, chance, day = self.people, self.chance, self.people.today.isoformat()
        loan, n = f"JJ-{chance.randrange(10**6)}", chance.randrange(1, 8)
        match chance.randrange(7):
            case 0 | 1:
                return people.pay(file, 40, loan=loan).status_code
            case 2:
                return people.act(file, f"tasks/{n}/done", people.lead, happened_on=day, found="f").status_code
            case 3:
                alarm = {"code": "c", "level": "low", "due_on": day, "owner": people.lead, "note": "n"}
                return people.act(file, "warnings", people.risk, **alarm).status_code
            case 4:
                paper = {"hash": f"{chance.getrandbits(256):064x}", "what": "合同"}
                return people.act(file, "documents", people.lead, **paper).status_code
            case 5:
                move = {"from": people.lead, "to": people.third, "reason": "r", "files": [file]}
                return people.post("hand-overs", people.risk, move).status_code
            case _:
                ended = {"closed_on": day, "outcome": "repaid", "loss": 0}
                return people.act(file, "closure", people.lead, **ended).status_code


def dumped(connection: Connection) -> dict[str, list[tuple[object, ...]]]:
    """All rows of the tables of loan files, in order of their keys."""
    return {
        table.name: [tuple(row) for row in connection.execute(select(table).order_by(*table.primary_key))]
        for table in TABLES
    }


def test_tables_are_made_again_byte_for_byte(people: People) -> None:
    """Nothing differs from what follows from the entries; emptied, they come back as they were."""
    walk = Walk(people, Random(7))
    for n in range(ACTS):
        if n % 60 == 59:
            people.now[0] += timedelta(days=1)
            people.sign_in_again()
        walk.step()
    assert walk.entered > ACTS // 5
    engine = people.state.engine
    with engine.connect() as connection:
        assert list(differences(connection)) == []
        before = dumped(connection)

    def empty(connection: Connection) -> None:
        for table in TABLES:
            connection.execute(delete(table))

    in_turn(engine, empty)
    in_turn(engine, remake)
    with engine.connect() as connection:
        assert dumped(connection) == before
    states = {row[LOAN_FILES.c.keys().index("state")] for row in before["loan_files"]}
    assert len(states) > 2, states
