"""Everything that the routes share, made once by `app.py` and found again by each request."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from hashlib import sha256
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy import Engine

from features.phrase import Language
from service.access.accounts import Accounts
from service.access.api_keys import ApiKeys
from service.access.audit_log import AuditLog
from service.access.drafts import DraftRules, Drafts
from service.access.invitations import Invitations
from service.access.oidc import SignIns
from service.access.proposals import Proposals
from service.access.roles import OPEN, Caller
from service.access.sessions import Sessions
from service.application.leaving import StepByStep, Turns
from service.application.one_at_a_time import OneAtATime
from service.application.shared_look import SharedLook
from service.assessing.micro_batcher import MicroBatcher
from service.assessing.model_store import ModelStore
from service.assessing.stages import Question
from service.assessing.story import Assessor
from service.assessing.trials import Trials
from service.assessing.what_ifs import WhatIfs
from service.edge.clock import SimulatedClock
from service.edge.leases import Housekeeper
from service.edge.metrics import Metrics
from service.edge.process import Worker
from service.edge.settings import Settings
from service.ledger.opening import LedgerPlace
from service.loan_files.turns import Desk
from service.proofs.checkpoint_signer import CheckpointSigner
from service.proofs.replay import Replayer

Readiness = tuple[bool, dict[str, object]]
"""Whether a process can answer, and what says why."""
PACKS_OF_ONE = 2
"""Packs that one caller may take at a time from one process."""
ACTOR = OPEN.name
"""Who acts where there is no sign-in."""


@dataclass(frozen=True)
class Demonstration:
    """What a service of a demonstration has besides: its clock, and the accounts that one click signs in."""

    clock: SimulatedClock
    accounts: tuple[str, ...]


@dataclass(frozen=True)
class AppState:
    """Where a request finds what it needs. `now` is the only clock.

    `catalogues`: as they leave, each with its tag, by languages; made when they are first asked for. Lines for heavy
    work: `reading` workbooks, `comparing` lists with the drawdowns, `making` files that are taken away. `packs`: how
    many each caller takes, `planning` and `packing`: of all of them one is settled at a time, and one goes on with
    its pieces. `readiness`: by language, made when it is first asked for. `demonstration`: of a demonstration alone.
    """

    settings: Settings
    assessor: Assessor
    what_ifs: WhatIfs
    trials: Trials
    replayer: Replayer
    model_store: ModelStore
    engine: Engine
    batcher: MicroBatcher
    metrics: Metrics
    accounts: Accounts
    proposals: Proposals
    invitations: Invitations
    keys: ApiKeys
    sessions: Sessions
    sign_ins: SignIns | None
    audit_log: AuditLog
    checkpoint_signer: CheckpointSigner
    housekeeper: Housekeeper
    now: Callable[[], datetime]
    worker: Worker
    demonstration: Demonstration | None = None
    catalogues: dict[tuple[Language, ...], tuple[bytes, str]] = field(default_factory=dict)
    reading: OneAtATime = field(default_factory=lambda: OneAtATime(2))
    comparing: OneAtATime = field(default_factory=lambda: OneAtATime(1))
    making: OneAtATime = field(default_factory=lambda: OneAtATime(3))
    packs: Turns = field(default_factory=lambda: Turns(PACKS_OF_ONE, "too_many_packs"))
    planning: StepByStep = field(default_factory=StepByStep)
    packing: StepByStep = field(default_factory=StepByStep)
    readiness: dict[Language | None, SharedLook[Readiness]] = field(default_factory=dict)

    @property
    def ledger(self) -> LedgerPlace:
        """Where the ledger lies, for work in a process of its own."""
        return LedgerPlace(self.settings.database, self.settings.keys)

    def today(self, moment: datetime) -> date:
        """The day where the bank is."""
        return moment.astimezone(self.settings.zone).date()

    def drafts(self, caller: Caller) -> Drafts:
        """What the caller began to write and has not sent."""
        moment, policy = self.now(), self.assessor.policy
        today = self.today(moment)
        rules = DraftRules(policy("drafts.days").on(today), policy("drafts.most").on(today))
        return Drafts(self.engine, caller.id, moment, rules)

    def desk(self, caller: Caller) -> Desk:
        """The caller at this moment, under today's policy: what an act in a loan file is done by."""
        moment = self.now()
        return Desk(caller, moment, self.today(moment), self.assessor.policy, self.settings.zone)

    def question(self, body: bytes, key: str | None, caller: Caller, language: Language | None) -> Question:
        """A question as it comes in now. Keys of one caller never meet another's; of a key its digest is kept.

        A caller's key may tell of the firm, and it outlives an erasure.
        """
        moment = self.now()
        if key is not None:
            key = sha256((f"{caller.name} {key}" if caller.signed_in else key).encode()).hexdigest()
        return Question(body, moment, self.today(moment), caller.id, key, caller.place, language)


def state_of(request: Request) -> AppState:
    """What the application that was asked works with."""
    found: AppState = request.app.state.pledgescore
    return found


async def _state(request: Request) -> AppState:
    return state_of(request)  # asynchronous, as the framework takes any other function to a thread


State = Annotated[AppState, Depends(_state)]
"""What a route takes to work with."""
