"""The audit log: who signed in, was refused, read or took something away; bounded, apart from the ledger, unchanged."""

import csv
import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pyotp
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.exc import DBAPIError

from service.access.accounts import Account
from service.access.audit_log import (
    AUDIT_LOG,
    MOST_OF_ONE,
    MOST_OF_STRANGERS,
    OTHERS,
    AuditEvent,
    AuditFilter,
    AuditLog,
    forget_old,
)
from service.access.audited_routes import AUDITED, FIGURES
from service.access.roles import UNBOUND, Place
from service.access.route_rules import RULES
from service.edge.database import writing
from service.edge.errors import DatabaseAway
from service.edge.settings import BadSetting, Settings
from service.ledger.signing_keys import make_key
from service.web.app import create_app
from tests.service.access.conftest import FUNDS, ORIGIN, OWN, PLACES, Desks
from tests.service.access.test_hands import wanted
from tests.service.access.test_signin import everything_kept
from tests.service.conftest import NOON, NewLedger
from tests.service.hands import FOUNDERS, account_id, founded, hired, taken_up

PASSWORD = "a harbour of seven lamps"
ONE, OTHER = FOUNDERS
Body = dict[str, Any]


@pytest.fixture(scope="module")
def desks(tmp_path_factory: pytest.TempPathFactory, bundle: Path, new_ledger: NewLedger) -> Iterator[Desks]:
    """A service behind a proxy that is trusted, with two administrators and an approver of bank-1."""
    folder = tmp_path_factory.mktemp("audited")
    (folder / "funds.yaml").write_text(FUNDS, encoding="utf-8")
    make_key(folder / "keys")
    settings = Settings(
        database=new_ledger(), bundles=(bundle,), policy=folder, per_client=1e6, per_stranger=1e6,
        origin=ORIGIN, sessions=1000, trusted_proxies=("10.0.0.0/8",), keys=folder / "keys",
    )  # fmt: skip
    app = create_app(settings, lambda: NOON)
    with TestClient(app, base_url=ORIGIN, raise_server_exceptions=False, client=("10.0.0.1", 1)) as client:
        desks = Desks(client)
        founded(desks.state)
        done = hired(desks.state, Account("wang", "王芳", "approver", Place("bank-1"), 2))
        taken_up(desks.state.invitations, done, PASSWORD, NOON - timedelta(minutes=2))
        yield desks


def rows(desks: Desks, by: str = "", **asked: str) -> list[Body]:
    """The rows that an auditor reads, the latest first."""
    by = by or desks.account("auditor", PLACES[OWN]["bank"])
    told = desks.client.get("/v1/audit-log", params=asked, headers=desks.headers(by))
    assert told.status_code == 200, told.text
    items: list[Body] = told.json()["items"]
    return items


def from_(address: str) -> dict[str, str]:
    """What the proxy says."""
    return {"X-Forwarded-For": f"203.0.113.9, {address}"}


def test_sign_ins_good_and_bad(desks: Desks) -> None:
    """With the account where there is one, the address behind the proxy, and the outcome; no name that is nobody's."""
    seats = desks.client.post("/v1/session", json={"name": "x" * 20, "password": "p", "code": "000000"})
    assert seats.status_code == 401
    secret = "my Password typed as a name 1"
    desks.client.post("/v1/session", json={"name": secret, "password": "p", "code": "000000"}, headers=from_("1.2.3.4"))
    for _ in range(3):
        body = {"name": "wang", "password": "wrong", "code": "000000"}
        desks.client.post("/v1/session", json=body, headers=from_("1.2.3.5"))
    bad = rows(desks, who="user:wang", kind="sign_in", outcome="sign_in_not_accepted")
    assert [(one["address"], one["bank"]) for one in bad] == [("1.2.3.5", "bank-1")] * len(bad)
    assert sum(one["count"] for one in bad) == 3
    unknown = rows(desks, who="unknown", address="1.2.3.4")
    assert [one["outcome"] for one in unknown] == ["sign_in_not_accepted"]
    assert secret.encode() not in everything_kept(desks.state.engine)


def test_the_attacks_on_accounts_are_all_in_it(desks: Desks) -> None:
    """A ghost's maker, who confirms himself, approves himself and resets somebody; each as done or by its code."""
    ghost = wanted(desks, ONE, "ghost")
    path = f"/v1/account-proposals/{ghost['id']}/confirmation"
    assert desks.client.post(path, headers=desks.headers(ONE)).status_code == 403
    file = desks.assessment(desks.account("credit_officer", PLACES[OWN]["branch"]))["record"]["loan_file"]["id"]
    desks.client.post(f"/v1/loan-files/{file}/approval", json={}, headers=desks.headers(ONE))
    desks.client.post("/v1/users/wang/reset", headers=desks.headers(ONE))
    invitation = {"name": "wang", "invitation": ghost["code"] * 2}
    desks.client.post("/v1/invitations/opening", json=invitation)
    told = {(one["kind"], one["what"], one["outcome"]) for one in rows(desks, who=f"user:{ONE}")}
    assert {
        ("account", "POST /v1/users", "done"),
        ("refusal", "POST /v1/account-proposals/{proposal}/confirmation", "another_confirms"),
        ("refusal", "POST /v1/loan-files/{loan_file}/approval", "role_may_not"),
        ("account", "POST /v1/users/{user}/reset", "done"),
    } <= told
    opened = rows(desks, who="user:wang", outcome="invitation_not_accepted")
    assert opened[0]["what"] == "POST /v1/invitations/opening"
    about = rows(desks, who=f"user:{ONE}", outcome="another_confirms")
    assert [one["about"] for one in about] == [ghost["id"]]
    with desks.state.engine.connect() as connection:
        assert connection.execute(select(func.count()).select_from(AUDIT_LOG)).scalar_one() > 4


def test_readings_exports_and_packs(desks: Desks) -> None:
    """Whose file was read, what left as a file or pack, and by whom; no query, and nothing of what was sent."""
    officer = desks.account("credit_officer", PLACES[OWN]["branch"])
    one = desks.assessment(officer)["id"]
    desks.state.checkpoint_signer.sign()
    reader = desks.account("auditor", PLACES[OWN]["bank"], name="reads-much")
    headers = desks.headers(reader)
    for path in (f"/v1/assessments/{one}", "/v1/firms?name=very-secret-query", "/v1/assessments?format=csv",
                 "/desk/decisions/file?format=csv", f"/v1/assessments/{one}/pack?for=bank",
                 "/v1/ledger/pack?for=bank&period=2026-11",
                 "/v1/ledger/pack?for=bank&period=very-secret-query"):  # fmt: skip
        desks.client.get(path, headers=headers)
    told = {(row["kind"], row["what"], row["about"], row["outcome"]) for row in rows(desks, who=f"user:{reader}")}
    assert {
        ("read", "GET /v1/assessments/{assessment}", one, "done"),
        ("export", "GET /v1/assessments", "", "done"),
        ("export", "GET /desk/decisions/file", "", "done"),
        ("pack", "GET /v1/assessments/{assessment}/pack", one, "done"),
        ("pack", "GET /v1/ledger/pack", "2026-11", "done"),
    } <= told
    assert not any("very-secret-query" in str(row) for row in rows(desks))


def test_who_may_read_it(desks: Desks) -> None:
    """Auditors of the bank its rows and those of nobody, no other bank's; a fund and everybody else nothing."""
    other = desks.account("auditor", Place("bank-2"), name="other-auditor")
    everywhere = desks.account("auditor", Place(), name="whole-auditor")
    desks.client.get("/v1/users", headers=desks.headers(desks.account("auditor", PLACES[OWN]["bank"])))
    assert {one["bank"] for one in rows(desks, other)} <= {"bank-2", None}
    assert "bank-1" in {one["bank"] for one in rows(desks, everywhere)}
    for who in (desks.account("fund_manager", PLACES[OWN]["fund"]), ONE, "wang"):
        assert desks.client.get("/v1/audit-log", headers=desks.headers(who)).status_code == 403
        assert desks.client.get("/desk/audit-log", headers=desks.headers(who)).status_code == 403


def test_pages_files_and_the_desk_tell_the_same(desks: Desks) -> None:
    """Page by page without a gap, as CSV with who took it above, and as a plain page."""
    auditor = desks.account("auditor", PLACES[OWN]["bank"])
    for _ in range(2):
        desks.client.get("/v1/users", headers=desks.headers(auditor))
    whole = [one["id"] for one in rows(desks, auditor, limit="500", kind="sign_in")]
    found, cursor = [], {}
    while True:
        params: Body = {"limit": 2, "kind": "sign_in", **cursor}
        told = desks.client.get("/v1/audit-log", params=params, headers=desks.headers(auditor)).json()
        found += [one["id"] for one in told["items"]]
        if told["next"] is None:
            break
        cursor = {"cursor": told["next"]}
    assert found == whole == sorted(whole, reverse=True)
    for path in ("/v1/audit-log?format=csv&kind=sign_in", "/desk/audit-log/file?format=csv&kind=sign_in"):
        text = desks.client.get(path, headers=desks.headers(auditor)).content.decode("utf-8-sig")
        lines = list(csv.reader(io.StringIO(text)))
        assert auditor in lines[0][0]
        assert [int(line[0]) for line in lines[2:]] == whole
    page = desks.client.get("/desk/audit-log?kind=sign_in", headers=desks.headers(auditor)).text
    assert page.count("sign_in_not_accepted") >= 1
    wrong = desks.client.get("/desk/audit-log?kind=dance", headers=desks.headers(auditor))
    assert wrong.status_code == 422


def test_a_flood_of_bad_sign_ins_fills_no_disk(desks: Desks) -> None:
    """From many addresses: so many rows, the rest counted in one; every attempt is counted."""
    before = rows(desks, kind="sign_in", limit="500")
    for place in range(120):
        body = {"name": f"nobody-{place}", "password": "guess", "code": "000000"}
        desks.client.post("/v1/session", json=body, headers=from_(f"198.51.100.{place}"))
    after = [one for one in rows(desks, kind="sign_in", limit="500") if one["id"] not in {row["id"] for row in before}]
    assert sum(one["count"] for one in after) == 120
    assert len(after) <= 2 * MOST_OF_STRANGERS + 2
    assert any(one["outcome"] == OTHERS for one in after)
    body = {"name": "wang", "password": "guess", "code": "000000"}
    desks.client.post("/v1/session", json=body, headers=from_("198.51.100.200"))
    assert rows(desks, who="user:wang", address="198.51.100.200")  # an account that there is has room of its own


def test_the_same_of_one_minute_is_one_row(desks: Desks) -> None:
    """Counted until the minute is over; one account's rows are bounded too."""
    log = AuditLog(desks.state.engine, 366)
    event = AuditEvent("read", "user:loop", None, "1.2.3.4", "GET /v1/loan-files", "", "done", known=True)
    for seconds in range(50):
        log.note(event, NOON + timedelta(seconds=seconds))
    log.flush()
    for place in range(MOST_OF_ONE + 50):
        about = AuditEvent("read", "user:loop", None, "1.2.3.4", "GET /v1/x", str(place), "done", known=True)
        log.note(about, NOON)
    log.close()
    found = log.listed(AuditFilter(who="user:loop"), UNBOUND, 5000).items
    first = [one for one in found if one.what == "GET /v1/loan-files"]
    assert [(one.count, one.until > one.at) for one in first] == [(50, True)]
    assert len(found) <= MOST_OF_ONE + 2
    assert sum(one.count for one in found) == 50 + MOST_OF_ONE + 50


def test_what_the_database_does_not_take_waits(desks: Desks, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is written when the database is back, with what happened since, and holds so much memory at most."""
    log = AuditLog(desks.state.engine, 366)
    event = AuditEvent("read", "user:waits", None, "1.2.3.4", "GET /v1/loan-files", "", "done", known=True)
    log.note(event, NOON)
    for trouble in (DatabaseAway("database_away"), RuntimeError("unforeseen")):
        with monkeypatch.context() as patch:
            patch.setattr("service.access.audit_log.writing_apart", lambda _, trouble=trouble: _raised(trouble))
            log.flush()
    log.note(event, NOON + timedelta(seconds=5))
    with monkeypatch.context() as patch:
        patch.setattr("service.access.audit_log.MOST_WAITING", 1)
        log.note(replace(event, about="another"), NOON)
    log.flush()
    assert [one.count for one in log.listed(AuditFilter(who="user:waits"), UNBOUND, 10).items] == [2]
    assert log.listed(AuditFilter(outcome=OTHERS, kind="read"), UNBOUND, 10).items[0].who == ""


def _raised(trouble: Exception) -> None:
    raise trouble


def test_nobody_changes_or_removes_a_row_before_its_last_day(desks: Desks) -> None:
    """The database refuses it, whoever asks; what is older goes by the housekeeping, and no sooner."""
    engine = desks.state.engine
    rows(desks)
    statements = (update(AUDIT_LOG).values(outcome="done"), delete(AUDIT_LOG))
    for statement in statements:
        with pytest.raises(DBAPIError), writing(engine) as connection:
            connection.execute(statement)
    old = dict.fromkeys(("kind", "at", "until", "who", "address", "what", "about", "outcome"), "old")
    with writing(engine) as connection:
        before = connection.execute(select(func.count()).select_from(AUDIT_LOG)).scalar_one()
        connection.execute(insert(AUDIT_LOG), old | {"count": 1, "keep_until": "2020-01-01"})
    with writing(engine) as connection:
        forget_old(connection)
        assert connection.execute(select(func.count()).select_from(AUDIT_LOG)).scalar_one() == before


def test_the_rows_of_a_clock_that_stands_years_back_are_kept(desks: Desks) -> None:
    """A demonstration's: the days run from when a row is written, and the housekeeping takes none of it."""
    engine, log = desks.state.engine, AuditLog(desks.state.engine, 366)
    event = AuditEvent("sign_in", "somebody", None, "10.9.9.9", "POST /v1/session", "", "done", known=False)
    log.note(event, NOON - timedelta(days=3000))
    log.close()
    with writing(engine) as connection:
        forget_old(connection)
        of_then = select(func.count()).select_from(AUDIT_LOG).where(AUDIT_LOG.c.address == "10.9.9.9")
        assert connection.execute(of_then).scalar_one() == 1


def test_retention_is_a_setting_that_the_law_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Six months at least; proxies are addresses or networks."""
    assert Settings().audit_log_days == 366
    for name, value in (("AUDIT_LOG_DAYS", "90"), ("TRUSTED_PROXIES", "the-proxy")):
        with monkeypatch.context() as patch:
            patch.setenv(f"PLEDGESCORE_{name}", value)
            with pytest.raises(BadSetting, match=name):
                Settings.from_environment()


def test_an_address_is_taken_from_a_named_proxy_alone(desks: Desks) -> None:
    """Whoever asks without the proxy says nothing about where the request is from."""
    direct = TestClient(desks.client.app, base_url=ORIGIN, client=("192.0.2.7", 1))
    body = {"name": "wang", "password": "wrong", "code": "000000"}
    assert direct.post("/v1/session", json=body, headers=from_("1.1.1.1")).status_code == 401
    assert rows(desks, who="user:wang", address="192.0.2.7")
    assert not rows(desks, address="1.1.1.1")


def test_every_reading_is_named() -> None:
    """Each audited route is there, and each that shows firms, people or acts is audited or said to be figures."""
    assert set(AUDITED) <= set(RULES)
    assert set(FIGURES) <= set(RULES)
    reading = {"read", "audit", "look_up", "read_users"}
    left = {route for route, rule in RULES.items() if route.startswith("GET ") and rule.needs in reading} - set(AUDITED)
    assert left == FIGURES


def test_a_good_sign_in_is_told(desks: Desks) -> None:
    """Also a page's, and a password that is changed with it."""
    code = pyotp.TOTP(_secret(desks)).at(NOON)
    told = desks.client.post("/v1/session", json={"name": "li-zhu", "password": PASSWORD, "code": code})
    assert told.status_code == 201, told.text
    desks.client.cookies.clear()
    assert rows(desks, who="user:li-zhu", kind="sign_in")[0]["outcome"] == "done"


def _secret(desks: Desks) -> str:
    done = hired(desks.state, Account("li-zhu", "李竹", "reviewer", Place("bank-1")))
    return taken_up(desks.state.invitations, done, PASSWORD, NOON - timedelta(minutes=2))


def test_the_moment_is_that_of_the_request(desks: Desks) -> None:
    """As the service's clock tells it."""
    at = datetime.fromisoformat(rows(desks)[0]["at"])
    assert at == NOON
    assert account_id(desks.state, OTHER)
