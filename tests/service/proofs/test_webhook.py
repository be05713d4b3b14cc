"""Checkpoints posted to a webhook: again where no answer comes, and told where they do not arrive."""

from pathlib import Path
from typing import Any

import httpx
import pytest
import stamina

from tests.service.banked import open_bank
from tests.service.made import applicant

HOOK = "https://fund.example/hook?key=KEY-OF-THE-HOOK"


def test_a_checkpoint_is_posted_again_where_no_answer_comes(
    tmp_path: Path, bundle: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Three times at most; one that is refused is not repeated, and is told as undelivered until one arrives.

    The address holds a key, as those of messengers do: no log and no route tells it.
    """
    posted: list[Any] = []

    def post(url: str, *, json: Any, timeout: float) -> httpx.Response:
        posted.append(json)
        assert (url, timeout > 0) == (HOOK, True)
        if len(posted) in (1, 2):
            raise httpx.ConnectError("refused")
        return httpx.Response(500 if len(posted) == 4 else 200, request=httpx.Request("POST", url))

    monkeypatch.setattr(httpx, "post", post)
    database = f"sqlite:///{tmp_path / 'ledger.db'}"
    bank = open_bank(tmp_path, bundle, database, checkpoint_webhook=HOOK)
    with stamina.set_testing(True, attempts=3), bank.client:
        bank.ask(applicant(1, patents=2))
        for times, undelivered in ((3, set()), (4, {"webhook"}), (5, set())):
            bank.sign()
            assert len(posted) == times
            answers = [
                bank.client.get(path, params={"words": "en"}).text for path in ("/v1/ledger", "/readyz", "/metrics")
            ]
            assert not [one for one in (*answers, caplog.text) if "KEY-OF-THE-HOOK" in one]
            told = bank.client.get("/v1/ledger", params={"words": "none"}).json()["undelivered"]
            assert set(told) == undelivered
            assert all([one["code"] for one in why] == ["delivery_failed"] for why in told.values())
    assert "HTTP 500" in caplog.text
    assert posted[0] == posted[2]
