"""Chains of calls made up from the service's own OpenAPI: what one call made or told, the next ones use."""

import random
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import schemathesis
from hypothesis import HealthCheck, Phase
from hypothesis import settings as examples
from hypothesis.errors import Flaky
from schemathesis.core.failures import FailureGroup
from schemathesis.core.transport import Response
from schemathesis.generation.case import Case

from service.access.route_rules import ANYBODY, RULES, SIGNED_IN
from tests.service.access.fuzzing import CHECKS, request_of
from tests.service.access.links import Json, linked
from tests.service.access.right_bodies import right_body
from tests.service.access.staged import Staged
from tests.service.access.test_matrix import ROLES

STEPS = 20
"""Calls in a chain, at most."""


@dataclass
class Chained:
    """The answers by operation and class (2, 4), how many calls used an earlier answer, and what was wrong."""

    answers: Counter[tuple[str, int]] = field(default_factory=Counter)
    followed: int = 0
    faults: list[str] = field(default_factory=list)

    def __add__(self, other: "Chained") -> "Chained":
        """Both together."""
        return Chained(self.answers + other.answers, self.followed + other.followed, self.faults + other.faults)

    @property
    def let_through(self) -> set[str]:
        """The operations that did once what they were asked."""
        return {label for label, status in self.answers if status < 4}


def open_to(document: Json, role: str) -> Json:
    """The description of what a role may do; the rest is refused before it is looked at, and is tried elsewhere."""
    may = {ANYBODY, SIGNED_IN, *ROLES[role].may}
    paths = {
        path: {how: one for how, one in operations.items() if RULES[f"{how.upper()} {path}"].needs in may}
        for path, operations in document["paths"].items()
    }
    return document | {"paths": {path: operations for path, operations in paths.items() if operations}}


def chained(bank: Staged, role: str, chains: int) -> Chained:
    """So many chains of calls of a role.

    Made-up bodies are seldom right, and made-up queries seldom find anything: every other time a right body is sent,
    with what the earlier answer told, and a list is asked for as a whole.
    """
    told, chance = Chained(), random.Random(chains)
    document = open_to(bank.people.client.get("/openapi.json").json(), role)
    schema: Any = schemathesis.openapi.from_dict(linked(document))
    machine: Any = schema.as_state_machine()

    class Chain(machine):  # type: ignore[misc]
        begun = 0

        def setup(self) -> None:
            """One chain more."""
            type(self).begun += 1

        def step(self, given: Any) -> Any:
            """One call; as a right one every other time."""
            told.followed += given.transition is not None
            if chance.random() < 0.5:
                _right(bank, given, chance.randrange(10**6))
            return super().step(given)

        def call(self, case: Case, **_: Any) -> Response:
            """The answer of the running service to the role's person."""
            answer = _answer(bank, role, case)
            told.answers[case.operation.label, answer.status_code // 100] += 1
            return Response.from_any(answer)

        def validate_response(self, response: Response, case: Case, *_: Any, **__: Any) -> None:
            """What is wrong is kept, and the chain goes on."""
            try:
                case.validate_response(response, checks=CHECKS)
            except FailureGroup as group:
                at = f"{role}: {case.operation.label}: {response.status_code}"
                told.faults.extend(f"{at}: {fault}" for fault in group.exceptions)

    while Chain.begun < chains:
        _run(Chain, chains - Chain.begun)
    return told


def _answer(bank: Staged, role: str, case: Case) -> Any:
    """The answer to the role's person, who signs in again where the session ended."""
    answer = bank.people.client.request(**request_of(case, bank.headers(role)))
    if answer.status_code != 401 or "session" in case.path:
        return answer
    return bank.people.client.request(**request_of(case, bank.sign_in_again(role)))


def _right(bank: Staged, given: Any, seed: int) -> None:
    """Make a call a right one: nothing but what it is about, and a right body with what an earlier answer told."""
    case = given.case
    case.query = {} if case.method == "GET" else case.query
    body = right_body(bank, case.operation.label, seed)
    case.body = case.body if body is None else body | _told(given.transition)


def _told(transition: Any) -> Json:
    """The members of a body that an earlier answer told."""
    body = getattr(transition, "request_body", None)
    found = body.value.ok() if body is not None and hasattr(body.value, "ok") else {}
    return {name: value for name, value in found.items() if isinstance(value, str)} if isinstance(found, dict) else {}


def _run(chain: Any, chains: int) -> None:
    """So many chains, or fewer: one finds what earlier ones left, and may break off where Hypothesis remembers more."""
    with suppress(Flaky):
        chain.run(
            settings=examples(
                max_examples=chains,
                stateful_step_count=STEPS,
                phases=[Phase.generate],
                database=None,
                deadline=None,
                suppress_health_check=list(HealthCheck),
            )
        )
