"""The only wiring: settings become an application."""

from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from importlib.metadata import version
from importlib.resources import files

from fastapi import FastAPI
from sqlalchemy import Engine
from starlette.staticfiles import StaticFiles

from features import policy
from features.lake import Lake
from features.policy.parameters import SHIPPED
from models.rules.checks import check_policy
from models.score.bundle import BundleRefused
from service.access.accounts import Accounts
from service.access.api_keys import ApiKeys
from service.access.authentication import Authenticator, OpenAuthenticator, SignInAuthenticator
from service.access.oidc import OidcClient, OidcProvider, SignIns
from service.access.rate_limits import RateLimiter
from service.access.rewrapping import keep_wrapped
from service.access.roles import check_roles
from service.access.route_rules import check_routes
from service.access.sessions import Sessions
from service.assessing.in_service import Live
from service.assessing.micro_batcher import Intake
from service.assessing.model_store import Champions, Folders, Shelf
from service.assessing.ports import Firms
from service.assessing.providers.lake import LakeFirms, NoFirms
from service.assessing.records import Outcome, Recorded, record
from service.assessing.release_check import Release
from service.assessing.story import Assessed, Desk, Question
from service.edge.clock import Clock, system_clock
from service.edge.errors import Refused
from service.edge.metrics import Metrics
from service.edge.settings import Settings
from service.ledger import wrapping
from service.ledger.opening import open_database
from service.ledger.stored_artifacts import StoredArtifacts
from service.proofs.checkpoint_signer import Notary
from service.web.authorization import AuthorizationMiddleware
from service.web.body_limit import BodyLimit
from service.web.headers import SecurityHeaders
from service.web.openapi import describe
from service.web.problems import handle_errors
from service.web.routes import (
    acts,
    api_keys,
    assessments,
    changes,
    docs,
    erasures,
    firms,
    health,
    history,
    ledger,
    models,
    orphans,
    overrides,
    packs,
    reasons,
    replay,
    session,
    users,
)
from service.web.routes import policy as policies
from service.web.scope import scope_check
from service.web.state import Office


def create_app(settings: Settings, now: Clock = system_clock) -> FastAPI:
    """The service as an ASGI application; it opens what the settings name, and closes it when it is shut down.

    Raises `PledgeScoreError` where a setting names something that cannot serve.
    """
    office = open_office(settings, now)
    try:
        return _application(office)
    except BaseException:
        _close(office)
        raise


def _close(office: Office) -> None:
    office.notary.close()
    office.shelf.close()
    office.intake.close()
    office.engine.dispose()


def _application(office: Office) -> FastAPI:
    settings = office.settings
    if settings.sign_in == "required":  # a demonstration keeps no history
        note_live(office)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        office.shelf.watch(settings.poll_seconds)
        office.notary.watch()
        try:
            yield
        finally:
            _close(office)

    app = FastAPI(title="PledgeScore", version=office.desk.code, lifespan=lifespan, docs_url=None, redoc_url=None)
    app.router.routes.insert(0, assessments.asking(office))
    for made in (
        assessments,
        acts,
        changes,
        reasons,
        firms,
        models,
        policies,
        session,
        users,
        api_keys,
        history,
        overrides,
        ledger,
        erasures,
        orphans,
        packs,
        replay,
        health,
    ):
        app.include_router(made.router(office))
    app.include_router(docs.router())
    app.mount("/docs/assets", StaticFiles(directory=str(files("fastapi_offline") / "static")), name="assets")
    check_routes(app)
    app.add_middleware(
        AuthorizationMiddleware,
        authenticator=authenticator(office),
        check_scope=scope_check(office),
        metrics=office.metrics,
    )
    app.add_middleware(BodyLimit, limit=settings.body_limit)
    app.add_middleware(SecurityHeaders, tls=settings.origin.startswith("https://"))
    handle_errors(app, office.metrics)
    describe(app)
    app.state.office = office
    return app


def open_office(settings: Settings, now: Clock) -> Office:
    """Everything that answering needs, opened."""
    engine = open_database(settings.database)
    try:
        wrapping.use(engine, settings.keys)
        keep_wrapped(engine)
        return _office(settings, engine, now)
    except BaseException:
        engine.dispose()
        raise


def _office(settings: Settings, engine: Engine, now: Clock) -> Office:
    desk, shelf = open_desk(settings, now, StoredArtifacts(engine))
    metrics = Metrics()
    intake = Intake(
        _measured_answer(desk, metrics),
        _measured_record(engine, metrics),
        settings.waiting_at_most,
        settings.together_at_most,
    )
    accounts, keys = Accounts(engine, desk.policy), ApiKeys(engine, desk.policy)
    sign_ins = SignIns(engine, _provider(settings)) if settings.oidc_issuer else None
    return Office(
        settings=settings,
        desk=desk,
        shelf=shelf,
        engine=engine,
        intake=intake,
        metrics=metrics,
        accounts=accounts,
        keys=keys,
        sessions=Sessions(engine),
        sign_ins=sign_ins,
        notary=Notary.open(settings, engine, now),
        now=now,
    )


def note_live(office: Office) -> None:
    """Enter what is live now, where the ledger does not say so yet, and each model that comes into service later."""
    live = Live(office.engine)
    live.policy(office.desk.policy, office.now())
    office.shelf.tell(lambda held: live.model(held.bundle, held.version, held.since))


def authenticator(office: Office) -> Authenticator:
    """What tells who asks, by the settings."""
    if office.settings.sign_in == "none":
        return OpenAuthenticator()
    settings = office.settings
    callers, strangers = RateLimiter(settings.per_client), RateLimiter(settings.per_stranger)
    return SignInAuthenticator(
        office.accounts, office.keys, office.sessions, callers, strangers, settings.origin, office.now
    )


def _provider(settings: Settings) -> OidcProvider:
    redirect = f"{settings.origin}/v1/session/oidc/callback"
    client = OidcClient(settings.oidc_issuer, settings.oidc_client, settings.oidc_secret, redirect, settings.oidc_claim)
    return OidcProvider(client)


def open_desk(settings: Settings, now: Clock, artifacts: StoredArtifacts) -> tuple[Desk, Shelf]:
    """What turns questions into answers, and the shelf that its bundles stand on; what answers will name is kept."""
    source = Folders(settings.bundles) if settings.bundles else _champions(settings)
    release = Release(artifacts.engine, entered=settings.sign_in == "required")
    shelf = Shelf(source, policy.shipped(), now, artifacts.keep_bundle, release.check)
    shelf.refresh()
    if settings.bundles and shelf.trouble:
        raise BundleRefused(shelf.trouble["detail"])
    own = policy.load(SHIPPED, settings.policy) if settings.policy else policy.shipped()
    check_policy(own)
    check_roles(own)
    artifacts.keep_policy(own)
    firms_of: Firms = LakeFirms(Lake(settings.lake)) if settings.lake else NoFirms()
    return Desk(shelf, firms_of, own, version("pledgescore")), shelf


@contextmanager
def desk_over(engine: Engine, settings: Settings, now: Clock) -> Iterator[Desk]:
    """The desk of a command; it is closed with its database however the block ends, or where it cannot be opened."""
    try:
        desk, shelf = open_desk(settings, now, StoredArtifacts(engine))
        try:
            yield desk
        finally:
            shelf.close()
    finally:
        engine.dispose()


def _champions(settings: Settings) -> Champions:
    return Champions(settings.tracking_uri, settings.registry_uri, settings.cache)


def _measured_answer(desk: Desk, metrics: Metrics) -> Callable[[Sequence[Question]], list[Assessed | Refused]]:
    def answer(questions: Sequence[Question]) -> list[Assessed | Refused]:
        metrics.batch.observe(len(questions))
        with metrics.stage("answer"):
            return desk.answer(questions)

    return answer


def _measured_record(engine: Engine, metrics: Metrics) -> Callable[[Sequence[Assessed]], list[Outcome]]:
    def write(answers: Sequence[Assessed]) -> list[Outcome]:
        with metrics.stage("record"):
            outcomes = record(engine, answers)
        for answer, outcome in zip(answers, outcomes, strict=True):
            if isinstance(outcome, Recorded) and not outcome.again:
                metrics.assessments.labels(answer.parts["kind"], answer.parts["grade"]).inc()
        return outcomes

    return write
