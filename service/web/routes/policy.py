"""The dated values that rules and features apply, each with its history, references and confidence."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query

from features.policy import NotYetInForce, Policy
from models.words.official import glossed
from models.words.policy_names import policy_title
from service.application.state import State
from service.edge.errors import NoSuchParameter, NotInForce
from service.web.openapi import NOT_FOUND, Responses, answered

_ALL: Responses = {200: answered("PolicyOut", "Every parameter with its history")}
_ONE: Responses = {200: answered("ParameterOut", "The parameter with its history"), **NOT_FOUND}
_Day = Annotated[date | None, Query(description="A day: what is in force on it.")]

router = APIRouter(prefix="/v1/policy", tags=["policy"])


@router.get("", summary="List the dated values that rules apply", responses=_ALL)
def parameters(state: State, on: _Day = None) -> object:
    policy = state.assessor.policy
    names = policy.names() if on is None else list(policy.in_force(on))
    return {
        "digest": policy.digest,
        "on": on,
        "items": [_told(policy, name, on) for name in names],
        "overrides": [vars(override) for override in policy.overrides],
    }


@router.get("/{name}", summary="Read one dated value, such as star.rd_amount", responses=_ONE)
def parameter(state: State, name: str, on: _Day = None) -> object:
    policy = state.assessor.policy
    if name not in policy.parameters:
        raise NoSuchParameter("no_such_parameter", name=name)
    try:
        return _told(policy, name, on)
    except NotYetInForce as early:
        raise NotInForce("not_in_force", name=name, before=early.before) from early


def _told(policy: Policy, name: str, on: date | None) -> dict[str, object]:
    stated = policy(name)
    source = next((override.kind for override in policy.overrides if override.name == name), "shipped")
    told: dict[str, object] = {
        "name": name,
        "title": policy_title(stated, "zh"),
        "title_en": policy_title(stated, "en"),
    }
    told |= {**stated.told(), "source": source}
    told["reference"] = [
        dict(one) | {f"{part}_en": glossed(str(one[part]), "en") for part in ("title", "document")}
        for one in stated.reference
    ]
    return told if on is None else told | {"on": on, "value": stated.on(on)}
