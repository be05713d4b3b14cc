"""What a fund is told of an answer: what it may see, whole, and nothing that follows from what it may not."""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from features.columns import AUDIENCES
from features.registry import CATALOGUE
from models.rules.registry import RULES
from models.score.kind import KindName
from service.assessing.audiences import FUND_RULES, QUOTING, WORKINGS, audience_of, cut_for
from service.edge.readers import READERS
from service.ledger.canonical import float_text
from service.ledger.redaction import CUT, cut_of
from service.offline.verify import Pack, Shown, Wrong, answer_of, check_answer
from tests.service import corrupting, older
from tests.service.banked import Bank, open_bank, verified
from tests.service.guarded import HIDDEN, altered, guarded, guarded_bundle
from tests.service.leaking import differing, shown_in
from tests.service.reading import audiences, read_by_features, read_by_rules

ALTERED = 6
LINES = {"score": {("measures", "measure"), ("measures", "value")}}
"""What a conclusion is held against: the bank's rate of bad loans, which sets a line of the score."""
KINDS: tuple[KindName, ...] = ("pledge", "whitelist")


def test_a_feature_is_for_nobody_who_may_not_see_what_it_reads() -> None:
    """The stated audience is at least as strict as that of any column that the feature read of generated firms."""
    for name, read in read_by_features(range(3)).items():
        strictest = max(map(AUDIENCES.index, audiences(read)), default=0)
        assert AUDIENCES.index(audience_of(name)) >= strictest, (name, read)
    assert {audience_of(name) for name in CATALOGUE} == {"fund", "bank", "person"}


def test_a_rule_for_the_fund_reads_nothing_that_is_not() -> None:
    """No rule for the fund read a column, a paper or a measure of the bank's but for a line; who quotes is known."""
    for code, read in read_by_rules(range(6)).items():
        if code in FUND_RULES:
            assert audiences(read - LINES.get(code, set())) <= READERS["fund"], (code, read)
            assert code in QUOTING or "source" not in {name for _, name in read}, code
    assert not FUND_RULES - RULES.keys()


@pytest.fixture(scope="module")
def bundles(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ...]:
    """A bundle of each kind that reads features of the bank and of persons."""
    return tuple(guarded_bundle(tmp_path_factory.mktemp(kind), kind) for kind in KINDS)


@pytest.fixture(scope="module")
def banks(tmp_path_factory: pytest.TempPathFactory, bundles: tuple[Path, ...]) -> Iterator[tuple[Bank, Bank]]:
    """Two banks that know nothing of each other."""
    one, other = (open_bank(tmp_path_factory.mktemp("bank"), bundles[0], beside=bundles[1:]) for _ in range(2))
    with one.client, other.client:
        yield one, other


@pytest.mark.parametrize(("kind", "first"), [("pledge", 0), ("whitelist", 100)])
def test_what_a_fund_is_told_does_not_change_with_what_it_may_not_see(
    banks: tuple[Bank, Bank], kind: str, first: int
) -> None:
    """Every value of bank and persons altered, a fund's pack differs in the conclusions alone, and in its own ids."""
    changed = 0
    for seed in range(first, first + ALTERED):
        body = guarded(seed) | {"kind": kind}
        ids = [bank.ask(asked)["id"] for bank, asked in zip(banks, (body, altered(body, seed)), strict=True)]
        packs = []
        for bank, own in zip(banks, ids, strict=True):
            bank.sign()
            packs.append(shown_in(bank, own))
        assert not differing(*packs)
        changed += packs[0]["/answer/log_odds"] != packs[1]["/answer/log_odds"]
    assert changed


def test_a_fund_sees_why_and_a_bank_all(banks: tuple[Bank, Bank]) -> None:
    """Features, reasons and findings that are for a fund are in its pack; the bank's pack holds the whole answer."""
    bank = banks[0]
    told = bank.ask(guarded(50))
    bank.sign()
    packs = {reader: corrupting.read(bank.pack(told["id"], reader)) for reader in READERS}
    seen = {reader: answer_of(_leaves(members)) for reader, members in packs.items()}
    names = {reader: {one["name"] for one in answer["features"]} for reader, answer in seen.items()}
    persons = {name for name in HIDDEN if audience_of(name) == "person"}
    assert names["bank"] - names["fund"] == set(HIDDEN)
    assert names["bank"] - names["court"] == persons
    assert {one["feature"] for one in seen["fund"]["reasons"]} <= names["fund"]
    assert {one["rule"] for one in seen["fund"]["findings"]} == {one["rule"] for one in told["findings"]} & FUND_RULES
    for part, workings in WORKINGS.items():
        assert {reader: workings.keys() & answer[part].keys() for reader, answer in seen.items()} == {
            "bank": workings.keys(), "court": workings.keys(), "fund": set()
        }  # fmt: skip
    assert _sent(packs["bank"]) == {part: value for part, value in told.items() if part != "record"}
    for reader, members in packs.items():
        held = {name.split("/")[0] for name in members} | {name.split("/")[-1] for name in members}
        assert ({"sent", "model.lgb", "panel.csv"} <= held) == (reader == "bank")
        found = verified(bank.place / f"{told['id']}-{reader}.zip", "--bank-key", bank.key)
        assert found.returncode == 0, found.stdout
        assert ("reasons withheld" in found.stdout) == (reader != "bank")


def test_no_more_is_left_out_than_the_entry_says(banks: tuple[Bank, Bank]) -> None:
    """A fund's leaf without a feature that `/cut` does not name, or a reason that says another value, is no proof."""
    bank = banks[0]
    told = bank.ask(guarded(60))
    bank.sign()
    pack = Pack(bank.pack(told["id"], "fund"), [bank.key])
    shown = Shown(next(pack.entries())).leaves
    assert list(check_answer(pack, told["record"]["entry"], shown, unsaid := Counter[str]()))
    assert any("bureau_arrears" in line for line in unsaid)
    for part, said in (("features", "withheld"), ("reasons", "another")):
        pointer = f"/answer/{part}/fund"
        first, *rest = shown[pointer]
        changed = rest if part == "features" else [first | {"observed": float_text(-7.5)}, *rest]
        with pytest.raises(Wrong, match=said):
            list(check_answer(pack, told["record"]["entry"], shown | {pointer: changed}, Counter()))


def _leaves(members: corrupting.Members) -> dict[str, object]:
    entry = corrupting.told(members)["entries"][0]
    return {leaf[0]: json.loads(leaf[2]) for leaf in entry["leaves"] if len(leaf) == 3}


def _sent(members: corrupting.Members) -> dict[str, object]:
    """The answer as it left; the verifier compares it with what the leaves are put together to."""
    sent: dict[str, object] = json.loads(next(held for name, held in members.items() if name.startswith("sent/")))
    return sent


@pytest.mark.parametrize("alone", ["bureau_balance_to_assets", "controller_share"])
def test_no_reason_is_withheld_alone(alone: str) -> None:
    """Its points would be what the others lack to the score; so another reason is withheld with it."""
    cut = cut_of({CUT: cut_for((alone, "debt_ratio", "staff"))})
    assert cut is not None
    assert cut.features.keys() == {alone}
    assert cut.reasons.keys() == {alone, "debt_ratio"}
    for reader in ("fund", "court"):
        assert sum(own not in READERS[reader] for own in cut.reasons.values()) != 1


def test_a_model_that_reads_nothing_of_the_bank_withholds_no_reason() -> None:
    """All of its features are for the fund, so are its reasons."""
    cut = cut_of({CUT: cut_for(("debt_ratio", "staff"))})
    assert cut is not None
    assert not cut.features
    assert not cut.reasons


def test_an_entry_of_before_is_shown_by_whole_parts(tmp_path: Path, bundles: tuple[Path, ...]) -> None:
    """It says nothing of how it is cut: what was the bank's alone stays so, and every reader's pack verifies."""
    older.unpack(tmp_path)
    bank = open_bank(tmp_path, bundles[0])
    with bank.client:
        first = bank.client.get("/v1/assessments", params={"limit": older.ENTRIES}).json()["items"][-1]["id"]
        bank.sign()
        for reader in READERS:
            leaves = _leaves(corrupting.read(bank.pack(first, reader)))
            assert ("/answer/features" in leaves) == (reader != "fund")
            assert CUT not in leaves
            assert "/answer/points" in leaves
            said = verified(tmp_path / f"{first}-{reader}.zip", "--bank-key", bank.key)
            assert (said.returncode, "[first_form]" in said.stdout) == (3, True)
