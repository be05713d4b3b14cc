"""What is kept beside a bundle: the report, where the data come from, the funnel, the plan, and the plots."""

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from features.lake import Lake, PartFile
from models.score.bundle import Bundle
from training.learning.metrics import JudgedCases
from training.learning.report import ReportSection, markdown
from training.learning.sealing import TrainingRun


@dataclass(frozen=True)
class DataOrigin:
    """What the lake is: every file with its hash, and the share of days of knowledge that are assumed by rule."""

    name: str
    digest: str
    synthetic: bool
    made_by: str
    share_assumed_known_on: object
    facts: Mapping[str, object]
    files: Mapping[str, PartFile]


def keep(run: TrainingRun, bundle: Bundle, report: Sequence[ReportSection], folder: Path) -> None:
    """Write `report.md`, `data.json`, `funnel.json`, `plan.toml` and `plots/` into the folder."""
    (folder / "report.md").write_text(markdown(report), encoding="utf-8")
    (folder / "data.json").write_text(_json(asdict(_origin(run.lake))), encoding="utf-8")
    (folder / "funnel.json").write_text(_json(run.sample.funnel), encoding="utf-8")
    if run.plan.file.is_file():
        shutil.copyfile(run.plan.file, folder / "plan.toml")
    _draw(folder / "plots", bundle, run)


def _origin(lake: Lake) -> DataOrigin:
    manifest = lake.manifest
    return DataOrigin(
        name=manifest.name,
        digest=manifest.digest,
        synthetic=manifest.synthetic,
        made_by=manifest.made_by,
        share_assumed_known_on=manifest.facts.get("share_assumed_known_on"),
        facts=manifest.facts,
        files=manifest.files,
    )


def _draw(folder: Path, bundle: Bundle, run: TrainingRun) -> None:
    from training.learning.plots import plots  # matplotlib takes a second to import

    place = run.learned.judged.place
    scored = JudgedCases(run.learned.judged.log_odds, run.sample.label[place], run.sample.firm[place])
    plots(folder, bundle, run.sample, scored, run.judgement.grades, run.plan.seed)


def _json(value: object) -> str:
    """To be read by people: indented, Chinese as it is."""
    return json.dumps(value, ensure_ascii=False, indent=1, default=str) + "\n"
