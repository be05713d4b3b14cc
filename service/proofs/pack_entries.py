"""Entries as a pack shows them: in full, as a stub that tells whose they are not, or by header alone."""

import hmac
from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from hashlib import sha256

import orjson
from sqlalchemy import Connection

from service.assessing.audiences import is_shown
from service.edge.errors import Erased
from service.edge.readers import Reader
from service.ledger.canonical import canonical
from service.ledger.contents import content_of
from service.ledger.kinds import Kind
from service.ledger.outer import SCOPE, outer_of, outer_secret, stub
from service.ledger.redaction import SENT, answer_leaves, cut_of
from service.ledger.seal import FORM as ENTRY
from service.ledger.seal import Header, header_of
from service.ledger.stored_artifacts import POLICY, NotStored, bundle_parts, stored_artifact
from service.ledger.tables import EntryRow
from service.ledger.tree import Tree

PANEL, TREES = "panel.csv", "model.lgb"
"""Of a bundle: values of other firms, in no pack of a reader who does not see a whole answer; and the trees."""
PackedEntry = dict[str, object]
"""An entry as canonical JSON holds it: which members it has says how it is shown."""


@dataclass
class PackedEntries:
    """Writes entries for a reader; `beside` are files that they need.

    `with_models`: whether bundles and policies are gathered, `with_sent`: answers as they left.
    `key`: of the outer secrets; `fund`: whose scope is told; `closed`: votes that nobody reads yet.
    """

    reader: Reader
    fund: str | None
    key: bytes
    closed: Set[int] = frozenset()
    with_models: bool = True
    with_sent: bool = True
    beside: dict[str, bytes] = field(default_factory=dict)

    def whole(self, connection: Connection, row: EntryRow, tree: Tree | None = None) -> PackedEntry:
        """An entry with its leaves as the reader may see them (null where its content was erased)."""
        told = self.bare(row, tree)
        if row.form == ENTRY:
            told["outer_leaves"] = self._outer(row)
        return told | {"leaves": self._leaves(connection, row)}

    def bare(self, row: EntryRow, tree: Tree | None = None) -> PackedEntry:
        """Its header and seal, and the proof that it lies in the tree."""
        told: PackedEntry = {**vars(header_of(row)), "seal": row.seal}
        if tree is not None:
            told["proof"] = [other.hex() for other in tree.inclusion(row.seq, tree.size)]
        return told

    def in_scope(self, row: EntryRow) -> bool | None:
        """Whether the entry is in the fund's scope, as it was sealed; None where it does not say."""
        return None if self.fund is None else outer_of(row).scopes.get(self.fund)

    def stub(self, row: EntryRow, tree: Tree | None = None) -> PackedEntry:
        """What shows that an entry is not in the fund's scope."""
        header = header_of(row)
        assert isinstance(header, Header)
        assert self.fund is not None
        shown = stub(header, outer_of(row), outer_secret(self.key, row.before, row.seq), self.fund)
        return self.bare(row, tree) | shown

    def _outer(self, row: EntryRow) -> list[list[str]]:
        """The outer leaves: all but what tells of the scope of other funds, and who voted before the minutes."""
        outer, secret = outer_of(row), outer_secret(self.key, row.before, row.seq)
        own = f"{SCOPE}{self.fund}"
        hidden = {"/actor"} if row.seq in self.closed else set[str]()
        hidden |= {p for p in outer.leaves if self.reader == "fund" and p.startswith(SCOPE) and p != own}
        return [_leaf(secret, pointer, text, pointer not in hidden) for pointer, text in sorted(outer.leaves.items())]

    def _leaves(self, connection: Connection, row: EntryRow) -> list[list[str]] | None:
        try:
            held = content_of(connection, row)
        except Erased:
            return None
        leaves = {pointer: canonical(value) for pointer, value in orjson.loads(held.body).items()}
        if held.answer is not None:
            leaves |= answer_leaves(held.answer, orjson.loads(held.answer), cut_of(leaves))
        kind = Kind(row.kind) if row.form == ENTRY else None
        shown = {pointer for pointer in leaves if is_shown(pointer, self.reader, kind) and row.seq not in self.closed}
        if held.answer is not None:
            whole = all(pointer in shown for pointer in leaves if pointer.startswith("/answer/"))
            # The digest of all of it would show whether a guess of what is withheld is right.
            shown -= set() if whole else {SENT}
            if self.with_models:
                self._keep(connection, row.seq, held.answer, leaves, shown)
        return [_leaf(held.secret, pointer, leaves[pointer], pointer in shown) for pointer in sorted(leaves)]

    def _keep(
        self, connection: Connection, seq: int, sent: bytes, leaves: Mapping[str, bytes], shown: Set[str]
    ) -> None:
        """Keep the answer as it left if the reader may see all of it, its bundle and its policy."""
        answer, kept_back = orjson.loads(sent), set[str]()
        if SENT in shown:
            self.beside |= {f"sent/{seq}.json": sent} if self.with_sent else {}
        else:
            kept_back |= {PANEL}
        # With the trees, hidden features could be searched for: whatever gives the log-odds that are shown.
        if any(pointer.startswith(("/answer/features", "/contributions")) for pointer in leaves.keys() - shown):
            kept_back |= {TREES}
        name, digest = answer["versions"]["bundle"], answer["versions"]["policy"]
        if f"policies/{digest}.json" in self.beside and f"bundles/{name}/bundle.sha256" in self.beside:
            return
        try:
            self.beside[f"policies/{digest}.json"] = stored_artifact(connection, digest, POLICY)
            parts = bundle_parts(connection, name)
        except NotStored:
            return  # the verifier says that it could not recompute what they are needed for
        self.beside |= {f"bundles/{name}/{part}": text for part, text in parts.items() if part not in kept_back}


def _leaf(secret: bytes, pointer: str, text: bytes, shown: bool) -> list[str]:
    """A leaf as it is shown: pointer, salt and text; or its digest alone."""
    salt = hmac.digest(secret, pointer.encode(), "sha256")
    if shown:
        return [pointer, salt.hex(), text.decode()]
    return [sha256(b"\x00%b[%b,%b]" % (salt, canonical(pointer), text)).hexdigest()]
