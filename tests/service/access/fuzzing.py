"""Questions made up from the service's own OpenAPI, asked by a signed-in role, and what is wrong with the answers."""

from functools import cache
from typing import Any

import orjson
import schemathesis
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as examples
from schemathesis.checks import (
    content_type_conformance,
    not_a_server_error,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from schemathesis.core.failures import FailureGroup

from tests.service.access.conftest import ORIGIN, Desks

_HEAVY = 4
"""An applicant with rows of every table takes long to make up: so many times fewer are."""


_SENT = ("method", "url", "headers", "params", "json", "data", "content")
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]


@cache
def questions_of(document: bytes, each: int) -> list[Any]:
    """So many questions of each operation that the document describes: made up once, and asked of every role alike."""
    # From the document: read from the application, it would be started and shut down once more.
    schema: Any = schemathesis.openapi.from_dict(orjson.loads(document))
    found: list[Any] = []
    for operation in (result.ok() for result in schema.get_all_operations()):
        heavy = (
            operation.method == "post" and operation.path.startswith("/v1/assessments") and "{" not in operation.path
        )

        @examples(
            max_examples=max(1, each // _HEAVY if heavy else each),
            phases=[Phase.generate],
            database=None,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy())
        def keep(case: Any) -> None:
            found.append(case)

        keep()
    return found


def request_of(case: Any, headers: dict[str, str]) -> dict[str, Any]:
    """What the client of the tests sends of a question."""
    told = case.as_transport_kwargs(base_url=ORIGIN, headers=headers)
    sent = {name: told[name] for name in _SENT if told.get(name) is not None}
    if isinstance(sent.get("data"), bytes | str):
        sent["content"] = sent.pop("data")
    return sent


def faults(desks: Desks, name: str, each: int) -> tuple[int, list[str]]:
    """How many answers were looked at, and those that are 5xx or lie outside their description.

    `each`: how many questions of each operation; the person is signed in anew for each.
    """
    found: list[str] = []
    questions = questions_of(desks.client.get("/openapi.json").content, each)
    for case in questions:
        answer = desks.client.request(**request_of(case, desks.headers(name)))
        try:
            case.validate_response(answer, checks=CHECKS)
        except FailureGroup as group:
            found.extend(f"{case.method} {case.path}: {answer.status_code}: {fault}" for fault in group.exceptions)
    return len(questions), found
