"""Random acts in loan files, and what their tables hold before and after they are made anew from entries."""

from collections.abc import Sequence
from datetime import timedelta
from random import Random

from sqlalchemy import Connection, Engine, delete, func, select

from service.assessing.loan_file_index import LOAN_FILES
from service.edge.database import DatabaseTable, in_turn
from service.ledger.kinds import Kind
from service.loan_files.record import ENDED
from service.loan_files.steps import STEPS
from service.loan_files.tables import PARTS
from service.proofs.rebuild import differences, remake
from tests.models.underwriting.base_firm import WAN
from tests.models.underwriting.whole_case import whole
from tests.service.loan_files import cases
from tests.service.loan_files.people import Body, People
from tests.service.postgres import as_owner

FILES = (LOAN_FILES, *PARTS.values())
"""What is kept of loan files, but for the steps."""
TABLES = (STEPS, *FILES)
ROWS = (whole, cases.special_mention, cases.without_sales, cases.institution, cases.non_performing)
OPEN = 6
"""Files that are worked on beside each other; one that ended makes room for another firm's."""
EVERY = 60
"""Steps after which a day has passed."""
LAST_DAY = 40
"""Days after which none passes any more: what is known of the firms would be too old to be lent on."""


class Walk:
    """Random acts in a few files, each one that its state allows, or one that it may not."""

    def __init__(self, people: People, chance: Random) -> None:
        self.people, self.chance, self.tried, self.made = people, chance, 0, OPEN
        self.firms = [f"row:{n}" for n in range(OPEN)]
        self.newest: dict[str, Body] = {}

    def until(self, acts: int) -> None:
        """Go on until so many acts were entered."""
        while self.entered() < acts:
            for _ in range(min(20, max(1, acts // 10))):
                self.step()

    def entered(self) -> int:
        """How many acts were let through, and stand in the ledger."""
        with self.people.state.engine.connect() as connection:
            counted = select(func.count()).select_from(STEPS).where(STEPS.c.kind != Kind.REFUSED)
            return connection.execute(counted).scalar_one()

    def step(self) -> None:
        """One act; now and then a day passes before it."""
        self.tried += 1
        if self.tried % EVERY == 0 and self.tried // EVERY <= LAST_DAY:
            self.people.now[0] += timedelta(days=1)
            self.people.sign_in_again()
        firm = self.chance.choice(self.firms)
        if firm not in self.newest or self.chance.random() < 0.08:
            self.newest[firm] = self.people.assess(self.chance.choice(ROWS)(), self.people.today, firm)
            return
        file = self.newest[firm]["record"]["loan_file"]["id"]
        told = self.people.file(file)
        if told["state"] in ENDED and self.chance.random() < 0.5:
            self.firms[self.firms.index(firm)] = f"row:{self.made}"
            self.made += 1
            return
        state = told["state"] if self.chance.random() < 0.9 else self.chance.choice(["to_review", "to_draw", "drawn"])
        self.act(file, state, told, firm)

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
            "to_draw": self.draw,
        }
        return acts[state](file, told, firm) if state in acts else self.after(file)

    def stray(self, file: str, state: str) -> int:
        """The application is withdrawn, or returned by the step that it waits for."""
        people = self.people
        if self.chance.random() < 0.3:
            body = {"by": "applicant", "reason_code": "applicant_withdrew"}
            return people.act(file, "withdrawal", people.lead, **body).status_code
        by = {"to_review": people.reviewer, "to_committee": people.secretary, "to_approve": people.first}
        back = {"reason_code": "facts_unclear", "reason": "rewritten"}
        return people.act(file, "return", by.get(state, people.desk), **back).status_code

    def waived(self, told: Body) -> Body:
        """What blocks is set aside, and conditions now and then."""
        why = {"reason_code": "relationship", "mitigation": "more security", "until": self.people.today.isoformat()}
        more = told["advised_conditions"] if self.chance.random() < 0.5 else ()
        return {"waives": [{"rule": one, **why} for one in (*told["blocking"], *more)]}

    def submit(self, file: str, told: Body, firm: str) -> int:
        """Two officers submit it, on a new assessment where it was returned."""
        if told["state"] == "returned":
            self.newest[firm] = self.people.assess(self.chance.choice(ROWS)(), self.people.today, firm)
            told = self.people.file(file)
        amount = self.chance.choice((50, 120, 200, 300))
        return self.people.submit(self.newest[firm], amount, **self.waived(told)).status_code

    def review(self, file: str, told: Body, _: str) -> int:
        """The reviewer agrees, with conditions, or opposes."""
        outcome = self.chance.choice(("agreed", "agreed", "opposed", "agreed_with_conditions"))
        more = {"conditions": [{"text": "t", "due": self.chance.choice(("after", "before_drawdown"))}]}
        more = more if "with" in outcome else {}
        return self.people.review(file, outcome=outcome, seen=told["seen"], **more).status_code

    def meet(self, file: str, told: Body, _: str) -> int:
        """The committee votes, and its secretary closes the vote."""
        seen = {"seen": told["seen"]}
        self.people.vote(file, "".join(self.chance.choices("aaaacrxo", k=5)), **seen)
        return self.people.minutes(file, (told["amount"] or WAN) / WAN, **self.waived(told), **seen).status_code

    def approve(self, file: str, told: Body, _: str) -> int:
        """Whoever has authority, or has not, approves."""
        people = self.people
        who = self.chance.choice((people.first, *people.branch, people.president, people.head))
        why = {"reason": "rewritten", "reason_code": "relationship", "expires_on": people.today.isoformat()}
        why["seen"] = told["seen"]
        least = (told["cap"] or told["amount"] or WAN) / WAN
        return people.approve(file, who, least, **self.waived(told), **why).status_code

    def draw(self, file: str, told: Body, _: str) -> int:
        """The desk releases all of it, or a half; what was released is paid out."""
        if told["released"] > told["drawn"] and self.chance.random() < 0.8:
            loan, part = f"JJ-{self.chance.randrange(10**6)}", self.chance.choice((1, 2))
            return self.people.pay(file, (told["released"] - told["drawn"]) / WAN / part, loan=loan).status_code
        return self.people.release(file, (told["amount"] or WAN) / WAN / self.chance.choice((1, 2))).status_code

    def condition(self, file: str, told: Body, firm: str) -> int:
        """A condition is done or confirmed."""
        people = self.people
        one = next((one for one in told["conditions"] if one["state"] != "confirmed"), None)
        if one is None:
            return 0
        if one["state"] == "done":
            return people.act(
                file, f"conditions/{one['n']}/confirmation", people.third, proof="proof of it"
            ).status_code
        body: Body = {"happened_on": people.today.isoformat(), "proof": "proof of it"}
        if one["rule"]:
            self.newest[firm] = people.assess(self.chance.choice((whole(), cases.flows(1700))), people.today, firm)
            body["assessment"] = self.newest[firm]["id"]
        return people.act(file, f"conditions/{one['n']}/done", people.second, **body).status_code

    def after(self, file: str) -> int:
        """What is done once money may leave."""
        people, chance, day = self.people, self.chance, self.people.today.isoformat()
        body: Body
        loan, n = f"JJ-{chance.randrange(10**6)}", chance.randrange(1, 8)
        match chance.randrange(8):
            case 0 | 1:
                return people.pay(file, 40, loan=loan).status_code
            case 5:
                move = {"from": people.lead, "to": people.third, "reason": "rewritten", "files": [file]}
                return people.post("hand-overs", people.risk, move).status_code
            case 2:
                what, by, body = f"tasks/{n}/done", people.lead, {"happened_on": day, "found": "found in order"}
            case 3:
                what, by, body = (
                    "warnings",
                    people.risk,
                    {"code": "c", "level": "low", "due_on": day, "note": "noted here"},
                )
                body["owner"] = people.lead
            case 4:
                what, by, body = "documents", people.lead, {"hash": f"{chance.getrandbits(256):064x}", "what": "合同"}
            case 6:
                what, by = "closure", chance.choice((people.lead, people.second))
                body = {"closed_on": day, "outcome": "sold", "loss": chance.choice((0, 0, WAN))}
            case _:
                paid = [one for one in people.file(file)["steps"] if one["kind"] in ("drawdown", "closing", "closure")]
                what, by = "corrections", chance.choice((people.second, people.head))
                body = {"entry": paid[-1]["record"]["entry"] if paid else 1, "reason": "rewritten"}
        return people.act(file, what, by, **body).status_code


def dumped(connection: Connection, tables: Sequence[DatabaseTable]) -> dict[str, list[tuple[object, ...]]]:
    """All rows of tables, in order of their keys."""
    return {
        table.name: [tuple(row) for row in connection.execute(select(table).order_by(*table.primary_key))]
        for table in tables
    }


def made_anew(
    engine: Engine, tables: Sequence[DatabaseTable] = TABLES
) -> tuple[list[str], dict[str, list[tuple[object, ...]]]]:
    """What differs from the entries before, and after the tables were emptied and made again; what they hold."""
    with engine.connect() as connection:
        wrong = [one.row for one in differences(connection)]
        before = dumped(connection, tables)

    def empty(connection: Connection) -> None:
        for table in tables:
            connection.execute(delete(table))

    with as_owner(engine) as owner:  # no other role takes evidence away without entering something
        in_turn(owner, empty)
        in_turn(owner, remake)
    with engine.connect() as connection:
        after = dumped(connection, tables)
    wrong += [f"{name} is not as it was" for name, rows in before.items() if repr(after[name]) != repr(rows)]
    return wrong, before
