"""Lists of firms: pushed from a screening with why and why not, told back, renewed, rebuilt, and one firm's page."""

from collections.abc import Iterator
from csv import reader
from datetime import timedelta
from io import StringIO
from pathlib import Path
from shutil import copyfile

import orjson
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import delete, select

from service.access.roles import Place
from service.access.tables import USERS
from service.application.job_runner import JobRunner
from service.edge.database import writing
from service.edge.settings import Settings
from service.firm_lists.tables import PUSH_FEEDBACK, PUSHES
from service.jobs.entering import NewJob, NewRow, enter_job
from service.proofs.rebuild import differences, remake
from service.web.app import close, create_app
from tests.service.access.conftest import ORIGIN
from tests.service.conftest import NOON
from tests.service.desk.reading import page, text_of
from tests.service.desk.test_acts import OWN_PAGE
from tests.service.desk.test_hostile_texts import NAME, RAW
from tests.service.jobs.spoiled import GOOD_GRADE
from tests.service.loan_files.people import Body, People
from tests.service.made import applicant, make_bundle

FIRMS = 12
LIST = "coordination"


def screened(bank: People, first: int, count: int = FIRMS, by: str | None = None, name: str = "") -> str:
    """A screening of made-up firms, all of the name if one is given, with a good tax grade, over; the job."""
    rows = []
    for seed in range(first, first + count):
        body = applicant(seed, patents=3) | {"kind": "whitelist"}
        body["rows"]["credit_events"] = [GOOD_GRADE]
        del body["bank"]
        if name:
            body["rows"]["firms"][0]["legal_name"] = name
        rows.append(NewRow(f"questions!{seed}", None, body["firm"], orjson.dumps(body)))
    state = bank.state
    caller = state.accounts.caller_of(_id(bank, by or bank.lead), state.now())
    assert caller is not None
    job = enter_job(state.engine, caller, NewJob("whitelist", name or "名单", "a" * 64, rows, "zh"), 9, state.now())
    runner = JobRunner(state)
    while runner.step() == 0.0:
        pass
    return job


def _id(bank: People, name: str) -> str:
    with bank.state.engine.connect() as connection:
        return str(connection.execute(select(USERS.c.id).where(USERS.c.name == name)).scalar_one())


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory, prepared: Path) -> Iterator[People]:
    """A bank whose service has a whitelist model."""
    folder = tmp_path_factory.mktemp("lists")
    copyfile(prepared, folder / "ledger.db")
    make_bundle(folder / "whitelist", kind="whitelist")
    settings = Settings(
        database=f"sqlite:///{folder / 'ledger.db'}",
        bundles=(folder / "whitelist",),
        per_client=1e6,
        sessions=1000,
        per_stranger=1e6,
    )
    now = [NOON]
    app = create_app(settings, lambda: now[0])
    yield People(TestClient(app, base_url=ORIGIN, raise_server_exceptions=False), now)
    close(app.state.pledgescore)


@pytest.fixture(scope="module")
def pushed(bank: People) -> Body:
    """A list that was pushed from a screening."""
    told = bank.post("pushes", bank.lead, {"list": LIST, "edition": "2026-11", "job": screened(bank, 1)})
    assert told.status_code == 201, told.text
    found: Body = told.json()
    return found


def test_a_list_holds_those_whom_its_gates_admit(pushed: Body) -> None:
    """Each with the gates it meets; the others with those that they do not, and what cures them; valid for a year."""
    on = [one for one in pushed["items"] if one["on_list"]]
    left = [one for one in pushed["items"] if not one["on_list"]]
    assert (pushed["push"]["firms"], pushed["push"]["left"]) == (len(on), len(left))
    assert on
    assert left
    assert all(one["outcome"] == "pass" and one["meets"] and not one["short"] for one in on)
    assert all(one["outcome"] != "pass" and one["short"] and one["short"][0]["required"] for one in left)
    assert pushed["push"]["expires_on"] == "2027-11-19"


def test_an_old_screening_makes_no_list(bank: People) -> None:
    """Once its answers have expired the firms are screened anew; a list that was received is entered as it came."""
    told = {"list": LIST, "edition": "2027-02", "job": screened(bank, 200)}
    bank.now[0] += timedelta(days=120)
    bank.sign_in_again()
    refused = bank.post("pushes", bank.lead, told)
    assert (refused.status_code, refused.json()["code"]) == (409, "screening_expired")
    assert "已过有效期" in refused.json()["detail"]
    assert bank.post("pushes", bank.lead, told | {"received_on": "2026-11-20"}).status_code == 201
    assert bank.post("pushes", bank.lead, told | {"came": "received", "edition": "R"}).status_code == 201
    bank.now[0] -= timedelta(days=120)
    bank.sign_in_again()


def test_feedback_is_told_back_and_shown(bank: People, pushed: Body) -> None:
    """With a reason where nothing was granted; of a firm that the list does not hold nothing is told."""
    path, on = f"pushes/{pushed['push']['id']}/feedback", [one for one in pushed["items"] if one["on_list"]]
    left = next(one for one in pushed["items"] if not one["on_list"])
    refused = bank.post(path, bank.lead, {"assessment": on[0]["assessment"], "outcome": "refused"})
    assert [one["code"] for one in refused.json()["errors"]] == ["reason_needed"]
    other = bank.post(path, bank.lead, {"assessment": left["assessment"], "outcome": "granted"})
    assert [one["code"] for one in other.json()["errors"]] == ["not_on_list"]
    body = {"assessment": on[0]["assessment"], "outcome": "refused", "reason_code": "pledge", "reason": "仅两件专利"}
    told = bank.post(path, bank.lead, body).json()
    shown = next(one["feedback"] for one in told["items"] if one["assessment"] == on[0]["assessment"])
    assert (shown["outcome"], shown["reason"], shown["by"]) == ("refused", "仅两件专利", bank.lead)
    assert told["push"]["told"] == {"refused": 1}
    again = bank.post(path, bank.lead, {"assessment": on[0]["assessment"], "outcome": "granted"}).json()
    assert again["push"]["told"] == {"granted": 1}


def test_a_firm_is_told_where_it_stands(bank: People, pushed: Body) -> None:
    """On which editions, and of every list what is missing; who reads another branch alone finds nothing."""
    firm = next(one["firm"] for one in pushed["items"] if one["on_list"])
    headers = bank.as_(bank.reviewer)
    told = bank.client.get("/v1/lists/firm", params={"firm": firm}, headers=headers).json()
    by_list = {one["list"]: one for one in told["lists"]}
    assert [one["edition"] for one in by_list[LIST]["editions"]] == ["2026-11"]
    assert any(one["short"] for name, one in by_list.items() if name != LIST)
    other = bank.account("credit_officer", Place(bank.bank, "b2"), name="officer-lists-b2")
    for path in ("/v1/lists/firm", "/desk/lists/firm"):
        assert bank.client.get(path, params={"firm": firm}, headers=bank.as_(other)).status_code == 404
    assert bank.client.get(f"/v1/pushes/{pushed['push']['id']}", headers=bank.as_(other)).status_code == 404


def test_the_head_office_pushes_to_a_branch_which_tells(bank: People) -> None:
    """The branch sees the list and its firms, and tells; an unknown branch is refused, and another branch's list."""
    head = bank.account("list_manager", Place(bank.bank), name="list-manager")
    job, body = screened(bank, 60, 2, head), {"list": LIST, "edition": "市局 2026-11", "came": "received"}
    nowhere = bank.post("pushes", head, {**body, "job": job, "branch": "nowhere"})
    assert [one["code"] for one in nowhere.json()["errors"]] == ["branch_unknown"]
    told = bank.post("pushes", head, {**body, "job": job, "branch": "b1"})
    assert told.status_code == 201, told.text
    push, firm = told.json()["push"], told.json()["items"][0]
    assert (push["bank"], push["branch"], push["by"]) == (bank.bank, "b1", head)
    assert '<option value="b1">b1（' in bank.client.get("/desk/lists", headers=bank.as_(head)).text
    waits = bank.client.get("/desk/?state=pushes", headers=bank.as_(bank.lead)).text
    assert f'<a href="/desk/lists/{push["id"]}">' in waits
    page = bank.client.get(f"/desk/lists/{push['id']}", headers=bank.as_(bank.lead)).text
    assert f"{bank.bank} · b1" in page
    assert head in page
    by_firm = bank.client.get("/v1/lists/firm", params={"firm": firm["firm"]}, headers=bank.as_(bank.lead))
    assert by_firm.status_code == 200
    feedback = {"assessment": firm["assessment"], "outcome": "applied"}
    assert bank.post(f"pushes/{push['id']}/feedback", head, feedback).status_code == 403
    assert bank.post(f"pushes/{push['id']}/feedback", bank.lead, feedback).json()["push"]["told"] == {"applied": 1}
    elsewhere = bank.account("credit_officer", Place(bank.bank, "b2"), name="officer-lists-b3")
    assert bank.client.get(f"/v1/pushes/{push['id']}", headers=bank.as_(elsewhere)).status_code == 404
    other = bank.post("pushes", elsewhere, {**body, "job": job, "branch": "b1"})
    assert [one["code"] for one in other.json()["errors"]] == ["branch_unknown"]


def test_the_rows_follow_from_the_entries(bank: People, pushed: Body) -> None:
    """Nothing differs; what is taken away is made again, the same."""
    engine = bank.state.engine
    before = bank.client.get(f"/v1/pushes/{pushed['push']['id']}", headers=bank.as_(bank.lead)).json()
    with writing(engine) as connection:
        assert list(differences(connection)) == []
        connection.execute(delete(PUSHES))
        connection.execute(delete(PUSH_FEEDBACK))
        remake(connection)
        assert list(differences(connection)) == []
    assert bank.client.get(f"/v1/pushes/{pushed['push']['id']}", headers=bank.as_(bank.lead)).json() == before


def test_a_list_is_due_before_its_last_day_until_it_is_renewed(bank: People, pushed: Body) -> None:
    """A month before; a later edition of the same list takes its place. Received lists hold all of their firms."""
    bank.now[0] += timedelta(days=340)
    bank.sign_in_again()
    lists = {one["list"]: one for one in bank.client.get("/v1/lists", headers=bank.as_(bank.lead)).json()["items"]}
    assert lists[LIST]["newest"]["due"]
    assert "应续审" in text_of(page(bank, bank.lead, "/desk/lists").text)
    job = screened(bank, 100, 2)
    body = {"list": LIST, "edition": "2027-10", "job": job, "came": "received"}
    told = bank.post("pushes", bank.lead, body).json()
    assert (told["push"]["firms"], told["push"]["left"]) == (2, 0)
    items = {one["id"]: one for one in bank.client.get("/v1/pushes", headers=bank.as_(bank.lead)).json()["items"]}
    assert (items[pushed["push"]["id"]]["due"], items[pushed["push"]["id"]]["renewed"]) == (False, True)


def test_what_cannot_be_pushed_is_told(bank: People, pushed: Body) -> None:
    """A list that policy does not state, a job that is none, and a day ahead."""
    job = screened(bank, 200, 1)
    for more, code in (({"list": "nobody"}, "no_list"), ({"received_on": "2029-01-01"}, "ahead_of_today")):
        told = bank.post("pushes", bank.lead, {"list": LIST, "edition": "x", "job": job, **more})
        assert [one["code"] for one in told.json()["errors"]] == [code]
    assert bank.post("pushes", bank.lead, {"list": LIST, "edition": "x", "job": "none"}).status_code == 404


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_desk_shows_what_the_api_tells(bank: People, pushed: Body, language: str) -> None:
    """Lists, an edition with why and why not, a firm; a file of it; a form that is wrong is told on the page."""
    path = f"/desk/lists/{pushed['push']['id']}"
    told = text_of(page(bank, bank.lead, path, language).text)
    assert all(one["legal_name"] in told for one in pushed["items"])
    firm = next(one["firm"] for one in pushed["items"] if one["on_list"])
    assert "2026-11" in text_of(page(bank, bank.lead, f"/desk/lists/firm?firm={firm}", language).text)
    taken = page(bank, bank.lead, f"{path}/file?format=csv", language).content.decode("utf-8-sig")
    lines = list(reader(StringIO(taken)))
    assert len(lines) == 2 + len(pushed["items"])
    headers = {**bank.as_(bank.lead), **OWN_PAGE}
    wrong = bank.client.post(f"{path}/feedback", data={"assessment": "x", "outcome": "granted"}, headers=headers)
    assert (wrong.status_code, 'role="alert"' in wrong.text) == (422, True)
    on = next(one for one in pushed["items"] if one["on_list"])
    right = {"assessment": on["assessment"], "outcome": "contacted"}
    sent = bank.client.post(f"{path}/feedback", data=right, headers=headers, follow_redirects=False)
    assert sent.status_code == 303
    assert page(bank, bank.lead, "/desk/lists", language).status_code == 200


@pytest.mark.parametrize("language", ["zh", "en"])
def test_hostile_names_stand_as_text(bank: People, language: str) -> None:
    """On the page of a list, of its firm and of its screening, and in both files: no tag of theirs, and no formula."""
    job = screened(bank, 300, 1, name=NAME)
    push = bank.post("pushes", bank.lead, {"list": LIST, "edition": "+1<b>", "job": job, "came": "received"}).json()
    on = push["items"][0]
    told = {"assessment": on["assessment"], "outcome": "refused", "reason_code": "pledge", "reason": NAME}
    assert bank.post(f"pushes/{push['push']['id']}/feedback", bank.lead, told).status_code == 201
    paths = [f"/desk/lists/{push['push']['id']}", f"/desk/jobs/{job}"]
    for path in (*paths, f"/desk/lists/firm?firm={on['firm']}", "/desk/batch"):
        shown = page(bank, bank.lead, path, language).text
        assert "HYPERLINK" in shown, path
        assert not any(raw in shown for raw in (*RAW, "+1<b>")), path
    for path in paths:
        taken = page(bank, bank.lead, f"{path}/file?format=csv", language).content.decode("utf-8-sig")
        cells = [cell for row in reader(StringIO(taken)) for cell in row]
        assert any("HYPERLINK" in cell for cell in cells), path
        assert not any(cell.startswith(("=", "+", "@", "\t", "\r")) for cell in cells), path
