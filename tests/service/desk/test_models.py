"""模型 at the desk: what serves and what stands beside it, calibration, gate and card, and a validator's signature."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from models.score.kind import KindName
from service.access.roles import Place
from service.assessing.model_sources import FoundBundle, RegistryAway
from service.desk.charts import Calibrated, calibration
from tests.service.desk.reading import page, text_of
from tests.service.desk.test_acts import OWN_PAGE
from tests.service.loan_files.people import Body, People
from tests.service.made import make_bundle

CARD: Body = {
    "gate": {"least_events": 100, "least_test_events": 50},
    "learned": {"cases": 5866, "events": 247},
    "judged": {"cases": 2471, "events": 49},
    "grades": [
        {"grade": "1", "cases": 43, "events": 0, "expected": 0.0021, "observed": 0.0, "low": 0.0, "high": 0.0822},
        {"grade": "2", "cases": 502, "events": 90, "expected": 0.0703, "observed": 0.1793, "low": 0.14, "high": 0.22},
    ],
    "figures": [{"name": "auc", "value": 0.7452, "low": 0.6808, "high": 0.8004, "cases": 2471, "events": 75}],
    "not_for": ["regulatory_capital"],
    "split": {"code": "split.out_of_time"},
    "data": {"name": "<b>made up</b>", "facts": {"loans": 30000}},
    "central_tendency": None,
}
"""What a training run leaves; the model was judged by too few events."""


@dataclass
class Beside:
    """A registry that names one challenger, or is away."""

    moves = False
    folder: Path | None
    away: bool = False

    def found(self) -> Mapping[KindName, FoundBundle]:
        """Nothing moves."""
        return {}

    def challengers(self) -> Mapping[KindName, FoundBundle]:
        """The challenger."""
        if self.away:
            raise RegistryAway("registry_missing", file="mlflow.db")
        return {} if self.folder is None else {"pledge": FoundBundle(self.folder, None, "7")}

    def page_of(self, kind: KindName, version: str) -> str | None:
        """As a server would have it."""
        return f"https://mlflow.example/#/models/pledgescore-{kind}/versions/{version}"


@pytest.fixture(scope="module")
def validator(bank: People) -> str:
    """Whoever signs models, and makes none."""
    return bank.account("validator", Place(bank.bank), name="validator-1")


@pytest.fixture(scope="module")
def challenging(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of another bundle."""
    folder = tmp_path_factory.mktemp("challenger")
    make_bundle(folder, card=CARD)
    return folder


@pytest.fixture
def registry(bank: People, challenging: Path, monkeypatch: pytest.MonkeyPatch) -> Beside:
    """A registry in the place of the folders."""
    source = Beside(challenging)
    monkeypatch.setattr(bank.state.model_store, "_source", source)
    return source


def models(bank: People, who: str, language: str = "zh") -> Body:
    """What the API tells."""
    told = bank.client.get("/v1/models", params={"words": language}, headers=bank.as_(who))
    assert told.status_code == 200, told.text
    found: Body = told.json()
    return found


@pytest.mark.parametrize("language", ["zh", "en"])
def test_champions_and_challengers_stand_apart(bank: People, validator: str, registry: Beside, language: str) -> None:
    """Each under its heading with gate and validation; the challenger leads to its page in MLflow."""
    told = models(bank, validator)
    serves, other = told["items"][0], told["challengers"][0]
    assert (serves["bundle"] != other["bundle"], other["version"]) == (True, "7")
    shown = page(bank, validator, "/desk/models", language).text
    champions, challengers = shown.split('id="h-challengers"')
    assert f"/desk/models/{serves['bundle']}" in champions
    assert f"/desk/models/{other['bundle']}" in challengers
    one = page(bank, validator, f"/desk/models/{other['bundle']}", language).text
    assert f'href="{other["registry"]}"' in one
    page(bank, validator, "/desk/models/nothing", language, expect=404)


def test_a_registry_that_is_away_leaves_challengers_unknown(bank: People, validator: str, registry: Beside) -> None:
    """What serves is told; that there is no challenger is not."""
    registry.away = True
    told = models(bank, validator, "en")
    assert told["items"]
    assert "mlflow.db" in told["unknown"]["faults"][0]["message"]
    shown = text_of(page(bank, validator, "/desk/models").text)
    assert "? 无法得知" in shown
    assert "没有候选模型" not in shown


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_card_is_shown_as_it_is(bank: People, validator: str, registry: Beside, language: str) -> None:
    """Gate, calibration by grade, figures and the rest to the digits shown; a grade outside its interval is told."""
    one = models(bank, validator)["challengers"][0]
    assert one["gate"] == {
        "learned": 247, "least_learned": 100, "judged": 49, "least_judged": 50, "passes": False,
    }  # fmt: skip
    text = " ".join(text_of(page(bank, validator, f"/desk/models/{one['bundle']}", language).text).split())
    said = {"zh": ("✕ 未达到", "! 区间外", "不得用于"), "en": ("✕ not passed", "! outside", "Not to be used for")}
    assert all(words in text for words in said[language])
    for told in ("247 / 100", "49 / 50", "0.21%", "17.93%", "14.00% – 22.00%", "0.7452", "30,000", "<b>made up</b>"):
        assert told in text
    assert "split.out_of_time" not in text
    bare = models(bank, validator)["items"][0]
    unknown = text_of(page(bank, validator, f"/desk/models/{bare['bundle']}", language).text)
    assert (bare["gate"], bare["calibration"]) == (None, [])
    assert {"zh": "? 无记录", "en": "? not kept"}[language] in unknown


def test_a_validator_signs_and_nobody_else(bank: People, validator: str) -> None:
    """An entry with findings and an end; what is wrong is told and kept; whoever makes models has no form."""
    bundle = models(bank, validator)["items"][0]["bundle"]
    path = f"/desk/models/{bundle}/validation"

    def send(who: str, **fields: Any) -> Any:
        headers = {**bank.as_(who), **OWN_PAGE}
        return bank.client.post(path, data=fields, headers=headers, follow_redirects=False)

    maker = bank.account("data_scientist", Place(bank.bank), name="maker-1")
    assert send(maker, outcome="signed", expires_on="2027-11-20").status_code == 403
    assert "<textarea" not in page(bank, maker, f"/desk/models/{bundle}").text
    wrong = send(validator, outcome="refused", findings="", expires_on="")
    assert (wrong.status_code, 'role="alert"' in wrong.text) == (422, True)
    assert 'value="refused" required checked' in wrong.text
    told = send(validator, outcome="signed", expires_on="2027-11-20", findings="校准相符\n样本偏少")
    assert (told.status_code, told.headers["location"]) == (303, f"/desk/models/{bundle}?did=validation")
    signed = models(bank, validator)["items"][0]["validation"]
    assert (signed["outcome"], signed["by"], signed["findings"]) == ("signed", validator, ["校准相符", "样本偏少"])
    assert (signed["expires_on"], signed["expired"]) == ("2027-11-20", False)
    shown = text_of(page(bank, maker, f"/desk/models/{bundle}").text)
    assert "样本偏少" in shown
    assert "✓ 同意使用" in shown


def test_the_chart_holds_every_grade() -> None:
    """A dash, a dot and a bar for each, within the picture, the cases below; nothing came is a dot at nought."""
    rows = [Calibrated("1", 0.01, 0.0, 0.0, 0.08, 43), Calibrated("2", 0.5, 0.9, 0.4, 1.0, 1_000)]
    drawn = str(calibration(rows, "in 2 of 2 <grades>"))
    assert drawn.count('class="range"') == drawn.count('class="middle"') == drawn.count('class="point"') == 2
    assert "1,000" in drawn
    assert "&lt;grades&gt;" in drawn
    assert "style" not in drawn
    assert "-" not in "".join(part for part in drawn.split('"') if part[:1].isdigit())
    assert str(calibration([], "none"))
