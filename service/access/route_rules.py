"""The rule of every route: who may use it, and whose things it is about. A route without one stops the start.

A rule names a permission of `roles.yaml`, or that anybody, or anybody signed in, may use the route. `about` names the
path parameter that identifies something of a bank: what lies out of reach answers as not found.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from starlette.routing import Mount, compile_path

from features.errors import PledgeScoreError
from service.access.roles import Permission

ANYBODY: Final = "anybody"
SIGNED_IN: Final = "signed in"


class NoRule(PledgeScoreError):
    """A route has no rule, or a rule has no route."""


@dataclass(frozen=True)
class RouteRule:
    """Who may use a route.

    `needs`: the permission, or that anybody or anybody signed in may. `about`: the path parameter that names something
    of a bank. `inside`: the answer is for the bank alone, so an account of a fund is refused whatever its role.
    `large`: what is sent may be as large as the settings allow, and is not parsed in one go; else a mebibyte at most.
    `probe`: machines that mind the service ask it, whoever they are and however often others do. `pack`: a pack is
    made, of which a caller has few under way; one too many is refused before anything is looked for.
    """

    needs: Permission | Literal["anybody", "signed in"]
    about: str | None = None
    inside: bool = False
    large: bool = False
    probe: bool = False
    pack: bool = False


_ONE: Final = "assessment"
"""The path parameter that names an assessment."""
_FILE: Final = "loan_file"
_JOB: Final = "job"
_PUSH: Final = "push"
_USER: Final = "user"
_PROPOSAL: Final = "proposal"
_KEY: Final = "key"
_ERASURE: Final = "erasure"

DESK_ACTS: dict[str, Permission] = {
    "submission": "submit",
    "review": "review",
    "votes": "vote",
    "minutes": "minute",
    "approval": "decide",
    "release": "release",
    "drawdowns": "draw",
    "return": "send_back",
    "withdrawal": "submit",
    "documents": "annotate",
    "warnings": "watch",
    "closure": "draw",
    "corrections": "correct",
    "conditions/{n}/done": "submit",
    "conditions/{n}/confirmation": "confirm",
    "tasks/{n}/done": "watch",
    "warnings/{n}/closing": "watch",
}
"""The forms of a loan file at the desk, and what each needs: the page and what it sends alike."""

RULES: dict[str, RouteRule] = {
    "GET /healthz": RouteRule(ANYBODY, probe=True),
    "GET /readyz": RouteRule(ANYBODY, probe=True),
    "GET /docs": RouteRule(ANYBODY),
    "GET /docs/assets/{path:path}": RouteRule(ANYBODY),
    "GET /openapi.json": RouteRule(ANYBODY),
    "GET /metrics": RouteRule("monitor"),
    "POST /v1/assessments": RouteRule("assess", large=True),
    "POST /v1/assessments/batch": RouteRule("assess", large=True),
    "GET /v1/workbook": RouteRule("assess"),
    "POST /v1/workbook": RouteRule("assess", large=True),
    "GET /v1/lists": RouteRule("read", inside=True),
    "GET /v1/lists/firm": RouteRule("read", inside=True),
    "GET /v1/pushes": RouteRule("read", inside=True),
    "POST /v1/pushes": RouteRule("push", inside=True),
    "GET /v1/pushes/{push}": RouteRule("read", _PUSH, inside=True),
    "POST /v1/pushes/{push}/feedback": RouteRule("submit", _PUSH, inside=True),
    "GET /v1/jobs": RouteRule("assess", inside=True),
    "POST /v1/jobs": RouteRule("assess", inside=True, large=True),
    "GET /v1/jobs/{job}": RouteRule("assess", _JOB, inside=True),
    "GET /v1/jobs/{job}/rows": RouteRule("assess", _JOB, inside=True),
    "POST /v1/jobs/{job}/start": RouteRule("assess", _JOB, inside=True),
    "POST /v1/jobs/{job}/cancellation": RouteRule("assess", _JOB, inside=True),
    "GET /v1/assessments": RouteRule("read"),
    "GET /v1/assessments/{assessment}": RouteRule("read", _ONE),
    "GET /v1/assessments/{assessment}/acts": RouteRule("read", _ONE),
    "GET /v1/assessments/{assessment}/earlier": RouteRule("read", _ONE, inside=True),
    "GET /v1/assessments/{assessment}/changes": RouteRule("assess", _ONE),
    "GET /v1/assessments/{assessment}/trials": RouteRule("read", _ONE, inside=True),
    "POST /v1/assessments/{assessment}/trials": RouteRule("assess", _ONE, inside=True),
    "GET /v1/assessments/{assessment}/reasons": RouteRule("read", _ONE, inside=True),
    "GET /v1/assessments/{assessment}/report": RouteRule("read", _ONE, inside=True),
    "GET /v1/assessments/{assessment}/papers": RouteRule("read", _ONE, inside=True),
    "POST /v1/assessments/{assessment}/closure": RouteRule("draw", _ONE),
    "POST /v1/assessments/{assessment}/withdrawal": RouteRule("submit", _ONE),
    "GET /v1/people": RouteRule("read", inside=True),
    "GET /v1/loan-files": RouteRule("read", inside=True),
    "POST /v1/loan-files": RouteRule("submit"),
    "GET /v1/loan-files/{loan_file}": RouteRule("read", _FILE, inside=True),
    "GET /v1/loan-files/{loan_file}/authority": RouteRule("read", _FILE, inside=True),
    "POST /v1/loan-files/{loan_file}/review": RouteRule("review", _FILE),
    "POST /v1/loan-files/{loan_file}/return": RouteRule("send_back", _FILE),
    "POST /v1/loan-files/{loan_file}/votes": RouteRule("vote", _FILE),
    "POST /v1/loan-files/{loan_file}/minutes": RouteRule("minute", _FILE),
    "POST /v1/loan-files/{loan_file}/approval": RouteRule("decide", _FILE),
    "POST /v1/loan-files/{loan_file}/withdrawal": RouteRule("submit", _FILE),
    "POST /v1/loan-files/{loan_file}/conditions/{n}/done": RouteRule("submit", _FILE),
    "POST /v1/loan-files/{loan_file}/conditions/{n}/confirmation": RouteRule("confirm", _FILE),
    "POST /v1/loan-files/{loan_file}/release": RouteRule("release", _FILE),
    "POST /v1/loan-files/{loan_file}/drawdowns": RouteRule("draw", _FILE),
    "POST /v1/loan-files/{loan_file}/closure": RouteRule("draw", _FILE),
    "POST /v1/loan-files/{loan_file}/corrections": RouteRule("correct", _FILE),
    "POST /v1/loan-files/{loan_file}/documents": RouteRule("draw", _FILE),
    "GET /v1/loan-files/{loan_file}/comments": RouteRule("read", _FILE, inside=True),
    "POST /v1/loan-files/{loan_file}/comments": RouteRule("annotate", _FILE, inside=True),
    "GET /v1/loan-files/{loan_file}/attachments": RouteRule("read", _FILE),
    "POST /v1/loan-files/{loan_file}/attachments": RouteRule("annotate", _FILE, inside=True, large=True),
    "GET /v1/loan-files/{loan_file}/attachments/{n}": RouteRule("read", _FILE),
    "POST /v1/loan-files/{loan_file}/tasks/{n}/done": RouteRule("watch", _FILE),
    "POST /v1/loan-files/{loan_file}/warnings": RouteRule("watch", _FILE),
    "POST /v1/loan-files/{loan_file}/warnings/{n}/closing": RouteRule("watch", _FILE),
    "POST /v1/loan-files/{loan_file}/holds": RouteRule("hold", _FILE),
    "POST /v1/loan-files/{loan_file}/holds/{entry}/lifting": RouteRule("hold", _FILE),
    "POST /v1/hand-overs": RouteRule("hand_over"),
    "GET /v1/due-items": RouteRule("read", inside=True),
    "GET /v1/queues": RouteRule("read", inside=True),
    "POST /v1/session": RouteRule(ANYBODY),
    "GET /v1/session": RouteRule(SIGNED_IN),
    "DELETE /v1/session": RouteRule(SIGNED_IN),
    "GET /v1/session/oidc": RouteRule(ANYBODY),
    "GET /v1/session/oidc/callback": RouteRule(ANYBODY),
    "POST /v1/invitations": RouteRule(ANYBODY),
    "POST /v1/invitations/opening": RouteRule(ANYBODY),
    "GET /v1/users": RouteRule("read_users"),
    "POST /v1/users": RouteRule("administer"),
    "POST /v1/users/{user}/role": RouteRule("administer", _USER),
    "POST /v1/users/{user}/reset": RouteRule("administer", _USER),
    "POST /v1/users/{user}/disable": RouteRule("administer", _USER),
    "GET /v1/account-proposals": RouteRule("read_users"),
    "POST /v1/account-proposals/{proposal}/confirmation": RouteRule("administer", _PROPOSAL),
    "POST /v1/account-proposals/{proposal}/withdrawal": RouteRule("administer", _PROPOSAL),
    "GET /v1/api-keys": RouteRule("read_users"),
    "POST /v1/api-keys": RouteRule("administer"),
    "DELETE /v1/api-keys/{key}": RouteRule("administer", _KEY),
    "GET /v1/firms": RouteRule("look_up"),
    "GET /v1/erasures": RouteRule("erase"),
    "POST /v1/erasures": RouteRule("erase"),
    "POST /v1/erasures/{erasure}/confirmation": RouteRule("erase", _ERASURE),
    "POST /v1/orphans": RouteRule("audit", large=True),
    "POST /v1/orphans/file": RouteRule("audit", large=True),
    "GET /v1/assessments/{assessment}/pack": RouteRule("prove", _ONE, pack=True),
    "GET /v1/loan-files/{loan_file}/pack": RouteRule("prove", _FILE, pack=True),
    "GET /v1/assessments/{assessment}/proof": RouteRule("prove", _ONE),
    "GET /v1/assessments/{assessment}/replay": RouteRule("prove", _ONE),
    "GET /v1/ledger": RouteRule("prove"),
    "GET /v1/ledger/pack": RouteRule("prove", pack=True),
    "GET /v1/ledger/checkpoint": RouteRule("prove"),
    "GET /v1/ledger/checkpoints": RouteRule("prove"),
    "POST /v1/ledger/checkpoints": RouteRule("witness"),
    "GET /v1/ledger/entries/{entry}/proof": RouteRule("prove"),
    "GET /v1/ledger/consistency": RouteRule("prove"),
    "POST /v1/ledger/receipts": RouteRule("witness"),
    "POST /v1/ledger/resumptions": RouteRule("administer"),
    "POST /v1/ledger/resumptions/{resumption}/confirmation": RouteRule("administer"),
    "GET /v1/audit-log": RouteRule("audit", inside=True),
    "GET /desk/audit-log": RouteRule("audit", inside=True),
    "GET /desk/audit-log/file": RouteRule("audit", inside=True),
    "GET /v1/decisions": RouteRule("audit"),
    "GET /v1/decisions/{assessment}": RouteRule("audit", _ONE),
    "GET /v1/drawn-loans": RouteRule("read"),
    "GET /v1/overrides": RouteRule("read"),
    "GET /v1/history": RouteRule("audit"),
    "GET /v1/validations": RouteRule("read_models"),
    "POST /v1/validations": RouteRule("validate"),
    "GET /v1/models": RouteRule("read_models"),
    "GET /v1/catalogue": RouteRule(SIGNED_IN),
    "GET /v1/vocabulary": RouteRule(SIGNED_IN),
    "GET /v1/policy": RouteRule("read_policy"),
    "GET /v1/policy/{name}": RouteRule("read_policy"),
    "GET /": RouteRule(ANYBODY),
    "GET /desk": RouteRule(ANYBODY),
    "GET /desk/sign-in": RouteRule(ANYBODY),
    "POST /desk/sign-in": RouteRule(ANYBODY),
    "POST /desk/sign-out": RouteRule(ANYBODY),
    "GET /desk/language": RouteRule(ANYBODY),
    "GET /desk/static/{digest}/{name}": RouteRule(ANYBODY),
    "GET /desk/help": RouteRule(ANYBODY),
    "GET /desk/watermark.svg": RouteRule(SIGNED_IN),
    "GET /desk/": RouteRule(SIGNED_IN),
    "GET /desk/files": RouteRule("read", inside=True),
    "GET /desk/files/{loan_file}": RouteRule("read", _FILE, inside=True),
    "POST /desk/files/{loan_file}/comments": RouteRule("annotate", _FILE, inside=True, large=True),
    "POST /desk/files/{loan_file}/reassessment": RouteRule("assess", _FILE, inside=True),
    "GET /desk/files/{loan_file}/attachments/{n}": RouteRule("read", _FILE),
    "GET /desk/hand-over": RouteRule("hand_over", inside=True),
    "POST /desk/hand-over": RouteRule("hand_over", inside=True),
    "GET /desk/new": RouteRule("assess", inside=True),
    "GET /desk/new/template.xlsx": RouteRule("assess", inside=True),
    "POST /desk/new": RouteRule("assess", inside=True),
    "GET /desk/new/{draft}": RouteRule("assess", inside=True),
    "POST /desk/new/{draft}": RouteRule("assess", inside=True),
    "POST /desk/new/{draft}/deletion": RouteRule("assess", inside=True),
    "POST /desk/new/workbook": RouteRule("assess", inside=True, large=True),
    "GET /desk/lists": RouteRule("read", inside=True),
    "GET /desk/lists/firm": RouteRule("read", inside=True),
    "POST /desk/lists": RouteRule("push", inside=True),
    "GET /desk/lists/{push}": RouteRule("read", _PUSH, inside=True),
    "GET /desk/lists/{push}/file": RouteRule("read", _PUSH, inside=True),
    "POST /desk/lists/{push}/feedback": RouteRule("submit", _PUSH, inside=True),
    "GET /desk/batch": RouteRule("assess", inside=True),
    "POST /desk/batch": RouteRule("assess", inside=True, large=True),
    "GET /desk/jobs/{job}": RouteRule("assess", _JOB, inside=True),
    "GET /desk/jobs/{job}/file": RouteRule("assess", _JOB, inside=True),
    "POST /desk/jobs/{job}/start": RouteRule("assess", _JOB, inside=True),
    "POST /desk/jobs/{job}/cancellation": RouteRule("assess", _JOB, inside=True),
    "GET /desk/decisions": RouteRule("audit"),
    "GET /desk/decisions/file": RouteRule("audit"),
    "GET /desk/decisions/{assessment}": RouteRule("audit", _ONE),
    "GET /desk/decisions/{assessment}/replay": RouteRule("prove", _ONE),
    "GET /desk/decisions/{assessment}/pack": RouteRule("prove", _ONE, pack=True),
    "GET /desk/drawn-loans": RouteRule("read"),
    "GET /desk/drawn-loans/file": RouteRule("read"),
    "GET /desk/models": RouteRule("read_models"),
    "GET /desk/models/{bundle}": RouteRule("read_models"),
    "POST /desk/models/{bundle}/validation": RouteRule("validate"),
    "GET /desk/policy": RouteRule("read_policy"),
    "GET /desk/ledger": RouteRule("prove"),
    "GET /desk/ledger/pack": RouteRule("prove", pack=True),
    "GET /desk/users": RouteRule("read_users"),
    "POST /desk/users/proposals/{proposal}/confirmation": RouteRule("administer", _PROPOSAL),
    "POST /desk/users/proposals/{proposal}/withdrawal": RouteRule("administer", _PROPOSAL),
    "GET /desk/invitation": RouteRule(ANYBODY),
    "POST /desk/invitation": RouteRule(ANYBODY),
    "GET /desk/assessments/{assessment}": RouteRule("read", _ONE),
    "GET /desk/orphans": RouteRule("audit"),
    "POST /desk/orphans": RouteRule("audit", large=True),
    "GET /desk/assessments/{assessment}/peers": RouteRule("read", _ONE, inside=True),
    "GET /desk/assessments/{assessment}/what-if": RouteRule("assess", _ONE, inside=True),
    "POST /desk/assessments/{assessment}/what-if": RouteRule("assess", _ONE, inside=True),
    **{
        f"{method} /desk/files/{{loan_file}}/{act}": RouteRule(needs, _FILE, inside=True, large=True)
        for act, needs in DESK_ACTS.items()
        for method in ("GET", "POST")
    },
}


class RouteTable:
    """Finds the rules of a path as the router finds its route: by Starlette's own patterns, the first that matches."""

    def __init__(self, rules: dict[str, RouteRule]) -> None:
        by_path: dict[str, dict[str, RouteRule]] = {}
        self._paths: dict[int, str] = {}
        for route, rule in rules.items():
            method, _, path = route.partition(" ")
            by_method = by_path.setdefault(path, {})
            by_method[method] = rule
            self._paths[id(by_method)] = path
        self._fixed = {path: by_method for path, by_method in by_path.items() if "{" not in path}
        self._patterns = [(compile_path(path)[0], by_method) for path, by_method in by_path.items() if "{" in path]

    def template(self, by_method: dict[str, RouteRule]) -> str:
        """The path with its parameters of rules that were found; empty where none were."""
        return self._paths.get(id(by_method), "")

    def find(self, path: str) -> tuple[dict[str, RouteRule], dict[str, str]]:
        """The rules of the path by method, and the parameters in it; no rules where there is no such path."""
        if path in self._fixed:
            return self._fixed[path], {}
        if path.endswith("\n"):  # which the patterns overlook: the router would find another route than this table
            return {}, {}
        for pattern, by_method in self._patterns:
            if match := pattern.match(path):
                return by_method, match.groupdict()
        return {}, {}


def check_routes(app: FastAPI, rules: dict[str, RouteRule] = RULES) -> None:
    """Raises `NoRule`, naming each route of the application without a rule and each rule without a route."""
    there = set(routes_of(app))
    if bare := sorted(there - set(rules)):
        raise NoRule("route_without_rule", routes=tuple(bare))
    if idle := sorted(set(rules) - there):
        raise NoRule("rule_without_route", routes=tuple(idle))


def routes_of(app: FastAPI) -> Iterable[str]:
    """Method and path of all that the application answers, mounted folders among them."""
    for one in iter_route_contexts(app.routes):
        route = one.original_route
        if isinstance(route, Mount):
            yield f"GET {route.path}/{{path:path}}"
        else:
            for method in set(one.methods or ()) - {"HEAD"}:
                yield f"{method} {one.path}"
