"""What was tried against a rule is entered as refused: by whom, which act, in which file, and why.

The act itself is undone as a whole before that, so nothing of it stands. A slip is answered by its code and not
entered: a second click, a figure or day that a form checks, a page that was no longer new, a level that the page tells.
Entered is what a rule forbids to everybody or to whoever tries it: a second duty in one file, an own act, more than the
authority, the approval or the release, a step out of turn that binds money, days behind, a number that is taken, an
erasure of what must be kept. Where nobody signs in nothing is entered, as nobody could be named. Why: decision 0026.
"""

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, time
from typing import NamedTuple

import orjson
from sqlalchemy import Connection, Engine, select

from features.errors import Fault
from features.policy import Policy
from service.assessing.assessment_index import AssessmentRecord, row_of
from service.assessing.loan_file_index import LOAN_FILES
from service.edge.database import in_turn
from service.edge.errors import Refused
from service.ledger import actors
from service.ledger.append import Draft, append
from service.ledger.canonical import time_text
from service.ledger.entry_contents import AssessmentRef
from service.ledger.kinds import Kind
from service.ledger.ledger_settings import settings_of
from service.ledger.loan_file_kinds import RefusedEntry
from service.loan_files.steps import STEPS, note_step

log = logging.getLogger("pledgescore")
BINDING = frozenset(
    {
        # one person, two duties
        "duty_held", "same_person_twice", "signed_already", "vote_given", "own_act", "own_question", "another_confirms",
        "person_acts",
        # authority, and what nobody may
        "level_too_low", "correction_level", "committee_needed", "above_committee", "above_proposal", "unwaivable",
        "blocking_left", "above_legal_limit",
        # one approval, and on what it rests
        "approval_stands", "old_approval_stands", "assessment_expired", "approval_ended", "conditions_left",
        "condition_fails_again", "release_stopped", "facts_stale",
        # money
        "too_much_drawn", "above_released", "release_old", "above_drawn_and_charged", "loan_taken",
        "registration_taken", "no_room", "not_last_act", "rests_on_it", "state_other",
        # days
        "ahead_of_today", "before_its_ground",
        # what must be kept
        "on_hold", "hold_of_other_fund",
        # accounts
        "own_account", "beyond_administrator", "administrator_confirms", "asker_gone", "role_taken",
    }
)  # fmt: skip
"""Codes of refusals that are entered."""
_MONEY = frozenset({Kind.APPROVAL, Kind.DRAWDOWN_CHECK, Kind.DRAWDOWN, Kind.CLOSURE})
"""Acts that bind money."""
_OF_ACTS: Mapping[str, frozenset[Kind]] = {
    "state_other": _MONEY,
    "ahead_of_today": frozenset({Kind.DRAWDOWN, Kind.CLOSURE}),
    "above_legal_limit": frozenset({Kind.MINUTES, Kind.APPROVAL}),
    "blocking_left": frozenset({Kind.MINUTES, Kind.APPROVAL}),
}
"""Codes that are entered of these acts alone: elsewhere they tell that a field was filled in wrongly."""
_TOLD_BY_FORMS = frozenset({"level_too_low", "correction_level"})
"""Codes that are entered only of what no page sent: a form says which level is needed before anybody signs."""


class Tried(NamedTuple):
    """Which act was tried, by which account, when, and what it was about.

    A loan file, an assessment, or an `account` of a bank: its name, or that of what was asked about it. `by_form`: on a
    page of the desk.
    """

    act: Kind
    actor: str
    at: datetime
    file: str | None = None
    assessment: str | None = None
    account: str | None = None
    bank: str | None = None
    by_form: bool = False


@contextmanager
def refusals_entered(engine: Engine, policy: Policy, tried: Callable[[], Tried | None]) -> Iterator[None]:
    """Enter what is refused within, once it is undone; the refusal goes on to whoever tried. `tried`: asked then."""
    try:
        yield
    except Refused as refused:
        about = tried()
        broken = None if about is None or about.actor == actors.OPEN else _broken(refused, about)
        if about is not None and broken is not None:
            _enter(engine, policy, about, broken, refused)
        raise


def _broken(refused: Refused, tried: Tried) -> Fault | None:
    """The rule that was broken, by its code; None of a slip."""
    for told in refused.as_faults():
        of_act = tried.act in _OF_ACTS.get(told.code, (tried.act,))
        if told.code in BINDING and of_act and not (tried.by_form and told.code in _TOLD_BY_FORMS):
            return told
    return None


def _enter(engine: Engine, policy: Policy, tried: Tried, broken: Fault, refused: Refused) -> None:
    facts: dict[str, object] = {
        name: list(fact) if isinstance(fact, tuple) else fact for name, fact in broken.phrase.facts.items()
    }
    if broken.code == refused.code and refused.faults:
        facts["codes"] = list(dict.fromkeys(one.code for one in refused.faults))

    if tried.account is not None:
        facts["account"] = tried.account
    in_order = dict(sorted(facts.items()))  # as canonical text has them: the row that is made anew is the same

    def write(connection: Connection) -> None:
        row = None if tried.account is not None else _row(connection, tried)
        gone = tried.account is None and (row is None or row.firm is None)
        if gone or not _room(connection, policy, tried, broken.code, row):
            return
        told = RefusedEntry(
            assessment=None if row is None else AssessmentRef(row.id, row.seal),
            act=tried.act.value,
            code=broken.code,
            facts=in_order,
            pointer=broken.pointer or None,
        )
        if row is None:
            draft = Draft.of(told, tried.actor, bank=tried.bank)
        else:
            draft = Draft.of(told, tried.actor, firm=row.firm, bank=row.bank, file=row.file)
        note_step(connection, told, append(connection, [draft])[0])

    try:
        in_turn(engine, write)
    except Refused:  # the answer to whoever tried does not wait for it
        log.exception("a refused act could not be entered: %s %s", tried.act.value, broken.code)


def _row(connection: Connection, tried: Tried) -> AssessmentRecord | None:
    """The assessment that it was about."""
    wanted = select(LOAN_FILES.c.assessment).where(LOAN_FILES.c.id == tried.file)
    found = tried.assessment or connection.execute(wanted).scalar_one_or_none()
    return None if found is None else row_of(connection, found)


def _room(connection: Connection, policy: Policy, tried: Tried, code: str, row: AssessmentRecord | None) -> bool:
    """Whether it is entered: the same attempt once a day, and of one account no more a day than policy says."""
    settings = settings_of(connection)
    today = settings.day_of(tried.at)
    since = time_text(datetime.combine(today, time.min, settings.zone))
    steps = STEPS.c
    of_today = (steps.kind == Kind.REFUSED.value, steps.actor == tried.actor, steps.at >= since)
    found = connection.execute(select(steps.assessment, steps.content).where(*of_today)).all()
    same = (None if row is None else row.id, tried.act.value, code, tried.account)
    told = [
        (one.assessment, held.get("act"), held.get("code"), held.get("facts", {}).get("account"))
        for one in found
        if (held := orjson.loads(one.content))
    ]
    return same not in told and len(found) < int(policy("loan_file.refusals").on(today))
