"""Proofs as people take them away or look at them; the same for the API and the desk."""

from features.errors import fault
from service.access.roles import Caller, funds_of
from service.application.caller import Who
from service.application.leaving import LeavableStream
from service.application.state import PACKS_OF_ONE, AppState, State
from service.edge.errors import Forbidden, InvalidRequest, TooMany
from service.edge.readers import READERS, Reader
from service.proofs.light import LightKeys, ProofLight, proof_light
from service.proofs.pack_plans import PackSubject, of_period
from service.proofs.packs import Wanted, packed, planned

ZIP = "application/zip"


def light_of(state: AppState, assessment: str) -> ProofLight:
    """What stands for the proof of an assessment, looked at now. Raises `NoSuchAssessment`."""
    signing = state.checkpoint_signer
    keys = LightKeys(None if signing.signer is None else signing.signer.key, signing.fund_keys)
    with state.engine.connect() as connection:
        return proof_light(connection, assessment, keys)


async def room_for_packs(state: State, caller: Who) -> None:
    """For a route, before anything is looked for. Raises `TooMany` where `pack_of` would."""
    if state.packs.is_full(caller.name):
        raise TooMany("too_many_packs", most=PACKS_OF_ONE)


def pack_of(state: AppState, caller: Caller, wanted: Wanted) -> LeavableStream:
    """A pack as it leaves. Raises `TooMany`, and what `CheckpointSigner.in_force` and `planned` do."""
    if not state.packs.take(caller.name):
        raise TooMany("too_many_packs", most=PACKS_OF_ONE)
    try:
        with state.engine.connect() as connection:
            signer = state.checkpoint_signer.in_force(connection)
            plan = planned(connection, wanted)
    except BaseException:
        state.packs.give_back(caller.name)
        raise

    def over(whole: bool) -> None:
        state.packs.give_back(caller.name)
        state.metrics.packs.labels("whole" if whole else "left").inc()

    headers = {"Content-Disposition": f'attachment; filename="{pack_name(wanted.subject, wanted.reader)}"'}
    return LeavableStream(packed(state.engine, signer, plan, state.now()), ZIP, headers, over)


def period_for(state: AppState, period: str, who: Caller) -> PackSubject:
    """A month or a day as the caller may see it; a fund by the sealed scope. Raises what `of_period` does."""
    with state.engine.connect() as connection:
        return of_period(connection, period, who.reach, by_scope=who.place.fund is not None)


def pack_name(subject: PackSubject, reader: Reader) -> str:
    """What a pack's file is called: by its period, or by its first entry."""
    return f"pack-{subject.about.period or subject.begins}-{reader}.zip"


def readers_for(who: Caller) -> list[Reader]:
    """For whom the caller may take packs: a fund for itself alone."""
    return ["fund"] if who.place.fund is not None else [*READERS]


def check_reader(reader: Reader, who: Caller) -> None:
    """A fund is given packs for a fund alone, whatever it asks for. Raises `Forbidden`."""
    if reader not in readers_for(who):
        raise Forbidden("bank_packs", reader=reader)


def fund_reading(state: AppState, reader: Reader, named: str | None, who: Caller) -> str | None:
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
