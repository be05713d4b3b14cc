"""HEAD wherever GET is: over HTTP on loopback, with the headers of the answer and nothing behind them."""

import http.client
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from fastapi.testclient import TestClient

from service.edge.settings import Settings
from service.web.app import create_app
from tests.service.conftest import NOON
from tests.service.desk.browsing import served
from tests.service.made import applicant

pytestmark = pytest.mark.sqlite_alone
VARY = {"date", "x-request-id", "content-length", "transfer-encoding"}


def test_head_is_get_without_its_body(tmp_path: Path, bundle: Path) -> None:
    """Status and headers are those of GET, of pages, JSON, a pack and refusals; where only POST is there is no HEAD."""
    settings = Settings(database=f"sqlite:///{tmp_path / 'ledger.db'}", bundles=(bundle,), sign_in="none")
    app = create_app(settings, lambda: NOON)
    with TestClient(app) as client, served(app) as origin:
        answer = client.post("/v1/assessments", json=applicant(1, patents=1)).json()["id"]
        place = urlsplit(origin)
        paths = ("/healthz", "/readyz", "/metrics", f"/v1/assessments/{answer}", "/v1/assessments/none", "/none",
                 f"/v1/assessments/{answer}/pack?for=bank", "/desk/help")  # fmt: skip
        for path in paths:
            told = {}
            for method in ("GET", "HEAD"):
                connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=30)
                connection.request(method, path)
                response = connection.getresponse()
                headers = {name.lower(): value for name, value in response.getheaders()}
                told[method] = response.status, {n: v for n, v in headers.items() if n not in VARY}, response.read()
                connection.close()
            assert told["HEAD"][:2] == told["GET"][:2], path
            assert (told["HEAD"][2], bool(told["GET"][2])) == (b"", True), path
        assert client.head("/v1/erasures/x/confirmation").status_code in (404, 405)
