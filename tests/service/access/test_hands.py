"""Hands that are bound: what decides, pays, erases or makes accounts takes effect once two administrators want it."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import orjson
import pyotp
import pytest
from sqlalchemy import select

from features.policy import shipped
from service.access.accounts import Account, Accounts
from service.access.invitations import Invitations
from service.access.proposals import Proposals
from service.access.roles import UNBOUND, Place
from service.demonstration.people import seats, staffed
from service.edge.errors import Forbidden, NotInTurn, NotSignedIn
from service.ledger.canonical import time_text
from service.ledger.change_log import CHANGES
from service.ledger.kinds import Kind
from service.ledger.opening import open_database
from service.ledger.verification import verify
from service.loan_files.steps import STEPS
from service.loan_files.turns import act_in_file
from service.proofs.rebuild import differences
from tests.service.access.conftest import OWN, PLACES, Desks
from tests.service.conftest import NOON
from tests.service.hands import FOUNDERS, account_id, founded, hired, moved, taken_up

PASSWORD = "a harbour of seven lamps"
ONE, OTHER = FOUNDERS
Body = dict[str, Any]


@pytest.fixture(scope="module")
def desks(desks: Desks) -> Desks:
    """The service with two administrators who reach everything."""
    founded(desks.state)
    return desks


def post(desks: Desks, by: str, path: str, status: int, **body: Any) -> Body:
    """What an act gets."""
    told = desks.client.post(f"/v1/{path}", json=body, headers=desks.headers(by))
    assert told.status_code == status, told.text
    found: Body = told.json()
    return found


def wanted(desks: Desks, by: str, name: str, role: str = "approver", status: int = 202, **more: Any) -> Body:
    """What whoever asks for an account of bank-1 is told."""
    body = {"name": name, "shown": name, "role": role, "bank": "bank-1"} | more
    return post(desks, by, "users", status, **body)


def confirmed(desks: Desks, by: str, proposal: Body, status: int = 200) -> Body:
    """What whoever confirms is told."""
    return post(desks, by, f"account-proposals/{proposal['id']}/confirmation", status)


def refused_entries(desks: Desks, by: str) -> list[Body]:
    """What is entered as refused of an administrator's acts on accounts."""
    own = (STEPS.c.kind == Kind.REFUSED.value, STEPS.c.actor == account_id(desks.state, by))
    with desks.state.engine.connect() as connection:
        found = connection.execute(select(STEPS.c.content).where(*own, STEPS.c.assessment.is_(None))).scalars()
        return [orjson.loads(one) for one in found]


def last_entry(desks: Desks, name: str) -> Body:
    """What the account's last entry says."""
    query = select(CHANGES.c.content).where(CHANGES.c.subject == f"user:{name}").order_by(CHANGES.c.seq.desc())
    with desks.state.engine.connect() as connection:
        found: Body = orjson.loads(connection.execute(query.limit(1)).scalar_one())
    return found


def invited(desks: Desks, name: str, code: str) -> int:
    """The status that a code gets."""
    body = {"name": name, "invitation": code}
    return desks.client.post("/v1/invitations/opening", json=body).status_code


def test_one_administrators_ghost_approver(desks: Desks) -> None:
    """Made by one alone it is no account, opens nothing and approves nothing; what was tried is entered as refused."""
    ghost = wanted(desks, ONE, "ghost", authority=4)
    assert (ghost["state"], ghost["needs"], ghost["asked_by"]) == ("waiting", 1, f"user:{ONE}")
    refused = confirmed(desks, ONE, ghost, 403)
    assert refused["code"] == "another_confirms"
    users = desks.client.get("/v1/users", headers=desks.headers(ONE)).json()["items"]
    assert "ghost" not in {one["name"] for one in users}
    assert invited(desks, "ghost", ghost["code"] * 2) == 401
    sign_in = {"name": "ghost", "password": PASSWORD, "code": "000000"}
    assert desks.client.post("/v1/session", json=sign_in).status_code == 401
    file = desks.assessment(desks.account("credit_officer", PLACES[OWN]["branch"]))["record"]["loan_file"]["id"]
    assert post(desks, ONE, f"loan-files/{file}/approval", 403)["code"] == "role_may_not"
    entered = refused_entries(desks, ONE)[-1]
    assert (entered["act"], entered["code"], entered["facts"]) == ("user", "another_confirms", {"account": ghost["id"]})
    assert post(desks, OTHER, f"account-proposals/{ghost['id']}/withdrawal", 200)["state"] == "dropped"
    assert confirmed(desks, OTHER, ghost, 409)["code"] == "proposal_settled"
    with desks.state.engine.connect() as connection:
        assert verify(connection).bad_seq is None
        assert list(differences(connection)) == []


def test_an_approver_whose_hands_are_provable(desks: Desks) -> None:
    """Once another confirms: the entry and every list say who asked, who confirmed, and since when."""
    asked = wanted(desks, ONE, "chen", authority=2)
    assert post(desks, ONE, "users", 409, name="chen", shown="x", role="auditor", bank="bank-1")["code"] == (
        "proposal_waits"
    )
    done = confirmed(desks, OTHER, asked)
    assert (done["state"], done["settled_by"]) == ("done", f"user:{OTHER}")
    ids = {name: account_id(desks.state, name) for name in FOUNDERS}
    entry = last_entry(desks, "chen")
    told = ("made", "approver", 2, ids[ONE], ids[OTHER])
    assert tuple(entry[name] for name in ("state", "role", "authority", "asked_by", "confirmed_by")) == told
    users = {one["name"]: one for one in desks.client.get("/v1/users", headers=desks.headers(ONE)).json()["items"]}
    given = users["chen"]["given"]
    assert (given["asked_by"], given["confirmed_by"]) == (f"user:{ONE}", f"user:{OTHER}")
    assert users["chen"]["temporary"]
    page = desks.client.get("/desk/users", headers=desks.headers(ONE)).text
    assert f"{OTHER} 复核" in page
    halves = (asked["code"], done["code"])
    assert [invited(desks, "chen", code) for code in (halves[0] * 2, halves[1], halves[1] + halves[0])] == [
        401,
        401,
        200,
    ]


def test_a_person_sets_what_one_signs_in_with(desks: Desks) -> None:
    """With both parts, a strong password and a code of the own authenticator; the code then opens nothing more."""
    done = hired(desks.state, Account("zhou", "周敏", "approver", Place("bank-1"), 1))
    body = {"name": "zhou", "invitation": done.code}
    secret = desks.client.post("/v1/invitations/opening", json=body).json()["secret"]
    setting = body | {"password": PASSWORD, "secret": secret, "authenticator": pyotp.TOTP(secret).at(NOON)}
    for wrong, code in (
        ({"password": "zhou"}, 422),
        ({"authenticator": "000000"}, 422),
        ({"secret": "AAAA"}, 422),
        ({"invitation": "AAAA"}, 401),
    ):
        assert desks.client.post("/v1/invitations", json=setting | wrong).status_code == code
    told = desks.client.post("/v1/invitations", json=setting)
    assert (told.status_code, told.json()["role"]) == (201, "approver")
    assert "__Host-pledgescore=" in told.headers["set-cookie"]
    desks.client.cookies.clear()
    assert desks.client.post("/v1/invitations", json=setting).status_code == 401
    assert last_entry(desks, "zhou")["state"] == "taken_up"


def test_a_reset_hands_nobody_anothers_sign_in(desks: Desks) -> None:
    """It waits for another; then sessions end, one part opens nothing, and the person is told by whom it was reset."""
    state = desks.state
    taken_up(state.invitations, hired(state, Account("wu", "吴敏", "approver", Place("bank-1"), 3)), PASSWORD, NOON)
    own = desks.headers("wu")
    asked = post(desks, ONE, "users/wu/reset", 202)
    assert desks.client.get("/v1/session", headers=own).status_code == 200
    assert post(desks, "wu", "users/wu/reset", 403)["code"] == "role_may_not"
    done = confirmed(desks, OTHER, asked)
    assert desks.client.get("/v1/session", headers=own).status_code == 401
    assert [invited(desks, "wu", code) for code in (asked["code"] * 2, done["code"] * 2)] == [401, 401]
    assert last_entry(desks, "wu")["state"] == "reset"
    headers = desks.headers("wu")
    reset = desks.client.get("/v1/session", headers=headers).json()["reset"]
    assert (reset["asked_by"], reset["confirmed_by"]) == (f"user:{ONE}", f"user:{OTHER}")
    assert "重置" in desks.client.get("/desk/", headers=headers).text


def test_what_takes_rights_away_is_done_at_once(desks: Desks) -> None:
    """Less authority, a reader's role, an end; more authority, another place and a binding role wait."""
    hired(desks.state, Account("he", "何静", "approver", Place("bank-1"), 2, "subject of he"))
    place = {"bank": "bank-1"}
    for role, authority, status in (("approver", 3, 202), ("approver", 1, 409)):
        told = post(desks, ONE, "users/he/role", status, role=role, authority=authority, **place)
        if status == 202:
            waiting = told
    post(desks, ONE, f"account-proposals/{waiting['id']}/withdrawal", 200)
    assert post(desks, ONE, "users/he/role", 200, role="approver", authority=1, **place)["account"]["authority"] == 1
    other = post(desks, ONE, "users/he/role", 202, role="approver", authority=1, bank="bank-2")
    post(desks, ONE, f"account-proposals/{other['id']}/withdrawal", 200)
    assert post(desks, ONE, "users/he/role", 200, role="data_scientist", **place)["account"]["temporary"] is False
    back = post(desks, ONE, "users/he/role", 202, role="approver", **place)
    post(desks, ONE, f"account-proposals/{back['id']}/withdrawal", 200)
    assert post(desks, ONE, "users/he/disable", 200)["account"]["disabled"]
    assert wanted(desks, ONE, "makes-models", "data_scientist", 201)["account"]["role"] == "data_scientist"
    assert wanted(desks, ONE, "watches", "auditor")["state"] == "waiting"


def test_nobody_acts_on_an_own_account(desks: Desks) -> None:
    """Neither asks for nor confirms it; both are entered as refused."""
    assert post(desks, ONE, f"users/{ONE}/reset", 403)["code"] == "own_account"
    wider = post(desks, ONE, f"users/{OTHER}/reset", 202)
    assert confirmed(desks, OTHER, wider, 403)["code"] == "own_account"
    post(desks, ONE, f"account-proposals/{wider['id']}/withdrawal", 200)
    for who in FOUNDERS:
        assert "own_account" in {one["code"] for one in refused_entries(desks, who)}


def test_an_administrator_of_a_bank_gives_nothing_beyond_it(desks: Desks) -> None:
    """What lies beyond is refused to whoever asks and is not there for whoever would confirm."""
    local = desks.account("administrator", Place("bank-1"), name="local")
    body = {"name": "far", "shown": "far", "role": "auditor", "bank": "bank-2"}
    assert post(desks, local, "users", 403, **body)["code"] == "beyond_administrator"
    far = wanted(desks, ONE, "far", bank="bank-2")
    confirmed(desks, local, far, 404)
    post(desks, OTHER, f"account-proposals/{far['id']}/withdrawal", 200)


def test_a_role_that_was_taken_confirms_and_binds_nothing(desks: Desks) -> None:
    """Neither of whoever asked and is gone, nor of whoever was let in before the role was taken."""
    third = desks.account("administrator", Place(), name="third")
    asked = wanted(desks, third, "late")
    post(desks, ONE, f"users/{third}/disable", 200)
    assert confirmed(desks, OTHER, asked, 403)["code"] == "asker_gone"
    post(desks, OTHER, f"account-proposals/{asked['id']}/withdrawal", 200)
    officer = desks.account("credit_officer", PLACES[OWN]["branch"], name="officer-then")
    file = desks.assessment(officer)["record"]["loan_file"]["id"]
    caller = desks.state.accounts.caller_of(account_id(desks.state, officer), NOON)
    assert caller is not None
    desk = desks.state.desk(caller)
    moved(desks.state, Account(officer, officer, "auditor", Place("bank-1")))
    with pytest.raises(Forbidden, match="in the meantime"):
        act_in_file(desks.state.engine, file, desk, Kind.WITHDRAWN, lambda _: pytest.fail("it was let through"))
    query = select(STEPS.c.content).where(STEPS.c.kind == Kind.REFUSED.value, STEPS.c.actor == caller.id)
    with desks.state.engine.connect() as connection:
        assert orjson.loads(connection.execute(query).scalar_one())["code"] == "role_taken"


def test_two_who_confirm_at_once_make_one_account(desks: Desks) -> None:
    """One of them is told that it waits no longer; the account is made and entered once."""
    others = [desks.account("administrator", Place(), name=f"racer-{n}") for n in range(2)]
    asked = wanted(desks, ONE, "raced")
    paths = [(f"/v1/account-proposals/{asked['id']}/confirmation", desks.headers(name)) for name in others]
    with ThreadPoolExecutor(2) as threads:
        told = list(threads.map(lambda one: desks.client.post(one[0], headers=one[1]).status_code, paths))
    assert sorted(told) == [200, 409]
    with desks.state.engine.connect() as connection:
        made = connection.execute(select(CHANGES.c.seq).where(CHANGES.c.subject == "user:raced")).all()
    assert len(made) == 1


def test_a_command_proposes_and_two_confirm(desks: Desks) -> None:
    """Whoever runs it is told no part of the code: each of two administrators is told one."""
    ghost = desks.state.proposals.make(Account("by-machine", "x", "administrator"), "machine", NOON)
    assert (ghost.state, ghost.needs, ghost.code, ghost.ran_by) == ("waiting", 2, None, "machine")
    first = confirmed(desks, ONE, {"id": ghost.id})
    assert (first["state"], first["needs"]) == ("waiting", 1)
    assert confirmed(desks, ONE, {"id": ghost.id}, 403)["code"] == "another_confirms"
    done = confirmed(desks, OTHER, {"id": ghost.id})
    assert invited(desks, "by-machine", first["code"] + done["code"]) == 200
    entry = last_entry(desks, "by-machine")
    assert (entry["by"], entry["confirmed_by"]) == ("machine", account_id(desks.state, OTHER))


def test_a_key_that_closes_loans_waits(desks: Desks) -> None:
    """It opens nothing until another administrator confirms it; one that only asks and reads needs nobody.

    The list tells who asked for each, and who confirmed it.
    """
    body: Body = {"role": "credit_officer", "bank": "bank-1", "branch": "b1", "expires_at": "2026-12-20T00:00:00Z"}
    told = post(desks, ONE, "api-keys", 202, name="core", **body)
    bearer = {"Authorization": f"Bearer {told['key']}"}
    assert desks.client.get("/v1/assessments", headers=bearer).status_code == 401
    confirmed(desks, OTHER, told["proposal"])
    assert desks.client.get("/v1/assessments", headers=bearer).status_code == 200
    assert post(desks, ONE, "api-keys", 201, name="asks", scopes=["assess", "read"], **body)["proposal"] is None
    listed = desks.client.get("/v1/api-keys", headers=desks.headers(ONE)).json()["items"]
    hands = {one["name"]: (one["given"]["asked_by"], one["given"]["confirmed_by"]) for one in listed}
    assert (hands["core"], hands["asks"]) == ((f"user:{ONE}", f"user:{OTHER}"), (f"user:{ONE}", None))


def test_a_key_ends_on_a_day_or_after_so_many(desks: Desks) -> None:
    """Days from now as the command tells them, or a moment: one of the two, and the refusal says how."""
    body: Body = {"role": "credit_officer", "bank": "bank-1", "branch": "b1", "scopes": ["read"]}
    post(desks, ONE, "api-keys", 201, name="of-days", days=30, **body)
    listed = desks.client.get("/v1/api-keys", headers=desks.headers(ONE)).json()["items"]
    ends = next(one["expires_at"] for one in listed if one["name"] == "of-days")
    assert ends == time_text(desks.state.now() + timedelta(days=30))
    for wrong in ({}, {"days": 30, "expires_at": "2026-12-20T00:00:00Z"}):
        refused = post(desks, ONE, "api-keys", 422, name="wrong", **body, **wrong)
        assert [one["code"] for one in refused["errors"]] == ["key_end"]


def test_a_page_confirms_as_the_api_does(desks: Desks) -> None:
    """The waiting list, the part of the code told once, and a refusal in words."""
    asked = wanted(desks, ONE, "on-page")
    path = f"/desk/users/proposals/{asked['id']}/confirmation"
    assert asked["id"] in desks.client.get("/desk/users", headers=desks.headers(OTHER)).text
    assert "须由申请人以外的人员确认" in desks.client.post(path, headers=desks.headers(ONE)).text
    told = desks.client.post(path, headers=desks.headers(OTHER))
    assert (told.status_code, "邀请码" in told.text) == (200, True)
    assert asked["id"] not in desks.client.get("/desk/users", headers=desks.headers(OTHER)).text


def test_readiness_tells_of_administrators(desks: Desks) -> None:
    """How many can sign in for the account that fewest of them reach, and how many are needed."""
    told = desks.client.get("/readyz").json()["administrators"]
    assert told["needed"] == 2
    assert told["able"] >= 2


def test_a_first_start_opens_a_declared_set_in_one_act(database: str) -> None:
    """Of the demonstration: by two of its administrators, each entry naming both; once, and by no fewer."""
    accounts, _ = staffed({"synthetic-bank-01": ["b1"], "synthetic-bank-02": ["b2"]})
    founders = [one.name for one in accounts if one.role == "administrator" and one.place == Place()]
    engine = open_database(database)
    proposals = Proposals(engine, shipped())
    for wrong in ((founders[0], founders[0]), (founders[0], accounts[0].name)):
        with pytest.raises(NotInTurn, match="Two different administrators"):
            proposals.open_declared(accounts, wrong, "command", NOON)
    proposals.open_declared(accounts, (founders[0], founders[1]), "command", NOON)
    found = Accounts(engine, shipped()).listed(UNBOUND)
    assert {one.name for one in found} == {one.name for one in accounts}
    hands = {(one.given.asked_by, one.given.confirmed_by) for one in found if one.given is not None}
    assert hands == {(f"user:{founders[0]}", f"user:{founders[1]}")}
    assert Accounts(engine, shipped()).administrators(NOON).enough
    with pytest.raises(NotInTurn, match="once"):
        proposals.open_declared(accounts, (founders[0], founders[1]), "command", NOON)
    offered = [one.account.name for one in seats(found, Counter())]
    assert len(offered) == len(set(offered)) > len(founders)
    engine.dispose()


def test_the_machine_makes_administrators_while_nobody_could_confirm(database: str) -> None:
    """The first two, told as such, and none after they can sign in; nothing but administrators; disabled, again."""
    engine = open_database(database)
    proposals, accounts, invitations = Proposals(engine, shipped()), Accounts(engine, shipped()), Invitations(engine)
    first = proposals.make(Account("first", "a", "administrator"), "machine", NOON)
    assert (first.state, first.ran_by, accounts.administrators(NOON).able) == ("done", "machine", 0)
    taken_up(invitations, first, PASSWORD, NOON)
    chen = Account("chen", "c", "approver", Place("bank-1"))
    with pytest.raises(NotInTurn, match="two administrators first"):
        proposals.make(chen, "machine", NOON)
    second = proposals.make(Account("second", "b", "administrator"), "machine", NOON)
    assert proposals.make(chen, "machine", NOON).state == "waiting"
    taken_up(invitations, second, PASSWORD, NOON)
    assert accounts.administrators(NOON).enough
    assert proposals.make(Account("third", "d", "administrator"), "machine", NOON).state == "waiting"
    assert proposals.reset("first", "machine", NOON).state == "waiting"
    accounts.disable("second", "machine")
    again = proposals.reset("second", "machine", NOON)
    assert again.state == "done"
    later = NOON + timedelta(hours=25)
    assert again.code is not None
    with pytest.raises(NotSignedIn):
        invitations.opened("second", again.code, later)
    engine.dispose()
