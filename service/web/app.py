"""The only wiring: settings become an application."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from datetime import timedelta
from functools import partial
from importlib.metadata import version
from importlib.resources import files

from fastapi import FastAPI
from sqlalchemy import Engine
from starlette.middleware.gzip import GZipMiddleware
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from features import policy
from features.lake import Lake
from features.policy.parameters import SHIPPED
from models.rules.checks import check_policy
from models.score.bundle import BundleRefused
from models.words.templates import SHIPPED as SHIPPED_WORDS
from service.access.accounts import Accounts, banks_served
from service.access.api_keys import ApiKeys
from service.access.audit_log import AuditLog, forget_old
from service.access.authentication import Authenticator, OpenAuthenticator, SignInAuthenticator
from service.access.drafts import forget_ended
from service.access.invitations import Invitations
from service.access.oidc import OidcClient, OidcProvider, SignIns
from service.access.proposals import Proposals
from service.access.rate_limits import RateLimiter, forget_idle
from service.access.rewrapping import keep_wrapped
from service.access.roles import check_roles
from service.access.route_rules import check_routes
from service.access.sessions import Sessions
from service.application.job_runner import JobRunner
from service.application.proofs import check_room
from service.application.state import AppState, Demonstration
from service.assessing.asking_again import Recall
from service.assessing.governance import SharedGovernance
from service.assessing.in_service import note_policy
from service.assessing.micro_batcher import MicroBatcher
from service.assessing.model_sources import FolderSource, RegistrySource
from service.assessing.model_store import ModelStore
from service.assessing.ports import FirmSource
from service.assessing.providers.lake import LakeFirms, NoFirms
from service.assessing.story import Assessor
from service.assessing.trials import Trials
from service.assessing.what_ifs import WhatIfs
from service.desk.routes import DESK
from service.edge.clock import Clock, system_clock
from service.edge.database import in_turn
from service.edge.heavy import load_ahead
from service.edge.leases import Housekeeper
from service.edge.metrics import Metrics
from service.edge.process import ALONE, Worker
from service.edge.settings import MEBIBYTE, Settings
from service.jobs.queue import forget_old_jobs
from service.ledger import ledger_settings, wrapping
from service.ledger.append import open_ledger
from service.ledger.opening import open_database
from service.ledger.stored_artifacts import StoredArtifacts
from service.proofs.checkpoint_signer import CheckpointSigner
from service.proofs.replay import Replayer
from service.web.authorization import AuthorizationMiddleware
from service.web.body_limit import BodyLimit
from service.web.head import HeadOfGet
from service.web.headers import SecurityHeaders
from service.web.openapi import describe
from service.web.problems import Unforeseen, handle_errors
from service.web.request_id import RequestId
from service.web.routes import (
    acts,
    api_keys,
    assessments,
    audit_log,
    catalogue,
    changes,
    decisions,
    docs,
    drawn_loans,
    erasures,
    file_papers,
    firm_lists,
    firms,
    health,
    history,
    invitations,
    jobs,
    ledger,
    loan_files,
    models,
    orphans,
    overrides,
    packs,
    people,
    reasons,
    replay,
    reports,
    resumptions,
    session,
    trials,
    users,
    vocabulary,
    workbooks,
)
from service.web.routes import policy as policies
from service.web.scope import scope_check

_ROUTES = [
    assessments.ASKING,
    *(
        route
        for subject in (
            assessments,
            acts,
            loan_files,
            file_papers,
            changes,
            trials,
            reasons,
            reports,
            catalogue,
            vocabulary,
            workbooks,
            jobs,
            firms,
            firm_lists,
            models,
            policies,
            session,
            invitations,
            users,
            people,
            api_keys,
            history,
            audit_log,
            decisions,
            drawn_loans,
            overrides,
            ledger,
            erasures,
            orphans,
            packs,
            replay,
            resumptions,
            health,
            docs,
        )
        for route in subject.router.routes
    ),
    *DESK,
    Mount("/docs/assets", StaticFiles(directory=str(files("fastapi_offline") / "static")), name="assets"),
]
"""All that is answered, in the order in which a path is sought. Analysed once: applications share it."""
SMALL = 2_000
"""Bytes up to which an answer is not worth compressing."""


LOADED_AHEAD = (
    "pledgescore",
    "service.application.comparing",
    "service.application.taking",
    "service.reports.word",
    "service.workbooks.intake",
    "service.workbooks.marking",
)
"""Modules of which heavy work is made, and the command that starts a service: each work would load them anew."""


def create_app(
    settings: Settings, now: Clock = system_clock, worker: Worker = ALONE, demonstration: Demonstration | None = None
) -> FastAPI:
    """The service as an ASGI application; it opens what the settings name, and closes it when it is shut down.

    `demonstration`: its clock takes the place of `now`. Raises `PledgeScoreError` where a setting names something that
    cannot serve.
    """
    load_ahead(LOADED_AHEAD)
    state = open_state(settings, demonstration.clock if demonstration else now, worker)
    state = replace(state, demonstration=demonstration)
    try:
        return _application(state)
    except BaseException:
        close(state)
        raise


def close(state: AppState) -> None:
    """Answer what stands in line, stop what runs beside, and let go of the database."""
    state.checkpoint_signer.close()
    state.model_store.close()
    state.batcher.close()
    state.audit_log.close()
    state.housekeeper.close()
    state.engine.dispose()


def _application(state: AppState) -> FastAPI:
    settings = state.settings

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        state.housekeeper.start()
        state.audit_log.start()
        state.model_store.watch(settings.poll_seconds)
        state.checkpoint_signer.watch()
        runner = JobRunner(state)
        runner.start()
        try:
            yield
        finally:
            runner.close()
            close(state)

    app = FastAPI(
        title="PledgeScore",
        version=state.assessor.code,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        routes=_ROUTES,
    )
    check_routes(app)
    app.add_middleware(GZipMiddleware, minimum_size=SMALL, compresslevel=6)
    app.add_middleware(HeadOfGet)
    app.add_middleware(
        AuthorizationMiddleware,
        authenticator=authenticator(state),
        check_scope=scope_check(state),
        check_room=partial(check_room, state),
        metrics=state.metrics,
        audit_log=state.audit_log,
        now=state.now,
    )
    app.add_middleware(
        BodyLimit,
        limit=int(settings.body_limit_mib * MEBIBYTE),
        per_second=settings.body_mib_per_second * MEBIBYTE,
    )
    app.add_middleware(Unforeseen)
    app.add_middleware(SecurityHeaders, tls=settings.origin.startswith("https://"))
    app.add_middleware(RequestId)
    if settings.trusted_proxies:
        app.add_middleware(ProxyHeadersMiddleware, trusted_hosts=list(settings.trusted_proxies))
    handle_errors(app, state.metrics)
    describe(app)
    app.state.pledgescore = state
    return app


def open_state(settings: Settings, now: Clock, worker: Worker = ALONE) -> AppState:
    """Everything that answering needs, opened."""
    engine = open_database(settings.database)
    try:
        wrapping.use(engine, settings.keys)
        ledger_settings.use(engine, ledger_settings.ledger_settings(settings, now))
        keep_wrapped(engine)
        return _state(settings, engine, now, worker)
    except BaseException:
        engine.dispose()
        raise


def _state(settings: Settings, engine: Engine, now: Clock, worker: Worker) -> AppState:
    chores = (forget_idle, forget_old, forget_old_jobs, lambda connection: forget_ended(connection, now()))
    housekeeper = Housekeeper(engine, worker, chores, settings.lease_seconds)
    housekeeper.look()
    try:
        assessor, model_store = open_assessor(settings, now, StoredArtifacts(engine), housekeeper)
        in_turn(engine, open_ledger)
    except BaseException:
        housekeeper.close()
        raise
    metrics = Metrics()
    batcher = MicroBatcher(assessor, metrics, settings.waiting, settings.together)
    accounts, keys = Accounts(engine, assessor.policy), ApiKeys(engine, assessor.policy)
    sign_ins = SignIns(engine, _provider(settings)) if settings.oidc_issuer else None
    recall = Recall(engine)
    return AppState(
        settings=settings,
        assessor=assessor,
        what_ifs=WhatIfs(assessor),
        trials=Trials(recall),
        replayer=Replayer(assessor, recall),
        model_store=model_store,
        engine=engine,
        batcher=batcher,
        metrics=metrics,
        accounts=accounts,
        proposals=Proposals(engine, assessor.policy, timedelta(hours=settings.invitation_hours)),
        invitations=Invitations(engine),
        keys=keys,
        sessions=Sessions(engine, assessor.policy, settings.sessions),
        sign_ins=sign_ins,
        audit_log=AuditLog(engine, settings.audit_log_days),
        checkpoint_signer=CheckpointSigner.open(settings, engine, now, housekeeper),
        housekeeper=housekeeper,
        now=now,
        worker=worker,
    )


def authenticator(state: AppState) -> Authenticator:
    """What tells who asks, by the settings."""
    if state.settings.sign_in == "none":
        return OpenAuthenticator()
    settings = state.settings
    callers, strangers = (
        RateLimiter(state.engine, "caller", settings.per_client),
        RateLimiter(state.engine, "stranger", settings.per_stranger),
    )
    return SignInAuthenticator(
        state.accounts, state.keys, state.sessions, callers, strangers, settings.origin, state.now
    )


def _provider(settings: Settings) -> OidcProvider:
    redirect = f"{settings.origin}/v1/session/oidc/callback"
    client = OidcClient(
        settings.oidc_issuer,
        settings.oidc_client,
        settings.oidc_secret.get_secret_value(),
        redirect,
        settings.oidc_claim,
    )
    return OidcProvider(client)


def open_assessor(
    settings: Settings, now: Clock, artifacts: StoredArtifacts, housekeeper: Housekeeper | None = None
) -> tuple[Assessor, ModelStore]:
    """What turns questions into answers, and the models that it asks; what answers will name is kept.

    `housekeeper`: of a service, which enters what is in service (a demonstration keeps no history); a command has none.
    """
    own = policy.load(SHIPPED, settings.policy) if settings.policy else policy.shipped()
    ledger_settings.use(artifacts.engine, ledger_settings.ledger_settings(settings, now, own))
    check_policy(own)
    check_roles(own)
    entered = settings.sign_in == "required"
    if housekeeper is not None and entered:
        in_turn(artifacts.engine, lambda connection: note_policy(connection, own))
    artifacts.keep_policy(own)
    artifacts.keep_words(SHIPPED_WORDS)
    source = FolderSource(settings.bundles) if settings.bundles else _registry_source(settings)
    asks = None if housekeeper is None else lambda: housekeeper.holds
    governance = SharedGovernance(artifacts, entered, source.moves, asks, settings.second_person, settings.zone)
    model_store = ModelStore(source, policy.shipped(), now, governance)
    model_store.look()
    if settings.bundles and model_store.trouble:
        raise BundleRefused("bundle_not_served", faults=model_store.trouble.faults)
    firms_of = _firms(settings, artifacts.engine, starts=housekeeper is not None)
    return Assessor(model_store, firms_of, own, version("pledgescore"), artifacts.engine), model_store


def _firms(settings: Settings, engine: Engine, *, starts: bool) -> FirmSource:
    """Where firms are looked up. Raises `LakeOfNobody` where a service `starts` whose banks share a lake of nobody."""
    if not settings.lakes:
        return NoFirms()
    served = partial(banks_served, engine) if settings.sign_in == "required" else frozenset[str]
    found = LakeFirms([Lake(folder) for folder in settings.lakes], served)
    if starts:
        found.check_owned()
    return found


@contextmanager
def assessor_for(engine: Engine, settings: Settings, now: Clock) -> Iterator[Assessor]:
    """The assessor of a command, closed with its database however the block ends, also where it cannot be opened."""
    try:
        assessor, model_store = open_assessor(settings, now, StoredArtifacts(engine))
        try:
            yield assessor
        finally:
            model_store.close()
    finally:
        engine.dispose()


def _registry_source(settings: Settings) -> RegistrySource:
    return RegistrySource(settings.tracking_uri, settings.registry_uri, settings.cache)
