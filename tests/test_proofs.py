"""The page of proofs: what is run again changes, what is not stays, and nothing fails quietly."""

from pathlib import Path

import pytest

from tests.proofs import Claims, Proof, all_claims, proof
from tests.proofs.__main__ import main


@pytest.fixture
def claims() -> Claims:
    """Two claims that hold and one whose run breaks off."""
    made: Claims = {}
    proof("world.figures", "The figures are near", made)(lambda: Proof("31 of 31", passed=True, detail="one year"))
    proof("world.truth", "The truth is hidden", made)(lambda: Proof("0 leaks", passed=True))
    proof("model.gini", "The model is near the truth", made)(lambda: Proof(f"{1 / 0}", passed=True))
    return made


def test_every_claim_is_run_and_a_broken_run_fails(claims: Claims, tmp_path: Path) -> None:
    """Without a name all run; the exit code is 1 where one fails, and the page says what broke."""
    assert main("", claims, tmp_path) == 1
    page = (tmp_path / "proof.md").read_text()
    assert "3 in all: 2 hold, 1 fail, 0 not yet run." in page
    assert "**holds**: 31 of 31" in page
    assert "**FAILS**: broke off: ZeroDivisionError" in page


def test_one_claim_run_again_keeps_the_others(claims: Claims, tmp_path: Path) -> None:
    """A name updates its line alone; the rest of the page stays as their own last run left it."""
    main("world", claims, tmp_path)
    del claims["world.truth"]
    proof("world.truth", "The truth is hidden", claims)(lambda: Proof("2 leaks", passed=False))
    assert main("world.truth", claims, tmp_path) == 1
    page = (tmp_path / "proof.md").read_text()
    assert "31 of 31" in page
    assert "2 leaks" in page
    assert "0 leaks" not in page
    assert "Not yet run: `make prove ONLY=model.gini`" in page


def test_a_claim_that_is_gone_leaves_the_page(claims: Claims, tmp_path: Path) -> None:
    """What no module claims any more is dropped from page and file at the next run."""
    main("world", claims, tmp_path)
    del claims["world.truth"]
    main("world", claims, tmp_path)
    assert "world.truth" not in (tmp_path / "proof.md").read_text() + (tmp_path / "proof.json").read_text()


def test_a_name_that_nobody_has_is_refused(claims: Claims, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A misspelt name runs nothing, names those that exist and writes no page; half a word is no name."""
    assert main("worl", claims, tmp_path) == 2
    assert "model.gini" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_two_proofs_of_one_name_are_refused(claims: Claims) -> None:
    """A second proof under a name that is taken cannot replace the first."""
    with pytest.raises(ValueError, match=r"world\.figures"):
        proof("world.figures", "Another", claims)(lambda: Proof("", passed=True))


def test_every_proof_can_be_run() -> None:
    """No module of proofs asks for what is not there any more."""
    assert {name.partition(".")[0] for name in all_claims()} >= {"ledger", "service", "state"}
