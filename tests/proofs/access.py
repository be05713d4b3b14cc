"""Who may do what, at length: questions made up from the OpenAPI as every role, and what the check of a key costs."""

import asyncio
import logging
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from fastapi.testclient import TestClient

from service.access.api_keys import ApiKey
from service.application.proofs import check_room
from service.edge.settings import Settings
from service.ledger.signing_keys import make_key
from service.web.app import authenticator, create_app
from service.web.authorization import AuthorizationMiddleware
from service.web.scope import scope_check
from tests.proofs import Proof, proof
from tests.service.access.conftest import ORIGIN, OWN, PLACES, Desks
from tests.service.conftest import NOON
from tests.service.hands import made_key
from tests.service.made import calm_bundle, make_bundle
from tests.service.postgres import Server

EACH, CHECKS, AT_MOST, CHAINS = 40, 20_000, 50.0, 15


@contextmanager
def desks() -> Iterator[Desks]:
    """A service with one model and an empty ledger, at noon."""
    with tempfile.TemporaryDirectory() as folder:
        make_bundle(Path(folder) / "bundle", trees=5)
        make_key(Path(folder) / "keys")
        settings = Settings(
            database=f"sqlite:///{folder}/ledger.db",
            bundles=(Path(folder) / "bundle",),
            keys=Path(folder) / "keys",
            per_client=1e9,
        )
        app = create_app(settings, lambda: NOON)
        with TestClient(app, base_url=ORIGIN, raise_server_exceptions=False) as client:
            yield Desks(client)


@proof("access.openapi", "Asked made-up questions as every role, no answer is 5xx or lies outside its description")
def openapi() -> Proof:
    """Each operation, each role, as many questions."""
    from tests.service.access.fuzzing import faults
    from tests.service.access.test_matrix import ROLES

    warnings.simplefilter("ignore")  # Hypothesis warns of patterns that it takes long to fill
    asked, found = 0, []
    with desks() as running:
        for role in sorted(ROLES):
            name = running.account(role, PLACES[OWN][sorted(ROLES[role].reach)[-1]])
            count, wrong = faults(running, name, EACH)
            asked, found = asked + count, found + wrong
    told = "; ".join(found[:5])
    return Proof(
        f"{asked} answers to {len(ROLES)} roles, {len(found)} outside", not found, told or "None of them is 5xx."
    )


@contextmanager
def on_both(folder: Path) -> Iterator[list[tuple[str, str]]]:
    """The names and addresses of an empty ledger on each database, and a model beside them."""
    server = Server()
    logging.disable(logging.ERROR)  # a line for each refusal
    try:
        calm_bundle(folder / "bundle")
        yield [("SQLite", f"sqlite:///{folder / 'ledger.db'}"), ("PostgreSQL", server.ledger("asked"))]
    finally:
        logging.disable(logging.NOTSET)
        server.close()


@proof("access.stateful", "Chains of calls by every role, each using what the one before made, meet no 5xx")
def stateful() -> Proof:
    """Schemathesis' state machine over the OpenAPI, on both databases; answers are held against their description."""
    from tests.service.access.staged import staged
    from tests.service.access.stateful import Chained, chained
    from tests.service.access.test_matrix import ROLES

    warnings.simplefilter("ignore")
    told, every = [], Chained()
    with tempfile.TemporaryDirectory() as folder, on_both(Path(folder)) as databases:
        for name, database in databases:
            here = Chained()
            with staged(Path(folder) / name, Path(folder) / "bundle", database) as bank:
                for role in sorted(ROLES, key=lambda role: role == "administrator"):  # who ends accounts comes last
                    here += chained(bank, role, CHAINS)
            told.append(f"{name}: {here.answers.total():,} answers, {here.followed:,} of them to what one before told")
            every += here
    return Proof(
        figure=f"{'; '.join(told)}; {len(every.faults)} are 5xx or outside their description",
        passed=not every.faults and every.followed > every.answers.total() / 4,
        detail=f"{len(ROLES)} roles, {CHAINS} chains each; {len(every.let_through)} operations did what was asked."
        + "".join(f" {fault}" for fault in every.faults[:5]),
    )


@proof("access.edges", "NUL, the ends of the calendar and what 64 bits do not hold, in every parameter, meet no 5xx")
def edges() -> Proof:
    """Each in every parameter of path, query, header, form and body, by every role that may send it; both databases."""
    from tests.service.access.edges import TEXTS, faults_at_edges
    from tests.service.access.staged import staged

    told, found = [], list[str]()
    with tempfile.TemporaryDirectory() as folder, on_both(Path(folder)) as databases:
        for name, database in databases:
            with staged(Path(folder) / name, Path(folder) / "bundle", database) as bank:
                asked, wrong = faults_at_edges(bank)
            told.append(f"{name}: {asked:,} requests, {len(wrong)} answered by 5xx")
            found += wrong
    return Proof(
        figure="; ".join(told),
        passed=not found,
        detail=f"{len(TEXTS)} edges: all of them in every parameter for the first role that may use a route, one in"
        " every parameter for each other role. What a role may not use is refused before anything is read."
        + "".join(f" {fault}" for fault in found[:5]),
    )


@proof("access.cost", "Finding a request's rule and its caller by a known key costs at most 50 microseconds")
def cost() -> Proof:
    """Processor time of the authorization alone, around an application that does nothing."""

    async def nothing(*_: Any) -> None: ...

    with desks() as running:
        state = running.state
        key = ApiKey("k", "credit_officer", NOON + timedelta(days=9), PLACES[OWN]["branch"])
        bearer = f"Bearer {made_key(state, key)}".encode()
        middleware = AuthorizationMiddleware(
            nothing,
            authenticator(state),
            scope_check(state),
            partial(check_room, state),
            state.metrics,
            state.audit_log,
            state.now,
        )
        asked = {"type": "http", "method": "POST", "path": "/v1/assessments", "client": ("127.0.0.1", 1)}
        asked["headers"] = [(b"host", b"x"), (b"content-type", b"application/json"), (b"authorization", bearer)]

        async def check(times: int) -> None:
            for _ in range(times):
                await middleware(dict(asked), nothing, nothing)

        asyncio.run(check(100))
        began = time.process_time()
        asyncio.run(check(CHECKS))
        each = (time.process_time() - began) / CHECKS * 1e6
    return Proof(f"{each:.1f} µs of processor time", each <= AT_MOST, f"Over {CHECKS} requests of one key.")
