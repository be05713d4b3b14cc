"""An answer about a whitelist at the desk: it opens, and tells a likeness and no probability of default."""

from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from service.access.roles import Place
from service.edge.settings import Settings
from service.web.app import create_app
from tests.service.access.conftest import ORIGIN
from tests.service.conftest import NOON
from tests.service.desk.reading import page, text_of
from tests.service.loan_files.people import People
from tests.service.made import make_bundle, offering


def test_an_answer_of_a_screening_opens(tmp_path: Path) -> None:
    """From the results of a screening a firm's page and its peers open in both languages, with what its figure is."""
    make_bundle(tmp_path / "bundle", "whitelist")
    database = f"sqlite:///{tmp_path / 'ledger.db'}"
    with TestClient(create_app(Settings(database=database, bundles=(tmp_path / "bundle",), sign_in="none"))) as client:
        answer = client.post("/v1/assessments", json=offering(1, 3, 1, kind="whitelist")).json()
        words = (("zh", "准入相似度", "违约概率"), ("en", "Likeness", "Probability of default"))
        for language, likeness, default in words:
            headers = {"Cookie": f"pledgescore-language={language}"}
            for path in (f"/desk/assessments/{answer['id']}", f"/desk/assessments/{answer['id']}/peers"):
                told = client.get(path, headers=headers)
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


@pytest.mark.parametrize("language", ["zh", "en"])
def test_an_earlier_screening_is_listed_as_one(
    tmp_path: Path, desk_bundle: Path, list_bundle: Path, language: str
) -> None:
    """With its likeness, no PD and no grade, beside a loan's; of another branch it is no link to its officers."""
    bundles = (desk_bundle, list_bundle)
    settings = Settings(database=f"sqlite:///{tmp_path / 'ledger.db'}", bundles=bundles, per_client=1e6, sessions=1000)
    app = create_app(settings, lambda: NOON)
    with TestClient(app, base_url=ORIGIN, raise_server_exceptions=False) as client:
        bank = People(client, [NOON])
        other = bank.account("credit_officer", Place(bank.bank, "b2"), name="officer-b2")
        given = offering(1, 3, 1)
        given.pop("bank", None)
        listed, loan = (
            client.post("/v1/assessments", json=given | {"kind": kind}, headers=bank.as_(bank.lead)).json()
            for kind in ("whitelist", "pledge")
        )
        for who, opens in ((bank.lead, True), (other, False)):
            told = client.post("/v1/assessments", json=given | {"kind": "pledge"}, headers=bank.as_(who))
            html = page(bank, who, f"/desk/assessments/{told.json()['id']}", language).text
            aside = html[html.index('id="h-earlier"') :].partition("</section>")[0]
            assert [f'href="/desk/assessments/{one["id"]}"' in aside for one in (listed, loan)] == [opens, opens]
            line = next(row for row in aside.split("<tr>") if f"{listed['admission']['value']:.2%}" in row)
            assert {"zh": "准入相似度", "en": "Likeness"}[language] in line
            assert not any(word in line for word in ("PD", "风险等级", "Grade"))
            assert f"PD {loan['pd']['value']:.2%}" in aside
