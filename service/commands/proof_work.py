"""What the commands about keys, checkpoints, packs and replay do, and what they print."""

import os
import random
import re
import stat
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import orjson
from sqlalchemy import Engine, func, select

from features.errors import PledgeScoreError
from features.policy import load
from models.score.bundle import recall
from service.access.rewrapping import exchange, keep_wrapped
from service.access.roles import UNBOUND
from service.assessing.assessment_index import ASSESSMENTS
from service.edge.clock import system_clock
from service.edge.database import writing
from service.edge.errors import Erased, NotAnswerable
from service.edge.readers import Reader
from service.edge.secret_files import BadKey
from service.edge.settings import Settings
from service.ledger import ledger_settings, wrapping
from service.ledger.actors import actor_of, ran_by
from service.ledger.opening import open_database, open_existing
from service.ledger.segments import NotClosable, closed, file_name, remove_archived, write_segment
from service.ledger.signing_keys import PRIVATE, PUBLIC, initialise, load_signer, public_key, rotate
from service.ledger.stored_artifacts import StoredArtifacts
from service.ledger.written_kinds import ReplayEntry
from service.proofs.answer_changes import AnswerChange
from service.proofs.checkpoint_signer import CheckpointSigner
from service.proofs.packs import Wanted, make_pack, of_assessment, of_period
from service.proofs.rebuild import Difference, differences, remake
from service.proofs.replay import STEPS, Replayer, enter_sample, stored
from service.web.app import assessor_for

_STEPS = {"code": "代码", "data": "数据", "model": "模型", "policy": "政策"}
MOST_NAMED = 20
"""Assessments that a sample's entry names as differing or as not to be asked."""


PERIOD = re.compile(r"\d{4}-\d\d(-\d\d)?")
"""A month or a day, as a pack is asked for."""


class AskedForNothing(PledgeScoreError):
    """A command was asked for nothing that it can do."""


class NotKept(PledgeScoreError):
    """What was named gave no answer here, or nothing was entered then."""


def keys_init(database: str) -> None:
    """Make the keys that are not there and print what readers need. Raises `BadKey` where all are."""
    with _opened(database, new=True) as (settings, engine):
        folder = settings.keys
        if (folder / PRIVATE).exists() and (folder / wrapping.FILE).exists():
            raise BadKey("keys_exist", folder=folder)
        if not (folder / wrapping.FILE).exists():
            wrapping.make(folder)
            wrapped = keep_wrapped(engine)
            print(f"wrapping key: {folder / wrapping.FILE}; {wrapped} secrets of the database lie under it now.")
            print("Keep a copy apart from the database's backups: without it they are unreadable.")
            print("包装密钥：请与数据库备份分开另存一份；遗失则密钥保护的内容无法读取。")
        if not (folder / PRIVATE).exists():
            signer, entry = initialise(engine, folder, _actor())
            print(f"public key {signer.key}, entered as entry {entry.seq}")
            print(f"private key: {folder / PRIVATE}, readable by you alone. Readers are given {folder / PUBLIC},")
            print("on another way than a pack. A service that runs must be started again.")
            print(f"签名私钥仅本人可读；公钥 {folder / PUBLIC} 请另行交给核验方。运行中的服务须重新启动。")


def keys_show() -> None:
    """Print the public key, and who may read the private one."""
    settings = Settings.from_environment()
    file = settings.keys / PRIVATE
    if not (settings.keys / PUBLIC).exists():
        raise BadKey("no_keys", folder=settings.keys)
    print(f"public key {public_key(settings.keys / PUBLIC)} ({settings.keys / PUBLIC})")
    if not file.exists():
        raise BadKey("no_signing_key", file=file)
    told = file.stat()
    print(f"private key {file}: mode {stat.S_IMODE(told.st_mode):04o}, owner {told.st_uid}")
    load_signer(settings.keys)
    under = wrapping.Wrapping(settings.keys).id
    if under is None:
        raise BadKey("no_wrapping_key", file=settings.keys / wrapping.FILE)
    print(f"wrapping key {under} ({settings.keys / wrapping.FILE})")


def keys_rotate(database: str) -> None:
    """Exchange the keys and print the new ones."""
    with _opened(database) as (settings, engine):
        load_signer(settings.keys)
        under, count = exchange(engine, settings.keys, _actor())
        print(f"wrapping key {under}: {count} secrets of the database lie under it now; the one before is removed")
        signer, entry = rotate(engine, settings.keys, _actor())
        print(f"public key {signer.key}, entered as entry {entry.seq}, signed by the key before it")
        print("Give readers the new public key too; older checkpoints stay signed with the old one.")


def sign_checkpoint(database: str) -> None:
    """Sign the ledger as it stands and print the checkpoint."""
    with _opened(database) as (settings, engine):
        checkpoint_signer = CheckpointSigner.open(settings, engine, system_clock)
        print(orjson.dumps(checkpoint_signer.sign()).decode())
        with engine.connect() as connection:
            undelivered = checkpoint_signer.standing(connection)["undelivered"]
        for destination, why in undelivered.items():
            print(f"not delivered: {destination}: {why}")


def write_pack(what: str, reader: Reader, out: Path, since: int | None, database: str) -> None:
    """Write a pack of an assessment, a month or a day."""
    with _opened(database) as (settings, engine):
        signer = load_signer(settings.keys)
        period = PERIOD.fullmatch(what) is not None
        with engine.connect() as connection:
            entries = of_period(connection, what, UNBOUND) if period else of_assessment(connection, what)
            if not entries:
                raise NotKept("nothing_entered", period=what)
            about = {"period" if period else "assessment": what}
            made = make_pack(connection, signer, Wanted(about, entries, reader, since), system_clock())
        out.write_bytes(made)
        print(f"{out}: {len(entries)} entries, {len(made):,} bytes. A reader checks it with")
        print(f"  python3 -I verify.py {out} --bank-key {settings.keys / PUBLIC} --fund-key FUND.pem")


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
            print(f"bundle {name} is kept: it gave {answered} answers")
        if policies:
            found = load(*policies)
            artifacts.keep_policy(found)
            print(f"policy {found.digest} is kept")


def close_segment(month: str, database: str) -> None:
    """Enter the anchor of a month and print it."""
    with _opened(database) as (settings, engine):
        segment = CheckpointSigner.open(settings, engine, system_clock).close_month(month, actor_of(_actor()))
        print(f"{month}: entries {segment.first} to {segment.last}, anchored by entry {segment.anchor}")


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
                print(f"{file}: {write_segment(connection, segment, file)} entries")
        if remove:
            with writing(engine) as connection:
                last = remove_archived(connection, segment, folder, system_clock())
            print(f"entries up to {last} removed; the ledger here begins with entry {last + 1}")


def rebuild_tables(remade: bool, database: str) -> bool:
    """Print which rows do not follow from the entries, or were put right; True where none is left that does not."""
    with _opened(database) as (_, engine):
        done: list[Difference] = []
        if remade:
            with writing(engine) as connection:
                done = remake(connection)
            print(f"{len(done)} rows put right · 已修正 {len(done)} 行")
        with engine.connect() as connection:
            left = list(differences(connection))
    for one in left:
        print(one)
    print(f"{len(left)} rows do not follow from the entries · {len(left)} 行与账本条目不符")
    return not left


def replay_one(assessment: str, check: bool, database: str) -> bool:
    """Print a replay, or what stands in its way; True where the answer is the same byte for byte."""
    with _replayer(database) as (replayer, engine):
        with engine.connect() as connection:
            of = stored(connection, assessment)
        if check:
            return _checked(replayer.troubles(of))
        told = replayer.replay(of)
    differing = ", ".join(told.steps[0].changed)
    print("the same byte for byte" if told.identical else f"NOT the same byte for byte: {differing}")
    print("与原答复逐字节一致" if told.identical else "与原答复不一致（所列部分）")
    for step in told.steps:
        name = f"{step.step} {_STEPS[step.step]}"
        print(f"  {name}: {_moved(step)}" + (f" (not taken: {step.not_taken})" if step.not_taken else ""))
    print(f"  whole 合计: {_moved(told.whole)}")
    return told.identical


def _checked(troubles: Sequence[Mapping[str, str]]) -> bool:
    """Print what stands in the way of a replay; True where at least the stored answer can be given again."""
    for trouble in troubles:
        print(f"{trouble['step']} {_STEPS[trouble['step']]}: {trouble['why']}")
    if troubles:
        print(f"{len(troubles)} of {len(STEPS)} steps could not be taken")
        print(f"{len(STEPS)} 步中有 {len(troubles)} 步无法进行")
    else:
        print("everything can be replayed\n全部步骤均可重放")
    return not any(trouble["step"] == "code" for trouble in troubles)


def replay_sample(size: int, database: str) -> bool:
    """Replay assessments drawn at random, enter and print the result; True where all are the same byte for byte."""
    with _replayer(database) as (replayer, engine):
        with engine.connect() as connection:
            ids = list(connection.execute(select(ASSESSMENTS.c.id)).scalars())
        drawn = random.SystemRandom().sample(ids, min(size, len(ids)))
        found = _sampled(replayer, engine, drawn)
        entry = enter_sample(engine, found, _actor())
    print(f"{found.identical} of {found.asked} the same byte for byte; entry {entry}")
    print(f"{found.asked} 件中 {found.identical} 件逐字节一致；已记入第 {entry} 条")
    for one in (*found.differing, *found.not_asked):
        print(f"  {one}")
    return found.identical == found.asked - found.erased


def _sampled(replayer: Replayer, engine: Engine, drawn: list[str]) -> ReplayEntry:
    differing, not_asked, identical, erased = [], [], 0, 0
    for one in drawn:
        try:
            with engine.connect() as connection:
                of = stored(connection, one)
            same = replayer.identical(of)
        except Erased:
            erased += 1
        except NotAnswerable as why:
            not_asked.append(f"{one}: {why}")
        except PledgeScoreError as why:  # its words may tell of the firm, and this is entered for good
            not_asked.append(f"{one}: {type(why).__name__}")
        else:
            identical += same
            differing += [] if same else [one]
    return ReplayEntry(
        asked=len(drawn),
        identical=identical,
        erased=erased,
        differing=differing[:MOST_NAMED],
        not_asked=not_asked[:MOST_NAMED],
        code=replayer.assessor.code,
        by=ran_by(_actor()),
    )


def _moved(change: AnswerChange) -> str:
    moved = [f"{change.probability:+.4%} probability, {change.points:+.1f} points"]
    for what, (before, after) in (("grade", change.grade), ("advice", change.advice)):
        moved += [f"{what} {before} -> {after}"] if before != after else []
    return ", ".join((*moved, f"{len(change.findings)} findings"))


@contextmanager
def _replayer(database: str) -> Iterator[tuple[Replayer, Engine]]:
    with _opened(database) as (settings, engine), assessor_for(engine, settings, system_clock) as assessor:
        yield Replayer(assessor, engine), engine


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


def _actor() -> str:
    return os.environ.get("USER", "command line")
