"""A pack is complete, or says of what it is not: of a loan file with a drawn and closed loan, and of a fund's month."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

import features
from service.ledger.signing_keys import load_signer
from service.offline import verify
from service.proofs.kind_table import verifier_table
from service.proofs.pack_plans import of_absent_file
from service.proofs.packs import Wanted, packed, planned
from tests.service import corrupting
from tests.service.banked import VERIFIER, Bank, open_bank
from tests.service.conftest import NOON
from tests.service.lent import LITTLE, TODAY, act, approved, drawn
from tests.service.made import offering
from tests.service.offline.lies import LIES, Lie

DECEMBER = datetime(2026, 12, 1, 4, tzinfo=UTC)
FUNDS = Path(features.__file__).parent / "policy" / "funds.yaml"


@dataclass
class Lent:
    """A bank in December, the loan file of a drawn and closed loan, and another one."""

    bank: Bank
    file: str
    other: str
    made: dict[str, bytes] = field(default_factory=dict)

    def pack(self, what: str) -> Path:
        """The fund's pack of a loan file, or of November."""
        if what == "month":
            path, query = "/v1/ledger/pack", {"period": "2026-11", "for": "fund"}
        else:
            path, query = f"/v1/loan-files/{getattr(self, what)}/pack", {"for": "fund"}
        if what not in self.made:
            told = self.bank.client.get(path, params=query)
            assert told.status_code == 200, told.text
            self.made[what] = told.content
        file = self.bank.place / f"{what}.zip"
        file.write_bytes(self.made[what])
        return file

    def judged(self, file: Path, lines: list[str] | None = None, index: Path | None = None) -> tuple[int, list[str]]:
        """The exit code, and the codes of what was found."""
        keys = {"bank": [self.bank.key], "fund": [self.bank.fund_key]}
        told = lines if lines is not None else []
        code, findings = verify.judged(file, keys, None, "", told.append, verify.Reads(index))
        return code, [one.code for one in findings]


@pytest.fixture(scope="module")
def lent(tmp_path_factory: pytest.TempPathFactory, bundle: Path) -> Iterator[Lent]:
    """Two loan files in November, one of them closed; the month is over, closed, signed and countersigned."""
    place, now = tmp_path_factory.mktemp("lent"), [NOON]
    (place / "policy").mkdir()
    text = FUNDS.read_text(encoding="utf-8").replace("{}}", "{f: [another]}}")
    (place / "policy" / "funds.yaml").write_text(text, encoding="utf-8")
    bank = open_bank(place, bundle, now=lambda: now[0], policy=place / "policy")
    with bank.client as client:
        one, two = (bank.ask(offering(seed))["id"] for seed in (1, 2))
        file, other = drawn(client, one), approved(client, two)
        act(client, file, "closure", closed_on=TODAY, outcome="repaid", loss=0, recovered=LITTLE, person="李明")
        now[0] = DECEMBER
        bank.app.state.pledgescore.checkpoint_signer.close_month("2026-11")
        bank.sign()
        bank.countersign(DECEMBER)
        yield Lent(bank, file, other)


def test_a_file_is_complete(lent: Lent) -> None:
    """Nothing is missing: exit 0, and decision, drawdown and closure are told in words."""
    lines: list[str] = []
    assert lent.judged(lent.pack("file"), lines) == (0, [])
    told = "\n".join(lines)
    assert "放款 drawn: 10,000.00 元 CNY, 2026-11-20" in told
    assert "结清 closed: 2026-11-20, 已还清 repaid" in told
    assert "决定 同意 approved" in told
    assert "for/供 fund" in told
    assert f"loan file/卷宗 {lent.file}" in told


def test_a_month_shows_of_others_number_and_time_alone(lent: Lent) -> None:
    """Of entries out of the fund's scope: header and one leaf; the month is complete."""
    file = lent.pack("month")
    assert lent.judged(file) == (0, [])
    pack = corrupting.told(corrupting.read(file))
    assert pack["reader"] == {"for": "fund", "fund": "f"}
    stubs = [entry for entry in pack["entries"] if "leaves" not in entry]
    assert len(stubs) > 5
    for stub in stubs:
        assert set(stub) == {
            *("form", "suite", "before", "seq", "at", "outer", "inner", "seal", "scope", "place", "size", "path")
        }
        assert stub["scope"][0] == "/scope/f"
        assert stub["scope"][2] == "false"
    assert {corrupting.kind_of(entry) for entry in pack["entries"] if "leaves" in entry} == {"opening"}


def test_a_month_holds_models_where_that_is_asked(lent: Lent, tmp_path: Path) -> None:
    """By default the bank's month names them by digest, and says what was not recomputed; with them it is checked."""
    told = {}
    for models in (False, True):
        query = {"period": "2026-11", "for": "bank", "models": models}
        answer = lent.bank.client.get("/v1/ledger/pack", params=query)
        assert answer.status_code == 200, answer.text
        file = tmp_path / f"{models}.zip"
        file.write_bytes(answer.content)
        lines: list[str] = []
        assert lent.judged(file, lines) == (0, [])
        members = {name.split("/")[0] for name in corrupting.read(file)}
        told[models] = ({"bundles", "policies"} <= members, "sent" in members, "is not in the pack" in "\n".join(lines))
    assert told == {False: (False, False, True), True: (True, False, False)}


def absence(lent: Lent, file: str, place: Path) -> Path:
    """The pack that shows that there is no such loan file."""
    state = lent.bank.app.state.pledgescore
    with state.engine.connect() as connection:
        subject = of_absent_file(connection, file)
        assert subject is not None
        plan = planned(connection, Wanted(subject, "fund"))
    place.write_bytes(b"".join(packed(state.engine, load_signer(lent.bank.place / "keys"), plan, DECEMBER)))
    return place


def test_that_there_is_no_such_file_is_proven(lent: Lent, tmp_path: Path) -> None:
    """Wherever among the heads it would lie; one that there is, or whose neighbours are others, is not absent."""
    own = load_signer(lent.bank.place / "keys")
    with lent.bank.app.state.pledgescore.engine.connect() as connection:
        assert of_absent_file(connection, lent.file) is None
    ends = set()
    for number in range(300):
        if number > 11 and len(ends) > 1:  # ids of files are random: a dozen others may all lie on one side of them
            break
        lines: list[str] = []
        file = absence(lent, f"{number:032x}", tmp_path / "absent.zip")
        assert lent.judged(file, lines) == (0, [])
        assert "无此卷宗" in "\n".join(lines)
        members = corrupting.read(file)
        head = corrupting.told(members)["head"]
        ends.add((head["before"] is None, head["after"] is None))
        for lie in ({"about": {"file": lent.file, "size": head["count"], "n": 0}}, {"head": head | {"count": 1}}):
            told = corrupting.told(members) | lie
            told["about"]["size"] = told["checkpoint"]["checkpoint"]["size"]
            forged = corrupting.write(corrupting.relisted(corrupting.saying(members, told), own), tmp_path / "lie.zip")
            assert lent.judged(forged)[0] == 1
        wide = head | {"before": None} if head["before"] else head | {"after": None}
        told = corrupting.told(members) | {"head": wide}
        forged = corrupting.write(corrupting.relisted(corrupting.saying(members, told), own), tmp_path / "lie.zip")
        assert lent.judged(forged) == (1, ["wrong"])
    assert len(ends) > 1


def test_a_month_tells_of_a_firm_that_it_was_not_assessed(lent: Lent, tmp_path: Path) -> None:
    """The bank's month names the assessments of a firm that is asked about; of another it says that there are none."""
    answer = lent.bank.client.get("/v1/ledger/pack", params={"period": "2026-11", "for": "bank"})
    (tmp_path / "month.zip").write_bytes(answer.content)
    keys = {"bank": [lent.bank.key], "fund": []}
    told = {}
    for firm in ("row:1", "row:999"):
        lines: list[str] = []
        assert verify.judged(tmp_path / "month.zip", keys, None, "", lines.append, verify.Reads(firm=firm)) == (0, [])
        told[firm] = next(line for line in lines if line.startswith("assessments of"))
    assert "1 笔" in told["row:1"]
    assert "0 笔" in told["row:999"]


@pytest.mark.parametrize("lie", LIES, ids=lambda lie: lie.tell.__name__)
def test_a_lie_ends_as_it_must(lent: Lent, lie: Lie) -> None:
    """Signed anew with the bank's own key, it is found, and said of what it is."""
    members, other = corrupting.read(lent.pack(lie.about)), corrupting.told(corrupting.read(lent.pack("other")))
    pack = corrupting.told(members)
    lie.tell(pack, other)
    own = load_signer(lent.bank.place / "keys")
    file = corrupting.write(corrupting.relisted(corrupting.saying(members, pack), own), lent.bank.place / "lie.zip")
    code, found = lent.judged(file)
    assert (code, lie.code in found) == (lie.exit, True), found


def test_findings_are_told_as_json(lent: Lent, capsys: pytest.CaptureFixture[str]) -> None:
    """`--json` gives exit code, word, lines and findings, in ASCII."""
    members = corrupting.read(lent.pack("file"))
    pack = corrupting.told(members)
    pack["left_out"] = [pack["about"]["size"] + 1]
    own = load_signer(lent.bank.place / "keys")
    file = corrupting.write(corrupting.relisted(corrupting.saying(members, pack), own), lent.bank.place / "json.zip")
    assert verify.main([str(file), "--bank-key", lent.bank.key, "--json"]) == 5
    out = capsys.readouterr().out
    assert out.isascii()
    told = json.loads(out)
    assert (told["exit"], [one["code"] for one in told["findings"]]) == (5, ["later"])


@pytest.mark.parametrize("period", ["2026-13", "2026-00", "9999-12", "0000-01", "2026-02-30", "1999-01", "2027-01"])
def test_periods_without_a_ledger_are_refused(lent: Lent, period: str) -> None:
    """No month, no day, or none on which there was a ledger: 422, never a signed pack of nothing."""
    told = lent.bank.client.get("/v1/ledger/pack", params={"period": period, "for": "fund"})
    assert told.status_code == 422, told.text


def test_the_verifier_knows_the_leaves_of_every_kind() -> None:
    """Its own table is that of the entries: `pledgescore ledger kinds --verifier` prints it."""
    assert verifier_table() in VERIFIER.read_text(encoding="utf-8")
    assert "loss" in verify.KINDS["closure"]
    assert "due-" in verify.KINDS["drawdown"]


def test_what_a_reader_saw_before_must_be_shown_again(lent: Lent, tmp_path: Path) -> None:
    """The reader's own index holds what packs showed: one that lacks some of it, or shows another, does not pass."""
    index, lines, kept_in = tmp_path / "index", list[str](), tmp_path / "index" / "entries.jsonl"
    assert lent.judged(lent.pack("file"), index=index) == (0, [])
    kept = kept_in.read_bytes()
    assert lent.judged(lent.pack("file"), lines, index) == (0, [])
    assert ", 0 are new to you" in "\n".join(lines)
    assert kept_in.read_bytes() == kept
    assert lent.judged(lent.pack("month"), index=index) == (0, [])
    first, *rest = kept.splitlines(keepends=True)
    last = json.loads(rest[-1])
    for told, found in (
        ({"seq": 900, "at": "2027-01-01T00:00:00.000000Z"}, (5, ["later"])),
        ({"seq": 1, "seal": "0" * 64}, (3, ["seen_before"])),
        ({"seal": "0" * 64}, (1, ["wrong"])),
    ):
        kept_in.write_bytes(first + verify.canonical(last | told) + b"\n")
        assert lent.judged(lent.pack("file"), index=index) == found


def test_an_index_that_cannot_be_used_is_the_readers(lent: Lent, tmp_path: Path) -> None:
    """A damaged index is misuse, and an index of another ledger says that the pack is of another history."""
    index = tmp_path / "entries.jsonl"
    head = {"form": verify.INDEX_FORM, "ledger": "ab" * 32}
    for text, code in ((b"no json\n", 2), (b"[]\n", 2), (verify.canonical(head) + b"\n", 1)):
        index.write_bytes(text)
        assert lent.judged(lent.pack("file"), index=tmp_path)[0] == code
        assert index.read_bytes() == text, "what does not hold changes nothing"
