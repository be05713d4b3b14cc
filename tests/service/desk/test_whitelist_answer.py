"""An answer about a whitelist at the desk: it opens, and tells a likeness and no probability of default."""

from pathlib import Path

from fastapi.testclient import TestClient

from service.edge.settings import Settings
from service.web.app import create_app
from tests.service.desk.reading import text_of
from tests.service.made import make_bundle, offering


def test_an_answer_of_a_screening_opens(tmp_path: Path) -> None:
    """From the results of a screening a firm's page opens in both languages, with what its figure means."""
    make_bundle(tmp_path / "bundle", "whitelist")
    database = f"sqlite:///{tmp_path / 'ledger.db'}"
    with TestClient(create_app(Settings(database=database, bundles=(tmp_path / "bundle",), sign_in="none"))) as client:
        answer = client.post("/v1/assessments", json=offering(1, 3, 1, kind="whitelist")).json()
        words = (("zh", "准入相似度", "违约概率"), ("en", "Likeness", "Probability of default"))
        for language, likeness, default in words:
            headers = {"Cookie": f"pledgescore-language={language}"}
            told = client.get(f"/desk/assessments/{answer['id']}", headers=headers)
            assert told.status_code == 200, told.text
            assert f"{likeness} {answer['admission']['value']:.2%}" in text_of(told.text)
            assert default not in text_of(told.text)


def test_a_screening_needs_no_application(tmp_path: Path) -> None:
    """Of a firm that applied twice a whitelist is asked without a number; a loan must say which application it is."""
    make_bundle(tmp_path / "whitelist", "whitelist")
    make_bundle(tmp_path / "pledge", "pledge")
    bundles = (tmp_path / "whitelist", tmp_path / "pledge")
    database = f"sqlite:///{tmp_path / 'ledger.db'}"
    body = offering(1, 3, 1, kind="whitelist")
    first = body["rows"]["applications"][0]
    body["rows"]["applications"].append(first | {"application": "second"})
    body.pop("application", None)
    with TestClient(create_app(Settings(database=database, bundles=bundles, sign_in="none"))) as client:
        listed = client.post("/v1/assessments", json=body)
        assert (listed.status_code, listed.json()["case"]["application"]) == (201, None), listed.text
        loan = client.post("/v1/assessments", json=body | {"kind": "pledge"})
        assert [one["code"] for one in loan.json()["errors"]] == ["application_ambiguous"]
