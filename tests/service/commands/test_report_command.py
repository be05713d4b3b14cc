"""`pledgescore report`: from the own ledger and from a service, in every form, and told where it cannot be."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi.testclient import TestClient
from typer.testing import CliRunner

import pledgescore
from service.edge.settings import Settings
from tests.service.reports.asked import question

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def assessment(client: TestClient, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> str:
    """An assessment in the ledger of the environment."""
    monkeypatch.setenv("PLEDGESCORE_DATABASE", settings.database)
    found: str = client.post("/v1/assessments", json=question("review")).json()["id"]
    return found


def told(*arguments: str) -> tuple[int, str]:
    """Exit code and what is printed."""
    done = CliRunner().invoke(pledgescore.app, ["--words", "zh", "report", *arguments])
    return done.exit_code, done.output + str(done.exception or "")


@pytest.mark.parametrize(("name", "starts"), [("r.html", b"<!doctype html>"), ("r.docx", b"PK"), ("r.json", b"{")])
def test_it_is_written_in_the_form_that_the_file_names(
    assessment: str, tmp_path: Path, name: str, starts: bytes
) -> None:
    """For print, for Word and as data, the page and the whole."""
    for more in ((), ("--full",)):
        code, text = told(assessment, str(tmp_path / name), *more)
        assert (code, "已写出" in text) == (0, True), text
        assert (tmp_path / name).read_bytes().startswith(starts)


def test_a_service_gives_what_the_ledger_gives(
    assessment: str, tmp_path: Path, client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With --service the same page comes over HTTP, and a refusal in words."""

    def request(method: str, url: str, **more: Any) -> httpx.Response:
        answer: httpx.Response = client.request(method, url.removeprefix("http://desk"), params=more["params"])
        return answer

    monkeypatch.setattr(httpx, "request", request)
    assert told(assessment, str(tmp_path / "own.json"))[0] == 0
    assert told(assessment, str(tmp_path / "asked.json"), "--service", "http://desk")[0] == 0
    own, asked = (json.loads((tmp_path / name).read_bytes()) for name in ("own.json", "asked.json"))
    assert own == asked
    code, text = told("no-such", str(tmp_path / "x.json"), "--service", "http://desk")
    assert code == 1, text


def test_another_form_and_an_unknown_assessment_are_refused(assessment: str, tmp_path: Path) -> None:
    """No file is written."""
    for arguments in ((assessment, str(tmp_path / "r.pdf")), ("no-such", str(tmp_path / "r.html"))):
        code, text = told(*arguments)
        assert code != 0, text
    assert list(tmp_path.glob("r.*")) == []
