"""A ledger that began in form 1 and went on in form 2, with erasures in both: the one about which banks lie here."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import md5
from pathlib import Path
from typing import Any

from fastapi.testclient import TestClient
from sqlalchemy import select

import features
from features.policy import shipped
from service.access.roles import UNBOUND
from service.decisions.erasure import Person, ask, confirm
from service.ledger.canonical import canonical
from service.ledger.seal import header_of
from service.ledger.signing_keys import Signer, load_signer
from service.ledger.tables import ENTRIES
from service.offline import verify
from service.offline.verify import Conclusion, included, sha, tree_root
from tests.service import corrupting, form1
from tests.service.banked import Bank, open_bank
from tests.service.conftest import NOON
from tests.service.corrupting import Members, Told, leaf_hash, path_of
from tests.service.lent import LITTLE, TODAY, act, approved, drawn, file_of, withdrawal
from tests.service.made import offering

DECEMBER = datetime(2026, 12, 1, 4, tzinfo=UTC)
LATER = NOON + timedelta(days=366 * 11)
"""When no retention period runs any more."""
FUNDS = Path(features.__file__).parent / "policy" / "funds.yaml"
HEADER = ("form", "suite", "before", "seq", "at", "outer", "inner")
HEADER_1 = ("suite", "before", "seq", "at", "actor", "kind", "root")


@dataclass
class Mixed:
    """The bank, its headers of all entries, and packs by what they are about."""

    bank: Bank
    about: dict[str, str]
    older: Told
    headers: dict[int, Told] = field(default_factory=dict)
    made: dict[str, Members] = field(default_factory=dict)

    @property
    def newest(self) -> Told:
        """The last checkpoint of the bank."""
        found: Told = self.pack("file")["checkpoint"]
        return found

    @property
    def own(self) -> Signer:
        """The bank's key, with which a lying bank signs."""
        return load_signer(self.bank.place / "keys")

    def members(self, what: str) -> Members:
        """A pack for the fund: of a file or assessment by name, of a month or day; by another, as in `file@bank`."""
        if what not in self.made:
            name, _, reader = what.partition("@")
            query = {"for": reader or "fund", "since": str(self.older["checkpoint"]["size"])}
            path = self.about[name]
            if name.startswith(("month", "day")):
                query |= {"period": path.rpartition("=")[2]} | ({} if reader else {"fund": name[-1]})
                path = path.partition("?")[0]
            told = self.bank.client.get(path, params=query)
            assert told.status_code == 200, told.text
            file = self.bank.place / "made.zip"
            file.write_bytes(told.content)
            self.made[what] = corrupting.read(file)
        return dict(self.made[what])

    def pack(self, what: str) -> Told:
        """What it says, to be changed."""
        return corrupting.told(self.members(what))

    def judged(
        self, members: Members | bytes, earlier: Any = None, reads: verify.Reads | None = None
    ) -> tuple[int, list[Conclusion], list[str]]:
        """The exit code, what was found and what was told."""
        file, lines = self.bank.place / "judged.zip", list[str]()
        file.write_bytes(members) if isinstance(members, bytes) else corrupting.write(members, file)
        keys = {"bank": [self.bank.key], "fund": [self.bank.fund_key]}
        code, findings = verify.judged(file, keys, earlier, "", lines.append, reads)
        return code, findings, lines

    def resealed(self, pack: Told, **also: object) -> Told:
        """The pack of a bank that lied from the beginning: all links, roots, seals, proofs and signatures made anew.

        Headers of entries that the pack does not hold are those of the ledger, chained on; the fund countersigned.
        """
        new: dict[str, str] = {}
        shown = _by_number(pack)
        before, hashes = "0" * 64, list[bytes]()
        for seq, held in sorted(self.headers.items())[: pack["checkpoint"]["checkpoint"]["size"]]:
            header = dict(held)
            for entry in shown.get(seq, ()):
                header |= {name: entry[name] for name in header if name in entry and entry[name] != held[name]}
                _follow(entry, new)
                if entry is pack["beside"]["anchor"] and pack["head"] is not None:
                    _move_head(entry, pack["head"], new)
                header |= _roots(entry)
            header["before"] = before
            names = HEADER if "form" in header else HEADER_1
            before = new[held["seal"]] = sha(canonical([header[name] for name in names])).hex()
            for entry in shown.get(seq, ()):
                entry.update(header, seal=before)
            hashes.append(sha(b"\x00", bytes.fromhex(before)))
        for entries in shown.values():
            for entry in entries:
                if "proof" in entry:
                    entry["proof"] = [other.hex() for other in path_of(hashes, entry["seq"] - 1)]
        statement = pack["checkpoint"]["checkpoint"] | {"root": tree_root(hashes).hex(), "seal": before}
        statement |= {"ledger": new[self.headers[1]["seal"]]} | also
        pack["checkpoint"] = self.own.signed("checkpoint", statement)
        of = sha(canonical(pack["checkpoint"]["checkpoint"])).hex()
        told = pack["receipt"]["receipt"] | {"ledger": statement["ledger"], "root": statement["root"], "checkpoint": of}
        pack["receipt"] = self.bank.fund_signer.signed("receipt", told)
        return pack

    def signed(self, members: Members, pack: Told) -> Members:
        """The members with what is said, listed under the bank's signature."""
        return corrupting.relisted(corrupting.saying(members, pack), self.own, pack.get("made_at", NOW))


CLOSED = {"closed_on": TODAY, "outcome": "repaid", "loss": 0, "person": "李明"}
NOW = "2026-12-01T04:00:00.000000Z"


def _by_number(pack: Told) -> dict[int, list[Told]]:
    """Each time that an entry stands in a pack."""
    shown: dict[int, list[Told]] = {}
    for one in (*pack["entries"], *pack["beside"].values()):
        for entry in one if isinstance(one, list) else [one]:
            if entry is not None:
                shown.setdefault(entry["seq"], []).append(entry)
    return shown


def _roots(entry: Told) -> Told:
    """The roots over the leaves of an entry, as far as they are told."""
    pairs = (("outer", "outer_leaves"), ("inner", "leaves"), ("root", "leaves"))
    told = [(name, entry[leaves]) for name, leaves in pairs if entry.get(leaves) and name in entry]
    return {name: tree_root([leaf_hash(leaf) for leaf in leaves]).hex() for name, leaves in told}


def _move_head(anchor: Told, head: Told, new: dict[str, str]) -> None:
    """Let the anchor seal the head as it is told."""
    head["seal"] = new.get(head["seal"], head["seal"])
    leaf = canonical([head["digest"], head["n"], head["seal"], head["settled"]])
    path = [bytes.fromhex(other) for other in head["path"]]
    root = included(sha(b"\x00", leaf), head["place"], head["count"], path)
    set_leaf(anchor, "/files", {"count": head["count"], "root": root.hex()})


def _follow(entry: Told, new: dict[str, str]) -> None:
    """Let what an entry says of seals before be said of the new ones."""
    for leaves in ("outer_leaves", "leaves"):
        for leaf in entry.get(leaves) or ():
            if len(leaf) == 3 and leaf[0] in ("/file", "/firm", "/seen", "/last", "/assessment", "/form1", "/month"):
                for old in [old for old in new if old in leaf[2]]:
                    leaf[2] = leaf[2].replace(old, new[old])


def set_leaf(entry: Told, pointer: str, value: object, leaves: str = "leaves") -> None:
    """Another value under a pointer that is shown."""
    found = next(leaf for leaf in entry[leaves] if leaf[0] == pointer)
    found[2] = canonical(value).decode()


@contextmanager
def mixed(place: Path, bundle: Path) -> Iterator[Mixed]:
    """Sixteen weeks in form 1, two loan files of form 2, one erased, one that takes an entry of form 1 up; December."""
    fixture, now = form1.unpack("sqlite", place), [NOON]
    for file in (fixture.place / "fund").glob("fund*.pem"):
        shutil.copy(file, fixture.place / file.name)
    (place / "policy").mkdir()
    text = FUNDS.read_text(encoding="utf-8").replace("{}}", "{f: [another], g: [bank-1]}}")
    (place / "policy" / "funds.yaml").write_text(text, encoding="utf-8")
    url = form1.restore_sqlite(fixture, place / "ledger.db")
    bank = open_bank(place, bundle, url, now=lambda: now[0], policy=place / "policy")
    with bank.client as client:
        listed = client.get("/v1/assessments", params={"limit": 100}).json()["items"]
        done = {one["id"]: _done(client, one["id"]) for one in listed if one["kind"] == "pledge" and one["application"]}
        first, taken = (
            next(one for one, acts in done.items() if acts == kinds)
            for kinds in (["decision", "drawdown", "closure"], ["decision", "drawdown"])
        )
        paid = drawn(client, bank.ask(offering(101))["id"])
        bank.sign()
        bank.countersign()
        older = client.get("/v1/ledger/checkpoint").json()
        yesterday = client.get(f"/v1/loan-files/{paid}/pack?for=fund").content
        other = approved(client, bank.ask(offering(102))["id"])
        act(client, paid, "closure", closed_on=TODAY, outcome="repaid", loss=0, recovered=LITTLE, person="李明")
        gone = bank.ask(offering(103))["id"]
        assert withdrawal(client, gone).status_code == 201
        erase(bank, "row:103")
        anew = offering(101, application="a2")
        anew["rows"]["applications"][0]["application"] = "a2"
        again = bank.ask(anew)["id"]
        told = client.post(f"/v1/assessments/{taken}/closure", json=CLOSED)
        assert told.status_code == 201, told.text
        now[0] = DECEMBER
        bank.app.state.pledgescore.checkpoint_signer.close_month("2026-11")
        bank.sign()
        bank.countersign(DECEMBER)
        files = {"file": paid, "other": other, "again": file_of(client, again), "taken": told.json()["loan_file"]["id"]}
        about = {name: f"/v1/loan-files/{one}/pack" for name, one in files.items()}
        about |= {"erased": f"/v1/assessments/{gone}/pack", "first": f"/v1/assessments/{first}/pack"}
        about |= {f"month_{fund}": "/v1/ledger/pack?period=2026-11" for fund in "fg"}
        about |= {f"day_{fund}": "/v1/ledger/pack?period=2026-11-20" for fund in "fg"}
        bank_of_it = Mixed(bank, about, older, _headers(bank))
        (place / "yesterday.zip").write_bytes(yesterday)
        bank_of_it.made["yesterday"] = corrupting.read(place / "yesterday.zip")
        yield bank_of_it


def _done(client: TestClient, assessment: str) -> list[str]:
    return [one["kind"] for one in client.get(f"/v1/assessments/{assessment}/acts").json()["items"]]


def erase(bank: Bank, firm: str) -> None:
    """Both persons want it, after every period is over."""
    engine, policy = bank.app.state.pledgescore.engine, shipped()
    one, two = (
        Person(md5(name, usedforsecurity=False).hexdigest(), UNBOUND, LATER, LATER.date()) for name in (b"one", b"two")
    )
    confirm(engine, ask(engine, firm, "retention_over", one, policy).id, two, policy)


def _headers(bank: Bank) -> dict[int, Told]:
    with bank.app.state.pledgescore.engine.connect() as connection:
        rows = connection.execute(select(ENTRIES).order_by(ENTRIES.c.seq)).all()
        return {row.seq: {**vars(header_of(row)), "seal": row.seal} for row in rows}
