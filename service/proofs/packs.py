"""Packs: what proves entries of the ledger to a reader who trusts nobody's server, in one zip.

`pack.json` holds the entries with the leaves that the reader may see, the digests of all others, proofs, a checkpoint
and the fund's receipt; beside it lie answers as they left, bundles, policies and `verify.py`. `manifest.json` lists the
members under the bank's signature.
"""

import hmac
import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from http import HTTPStatus
from importlib.resources import files

import msgspec
import orjson
from sqlalchemy import Connection, and_, or_, select

from features.errors import fault
from features.phrase import LANGUAGES
from service.access.roles import Reach
from service.assessing.assessment_index import ASSESSMENTS, row_of
from service.assessing.audiences import is_shown
from service.assessing.catalogue import catalogue
from service.edge.errors import Erased, InvalidRequest, Refused
from service.edge.readers import Reader
from service.ledger.canonical import canonical, time_text
from service.ledger.checkpoints import BankCheckpoint, FundReceipt, checkpoint, consistency_from, countersigned
from service.ledger.contents import content_of, entries_with_keys
from service.ledger.kinds import Kind
from service.ledger.ledger_settings import settings_of
from service.ledger.months import span
from service.ledger.outer import SCOPE, outer_of, outer_secret
from service.ledger.redaction import SENT, answer_leaves, cut_of
from service.ledger.seal import FORM as ENTRY
from service.ledger.seal import FORM_1, header_of
from service.ledger.signing_keys import Signer
from service.ledger.stored_artifacts import POLICY, NotStored, bundle_parts, stored_artifact
from service.ledger.tables import ENTRIES, EntryRow
from service.ledger.tree import Tree
from service.ledger.turn import turn_of
from service.loan_files.steps import STEPS
from service.loan_files.tables import open_votes
from service.offline.verify import FORM

MOST_ENTRIES = 5000
"""Entries in one pack: what a reader's machine takes in minutes."""
OWN = (Kind.OPENING, Kind.KEY, Kind.RECEIPT, Kind.ANCHOR, Kind.RESUMED)
"""Entries about the ledger itself: in every pack of a period."""
PANEL, TREES = "panel.csv", "model.lgb"
"""Of a bundle: values of other firms, in no pack of a reader who does not see a whole answer; and the trees."""
_EPOCH = (1980, 1, 1, 0, 0, 0)


class NotYetSigned(Refused):
    """No checkpoint covers what is asked for."""

    status, problem = HTTPStatus.CONFLICT, "not-yet-signed"


class TooMuch(Refused):
    """A pack would hold too many entries."""

    status, problem = HTTPStatus.CONFLICT, "too-much"


@dataclass(frozen=True)
class Wanted:
    """What a pack is asked to hold, for whom; `since`: a size from which the reader wants history proven too.

    `fund`: which fund reads it, where it is known; whether entries are in its scope is shown then.
    """

    about: Mapping[str, str]
    entries: Sequence[int]
    reader: Reader
    since: int | None = None
    fund: str | None = None


def of_assessment(connection: Connection, assessment: str) -> list[int]:
    """The entries of an assessment and of what was done about it. Raises `NoSuchAssessment`."""
    own = row_of(connection, assessment).seq
    about = select(STEPS.c.seq).where(STEPS.c.assessment == assessment, STEPS.c.seq.not_in(open_votes()))
    done = connection.execute(about).scalars()
    return sorted({own, *done})


def of_period(connection: Connection, period: str, reach: Reach) -> list[int]:
    """The entries of a month or day (`2026-11`, `2026-11-20`) within reach, and those of the ledger itself.

    Days and months are those of the ledger's zone; of entries of form 1 those in UTC. Raises `InvalidRequest`.
    """
    try:
        begins, ends = span(period, settings_of(connection).zone)
    except (ValueError, OverflowError):
        raise InvalidRequest([fault("/period", "no_period", period=period)]) from None
    first_form = ENTRIES.c.form == FORM_1
    within = or_(
        and_(first_form, ENTRIES.c.at.startswith(period)),
        and_(~first_form, ENTRIES.c.at >= begins, ENTRIES.c.at < ends),
    )
    asked = select(ASSESSMENTS.c.seq).join(ENTRIES, ENTRIES.c.seq == ASSESSMENTS.c.seq)
    done = select(STEPS.c.seq).join(ASSESSMENTS, ASSESSMENTS.c.id == STEPS.c.assessment)
    done = done.join(ENTRIES, ENTRIES.c.seq == STEPS.c.seq).where(STEPS.c.seq.not_in(open_votes()))
    own = select(ENTRIES.c.seq).where(within, ENTRIES.c.kind.in_([kind.value for kind in OWN]))
    queries = (asked.where(within, reach.of(ASSESSMENTS)), done.where(within, reach.of(ASSESSMENTS)), own)
    found = {seq for query in queries for seq in connection.execute(query.limit(MOST_ENTRIES + 1)).scalars()}
    if len(found) > MOST_ENTRIES:
        raise TooMuch("too_many_entries", period=period, most=MOST_ENTRIES)
    return sorted(found)


def make_pack(connection: Connection, signer: Signer, wanted: Wanted, at: datetime) -> bytes:
    """The zip. Raises `NotYetSigned`."""
    signed, receipt = _checkpoint(connection, wanted)
    size = signed["checkpoint"]["size"]
    tree, members = Tree(connection, size), _Members(connection, wanted)
    proven = [seq for seq in wanted.entries if seq <= size]
    told = {
        "form": FORM,
        "reader": wanted.reader,
        "about": dict(wanted.about),
        "left_out": [seq for seq in wanted.entries if seq > size],
        "checkpoint": signed,
        "receipt": receipt,
        "consistency": consistency_from(connection, tree, wanted.since),
        "opening": _opening(connection, members, tree),
        "entries": [members.entry(row, tree) for row in _rows(connection, proven)],
    }
    beside = {"verify.py": _verifier(), "catalogue.json": _catalogue(connection)}
    content = members.content | {"pack.json": canonical(told)} | beside
    listed = {name: sha256(held).hexdigest() for name, held in content.items()}
    statement: dict[str, object] = {"form": FORM, "at": time_text(at), "members": listed}
    return _zipped(content | {"manifest.json": canonical(signer.signed("manifest", statement))})


def _catalogue(connection: Connection) -> bytes:
    """What the codes of answers mean, in both languages, by the policy in force: a pack is read without the service."""
    return msgspec.json.encode(catalogue(settings_of(connection).policy, LANGUAGES), order="sorted")


def _checkpoint(connection: Connection, wanted: Wanted) -> tuple[BankCheckpoint, FundReceipt | None]:
    """A checkpoint that covers at least the first entry: one that the fund countersigned, if there is one."""
    first = wanted.entries[0] if wanted.entries else 1
    both = countersigned(connection, first)
    if both is not None:
        return both
    own = checkpoint(connection, first)
    if own is None:
        raise NotYetSigned("not_yet_signed", entry=first)
    return own, None


def _opening(connection: Connection, members: "_Members", tree: Tree) -> dict[str, object] | None:
    """The opening entry, where the tree holds it."""
    seq = turn_of(connection).opening
    return None if seq is None or seq > tree.size else members.entry(next(iter(_rows(connection, [seq]))), tree)


def _rows(connection: Connection, entries: Sequence[int]) -> Iterable[EntryRow]:
    for start in range(0, len(entries), 500):
        wanted = entries_with_keys().where(ENTRIES.c.seq.in_(entries[start : start + 500]))
        yield from connection.execute(wanted.order_by(ENTRIES.c.seq))


class _Members:
    """The files that entries need beside them, gathered while the entries are written."""

    def __init__(self, connection: Connection, wanted: Wanted) -> None:
        self.connection, self.reader, self.fund = connection, wanted.reader, wanted.fund
        self.key = turn_of(connection).key
        self.content: dict[str, bytes] = {}

    def entry(self, row: EntryRow, tree: Tree) -> dict[str, object]:
        """An entry with its leaves as the reader may see them (null where its content was erased), and its proof."""
        told: dict[str, object] = {**vars(header_of(row)), "seal": row.seal}
        told["proof"] = [other.hex() for other in tree.inclusion(row.seq, tree.size)]
        if row.form == ENTRY:
            told["outer_leaves"] = self._outer(row)
        return told | {"leaves": self._leaves(row)}

    def _outer(self, row: EntryRow) -> list[list[str]]:
        """The outer leaves: all but what tells of the scope of other funds."""
        outer, secret = outer_of(row), outer_secret(self.key, row.before, row.seq)
        own = f"{SCOPE}{self.fund}"
        return [
            _leaf(secret, pointer, text, self.reader != "fund" or not pointer.startswith(SCOPE) or pointer == own)
            for pointer, text in sorted(outer.leaves.items())
        ]

    def _leaves(self, row: EntryRow) -> list[list[str]] | None:
        try:
            held = content_of(self.connection, row)
        except Erased:
            return None
        leaves = {pointer: canonical(value) for pointer, value in orjson.loads(held.body).items()}
        if held.answer is not None:
            leaves |= answer_leaves(held.answer, orjson.loads(held.answer), cut_of(leaves))
        kind = Kind(row.kind) if row.form == ENTRY else None
        shown = {pointer for pointer in leaves if is_shown(pointer, self.reader, kind)}
        if held.answer is not None:
            whole = all(pointer in shown for pointer in leaves if pointer.startswith("/answer/"))
            # The digest of all of it would show whether a guess of what is withheld is right.
            shown -= set() if whole else {SENT}
            self._beside(row.seq, held.answer, shown, leaves.keys() - shown)
        return [_leaf(held.secret, pointer, leaves[pointer], pointer in shown) for pointer in sorted(leaves)]

    def _beside(self, seq: int, sent: bytes, shown: Set[str], hidden: Set[str]) -> None:
        """Keep the answer as it left if the reader may see all of it, its bundle and its policy."""
        answer, kept_back = orjson.loads(sent), set[str]()
        if SENT in shown:
            self.content[f"sent/{seq}.json"] = sent
        else:
            kept_back |= {PANEL}
        # With the trees, hidden features could be searched for: whatever gives the log-odds that are shown.
        if any(pointer.startswith(("/answer/features", "/contributions")) for pointer in hidden):
            kept_back |= {TREES}
        name, digest = answer["versions"]["bundle"], answer["versions"]["policy"]
        if f"policies/{digest}.json" in self.content and f"bundles/{name}/bundle.sha256" in self.content:
            return
        try:
            self.content[f"policies/{digest}.json"] = stored_artifact(self.connection, digest, POLICY)
            parts = bundle_parts(self.connection, name)
        except NotStored:
            return  # the verifier says that it could not recompute what they are needed for
        self.content |= {f"bundles/{name}/{part}": text for part, text in parts.items() if part not in kept_back}


def _leaf(secret: bytes, pointer: str, text: bytes, shown: bool) -> list[str]:
    """A leaf as it is shown: pointer, salt and text; or its digest alone."""
    salt = hmac.digest(secret, pointer.encode(), "sha256")
    if shown:
        return [pointer, salt.hex(), text.decode()]
    return [sha256(b"\x00%b[%b,%b]" % (salt, canonical(pointer), text)).hexdigest()]


def _verifier() -> bytes:
    return files("service.offline").joinpath("verify.py").read_bytes()


def _zipped(content: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        for name in sorted(content):
            packed.writestr(zipfile.ZipInfo(name, _EPOCH), content[name], zipfile.ZIP_DEFLATED)
    return out.getvalue()
