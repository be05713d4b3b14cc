"""An account of a fund reads over HTTP what a pack for the fund would show, and not more."""

from service.assessing.audiences import FUND_RULES, audience_of
from service.web.shapes.answers import Answer
from service.web.shapes.part import as_declared
from tests.service.access.conftest import OWN, PLACES, Desks


def test_a_fund_reads_what_its_pack_would_show(desks: Desks) -> None:
    """Whatever its role: no value, reason or finding that follows from what only the bank may see; the shape stays."""
    officer, approver = (desks.account(role, PLACES[OWN]["branch"]) for role in ("credit_officer", "approver"))
    path = f"/v1/assessments/{desks.assessment(officer)['id']}"
    everything = f"{path}?include=all"
    whole = desks.client.get(everything, headers=desks.headers(approver)).json()
    hidden = {one["name"] for one in whole["features"] if audience_of(one["name"]) != "fund"}
    assert hidden
    for role in ("fund_manager", "auditor"):
        told = desks.client.get(everything, headers=desks.headers(desks.account(role, PLACES[OWN]["fund"]))).json()
        as_declared(Answer, told)
        assert told["points"] == whole["points"]
        assert told["record"] == whole["record"]
        assert {one["name"] for one in whole["features"]} - {one["name"] for one in told["features"]} == hidden
        assert told["reasons"] == [one for one in whole["reasons"] if one["feature"] not in hidden]
        assert [one["rule"] for one in told["findings"]] == [
            one["rule"] for one in whole["findings"] if one["rule"] in FUND_RULES
        ]
        assert not {"coverage", "missing"} & told.keys()


def test_what_tells_of_the_inside_is_refused_to_a_fund(desks: Desks) -> None:
    """Another list of reasons and the loan file are the bank's; a replay names no finding that a fund may not see."""
    officer = desks.account("credit_officer", PLACES[OWN]["branch"])
    answer = desks.assessment(officer)
    path, file = f"/v1/assessments/{answer['id']}", answer["record"]["loan_file"]["id"]
    fund = desks.account("fund_manager", PLACES[OWN]["fund"])
    for inside in (f"{path}/reasons?against=all", f"/v1/loan-files/{file}", "/v1/loan-files", "/v1/due-items"):
        assert desks.client.get(inside, headers=desks.headers(fund)).status_code == 403
        assert desks.client.get(inside, headers=desks.headers(officer)).status_code == 200
    told = desks.client.get(f"{path}/replay", headers=desks.headers(fund)).json()
    assert told["identical"]
    assert all(one["rule"] in FUND_RULES for change in told["steps"] for one in change["findings"])
