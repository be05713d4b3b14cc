"""Proofs as people take them away or look at them; the same for the API and the desk."""

from asyncio import get_running_loop
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from time import monotonic

from sqlalchemy import Connection

from features.errors import fault
from service.access.roles import Caller, funds_of
from service.application.leaving import LeavableStream
from service.application.state import AppState
from service.edge.errors import Forbidden, InvalidRequest
from service.edge.readers import READERS, Reader
from service.ledger.signing_keys import Signer
from service.proofs.light import LightKeys, ProofLight, proof_light
from service.proofs.pack_plans import PackSubject, of_period
from service.proofs.packs import PackPlan, Wanted, packed, planned

ZIP = "application/zip"
LEAVER_WAITS = 5.0, 10.0
"""Seconds, at least and at most, until the turn of a pack that was left counts no more: else as long as it ran.

So whoever leaves packs as they begin has few begun, and whoever takes them to their end waits for nothing.
"""


@dataclass(frozen=True)
class PackAsked:
    """For whom a pack is asked, as `Wanted` explains it; the fund as the caller names it."""

    reader: Reader
    since: int | None = None
    fund: str | None = None
    with_models: bool = False


def light_of(state: AppState, assessment: str) -> ProofLight:
    """What stands for the proof of an assessment, looked at now. Raises `NoSuchAssessment`."""
    signing = state.checkpoint_signer
    keys = LightKeys(None if signing.signer is None else signing.signer.key, signing.fund_keys)
    with state.engine.connect() as connection:
        return proof_light(connection, assessment, keys)


def check_room(state: AppState, caller: Caller) -> None:
    """Before anything is looked for. Raises `TooMany` where `pack_of` would."""
    state.packs.check(caller.name)


async def pack_of(
    state: AppState, caller: Caller, subject: Callable[[Connection], PackSubject], asked: PackAsked
) -> LeavableStream:
    """A pack as it leaves; nothing is read before the caller's turn is taken.

    Raises `TooMany`, `Forbidden` for a reader that is not the caller's, `InvalidRequest` for a fund that does not read,
    and what `subject`, `CheckpointSigner.in_force` and `planned` do.
    """
    state.packs.take(caller.name)
    began, give_back = monotonic(), partial(state.packs.give_back, caller.name)
    try:
        signer, plan = await state.planning.step(_settled, state, caller, subject, asked)
    except BaseException:
        give_back()
        raise

    def over(whole: bool) -> None:
        state.metrics.packs.labels("whole" if whole else "left").inc()
        if whole:
            give_back()
        else:
            least, most = LEAVER_WAITS
            get_running_loop().call_later(min(max(least, monotonic() - began), most), give_back)

    headers = {"Content-Disposition": f'attachment; filename="{pack_name(plan.wanted.subject, asked.reader)}"'}
    return LeavableStream(packed(state.engine, signer, plan, state.now()), state.packing, ZIP, headers, over)


def _settled(
    state: AppState, caller: Caller, subject: Callable[[Connection], PackSubject], asked: PackAsked
) -> tuple[Signer, PackPlan]:
    """Who signs the pack, and what it holds."""
    _check_reader(asked.reader, caller)
    fund = _fund_reading(state, asked.reader, asked.fund, caller)
    with state.engine.connect() as connection:
        wanted = Wanted(subject(connection), asked.reader, asked.since, fund, asked.with_models)
        return state.checkpoint_signer.in_force(connection), planned(connection, wanted)


def period_for(period: str, who: Caller) -> Callable[[Connection], PackSubject]:
    """A month or a day as the caller may see it; a fund by the sealed scope. The look raises what `of_period` does."""
    return partial(of_period, period=period, reach=who.reach, by_scope=who.place.fund is not None)


def pack_name(subject: PackSubject, reader: Reader) -> str:
    """What a pack's file is called: by its period, or by its first entry."""
    return f"pack-{subject.about.period or subject.begins}-{reader}.zip"


def readers_for(who: Caller) -> list[Reader]:
    """For whom the caller may take packs: a fund for itself alone."""
    return ["fund"] if who.place.fund is not None else [*READERS]


def _check_reader(reader: Reader, who: Caller) -> None:
    """A fund is given packs for a fund alone, whatever it asks for. Raises `Forbidden`."""
    if reader not in readers_for(who):
        raise Forbidden("bank_packs", reader=reader)


def _fund_reading(state: AppState, reader: Reader, named: str | None, who: Caller) -> str | None:
    """The fund that reads a pack: the caller's own, else the one that is named; None where none is.

    Raises `InvalidRequest` for a fund that shares in no loan within the caller's reach, or where no fund reads.
    """
    own = who.place.fund
    if named is None or named == own:
        return own
    if reader != "fund":
        raise InvalidRequest([fault("/fund", "fund_reads_not", reader=reader)])
    known = funds_of(state.assessor.policy, state.today(state.now()), who) if own is None else [own]
    if named not in known:
        raise InvalidRequest([fault("/fund", "fund_unknown", fund=named, funds=tuple(known))])
    return named
