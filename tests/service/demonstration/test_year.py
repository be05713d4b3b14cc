"""The demonstration's year, on a smaller world: in the end work of every kind waits, as people would have left it."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from hashlib import sha256
from zoneinfo import ZoneInfo

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine, select

from features.lake import Lake
from features.policy import load
from features.policy.parameters import SHIPPED
from features.tables import COMMON
from models.records.working_days import WorkingDays
from service.access.roles import EVERYWHERE, UNBOUND, Caller, Reach
from service.access.tables import USERS
from service.assessing.loan_file_index import LOAN_FILES
from service.assessing.providers.lake import LakeFirms
from service.decisions.loan_list import LoanFilter, every_loan
from service.demonstration.bank import POLICY, OpenedBank
from service.demonstration.history import HOURS
from service.demonstration.people import BANKS
from service.edge import heavy
from service.firm_lists.tables import PUSH_FEEDBACK, PUSHES
from service.ledger import wrapping
from service.ledger.kinds import Kind
from service.ledger.opening import open_database
from service.ledger.tables import ENTRIES
from service.loan_files.attachments import attachment
from service.loan_files.queues import STEPS, queues
from service.loan_files.steps import steps_of_file
from service.web.app import LOADED_AHEAD, create_app
from tests.service.demonstration.small_year import small_year
from tests.service.desk.following import followed

BEIJING = ZoneInfo("Asia/Shanghai")
UNTIL = datetime(2024, 12, 30, 16, 30, tzinfo=BEIJING)
IDLE = {"auditor", "validator", "administrator", "fund_manager", "data_scientist", "list_manager"}
"""Roles for which no loan file waits."""
ROLES = IDLE | {
    "credit_officer", "reviewer", "committee_member", "committee_secretary", "approver", "drawdown_desk",
    "risk_manager",
}  # fmt: skip
UNLIKE = ("credit_officer", "approver", "auditor", "list_manager", "fund_manager", "administrator", "data_scientist")
"""Roles that see other parts of the desk than the rest."""
BY_ITSELF = [
    Kind.OPENING, Kind.KEY, Kind.RECEIPT, Kind.ANCHOR, Kind.MODEL, Kind.ALIAS, Kind.POLICY, Kind.SCHEME, Kind.USER,
]  # fmt: skip
"""What is entered by commands and the ledger's own chores."""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenedBank]:
    """The banks' year, made and opened."""
    with small_year(tmp_path_factory.mktemp("demonstration"), UNTIL) as opened:
        yield opened


@pytest.fixture(scope="module")
def engine(made: OpenedBank) -> Iterator[Engine]:
    """The database of the year."""
    found = open_database(made.settings.database)
    yield found
    found.dispose()


def test_work_of_every_kind_waits_in_the_end(made: OpenedBank, engine: Engine) -> None:
    """For each step and each seat at least one file, some of them late, some sent back; and a warning is open."""
    day, first = made.clock().astimezone(BEIJING).date(), BANKS[0]
    with engine.connect() as connection:
        found = queues(connection, Reach(frozenset({first})), day)
        ended = set(connection.execute(select(LOAN_FILES.c.state).where(LOAN_FILES.c.bank == first)).scalars())
    assert {state for state, queue in found.files.items() if queue.number} == set(STEPS)
    assert sum(queue.late for queue in found.files.values()) > 0
    assert ended - set(STEPS) == {"drawn", "closed", "declined", "withdrawn"}
    assert {seat.account.role for seat in made.seats if not seat.waiting} <= IDLE
    assert {seat.account.role for seat in made.seats} == set(ROLES)
    assert made.demonstration.accounts == tuple(seat.account.name for seat in made.seats)


def test_each_bank_has_a_lake_of_its_own(made: OpenedBank) -> None:
    """Of firms that asked both banks each has its own applications; of whoever asked one, the other has registers."""
    lakes = [Lake(folder) for folder in made.settings.lakes]
    assert [lake.manifest.bank for lake in lakes] == ["", *BANKS]
    firms, asked = LakeFirms(lakes, lambda: BANKS), lakes[0].read(0, ["applications"])["applications"]
    of = {bank: set(asked.filter(bank=bank)["firm"]) for bank in BANKS}
    both, first = sorted(of[BANKS[0]] & of[BANKS[1]])[:2], sorted(of[BANKS[0]] - of[BANKS[1]])[:2]
    assert both
    for firm in both + first:
        for bank in BANKS:
            rows = firms.rows(firm, bank)
            banks = {row["bank"] for table in ("applications", "loans") for row in rows.get(table, ())}
            assert banks == ({bank} if firm in of[bank] else set())
            assert (set(rows) <= COMMON) == (firm not in of[bank])


def test_people_act_at_work_one_thing_after_the_other(engine: Engine) -> None:
    """On days of work, between the hours, with a break at noon; nobody looks after ten loans in one minute."""
    with engine.connect() as connection:
        rows = connection.execute(select(ENTRIES.c.kind, ENTRIES.c.at).where(ENTRIES.c.kind.not_in(BY_ITSELF))).all()
    acts = [(kind, datetime.fromisoformat(at).astimezone(BEIJING)) for kind, at in rows]
    days = WorkingDays(load(SHIPPED, POLICY), UNTIL.date())
    assert len(acts) > 300
    assert [at for _, at in acts if not days.is_working(at.date())] == []
    assert [at for _, at in acts if not any(opens <= at.time() <= closes for opens, closes in HOURS)] == []
    looked = Counter(at.strftime("%Y-%m-%d %H:%M") for kind, at in acts if kind == Kind.MONITORED)
    assert max(looked.values()) <= 2
    assert len({at.month for _, at in acts}) == 12


def test_most_loans_are_approved_and_some_for_less(engine: Engine) -> None:
    """Refusals and withdrawals are fewer; some approvals are for less than was asked; officers try other terms."""
    with engine.connect() as connection:
        files = connection.execute(select(LOAN_FILES.c.state, LOAN_FILES.c.amount, LOAN_FILES.c.asked)).all()
        kinds = Counter(connection.execute(select(ENTRIES.c.kind)).scalars())
    states = Counter(file.state for file in files)
    approved = [file for file in files if file.state in {"to_fulfil", "to_draw", "drawn", "closed"}]
    assert len(approved) > states["declined"] + states["withdrawn"]
    assert min(states["declined"], states["withdrawn"], kinds[Kind.TRIAL], kinds[Kind.SENT_BACK]) > 0
    assert any(file.amount < file.asked for file in approved)


def test_a_branch_tells_what_became_of_the_list_that_was_pushed_to_it(made: OpenedBank, engine: Engine) -> None:
    """The head office pushes; officers of that branch alone tell, and of some firms nobody told yet."""
    with engine.connect() as connection:
        places = {row.id: row for row in connection.execute(select(USERS))}
        told = connection.execute(
            select(PUSHES.c.branch, PUSHES.c.actor, PUSH_FEEDBACK.c.actor.label("by")).join(
                PUSH_FEEDBACK, PUSH_FEEDBACK.c.push == PUSHES.c.id
            )
        ).all()
    assert told
    for push in told:
        sender, teller = (places[one.removeprefix("user:")] for one in (push.actor, push.by))
        assert (sender.role, sender.branch) == ("list_manager", None)
        assert (teller.role, teller.branch) == ("credit_officer", push.branch)
    assert any(sum(push.told.values()) < push.firms for push in made.pushes)


def test_every_drawn_loan_has_its_papers(made: OpenedBank, engine: Engine) -> None:
    """Contract, notice and statement, called synthetic and kept as their entries say; the release names its paper."""
    auditor = Caller("user:auditor", "auditor", EVERYWHERE, UNBOUND, frozenset({"read"}))
    wrapping.use(engine, made.settings.keys)
    with engine.connect() as connection:
        found = list(every_loan(connection, auditor, LoanFilter(), BEIJING))
        loan = found[0]
        kept = [attachment(connection, loan.loan_file or "", one.n or 0, auditor) for one in loan.papers]
        steps = steps_of_file(connection, loan.loan_file or "")
    assert found
    assert [one.loan for one in found if one.missing] == []
    for paper, one in zip(loan.papers, kept, strict=True):
        assert sha256(one.content).hexdigest() == paper.hash
        assert all(text.encode("utf-16-be").hex().encode() in one.content for text in ("合成数据", str(loan.contract)))
    release = [one.content for one in steps if one.kind == Kind.DRAWDOWN_CHECK][-1]
    assert loan.papers[0].hash in str(release["standing"])


def test_every_link_that_somebody_is_offered_leads_somewhere(made: OpenedBank) -> None:
    """Whoever sees other parts than the rest opens a page, a file and a report of each kind, and on from there."""
    heavy.load_ahead(LOADED_AHEAD)
    people = {seat.account.role: seat.account.name for seat in made.seats}
    app = create_app(made.settings, demonstration=made.demonstration)
    wrong, kinds = {}, set()
    with TestClient(app, base_url="https://desk", headers={"Sec-Fetch-Site": "same-origin"}) as client:
        for name in (people[role] for role in UNLIKE):
            client.cookies.clear()
            assert client.post("/desk/sign-in", data={"to": "/desk/", "seat": name}).status_code == 200
            for path, status in followed(client, "/desk/"):
                kinds.add(path.partition("?")[0].rpartition("/")[2])
                if status != 200:
                    wrong[name, path] = status
    assert not wrong
    assert {"report", "peers", "what-if", "file", "drawn-loans"} <= kinds
