"""Sign-in by local accounts and keys: what opens, what does not, and what a session is safe against."""

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pyotp
import pytest
from argon2 import PasswordHasher, Type
from fastapi.testclient import TestClient
from sqlalchemy import Engine, MetaData, select

from features.policy import shipped
from service.access import passwords
from service.access.accounts import FAILURES_AT_MOST, LOCKED_FOR, Account
from service.access.api_keys import ApiKey
from service.access.proposals import Proposals
from service.access.roles import Place
from service.access.sessions import GRACE, LONGEST, ROTATED_AFTER
from service.edge.errors import InvalidRequest
from service.edge.settings import Settings
from service.ledger.opening import open_database
from service.ledger.verification import verify
from service.web.app import create_app
from tests.service.access.conftest import ORIGIN, PLACES
from tests.service.conftest import NOON
from tests.service.hands import agreed, founded, hired, made_key, moved, taken_up

PASSWORD = "a harbour of seven lamps"
COOKIE = "__Host-pledgescore"


class Site:
    """A service with one local account, and a clock that a test moves."""

    def __init__(self, client: TestClient, now: list[datetime]) -> None:
        self.client, self.now = client, now
        app: Any = client.app
        self.state = app.state.pledgescore
        done = hired(self.state, Account("wang", "王芳", "approver", Place("bank-1"), 2))
        self.secret = taken_up(self.state.invitations, done, PASSWORD, now[0])

    def sign_in(self, password: str = PASSWORD, code: str = "", **more: str) -> Any:
        """An attempt, with the code of this half minute unless another is given."""
        right = self.code()
        body = {"name": "wang", "password": password, "code": code or right} | more
        self.client.cookies.clear()
        return self.client.post("/v1/session", json=body)

    def code(self) -> str:
        """What the authenticator shows in this half minute."""
        return pyotp.TOTP(self.secret).at(self.now[0])

    def later(self, by: timedelta) -> None:
        """Let time go by."""
        self.now[0] += by

    def shown(self, identity: str) -> int:
        """The status that a session's id gets."""
        self.client.cookies.clear()
        return self.client.get("/v1/session", headers={"Cookie": f"{COOKIE}={identity}"}).status_code


@pytest.fixture
def site(database: str, bundle: Path) -> Iterator[Site]:
    """Its person has set password and authenticator, half a minute ago."""
    now = [NOON]
    settings = Settings(database=database, bundles=(bundle,), per_stranger=1e6, origin=ORIGIN, poll_seconds=60)
    app = create_app(settings, lambda: now[0])
    with TestClient(app, base_url=ORIGIN, raise_server_exceptions=False) as client:
        site = Site(client, now)
        site.later(timedelta(seconds=30))
        yield site


def test_the_cookie_is_ours_alone(site: Site) -> None:
    """Host-only, over TLS, unseen by scripts, never sent for another page; what the database keeps opens nothing."""
    cookie = site.sign_in().headers["set-cookie"]
    assert cookie.startswith(f"{COOKIE}=")
    for attribute in ("Path=/", "Secure", "HttpOnly", "SameSite=Strict"):
        assert attribute in cookie
    identity = site.client.cookies[COOKIE]
    kept = everything_kept(site.state.engine)
    assert b"wang" in kept
    assert identity.encode() not in kept
    assert PASSWORD.encode() not in kept


def everything_kept(engine: Engine) -> bytes:
    """Every value of every row of every table."""
    tables = MetaData()
    tables.reflect(engine)
    with engine.connect() as connection:
        rows = [row for table in tables.sorted_tables for row in connection.execute(select(table))]
    return b"\n".join(told if isinstance(told, bytes) else str(told).encode() for row in rows for told in row)


def test_a_code_opens_once_and_a_guess_nothing(site: Site) -> None:
    """The same code again, another's password, no such name: all refused in the same words."""
    code = site.code()
    assert site.sign_in(code=code).status_code == 201
    refusals = [
        site.sign_in(code=code),
        site.sign_in("wrong"),
        site.sign_in(code="000000"),
        site.sign_in(name="nobody"),
    ]
    assert {told.status_code for told in refusals} == {401}
    assert len({told.text for told in refusals}) == 1


def test_a_new_password_ends_every_session(site: Site) -> None:
    """Whoever was signed in by the old one is out; the old one opens nothing, and a weak one changes nothing."""
    site.sign_in()
    stolen = site.client.cookies[COOKIE]
    site.later(timedelta(seconds=30))
    assert site.sign_in(new_password="wang").status_code == 422
    assert site.shown(stolen) == 200
    assert site.sign_in(new_password="eleven lamps of a harbour").status_code == 201
    own = site.client.cookies[COOKIE]
    assert (site.shown(stolen), site.shown(own)) == (401, 200)
    site.later(timedelta(seconds=30))
    assert site.sign_in().status_code == 401


def test_an_account_has_so_many_sessions(site: Site) -> None:
    """With one more the oldest ends."""
    begun = []
    for _ in range(site.state.settings.sessions + 1):
        begun.append(site.state.sessions.begin("wang", site.now[0]))
        site.later(timedelta(seconds=1))
    assert [site.shown(one) for one in begun] == [401] + [200] * site.state.settings.sessions


def test_an_account_locks_and_opens_again(site: Site) -> None:
    """After five wrong attempts the right one is refused too, for a quarter of an hour."""
    for _ in range(FAILURES_AT_MOST):
        assert site.sign_in("wrong").status_code == 401
    assert site.sign_in().status_code == 401
    site.later(LOCKED_FOR)
    assert site.sign_in().status_code == 201


def test_an_id_that_was_planted_opens_nothing(site: Site) -> None:
    """Signing in takes no id that the browser brought (fixation), and ends the session that it had."""
    site.client.cookies.clear()
    planted = {"Cookie": f"{COOKIE}=planted"}
    body = {"name": "wang", "password": PASSWORD, "code": site.code()}
    assert site.client.post("/v1/session", json=body, headers=planted).status_code == 201
    first = site.client.cookies[COOKIE]
    assert first != "planted"
    assert site.shown("planted") == 401
    site.later(timedelta(seconds=30))
    body["code"] = site.code()
    headers = {"Cookie": f"{COOKIE}={first}", "Origin": ORIGIN, "Sec-Fetch-Site": "same-origin"}
    assert site.client.post("/v1/session", json=body, headers=headers).status_code == 201
    assert site.shown(first) == 401


def test_whoever_signs_in_again_by_an_aged_session_gets_one_id(site: Site) -> None:
    """The browser is given the new session's id alone: the aged one is not exchanged in the same breath."""
    site.sign_in()
    site.later(ROTATED_AFTER + timedelta(seconds=1))
    body = {"name": "wang", "password": PASSWORD, "code": site.code()}
    told = site.client.post("/v1/session", json=body, headers={"Origin": ORIGIN, "Sec-Fetch-Site": "same-origin"})
    given = told.headers.get_list("set-cookie")
    assert len(given) == 1
    assert site.shown(given[0].partition("=")[2].partition(";")[0]) == 200


def test_an_id_is_replaced_as_it_ages(site: Site) -> None:
    """Late in its life an id is exchanged; the one before works for half a minute more, and all end with the day."""
    site.sign_in()
    first = site.client.cookies[COOKIE]
    site.later(ROTATED_AFTER + timedelta(seconds=1))
    told = site.client.get("/v1/session")
    second = site.client.cookies[COOKIE]
    assert told.headers["set-cookie"].startswith(COOKIE)
    assert second != first
    assert (site.shown(first), site.shown(second)) == (200, 200)
    site.later(GRACE + timedelta(seconds=1))
    assert (site.shown(first), site.shown(second)) == (401, 200)
    site.later(site.state.sessions.idle(site.now[0]) + ROTATED_AFTER)
    assert site.shown(second) == 401
    assert timedelta(hours=1) < LONGEST < timedelta(days=1)


@pytest.mark.parametrize(
    ("headers", "passes"),
    [
        ({"Origin": ORIGIN, "Sec-Fetch-Site": "same-origin"}, True),
        ({"Sec-Fetch-Site": "same-origin"}, True),
        ({"Origin": ORIGIN}, True),
        ({"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}, False),
        ({"Origin": "null"}, False),
        ({"Origin": "https://evil.example"}, False),
        ({"Sec-Fetch-Site": "same-site"}, False),
        ({"Origin": ORIGIN, "Sec-Fetch-Site": "cross-site"}, False),
        ({}, False),
    ],
)
def test_another_page_cannot_use_a_session(site: Site, headers: dict[str, str], passes: bool) -> None:
    """What changes something by a cookie must come from our own pages, as the browser itself says (CSRF)."""
    site.sign_in()
    told = site.client.post("/v1/loan-files/none/approval", json={}, headers=headers)
    assert (told.status_code != 403) == passes, told.text


def test_disabling_or_moving_an_account_ends_its_sessions(site: Site) -> None:
    """At once, everywhere; and a reset takes the old password away."""
    site.sign_in()
    identity = site.client.cookies[COOKIE]
    moved(site.state, Account("wang", "王芳", "auditor", Place("bank-1")))
    assert site.shown(identity) == 401
    site.later(timedelta(seconds=30))
    assert site.sign_in().json()["role"] == "auditor"
    site.later(timedelta(seconds=30))
    agreed(site.state, site.state.proposals.reset("wang", founded(site.state)[0], site.now[0]))
    assert site.sign_in().status_code == 401
    site.state.accounts.disable("wang", "test")
    assert site.sign_in().status_code == 401
    with site.state.engine.connect() as connection:
        found = verify(connection)
    assert (found.bad_seq, found.verified >= 4) == (None, True)


def test_a_key_opens_what_it_is_for_until_it_ends(site: Site) -> None:
    """Its scopes and no more, never a decision, not after its last day or its withdrawal, however lately used."""
    keys = site.state.keys
    ends = site.now[0] + timedelta(days=1)
    narrow = ApiKey("narrow", "credit_officer", ends, PLACES["own"]["branch"], frozenset({"look_up"}))
    bearer = {"Authorization": f"Bearer {made_key(site.state, narrow)}"}
    assert site.client.get("/v1/firms?name=x", headers=bearer).json()["type"].endswith("no-lake")
    assert site.client.get("/v1/assessments", headers=bearer).status_code == 403
    site.later(timedelta(days=1))
    assert site.client.get("/v1/firms?name=x", headers=bearer).status_code == 401
    for role in ("approver", "administrator"):
        with pytest.raises(InvalidRequest, match="may only"):
            keys.prepared(
                ApiKey("x", role, ends + timedelta(days=1), Place("bank-1"), frozenset({"decide", "administer"})),
                site.now[0],
            )
    with pytest.raises(InvalidRequest, match="366 days"):
        keys.prepared(ApiKey("x", "auditor", site.now[0] + timedelta(days=400), Place("bank-1")), site.now[0])
    wide = ApiKey("wide", "auditor", site.now[0] + timedelta(days=9), Place("bank-1"))
    bearer = {"Authorization": f"Bearer {made_key(site.state, wide)}"}
    assert site.client.get("/v1/users", headers=bearer).status_code == 200
    keys.withdraw("wide", "test")
    assert site.client.get("/v1/users", headers=bearer).status_code == 401


def test_idempotency_keys_of_two_callers_never_meet(site: Site) -> None:
    """The same key and body of another caller is another question, not a look at the first one's answer."""
    from tests.service.made import applicant

    body = {name: value for name, value in applicant(1, patents=2).items() if name != "bank"}
    ids = set()
    for name in ("one", "two"):
        key = ApiKey(name, "credit_officer", site.now[0] + timedelta(days=1), Place(f"bank-{name}", "b1"))
        headers = {"Authorization": f"Bearer {made_key(site.state, key)}", "Idempotency-Key": "k"}
        first, again = (site.client.post("/v1/assessments", json=body, headers=headers) for _ in range(2))
        assert first.content == again.content
        assert first.json()["case"]["bank"] == f"bank-{name}"
        ids.add(first.json()["id"])
    assert len(ids) == 2


def test_every_refusal_is_logged_and_every_answer_guarded(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    """A line says who was refused what, nothing of what was sent; refusals carry the same headers as answers."""
    with caplog.at_level(logging.WARNING, "pledgescore"):
        site.sign_in("a wrong secret")
        refused = site.client.get("/v1/users%0Aforged: line")
    lines = [record.getMessage() for record in caplog.records]
    assert any("refused 401 not-signed-in: POST '/v1/session'" in line for line in lines)
    assert any("refused 404" in line and "\n" not in line for line in lines)
    assert not any("wrong secret" in line for line in lines)
    for told in (refused, site.client.get("/healthz"), site.client.get("/docs")):
        assert told.headers["x-content-type-options"] == "nosniff"
        assert "default-src 'none'" in told.headers["content-security-policy"]
        assert "max-age" in told.headers["strict-transport-security"]


@pytest.mark.parametrize("password", ["short", "password1234", "wang-wang-2026", "aaaaaaaaaaaaaaa", "Changeme2026"])
def test_a_password_that_is_guessed_first_is_refused(password: str) -> None:
    """Short ones, common ones, ones made of the account's name."""
    with pytest.raises(InvalidRequest, match="new_password"):
        passwords.check_password(password, "wang-wang")


def test_passwords_are_kept_as_rfc_9106_asks(serving_hasher: PasswordHasher) -> None:
    """At least its second recommended option: Argon2id, 64 MiB, three passes, four lanes."""
    assert (serving_hasher.type, serving_hasher.hash_len) == (Type.ID, 32)
    assert serving_hasher.memory_cost >= 64 * 1024
    assert serving_hasher.time_cost >= 3
    assert serving_hasher.parallelism >= 4


def test_a_telephone_may_be_half_a_minute_off(site: Site) -> None:
    """The code of the step before and of the step after opens; one that is two steps away does not."""
    shown = pyotp.TOTP(site.secret)
    for steps, status in ((-2, 401), (2, 401), (1, 201)):
        assert site.sign_in(code=shown.at(site.now[0], counter_offset=steps)).status_code == status
    site.later(timedelta(seconds=90))
    assert site.sign_in(code=shown.at(site.now[0], counter_offset=-1)).status_code == 201


def test_codes_are_those_of_the_standard() -> None:
    """The test vectors of RFC 6238, appendix B (SHA-1, eight digits): what the package gives is what apps show."""
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    vectors = {59: "94287082", 1111111109: "07081804", 1234567890: "89005924", 20000000000: "65353130"}
    for seconds, expected in vectors.items():
        assert pyotp.TOTP(secret, digits=8).at(seconds) == expected


def test_accounts_stand_where_their_role_may(tmp_path: Path) -> None:
    """A role names the place that it reaches; what does not go together is refused with its field."""
    proposals = Proposals(open_database(f"sqlite:///{tmp_path / 'a.db'}"), shipped())
    wrong = {
        "/role": Account("aa", "A", "credit_officer", Place("bank-1")),
        "/bank": Account("aa", "A", "credit_officer", Place(None, "b1")),
        "/fund": Account("aa", "A", "fund_manager", Place("bank-1", None, "fund-1")),
        "/name": Account("A b", "A", "auditor"),
        "/authority": Account("aa", "A", "approver", Place("bank-1"), 10),
    }
    for pointer, account in wrong.items():
        with pytest.raises(InvalidRequest) as refused:
            proposals.make(account, "test", NOON)
        assert refused.value.faults[0].pointer == pointer
    proposals.engine.dispose()
