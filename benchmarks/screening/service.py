"""Some firms of a screening asked of the service too: whether both say the same of them."""

import json
import random
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path

import polars as pl

from benchmarks.checkouts import THIS
from benchmarks.screening.runs import DAY, LIST
from benchmarks.serving.again import asked
from benchmarks.serving.servers import Server
from tests.training.screening.beside import asked_alike
from training.screening.screen import ScreeningQuestion

FIRMS = 500


def section(lake: Path, models: Path, screening: Path, firms: int) -> Iterator[str]:
    """The page's section: the firms are drawn from the screening's file."""
    rows = {row["firm"]: row for row in pl.read_parquet(screening).iter_rows(named=True)}
    alike = asked_alike(ScreeningQuestion(lake, date.fromisoformat(DAY), (LIST,)))
    drawn = random.Random(20261122).sample(alike, min(firms, len(alike)))
    wrong = list(differing(lake, models, screening.parent, {firm: rows[firm] for firm in drawn}))
    yield "## Screening and service"
    yield ""
    yield f"`python -m benchmarks.screening --only service`: {len(drawn)} firms drawn from a screening against `{LIST}`"
    yield "and asked of the service by HTTP, none of them with one application alone, which the service would take for"
    yield f"the question: {len(wrong)} differ in the list's outcome, in what keeps them off it, or"
    yield f"in the probability (asked: none). {'; '.join(wrong[:5])}"


def differing(lake: Path, models: Path, folder: Path, rows: Mapping[str, Mapping[str, object]]) -> Iterator[str]:
    """What the service says otherwise of the firms of these rows."""
    server = Server(
        "service",
        1,
        [THIS.command, "serve", "--without-sign-in"],
        "/readyz",
        "/v1/assessments",
        [],
        {
            "PLEDGESCORE_BUNDLE": str(models / "whitelist"),
            "PLEDGESCORE_LAKE": str(lake),
            "PLEDGESCORE_DATABASE": f"sqlite:///{folder / 'asked.db'}",
        },
        folder,
    )
    with server.running() as running:
        for firm, row in rows.items():
            body = {"kind": "whitelist", "firm": firm, "as_of": DAY, "case": firm}
            answer = json.loads(asked(running, server.path, json.dumps(body)))
            listed = next(found for found in answer["lists"] if found["list"] == LIST)
            open_ = {f["rule"]: f["outcome"] for f in listed["findings"] if f["rule"] in listed["why_not"]}
            said = (listed["outcome"], dict(sorted(open_.items())), answer["admission"]["value"])
            wanted = (row["outcome"], dict(sorted(_pairs(str(row["why_not"])))), row["admission"])
            if said != wanted:
                yield f"{firm}: {said} against {wanted}"


def _pairs(codes: str) -> Iterator[tuple[str, str]]:
    for code in filter(None, codes.split("; ")):
        rule, _, outcome = code.partition("=")
        yield rule, outcome
