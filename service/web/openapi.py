"""What OpenAPI says that FastAPI cannot see: bodies parsed as they come in, answers sent as they were sealed."""

from inspect import cleandoc

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from msgspec.json import schema_components
from pydantic.json_schema import models_json_schema

from features.phrase import DEFAULT_WORDS, WORDS_CHOICES
from service.assessing.requests import ApplicantRequest
from service.decisions.filed_lists import Filings
from service.web.shapes.index import ANSWERS, STRUCTS

_REF = "#/components/schemas/{model}"
Responses = dict[int | str, dict[str, object]]

DESCRIPTION = """Assesses loans secured by patents: probability of default, score, reasons that add up, what the rules
say and what cures it, what the patents are worth, how much to lend and for how long; and seals a record of each answer.

专利权质押贷款授信评价：违约概率、评分及其影响因素（合计等于评分）、审查结论与整改措施、专利价值、额度与期限；每次测算均存证。

Money is in the minor unit (fen). A row counts from its `known_on`. What is absent is unknown, never zero. Every refusal
is a problem by RFC 9457. Machines send a key as `Authorization: Bearer`, people a session's cookie; what a role may not
do answers 403, what lies out of its reach 404.
"""

TAGS = {
    "assessments": "Ask, and read what was answered.",
    "decisions": "What was decided, and figures of decisions against the advice.",
    "loan files": "From an application to a settled loan: submit, review, vote, approve, pay out, watch.",
    "catalogue": "Names, units and directions that are the same in every answer, and what may be typed.",
    "firms": "Firms of the lake.",
    "models": "The models in service.",
    "policy": "The dated values that rules apply.",
    "session": "Sign in and out.",
    "accounts": "Accounts of people and keys of machines.",
    "history": "What was in force, and what validators found.",
    "ledger": "Checkpoints, inclusion, and comparison with the books.",
    "proofs": "Packs that a reader checks offline, and replays.",
    "erasures": "Erasing what is held about a firm; two persons do it.",
    "health": "For whoever runs the service.",
}
"""Groups of routes, in the order in which they are shown."""

_FIRM_ONLY = {"kind": "pledge", "as_of": "2026-11-20", "firm": "91350100M000100Y43", "bank": "bank-1"}
_ROWS: dict[str, list[dict[str, object]]] = {
    "firms": [
        {
            "known_on": "2026-11-02",
            "source_kind": "register",
            "legal_name": "示例精密传感有限公司",
            "industry": "C3983",
            "region": "350100",
            "founded_on": "2014-05-16",
            "staff": 86,
        }
    ],
    "statements": [
        {
            "known_on": "2026-04-20",
            "source_kind": "document",
            "source": "2025 annual report",
            "period_end": "2025-12-31",
            "months": 12,
            "scope": "parent",
            "audited": True,
            "revenue": 6_230_000_000,
            "net_profit": 310_000_000,
            "total_assets": 8_120_000_000,
            "total_liabilities": 4_020_000_000,
        }
    ],
    "patents": [
        {
            "known_on": "2023-08-15",
            "source_kind": "register",
            "patent": "CN201910561574.9",
            "kind": "invention",
            "filed_on": "2019-06-26",
            "granted_on": "2021-08-03",
            "ipc": "G01L9/00",
            "claims": 9,
        }
    ],
    "holdings": [
        {
            "known_on": "2021-08-03",
            "source_kind": "register",
            "patent": "CN201910561574.9",
            "holder": "uscc:91350100M000100Y43",
            "from_on": "2019-06-26",
            "how": "original",
        }
    ],
    "credit_events": [],
    "applications": [
        {
            "known_on": "2026-11-16",
            "source_kind": "typed",
            "application": "A-2026-0117",
            "applied_on": "2026-11-16",
            "amount": 500_000_000,
            "term_months": 12,
            "purpose": "working_capital",
            "repayment": "bullet",
        }
    ],
    "collateral": [
        {
            "known_on": "2026-11-16",
            "source_kind": "typed",
            "application": "A-2026-0117",
            "kind": "patent",
            "item": "CN201910561574.9",
            "pledgor": "uscc:91350100M000100Y43",
        }
    ],
}
_ASSUMED = {"patent": "CN201910561574.9", "royalty": 0.03, "life": 5.0, "source": "licence contract of 2025"}
_EXTRACT = {
    "patent": "ZL 2019 1 0561574.9",
    "drawn_on": "2026-11-18",
    "status": "专利权维持",
    "fees_paid_to": "2027-06-26",
    "holders": [{"holder": "91350100M000100Y43", "since": "2019-06-26"}],
    "pledges": [],
    "licences": [],
    "preservations": [],
}
_WITH_ROWS = {**_FIRM_ONLY, "case": "2026-0117", "assumptions": [_ASSUMED], "rows": _ROWS}


def problems(*statuses: int) -> Responses:
    """The refusals of a route, by status."""
    content = {"application/problem+json": {"schema": {"$ref": _REF.format(model="Problem")}}}
    said = {
        400: "The body is not JSON",
        401: "Nobody is signed in",
        403: "The role does not allow it",
        404: "There is no such thing",
        409: "It contradicts what was recorded",
        413: "The body is over the limit",
        422: "Something breaks the rules: `errors` names each place",
        429: "Too many requests from one client",
        503: "No model is in service, or too many requests wait",
    }
    return {status: {"description": said[status], "content": content} for status in statuses}


REFUSALS = problems(400, 404, 409, 413, 422, 503)
CONFLICTS = problems(404, 409, 422)
NOT_FOUND = problems(404)


def answered(model: str, description: str, *others: str, csv: bool = False) -> dict[str, object]:
    """A response that is sent as it was made, described by a model; `others`: media that it may be besides."""
    content: dict[str, object] = {"application/json": {"schema": {"$ref": _REF.format(model=model)}}}
    if csv:
        content["text/csv"] = {"schema": {"type": "string"}}
    content |= {one: {"schema": {"type": "string"}} for one in others}
    return {"description": description, "content": content}


def _body(schema: dict[str, object], samples: dict[str, object]) -> dict[str, object]:
    told = {"schema": schema, "examples": {name: {"value": value} for name, value in samples.items()}}
    return {"requestBody": {"required": True, "content": {"application/json": told}}}


ONE = _body(
    {"$ref": _REF.format(model="ApplicantRequest")},
    {
        "rows given": _WITH_ROWS,
        "looked up in the lake": _FIRM_ONLY,
        "rows and a register extract": _WITH_ROWS | {"extract": _EXTRACT},
    },
)
LIST = _body(
    {
        "type": "object",
        "required": ["applicants"],
        "additionalProperties": False,
        "properties": {
            "applicants": {"type": "array", "items": {"$ref": _REF.format(model="ApplicantRequest")}, "minItems": 1}
        },
    },
    {"two": {"applicants": [_WITH_ROWS, _FIRM_ONLY]}},
)


FILED = _body(
    {"$ref": _REF.format(model="Filings")},
    {"two loans": {"filed": [{"loan": "JJ-1", "amount": {"value": 300, "unit": "万元"}}, {"loan": "JJ-2"}]}},
)


def describe(app: FastAPI) -> None:
    """Give the application its OpenAPI, made when it is first asked for."""

    def openapi() -> dict[str, object]:
        if app.openapi_schema is None:
            app.openapi_schema = _schema(app)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


_WORDS = {
    "name": "words",
    "in": "query",
    "description": "The language of sentences; `none` leaves them out",
    "schema": {"type": "string", "enum": list(WORDS_CHOICES), "default": DEFAULT_WORDS},
}


def _schema(app: FastAPI) -> dict[str, object]:
    tags = [{"name": name, "description": about} for name, about in TAGS.items()]
    schema = get_openapi(title=app.title, version=app.version, description=DESCRIPTION, routes=app.routes, tags=tags)
    wanted = [
        (ApplicantRequest, "validation"),
        (Filings, "validation"),
        *((model, "serialization") for model in ANSWERS),
    ]
    _, ours = models_json_schema(wanted, ref_template=_REF)  # type: ignore[arg-type]
    parts = schema.setdefault("components", {}).setdefault("schemas", {})
    parts |= ours["$defs"]
    parts |= schema_components(STRUCTS, ref_template=_REF.replace("{model}", "{name}"))[1]
    for part in parts.values():  # a docstring's indented lines would be shown as code
        part["description"] = cleandoc(part.get("description", ""))
    for name in ("HTTPValidationError", "ValidationError"):
        parts.pop(name, None)
    unprocessable = problems(422)[422]
    otherwise = unprocessable | {"description": "Any other refusal: not signed in, not allowed, too many requests"}
    for path in schema["paths"].values():
        for operation in path.values():
            if all(one["name"] != "words" for one in operation.setdefault("parameters", [])):
                operation["parameters"].append(_WORDS)
            if "422" in operation["responses"]:
                operation["responses"]["422"] = unprocessable
            operation["responses"].setdefault("default", otherwise)
    return schema
