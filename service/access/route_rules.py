"""The rule of every route: who may use it, and whose things it is about. A route without one stops the start.

A rule names a permission of `roles.yaml`, or that anybody, or anybody signed in, may use the route. `about` names the
path parameter that identifies something of a bank: what lies out of reach answers as not found.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from starlette.routing import Mount

from features.errors import PledgeScoreError
from service.access.roles import Permission

ANYBODY: Final = "anybody"
SIGNED_IN: Final = "signed in"


class NoRule(PledgeScoreError):
    """A route that nobody said who may use, or a rule without its route."""


@dataclass(frozen=True)
class Rule:
    """Who may use a route, and which parameter of its path names something of a bank.

    `inside`: what it answers is for the bank alone, so that an account of a fund is refused whatever its role may.
    """

    needs: Permission | Literal["anybody", "signed in"]
    about: str | None = None
    inside: bool = False


_ONE: Final = "assessment"
"""The path parameter that names an assessment."""
_USER: Final = "user"
_KEY: Final = "key"

RULES: dict[str, Rule] = {
    "GET /healthz": Rule(ANYBODY),
    "GET /readyz": Rule(ANYBODY),
    "GET /docs": Rule(ANYBODY),
    "GET /docs/assets/{path:path}": Rule(ANYBODY),
    "GET /openapi.json": Rule(ANYBODY),
    "GET /metrics": Rule("monitor"),
    "POST /v1/assessments": Rule("assess"),
    "POST /v1/assessments/batch": Rule("assess"),
    "GET /v1/assessments": Rule("read"),
    "GET /v1/assessments/{assessment}": Rule("read", _ONE),
    "GET /v1/assessments/{assessment}/acts": Rule("read", _ONE),
    "GET /v1/assessments/{assessment}/changes": Rule("assess", _ONE),
    "GET /v1/assessments/{assessment}/reasons": Rule("read", _ONE, inside=True),
    "GET /v1/assessments/{assessment}/dossier": Rule("read", _ONE, inside=True),
    "POST /v1/assessments/{assessment}/decision": Rule("decide", _ONE),
    "POST /v1/assessments/{assessment}/drawdown": Rule("draw", _ONE),
    "POST /v1/assessments/{assessment}/closure": Rule("draw", _ONE),
    "POST /v1/session": Rule(ANYBODY),
    "GET /v1/session": Rule(SIGNED_IN),
    "DELETE /v1/session": Rule(SIGNED_IN),
    "GET /v1/session/oidc": Rule(ANYBODY),
    "GET /v1/session/oidc/callback": Rule(ANYBODY),
    "GET /v1/users": Rule("read_users"),
    "POST /v1/users": Rule("administer"),
    "POST /v1/users/{user}/role": Rule("administer", _USER),
    "POST /v1/users/{user}/reset": Rule("administer", _USER),
    "POST /v1/users/{user}/disable": Rule("administer", _USER),
    "GET /v1/api-keys": Rule("read_users"),
    "POST /v1/api-keys": Rule("administer"),
    "DELETE /v1/api-keys/{key}": Rule("administer", _KEY),
    "GET /v1/firms": Rule("look_up"),
    "GET /v1/erasures": Rule("erase"),
    "POST /v1/erasures": Rule("erase"),
    "POST /v1/erasures/{erasure}/confirmation": Rule("erase"),
    "POST /v1/orphans": Rule("audit"),
    "POST /v1/orphans/csv": Rule("audit"),
    "GET /v1/assessments/{assessment}/pack": Rule("prove", _ONE),
    "GET /v1/assessments/{assessment}/replay": Rule("prove", _ONE),
    "GET /v1/ledger": Rule("prove"),
    "GET /v1/ledger/pack": Rule("prove"),
    "GET /v1/ledger/checkpoint": Rule("prove"),
    "POST /v1/ledger/checkpoints": Rule("witness"),
    "GET /v1/ledger/entries/{entry}/proof": Rule("prove"),
    "GET /v1/ledger/consistency": Rule("prove"),
    "POST /v1/ledger/receipts": Rule("witness"),
    "GET /v1/overrides": Rule("read"),
    "GET /v1/history": Rule("audit"),
    "GET /v1/validations": Rule("read_models"),
    "POST /v1/validations": Rule("validate"),
    "GET /v1/models": Rule("read_models"),
    "GET /v1/policy": Rule("read_policy"),
    "GET /v1/policy/{name}": Rule("read_policy"),
}


class Table:
    """Finds the rule of a request: what no rule covers is not there."""

    def __init__(self, rules: dict[str, Rule]) -> None:
        self._plain: dict[str, dict[str, Rule]] = {}
        shaped: dict[str, dict[str, Rule]] = {}
        for route, rule in rules.items():
            method, _, path = route.partition(" ")
            (shaped if "{" in path else self._plain).setdefault(path, {})[method] = rule
        self._shaped = [(_pattern(path), by_method) for path, by_method in shaped.items()]

    def found(self, path: str) -> tuple[dict[str, Rule], dict[str, str]]:
        """The rules of the path by method, and the parameters in it; no rules where there is no such path."""
        if path in self._plain:
            return self._plain[path], {}
        for pattern, by_method in self._shaped:
            if match := pattern.fullmatch(path):
                return by_method, match.groupdict()
        return {}, {}


def check_routes(app: FastAPI, rules: dict[str, Rule] = RULES) -> None:
    """Raises `NoRule`, naming each route of the application without a rule and each rule without a route."""
    there = set(routes_of(app))
    if bare := sorted(there - set(rules)):
        raise NoRule(f"no rule says who may use {', '.join(bare)}: add it to service/access/route_rules.py")
    if idle := sorted(set(rules) - there):
        raise NoRule(f"there is no such route: {', '.join(idle)}: take the rule out of service/access/route_rules.py")


def routes_of(app: FastAPI) -> Iterable[str]:
    """Method and path of all that the application answers, mounted folders among them."""
    for one in iter_route_contexts(app.routes):
        route = one.original_route
        if isinstance(route, Mount):
            yield f"GET {route.path}/{{path:path}}"
        else:
            for method in set(one.methods or ()) - {"HEAD"}:
                yield f"{method} {one.path}"


def _pattern(path: str) -> re.Pattern[str]:
    parts = re.split(r"\{(\w+)(:path)?\}", path)
    text = "".join(
        re.escape(parts[i]) + (f"(?P<{parts[i + 1]}>{'.*' if parts[i + 2] else '[^/]+'})" if i + 1 < len(parts) else "")
        for i in range(0, len(parts), 3)
    )
    return re.compile(text, re.DOTALL)
