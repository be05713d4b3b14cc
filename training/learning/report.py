"""The report of a training or a judgement: phrases and tables, shown on the screen and written as Markdown."""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl
from rich.console import Console
from rich.table import Table

from features.lake import Manifest
from features.phrase import Phrase
from models.score.phrases import meaning
from models.words.output import text
from models.words.templates import phrase
from training.learning.judge import Judgement
from training.learning.labels import EXCLUSIONS
from training.learning.plan import Plan
from training.learning.sample import Sample

Cell = str | Phrase


@dataclass(frozen=True)
class ReportSection:
    """A heading, lines of text, and a table if there is one, its columns called by `report.column.NAME`."""

    heading: Phrase
    lines: Sequence[Phrase] = ()
    columns: Sequence[str] = ()
    rows: Sequence[Sequence[Cell]] = ()

    @property
    def heads(self) -> list[str]:
        """What stands above the columns, in the language that was chosen."""
        return [text(phrase(f"report.column.{name}")) for name in self.columns]

    @property
    def cells(self) -> list[list[str]]:
        """The rows in the language that was chosen."""
        return [[text(cell) if isinstance(cell, Phrase) else cell for cell in row] for row in self.rows]


def report(plan: Plan, manifest: Manifest, sample: Sample, judgements: Sequence[Judgement]) -> list[ReportSection]:
    """All parts of a report in order."""
    parts = [_about(plan, manifest, sample), _funnel(sample)]
    if sample.horizons:
        parts.append(_horizons(sample, plan.horizon))
    for judgement in judgements:
        parts += _judged(judgement)
    return parts


def _about(plan: Plan, manifest: Manifest, sample: Sample) -> ReportSection:
    code = "report.data_synthetic" if manifest.synthetic else "report.data"
    lines = [
        phrase(code, name=manifest.name, digest=manifest.digest[:16], day=sample.observed.to),
        meaning(plan.what, plan.horizon),
        phrase("report.sample", features=len(sample.names), cases=len(sample)),
    ]
    assumed = manifest.facts.get("share_assumed_known_on")
    if assumed is not None:
        lines.append(phrase("report.assumed_days", share=f"{assumed:.1%}"))
    heading = phrase("report.model", name=plan.registered, kind=plan.kind, horizon=plan.horizon)
    return ReportSection(heading, lines)


def _funnel(sample: Sample) -> ReportSection:
    rows: list[list[Cell]] = []
    for status, number in sample.funnel.items():
        code = "left_out" if status in EXCLUSIONS else "all" if status == "cases" else "kept"
        rows.append([phrase(f"report.funnel.{code}", status=status), f"{number:,}"])
    return ReportSection(phrase("report.funnel"), columns=("sample", "number"), rows=rows)


def _horizons(sample: Sample, chosen: str) -> ReportSection:
    rows: list[list[Cell]] = []
    for name, cases in sample.horizons.items():
        kept = cases.filter(pl.col("label").is_not_null())
        bad = kept.filter(pl.col("label") == 1)
        late = bad.filter(pl.col("months_to_bad") > 12).height
        shares = [
            f"{kept.height:,}",
            f"{bad.height:,}",
            _share(bad.height, kept.height),
            _share(late, bad.height),
            _share(kept.filter(pl.col("renewed")).height, kept.height),
            _share(cases.filter(pl.col("deferred")).height, cases.height),
        ]
        code = "report.horizon_of_model" if name == chosen else "report.horizon"
        rows.append([phrase(code, horizon=name), *shares])
    settled = sample.cases.group_by("settled_by").agg(pl.len(), pl.col("label").sum()).sort("len", descending=True)
    ways = tuple(
        fact
        for who, number, bad in settled.iter_rows()
        for fact in (f"settled_by.{who or 'nobody'}", f"{number:,} ({bad:,})")
    )
    columns = ("horizon", "cases", "bad", "bad_rate", "bad_late", "renewed", "deferred")
    return ReportSection(phrase("report.horizons"), [phrase("report.settled", ways=ways)], columns, rows)


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.2%}" if whole else "–"


def _judged(told: Judgement) -> list[ReportSection]:
    parts = [_figures(told), _grades(told)]
    lines = []
    if told.stability is not None:
        code = "report.stability_moved" if told.stability.moved else "report.stability_kept"
        lines.append(phrase(code, psi=f"{told.stability.psi:.4f}", limit=f"{told.stability.limit:.4f}"))
    if told.without_patents is not None:
        alone, gain = told.without_patents
        lines.append(phrase("report.without_patents", alone=str(alone), gain=str(gain), method=gain.method))
    if told.truth is not None:
        ratio = told.truth.ratio
        lines.append(
            phrase(
                "report.against_truth",
                model=f"{told.truth.model:.4f}",
                truth=f"{told.truth.truth:.4f}",
                ratio=str(ratio),
                method=ratio.method,
            )
        )
    lines += told.notes
    return [*parts, ReportSection(phrase("report.standing"), lines)] if lines else parts


def _figures(told: Judgement) -> ReportSection:
    learned, judged = told.learned, told.judged
    lines = [phrase("report.judged_on", cases=judged.cases, firms=judged.firms, events=judged.events)]
    if told.rounds:
        learned_from = phrase("report.learned_from", cases=learned.cases, events=learned.events, trees=told.rounds)
        lines.insert(0, learned_from)
    rows = [
        [
            phrase(f"figure_of_merit.{f.name}"),
            str(f),
            f"{f.events:,}",
            phrase(f"interval_by.{f.method}"),
            _floor(told, f.name),
        ]
        for f in told.figures
    ]
    columns = ("figure", "value", "events", "method", "floor")
    return ReportSection(phrase("report.judgement", split=told.split.nested), lines, columns, rows)


def _floor(told: Judgement, name: str) -> Cell:
    floor = told.floor
    if floor is None or name not in ("auc", "ks") or (name == "ks" and floor.ks is None):
        return ""
    if name == "ks":
        return f"{floor.ks}"
    code = "report.floor_met" if told.figure("auc").value >= floor.low else "report.floor_missed"
    return phrase(code, floor=str(floor.auc), low=str(floor.low))


def _grades(told: Judgement) -> ReportSection:
    rows = [
        [line.grade, f"{line.cases:,}", f"{line.events:,}", f"{line.expected:.4f}", f"{line.observed:.4f}",
         f"{line.low:.4f} – {line.high:.4f}", f"{line.holm:.3f}"]
        for line in told.grades
    ]  # fmt: skip
    off = tuple(line.grade for line in told.grades if line.holm < 0.05)
    verdict = phrase("report.grades_fit", count=len(rows))
    if off:
        verdict = phrase("report.grades_off", count=len(rows), grades=off)
    columns = ("grade", "cases", "events", "expected", "observed", "interval", "p")
    return ReportSection(phrase("report.calibration", split=told.split.nested), [verdict], columns, rows)


def show(parts: Sequence[ReportSection], console: Console) -> None:
    """Print the report."""
    for part in parts:
        console.print(f"\n[bold]{text(part.heading)}[/bold]")
        for line in part.lines:
            console.print(text(line), highlight=False, markup=False)
        if part.rows:
            table = Table(*part.heads, box=None, pad_edge=False)
            for row in part.cells:
                table.add_row(*row)
            console.print(table)


def markdown(parts: Sequence[ReportSection]) -> str:
    """The report as a page."""
    page = []
    for part in parts:
        page += [f"## {text(part.heading)}", "", *(f"{text(line)}  " for line in part.lines), ""]
        if part.rows:
            cells = [part.heads, ["---"] * len(part.columns), *part.cells]
            page += ["| " + " | ".join(row) + " |" for row in cells] + [""]
    return "\n".join(page)
