"""A table of firms screened, beside the same firms asked of the service one by one."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta, timezone
from io import BytesIO
from pathlib import Path
from typing import Any

import polars as pl
from fastapi.testclient import TestClient

from features.lake import Lake
from service.edge.settings import Settings
from service.web.app import create_app
from training.screening.screen import ScreeningQuestion, identity, screened

Row = Mapping[str, Any]
CHINA = timezone(timedelta(hours=8))


def screened_rows(question: ScreeningQuestion) -> pl.DataFrame:
    """The rows of all partitions."""
    expected, lake = identity(question), Lake(question.lake)
    parts = (screened(question, index, expected) for index in range(lake.partitions))
    return pl.concat(pl.read_parquet(BytesIO(part.rows)) for part in parts)


def asked_alike(question: ScreeningQuestion) -> list[str]:
    """The firms of which both are asked the same: where a firm has one application, the service is asked about that."""
    lake, found = Lake(question.lake), []
    for index in range(lake.partitions):
        known = {
            name: rows.filter(pl.col("known_on") <= question.day)
            for name, rows in lake.read(index, ["firms", "applications"]).items()
        }
        asked = known["applications"].group_by("firm").agg(pl.col("application").n_unique().alias("count"))
        found.append(known["firms"].select("firm").unique().join(asked, on="firm", how="left"))
    return pl.concat(found).filter(pl.col("count").fill_null(0) != 1)["firm"].sort().to_list()


def differences(question: ScreeningQuestion, rows: pl.DataFrame, firms: Sequence[str], folder: Path) -> list[str]:
    """Every cell in which the screened rows of some firms say something else than the service's own answers."""
    of_firm: dict[str, list[Row]] = {firm: [] for firm in firms}
    for row in rows.filter(pl.col("firm").is_in(list(firms))).iter_rows(named=True):
        of_firm[row["firm"]].append(row)
    assert all(of_firm.values())
    found = []
    for firm, answers in _answered(question, firms, folder):
        by_list = {one["list"]: one for one in answers["whitelist"]["lists"]}
        for row in of_firm[firm]:
            told = _cells(by_list[row["list"]]) | _scores(answers)
            found += [f"{firm}, {row['list']}: {name}" for name, cell in told.items() if row[name] != cell]
    return found


def _answered(question: ScreeningQuestion, firms: Sequence[str], folder: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    bundles = {"whitelist": question.whitelist, "pledge": question.pledge}
    settings = Settings(
        database=f"sqlite:///{folder / 'ledger.db'}",
        bundles=tuple(one for one in bundles.values() if one),
        lakes=(question.lake,),
        sign_in="none",
    )
    noon = datetime(question.day.year, question.day.month, question.day.day, 12, tzinfo=CHINA)
    with TestClient(create_app(settings, lambda: noon)) as client:
        for firm in firms:
            asked = {"as_of": question.day.isoformat(), "firm": firm}
            sent = {kind: client.post("/v1/assessments?words=zh", json=asked | {"kind": kind}) for kind in bundles}
            assert {one.status_code for one in sent.values()} == {201}, [one.text for one in sent.values()]
            yield firm, {kind: one.json() for kind, one in sent.items()}


def _scores(answers: Row) -> dict[str, Any]:
    admission, pd = answers["whitelist"], answers["pledge"]
    return {
        "admission": admission["admission"]["value"],
        "admission_grade": admission["grade"],
        "pd": pd["pd"]["value"],
        "pd_grade": pd["grade"],
    }


def _cells(listed: Row) -> dict[str, Any]:
    """What a list's answer says, as the cells of a screened row; of what passed only how many there are."""
    findings = listed["findings"]
    why_not = [one for one in findings if one["outcome"] in ("fail", "unknown") and one.get("effect") == "blocks"]
    cautions = [one for one in findings if one["outcome"] in ("fail", "unknown") and one.get("effect") == "caution"]
    return {
        "outcome": listed["outcome"],
        "list_kind": listed["kind"],
        "why_not": "; ".join(f"{one['rule']}={one['outcome']}" for one in why_not),
        "why_not_text": "；".join(map(_line, why_not)),
        "cautions_text": "；".join(map(_line, cautions)),
    }


def _line(one: Row) -> str:
    seen, asked = one["observed"]["says"], one["required"]["says"] if one.get("required") else None
    return f"{one['title']}：{seen}" + (f"（要求：{asked}）" if asked else "")
