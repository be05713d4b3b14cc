"""Steps of a loan as an open service takes them: an approval within the advice, a drawdown with its conditions met."""

from typing import Any

from fastapi.testclient import TestClient

Body = dict[str, Any]
TODAY = "2026-11-20"


def approval(**more: Any) -> Body:
    """Little money for a month: within any advice that is not against the loan."""
    return {"outcome": "approve", "decider": "李明", "amount": 100, "term_months": 1} | more


def drawing(client: TestClient, assessment: str, proof: str = "file 7", **more: Any) -> Body:
    """The money of that approval, drawn at noon of the tests' day."""
    conditions = client.get(f"/v1/assessments/{assessment}/dossier").json()["conditions"]
    return {
        "drawn_on": TODAY,
        "amount": 100,
        "due_on": "2026-12-20",
        "by": "王芳",
        "registration": "Y2026980012345",
        "registered_on": TODAY,
        "conditions_met": True,
        "conditions": [{"condition": one, "met_on": TODAY, "proof": proof} for one in conditions],
    } | more
