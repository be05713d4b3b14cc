"""The commands about loan files: the walk of the READMEs from an assessment to a settled loan, and what is refused."""

import re
import shlex
from collections.abc import Callable, Iterator
from pathlib import Path
from shutil import copyfile
from typing import Any

import pytest
from click.testing import Result
from fastapi.testclient import TestClient

from features.phrase import Language
from service.commands import loan_file_client, loan_file_work
from service.edge.settings import Settings
from service.web.app import create_app
from tests.service.conftest import NOON
from tests.service.test_commands import run

ROOT = Path(__file__).parents[3]
README: dict[Language, Path] = {"en": ROOT / "README.md", "zh": ROOT / "README.zh.md"}
EXAMPLE = ROOT / "examples" / "loan_file" / "applicant.json"
DAYS = {
    "$(date +%F)": "2026-11-20",
    "$(date -d '+1 year' +%F)": "2027-11-20",
    "$(date -d '+3 months' +%F)": "2027-02-28",
}
Told = Callable[..., Result]


@pytest.fixture
def told(tmp_path: Path, prepared: Path, calm: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Told]:
    """Runs a command line against a service at noon that nobody signs in to."""
    copyfile(prepared, tmp_path / "ledger.db")
    settings = Settings(database=f"sqlite:///{tmp_path / 'ledger.db'}", bundles=(calm,), sign_in="none")
    monkeypatch.setattr(loan_file_work, "system_clock", lambda: NOON)
    with TestClient(create_app(settings, lambda: NOON)) as client:

        def asked(method: str, url: str, **more: Any) -> Any:
            del more["timeout"]
            return client.request(method, url, **more)

        monkeypatch.setattr(loan_file_client.httpx, "request", asked)
        yield run


def walk(language: Language, file: str) -> list[list[str]]:
    """The README's commands about a loan file behind the one that opens it, as words."""
    text = README[language].read_text("utf-8").replace("\\\n", " ")
    for name, given in {**DAYS, "$FILE": file}.items():
        text = text.replace(name, given)
    lines = [line for line in text.splitlines() if line.startswith("$ pledgescore file --as") or "file list" in line]
    words = [shlex.split(line, comments=True)[2:] for line in lines if line.startswith("$ ")]
    return [one for one in words if "open" not in one]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_walk_of_the_readme_settles_a_loan(told: Told, language: Language) -> None:
    """Every command as it is printed there; in the end the file is closed and shows all steps."""
    first = told("--words", language, "file", "--as", "li", "open", str(EXAMPLE))
    assert first.exit_code == 0, first.output
    found = re.search(r"[0-9a-f]{32}", first.stdout)
    assert found
    commands = walk(language, found[0])
    assert len(commands) == 10
    for words in commands:
        done = told("--words", language, *words)
        assert (done.exit_code, done.stderr) == (0, ""), words
    assert found[0] in done.stdout
    shown = told("--words", language, "file", "show", found[0]).stdout
    assert ("closed · repaid" if language == "en" else "结清 · 正常归还") in shown
    assert len(re.findall(r"^ +\d+  2026-11-20 12:00", shown, re.MULTILINE)) == 9, shown
    drawn = told("--words", language, "file", "drawn", "--month", "2026-11", "--state", "closed").stdout
    assert all(one in drawn for one in ("JJ-1", "HT-1", "Y2026980012345", found[0])), drawn


def test_what_is_refused_is_told(told: Told) -> None:
    """By the service in the language asked for, and before it where an option cannot be read; exit code 1."""
    opened = told("file", "--as", "li", "open", str(EXAMPLE))
    found = re.search(r"[0-9a-f]{32}", opened.stdout)
    assert found
    terms = ("--amount", "200万元", "--months", "12", "--with")
    same = told("--words", "zh", "file", "--as", "li", "submit", found[0], *terms, "li")
    assert (same.exit_code, "同一" in same.stderr or "两" in same.stderr) == (1, True), same.stderr
    none = told("--words", "none", "file", "--as", "li", "submit", found[0], *terms, "li")
    assert '"code":"same_person_twice"' in none.stderr
    for wrong, says in (
        (("submit", found[0], "--amount", "200", "--months", "12", "--with", "wang"), "needs its unit"),
        (("submit", found[0], *terms, "wang", "--seen", "0000"), "moved on"),
        (("submit", found[0], *terms, "wang", "--waive", "price"), "must look like"),
        (("show", "nothing"), "no such loan file"),
    ):
        refused = told("--words", "en", "file", "--as", "li", *wrong)
        assert refused.exit_code == 1
        assert says in refused.stderr or says in str(refused.exception), refused.output
