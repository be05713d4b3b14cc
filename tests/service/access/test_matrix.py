"""Every route × every role × own and other bank, generated from the route table and the roles of policy."""

import re
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI

from features.policy import load
from features.policy.parameters import SHIPPED
from service.access.authorization import check_allowed
from service.access.roles import PERSONAL, Caller, Permission, Reach, roles_on
from service.access.route_rules import ANYBODY, RULES, SIGNED_IN, NoRule, RouteRule, RouteTable, check_routes, routes_of
from service.edge.errors import Forbidden
from service.edge.settings import Settings
from service.web.app import create_app
from tests.amount import WHOLE
from tests.service.access.conftest import ORIGIN, OTHER, OWN, PLACES, Desks
from tests.service.conftest import NOON

ROLES = roles_on(load(SHIPPED), NOON.date())
DESKS = [
    (role.name, extent, whose)
    for role in ROLES.values()
    for extent in sorted(role.reach)
    for whose in (OWN, OTHER)
    if extent in PLACES[whose]
]
UNKNOWN = "00000000-0000-4000-8000-000000000000"


@pytest.fixture(scope="module")
def things(desks: Desks) -> dict[str, str]:
    """What paths name: an assessment, a job, a list, an account and a key of bank-1, b1; and what is of nobody."""
    officer = desks.account("credit_officer", PLACES[OWN]["branch"])
    desks.key("credit_officer", PLACES[OWN]["branch"], "machine")
    desks.account("credit_officer", PLACES[OWN]["branch"], name="somebody")
    answer = desks.assessment(officer)
    file = answer["record"]["loan_file"]["id"]
    told = desks.client.post(
        f"/v1/loan-files/{file}/attachments",
        params={"name": "paper.png", "audience": "fund"},
        content=b"\x89PNG\r\n\x1a\n",
        headers=desks.headers(officer),
    )
    assert told.json()["n"] == 1, told.text
    return {
        "assessment": answer["id"],
        "loan_file": file,
        "user": "somebody",
        "proposal": desks.proposal(PLACES[OWN]["branch"]),
        "key": "machine",
        "job": desks.job(officer),
        "erasure": desks.erasure(officer),
        "push": desks.push(officer),
        "name": "star.rd_amount",
        "path": "swagger-ui.css",
    }


def ask(desks: Desks, route: str, things: dict[str, str], headers: dict[str, str]) -> Any:
    """The answer to a request of a route, with an empty object for a body."""
    method, _, path = route.partition(" ")
    filled = re.sub(r"\{(\w+)(:path)?\}", lambda found: things.get(found[1], "1"), path)
    body = {} if method == "GET" else {"json": {}}
    return desks.client.request(method, filled, headers=headers, follow_redirects=False, **body)


class SignedIn:
    """A person at a desk, who signs in again where a route asked for ended the session."""

    def __init__(self, desks: Desks, name: str) -> None:
        self.desks, self.name = desks, name
        self.headers = desks.headers(name)

    def ask(self, route: str, things: dict[str, str]) -> Any:
        """The answer to a request of a route."""
        told = ask(self.desks, route, things, self.headers)
        if told.status_code == 401:
            self.headers = self.desks.headers(self.name)
            told = ask(self.desks, route, things, self.headers)
        return told


def problem(told: Any) -> str:
    """The code of a refusal; empty for an answer."""
    if page := re.search(r'<body data-problem="([a-z-]+)"', told.text):
        return page[1]
    is_problem = told.headers.get("content-type") == "application/problem+json"
    return str(told.json()["type"]).rpartition(":")[2] if is_problem else ""


def expected(rule: RouteRule, role: str, extent: str, whose: str) -> str:
    """What the matrix says: `forbidden`, `not found`, or `through`."""
    if rule.needs not in (ANYBODY, SIGNED_IN) and rule.needs not in ROLES[role].may:
        return "forbidden"
    if rule.inside and extent == "fund":
        return "forbidden"
    return "not found" if rule.about is not None and whose == OTHER else "through"


ON_BOTH = ("credit_officer", "approver", "fund_manager", "administrator")
"""The roles that ask on both databases in each run."""


def routes_tried(desks: Desks, role: str, extent: str, whose: str) -> list[str]:
    """The routes that a desk asks: those whose answer hangs on its place, and of the first desk of a role more.

    Who may is decided by one function of the route's rule, before any database is asked; the function itself is asked
    about all. Of the routes that refuse a role, or that answer whoever may alike, a role asks one of each rule, of the
    API and of the desk; each is asked by some role that may.
    """
    desk = (role, extent, whose)
    if WHOLE:
        return list(RULES)
    refused = {route for route, rule in RULES.items() if expected(rule, *desk) == "forbidden"}
    if desk != FIRST_OF_A_ROLE[role]:
        return [route for route in RULES if hangs_on_place(route, extent) and RULES[route].needs in ROLES[role].may]
    own = {route for route in RULES if hangs_on_place(route, extent) or first_that_may(desks, route) == role} - refused
    if desks.state.engine.dialect.name == "postgresql":
        return [route for route in RULES if role in ON_BOTH and route in own]
    return [route for route in RULES if route in own or route in ONE_OF_A_RULE]


def hangs_on_place(route: str, extent: str) -> bool:
    """Whether a route's answer to who may ask it hangs on where they sit."""
    return RULES[route].about is not None or (RULES[route].inside and extent == "fund")


def first_that_may(desks: Desks, route: str) -> str:
    """The first role that asks on the database and is let through."""
    asking = ON_BOTH if desks.state.engine.dialect.name == "postgresql" else tuple(ROLES)
    may = (role for role in asking if expected(RULES[route], *FIRST_OF_A_ROLE[role]) != "forbidden")
    return next(may, "")


ONE_OF_A_RULE = {(rule.needs, rule.inside, " /desk" in route): route for route, rule in RULES.items()}.values()
"""The last route of each rule, of the API and of the desk."""
FIRST_OF_A_ROLE = {role: (role, *rest) for role, *rest in reversed(DESKS)}
"""Asked on both databases; a role's further desks differ in what it may reach, which both are asked for alike."""


@pytest.mark.parametrize(
    ("role", "extent", "whose"),
    [
        pytest.param(*desk, marks=pytest.mark.whole if desk in FIRST_OF_A_ROLE.values() else pytest.mark.sqlite_alone)
        for desk in DESKS
    ],
)
def test_every_route_for_a_role(desks: Desks, things: dict[str, str], role: str, extent: str, whose: str) -> None:
    """Forbidden, not there, or through, exactly as rules and roles say; another's is refused as if it were nowhere."""
    desk = SignedIn(desks, desks.account(role, PLACES[whose][extent]))
    caller = Caller(desk.name, role, PLACES[whose][extent], Reach(), ROLES[role].may)
    for rule in RULES.values():
        if expected(rule, role, extent, whose) == "forbidden":
            with pytest.raises(Forbidden):
                check_allowed(rule, caller)
        else:
            check_allowed(rule, caller)
    for route in routes_tried(desks, role, extent, whose):
        rule = RULES[route]
        told = desk.ask(route, things)
        cell = f"{route} as {role} of {whose} {extent}: {told.status_code} {told.text[:200]}"
        match expected(rule, role, extent, whose):
            case "forbidden":
                assert (told.status_code, problem(told)) == (403, "forbidden"), cell
            case "not found":
                nowhere = desk.ask(route, dict.fromkeys(things, UNKNOWN))
                named = things[rule.about or ""]
                assert told.status_code == nowhere.status_code == 404, cell
                assert told.text.replace(named, "") == nowhere.text.replace(UNKNOWN, ""), cell
            case _:
                assert told.status_code not in {401, 500}, cell
                assert rule.about is None or told.status_code != 404, cell
                assert problem(told) != "forbidden", cell


@pytest.mark.sqlite_alone
def test_nobody_passes_unless_anybody_may(desks: Desks, things: dict[str, str]) -> None:
    """Without a session or key, and with one that opens nothing, only what is for anybody answers."""
    for route, rule in RULES.items():
        told = ask(desks, route, things, {})
        assert (told.status_code == 401) == (rule.needs != ANYBODY), route
        if rule.needs != ANYBODY and (WHOLE or route in ONE_OF_A_RULE):
            for shown in ({"Authorization": "Bearer psk_forged"}, {"Cookie": "__Host-pledgescore=forged"}):
                assert ask(desks, route, things, shown).status_code == 401, route


FOREIGN: tuple[dict[str, str], ...] = (
    {}, {"Origin": "https://elsewhere"}, {"Origin": "null", "Sec-Fetch-Site": "cross-site"},
    {"Origin": ORIGIN, "Sec-Fetch-Site": "same-site"},
)  # fmt: skip
"""What a browser says of pages that are not ours, and what says nothing."""


@pytest.mark.sqlite_alone
def test_no_foreign_page_sends_a_form(desks: Desks, things: dict[str, str]) -> None:
    """Every form of the desk is refused, to whoever may use it and before anything is read, unless ours sent it."""
    forms = {route: rule for route, rule in RULES.items() if route.startswith("POST /desk")}
    assert len(forms) > 30
    for route, rule in forms.items():
        role = next(role for role in ROLES.values() if rule.needs in (ANYBODY, SIGNED_IN) or rule.needs in role.may)
        place = PLACES[OWN]["branch" if "branch" in role.reach else "bank"]
        cookie = {"Cookie": desks.headers(desks.account(role.name, place))["Cookie"]}
        for headers in [cookie, {}] if rule.needs == ANYBODY else [cookie]:
            for foreign in FOREIGN:
                told = ask(desks, route, things, headers | foreign)
                assert (told.status_code, problem(told)) == (403, "foreign-origin"), (route, foreign, told.text[:200])
            own = ask(desks, route, things, headers | {"Origin": ORIGIN, "Sec-Fetch-Site": "same-origin"})
            assert problem(own) != "foreign-origin", route


def test_lists_hold_what_is_within_reach(desks: Desks, things: dict[str, str]) -> None:
    """Whoever reads lists sees the own bank's rows, or the fund's banks', and nothing of another's."""
    other = desks.account("credit_officer", PLACES[OTHER]["branch"])
    theirs = desks.assessment(other)["id"]
    for role, extent, whose in DESKS:
        if "read" in ROLES[role].may and extent != "all":
            name = desks.account(role, PLACES[whose][extent])
            items = desks.client.get("/v1/assessments", headers=desks.headers(name)).json()["items"]
            seen = {item["id"] for item in items}
            assert (things["assessment"] in seen, theirs in seen) == (whose == OWN, whose == OTHER), (role, extent)
            table = desks.client.get("/v1/assessments?format=csv", headers=desks.headers(name)).text
            assert (things["assessment"] in table) == (whose == OWN), (role, extent)
    auditor = desks.account("auditor", PLACES[OWN]["bank"])
    users = desks.client.get("/v1/users", headers=desks.headers(auditor)).json()["items"]
    assert {told["bank"] for told in users} == {"bank-1"}


def test_duties_stay_apart() -> None:
    """Auditors write nothing; trainers sign nothing; validators lend nothing; administrators decide nothing."""
    writes = {rule.needs for route, rule in RULES.items() if not route.startswith("GET ")}
    writes -= {
        ANYBODY,
        SIGNED_IN,
        "audit",
    }  # files are posted to be compared: nothing is written
    assert not ROLES["auditor"].may & (writes | {"assess"})
    assert not ROLES["data_scientist"].may & writes
    assert not ROLES["validator"].may & (writes - {"validate"})
    assert not ROLES["administrator"].may & (writes - {"administer", "erase"})
    assert not ROLES["credit_officer"].may & {"decide", "administer", "validate"}
    apart: tuple[Permission, ...] = ("submit", "review", "vote", "minute", "decide", "release")
    for duty in apart:
        assert len([role.name for role in ROLES.values() if duty in role.may]) == 1, duty
    assert len({role.name for role in ROLES.values() if role.may & set(apart)}) == len(apart)
    assert {
        *apart,
        "confirm",
        "send_back",
        "correct",
        "push",
        "hand_over",
        "administer",
        "validate",
        "erase",
        "hold",
    } == PERSONAL


def test_a_route_without_a_rule_stops_the_start(
    settings: Settings, app: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The application names it and does not start; so it does with a rule that has no route."""
    monkeypatch.delitem(RULES, "GET /v1/models")
    with pytest.raises(NoRule, match="GET /v1/models"):
        create_app(settings, lambda: NOON)
    monkeypatch.undo()
    check_routes(app)

    @app.get("/v1/new")
    def new() -> None: ...

    with pytest.raises(NoRule, match="GET /v1/new"):
        check_routes(app)
    with pytest.raises(NoRule, match="GET /gone"):
        check_routes(app, {**RULES, "GET /v1/new": RouteRule("read"), "GET /gone": RouteRule("read")})


def test_a_rule_is_found_for_every_path_as_the_router_finds_its_route(app: FastAPI) -> None:
    """Each route's own path is found with its rule, and what lies beside it is not there."""
    table = RouteTable(RULES)
    for route in routes_of(app):
        method, _, path = route.partition(" ")
        filled = re.sub(r"\{\w+(:path)?\}", "x1", path)
        assert table.find(filled)[0][method] is RULES[route]
        assert not table.find(filled + "/x/y/z")[0] or "{path:path}" in path
        assert table.find(filled + "\n")[0].get(method) in (None, RULES[route])


def test_every_pack_is_refused_early_where_it_is_one_too_many() -> None:
    """By its rule, which the check of room for packs looks at before anything is read."""
    assert {route for route, rule in RULES.items() if rule.pack} == {one for one in RULES if one.endswith("/pack")}


def test_roles_are_a_policy_that_a_bank_may_state(tmp_path: Path) -> None:
    """A folder's own role takes the place of the shipped one; a word that means nothing is refused by name."""
    from features.policy import PolicyError
    from service.access.roles import check_roles

    text = (SHIPPED / "roles.yaml").read_text(encoding="utf-8")
    (tmp_path / "roles.yaml").write_text(text.replace("may: [read, decide,", "may: [read, dance,"), encoding="utf-8")
    with pytest.raises(PolicyError, match=r"roles\.approver: dance"):
        check_roles(load(SHIPPED, tmp_path))
