"""What the commands about keys, checkpoints, packs and replay do, and what they print."""

import random
import re
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import orjson
from sqlalchemy import Connection, Engine, func, select

from features.chosen_words import language
from features.errors import PledgeScoreError
from features.policy import load
from models.score.bundle import recall
from models.words.output import tell, tell_faults, text
from models.words.output import told as said
from service.access.rewrapping import exchange, keep_wrapped
from service.access.roles import UNBOUND
from service.assessing.answer_changes import AnswerChange
from service.assessing.asking_again import Recall
from service.assessing.assessment_index import ASSESSMENTS
from service.assessing.loan_file_index import LOAN_FILES
from service.assessing.sealed_answer import sealed_assessment
from service.commands.ledger_verification import public_keys_given
from service.commands.printing_differences import tell_differences
from service.commands.progress import progress_of
from service.edge.clock import system_clock
from service.edge.database import writing
from service.edge.errors import Erased
from service.edge.key_reasons import RevocationReason
from service.edge.process import who_runs
from service.edge.readers import Reader
from service.edge.secret_files import BadKey, TokenPlace
from service.edge.settings import Settings
from service.ledger import ledger_settings, wrapping
from service.ledger.actors import actor_of, ran_by
from service.ledger.canonical import time_text
from service.ledger.checkpoints import BankCheckpoint
from service.ledger.key_days import key_days, key_file
from service.ledger.opening import open_database, open_existing
from service.ledger.row_differences import Difference
from service.ledger.segments import NotClosable, closed, file_name, remove_archived, write_segment
from service.ledger.signing_keys import PRIVATE, PUBLIC, has_signer, initialise, load_signer, public_key, revoke, rotate
from service.ledger.stored_artifacts import StoredArtifacts
from service.ledger.written_kinds import ReplayEntry
from service.proofs.checkpoint_signer import CheckpointSigner
from service.proofs.pack_plans import PackSubject, of_absent_file, of_assessment, of_file, of_period
from service.proofs.packs import PackPlan, Wanted, packed, planned, verify_command
from service.proofs.rebuild import differences, remake
from service.proofs.replay import STEPS, Replayer, StepTrouble, enter_sample
from service.web.app import assessor_for

MOST_NAMED = 20
"""Assessments that a sample's entry names as differing or as not to be asked."""


PERIOD = re.compile(r"\d{4}-\d\d(-\d\d)?")
"""A month or a day, as a pack is asked for."""
FILE_ID = re.compile(r"[0-9a-f]{32}")
"""How ids of loan files are written; that there is none is proven too."""


class AskedForNothing(PledgeScoreError):
    """A command was asked for nothing that it can do."""


class NotKept(PledgeScoreError):
    """What was named gave no answer here, or nothing was entered then."""


def keys_init(database: str, into_token: bool) -> None:
    """Make the keys that are not there and print what readers need. Raises `BadKey` where all are."""
    with _opened(database, new=True) as (settings, engine):
        folder, token = settings.keys, _token(settings, into_token)
        signs = has_signer(folder, settings.token)
        if signs and (folder / wrapping.FILE).exists():
            raise BadKey("keys_exist", folder=folder)
        if not (folder / wrapping.FILE).exists():
            wrapping.make(folder)
            wrapped = keep_wrapped(engine)
            tell("wrapping_key_made", file=folder / wrapping.FILE, count=wrapped)
        if not signs:
            signer, entry = initialise(engine, folder, who_runs(), token)
            private, public = signer.device.name, folder / PUBLIC
            tell("signing_key_made", key=signer.key, entry=entry.seq, private=private, public=public)


def keys_show() -> None:
    """Print the public key, and who may read the private one."""
    settings = Settings.from_environment()
    if not (settings.keys / PUBLIC).exists():
        raise BadKey("no_keys", folder=settings.keys)
    tell("public_key", key=public_key(settings.keys / PUBLIC), file=settings.keys / PUBLIC)
    if not has_signer(settings.keys, settings.token):
        raise BadKey("no_signing_key", file=settings.keys / PRIVATE)
    signer = load_signer(settings.keys, settings.token)
    if (settings.keys / PRIVATE).exists():
        held = (settings.keys / PRIVATE).stat()
        tell("private_key", file=signer.device.name, mode=f"{stat.S_IMODE(held.st_mode):04o}", owner=held.st_uid)
    else:
        signer.signature({})
        tell("private_key_in_device", name=signer.device.name)
    under = wrapping.Wrapping(settings.keys).id
    if under is None:
        raise BadKey("no_wrapping_key", file=settings.keys / wrapping.FILE)
    tell("wrapping_key", key=under, file=settings.keys / wrapping.FILE)


def keys_list(database: str) -> None:
    """Print the signing keys with their days, as readers give them to the verifier. Raises `BadKey` without any."""
    with _opened(database) as (settings, engine):
        with engine.connect() as connection:
            lines = key_file(key_days(connection))
        if not lines:
            raise BadKey("no_keys", folder=settings.keys)
        print(lines, end="")


def keys_rotate(database: str, into_token: bool) -> None:
    """Exchange the keys and print the new ones."""
    with _opened(database) as (settings, engine):
        _token(settings, into_token)
        load_signer(settings.keys, settings.token).signature({})
        under, count = exchange(engine, settings.keys, who_runs())
        tell("wrapping_key_rotated", key=under, count=count)
        signer, entry = rotate(engine, settings.keys, who_runs(), settings.token, into_token=into_token)
        tell("signing_key_rotated", key=signer.key, entry=entry.seq)


def keys_revoke(key: str, since: str, reason: RevocationReason, database: str) -> None:
    """Revoke a key, and sign and deliver a checkpoint that tells it. Raises `NotRevocable`, `BadKey`."""
    with _opened(database) as (settings, engine):
        try:
            moment = datetime.fromisoformat(since)
        except ValueError:
            raise AskedForNothing("no_moment", text=since) from None
        moment = (moment if moment.tzinfo else moment.replace(tzinfo=settings.zone)).astimezone(settings.zone)
        checkpoint_signer = CheckpointSigner.open(settings, engine, system_clock)
        with engine.connect() as connection:
            signer = checkpoint_signer.in_force(connection)
        revoked = public_keys_given([key])[0]
        entry = revoke(engine, signer, revoked, moment, reason, who_runs())
        tell("key_revoked", key=revoked, entry=entry.seq, since=moment.isoformat(), utc=time_text(moment))
        _sign(checkpoint_signer, engine)


def _token(settings: Settings, wanted: bool) -> TokenPlace | None:
    """The device, where it is wanted. Raises `BadKey` where the settings name none."""
    if wanted and settings.token is None:
        raise BadKey("token_unnamed")
    return settings.token if wanted else None


def sign_checkpoint(database: str) -> None:
    """Sign the ledger as it stands and print the checkpoint."""
    with _opened(database) as (settings, engine):
        checkpoint_signer = CheckpointSigner.open(settings, engine, system_clock)
        print(orjson.dumps(_sign(checkpoint_signer, engine)).decode())


def _sign(checkpoint_signer: CheckpointSigner, engine: Engine) -> BankCheckpoint:
    """Sign and deliver a checkpoint, and tell where it did not arrive."""
    made = checkpoint_signer.sign()
    with engine.connect() as connection:
        undelivered = checkpoint_signer.standing(connection)["undelivered"]
    for destination, why in undelivered.items():
        tell("not_delivered", destination=destination)
        tell_faults(why, "  ")
    return made


class PackOrder(NamedTuple):
    """Of a pack who reads it, from which size on, which fund, and whether models are put in."""

    reader: Reader
    since: int | None = None
    fund: str | None = None
    with_models: bool = False


def write_pack(what: str, asked: PackOrder, out: Path, database: str) -> None:
    """Write a pack of a loan file (by its id, or that of an assessment), a month or a day."""
    with _opened(database) as (settings, engine):
        with engine.connect() as connection:
            signer = CheckpointSigner.open(settings, engine, system_clock).in_force(connection)
            plan = planned(connection, Wanted(_subject(connection, what), *asked))
        size = 0
        beside = out.with_name(f".{out.name}")
        with beside.open("wb") as file:
            for piece in packed(engine, signer, plan, system_clock()):
                size += file.write(piece)
        beside.replace(out)
        tell("pack_written", file=out, count=plan.count, size=size)
        print(f"  {verify_command(str(out), _bank_keys(plan, settings.keys, out), 'FUND.pem', language())}")


def _bank_keys(plan: PackPlan, folder: Path, out: Path) -> str:
    """The file with the keys that the pack is checked with: the one in force, or beside the pack all with their days.

    A checkpoint from before a rotation is signed with a key that is not in force any more.
    """
    if len(plan.days) < 2:
        return str(folder / PUBLIC)
    file = out.with_suffix(".keys")
    file.write_text(key_file(plan.days), encoding="utf-8")
    return str(file)


def _subject(connection: Connection, what: str) -> PackSubject:
    """What is asked for. Raises `NotKept` for a period in which nothing was entered."""
    if PERIOD.fullmatch(what) is None:
        own = connection.execute(select(LOAN_FILES.c.id).where(LOAN_FILES.c.id == what)).first()
        absent = of_absent_file(connection, what) if FILE_ID.fullmatch(what) else None
        if absent is not None:
            return absent
        return of_assessment(connection, what) if own is None else of_file(connection, what)
    subject = of_period(connection, what, UNBOUND)
    if not subject.single and subject.last < subject.first:
        raise NotKept("nothing_entered", period=what)
    return subject


def store(bundles: Sequence[Path], policies: Sequence[Path], database: str) -> None:
    """Keep bundles that answered here, and the policy of folders, and print under which hash. Raises `NotKept`."""
    if not bundles and not policies:
        raise NotKept("keep_what")
    with _opened(database) as (_, engine):
        artifacts = StoredArtifacts(engine)
        for folder in bundles:
            name = recall(folder).id
            with engine.connect() as connection:
                of = select(func.count()).select_from(ASSESSMENTS).where(ASSESSMENTS.c.bundle == name)
                answered = connection.execute(of).scalar_one()
            if not answered:
                raise NotKept("bundle_never_answered", folder=folder, bundle=name)
            artifacts.keep_bundle(name, folder)
            tell("bundle_kept", bundle=name, count=answered)
        if policies:
            found = load(*policies)
            artifacts.keep_policy(found)
            tell("policy_kept", policy=found.digest)


def close_segment(month: str, database: str) -> None:
    """Enter the anchor of a month and print it."""
    with _opened(database) as (settings, engine):
        segment = CheckpointSigner.open(settings, engine, system_clock).close_month(month, actor_of(who_runs()))
        tell("month_closed", month=month, first=segment.first, last=segment.last, anchor=segment.anchor)


def archive_segment(month: str, folder: Path, remove: bool, database: str) -> None:
    """Write a segment to its file; remove it from the database where that is asked. Raises `NotClosable`."""
    with _opened(database) as (_, engine):
        with engine.connect() as connection:
            segment = next((one for one in closed(connection) if one.month == month), None)
            if segment is None:
                raise NotClosable("month_open", month=month)
            folder.mkdir(parents=True, exist_ok=True)
            file = folder / file_name(segment)
            if not file.exists():
                tell("segment_written", file=file, count=write_segment(connection, segment, file))
        if remove:
            with writing(engine) as connection:
                last = remove_archived(connection, segment, folder, system_clock())
            tell("segment_removed", last=last, first=last + 1)


def rebuild_tables(remade: bool, database: str) -> bool:
    """Print which rows do not follow from the entries, or were put right; True where none is left that does not."""
    with _opened(database) as (_, engine):
        done: list[Difference] = []
        if remade:
            with writing(engine) as connection:
                done = remake(connection)
            tell("rows_put_right", count=len(done))
        with engine.connect() as connection, progress_of("rebuilding") as seen:
            left = list(differences(connection, seen))
    tell_differences(left)
    return not left


def replay_one(assessment: str, check: bool, database: str) -> bool:
    """Print a replay, or what stands in its way; True where the answer is the same byte for byte."""
    with _replayer(database) as (replayer, engine):
        with engine.connect() as connection:
            of = sealed_assessment(connection, assessment)
        if check:
            return _checked(replayer.troubles(of))
        told = replayer.replay(of)
    differing = ", ".join(told.steps[0].changed)
    if told.identical:
        tell("replay_same")
    else:
        tell("replay_differs", parts=differing)
    for step in told.steps:
        print(f"  {_moved(step.step, step)}")
        if step.not_taken:
            print(f"    {said('step_not_taken')}")
            tell_faults(step.not_taken, "      ")
    print(f"  {_moved('whole', told.whole)}")
    return told.identical


def _checked(troubles: Sequence[StepTrouble]) -> bool:
    """Print what stands in the way of a replay; True where at least the stored answer can be given again."""
    for trouble in troubles:
        tell("step_trouble", step=trouble.step)
        tell_faults(trouble.why, "  ")
    if troubles:
        tell("steps_not_taken", count=len(troubles), of=len(STEPS))
    else:
        tell("replayable")
    return not any(trouble.step == "code" for trouble in troubles)


def replay_sample(size: int, database: str) -> bool:
    """Replay assessments drawn at random, enter and print the result; True where all are the same byte for byte."""
    with _replayer(database) as (replayer, engine):
        with engine.connect() as connection:
            ids = list(connection.execute(select(ASSESSMENTS.c.id)).scalars())
        drawn = random.SystemRandom().sample(ids, min(size, len(ids)))
        found, troubles = _sampled(replayer, engine, drawn)
        entry = enter_sample(engine, found, who_runs())
    tell("sample_replayed", same=found.identical, asked=found.asked, entry=entry)
    for one in found.differing:
        print(f"  {one}")
    for one, trouble in troubles.items():
        print(f"  {one}: {text(trouble.phrase)}")
    return found.identical == found.asked - found.erased


def _sampled(replayer: Replayer, engine: Engine, drawn: list[str]) -> tuple[ReplayEntry, dict[str, PledgeScoreError]]:
    """What is entered of a sample, and what stood in the way of which assessment."""
    differing, identical, erased = [], 0, 0
    troubles: dict[str, PledgeScoreError] = {}
    for one in drawn:
        try:
            with engine.connect() as connection:
                of = sealed_assessment(connection, one)
            same = replayer.identical(of)
        except Erased:
            erased += 1
        except PledgeScoreError as why:
            troubles[one] = why
        else:
            identical += same
            differing += [] if same else [one]
    not_asked = [f"{one}: {' '.join(_codes(why))}" for one, why in troubles.items()]
    entered = ReplayEntry(
        asked=len(drawn),
        identical=identical,
        erased=erased,
        differing=differing[:MOST_NAMED],
        not_asked=not_asked[:MOST_NAMED],
        code=replayer.assessor.code,
        by=ran_by(who_runs()),
    )
    return entered, troubles


def _codes(trouble: PledgeScoreError) -> list[str]:
    """Codes alone: facts may tell of the firm, and this is entered for good; a sentence may change."""
    return list(dict.fromkeys(one.code for one in trouble.as_faults()))


def _moved(step: str, change: AnswerChange) -> str:
    numbers = {"probability": f"{change.probability:+.4%}", "points": f"{change.points:+.1f}"}
    moved = said("step_moved", step=step, **numbers, findings=len(change.findings))
    for what, (before, after) in (("grade_moved", change.grade), ("advice_moved", change.advice)):
        moved += said(what, before=before, after=after) if before != after else ""
    return moved


@contextmanager
def _replayer(database: str) -> Iterator[tuple[Replayer, Engine]]:
    with _opened(database) as (settings, engine), assessor_for(engine, settings, system_clock) as assessor:
        yield Replayer(assessor, Recall(engine)), engine


@contextmanager
def _opened(database: str, *, new: bool = False) -> Iterator[tuple[Settings, Engine]]:
    """The settings and the database, which is closed however the block ends."""
    settings = Settings.from_environment()
    engine = (open_database if new else open_existing)(database or settings.database)
    try:
        wrapping.use(engine, settings.keys)
        ledger_settings.use(engine, ledger_settings.ledger_settings(settings))
        yield settings, engine
    finally:
        engine.dispose()
