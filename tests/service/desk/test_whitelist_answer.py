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
