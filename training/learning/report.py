"""The report of a training or a judgement: the same tables on the screen and as Markdown."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import polars as pl
from rich.console import Console
from rich.table import Table

from features.lake import Manifest
from models.score.phrases import meaning
from models.words.templates import say
from training.learning.judge import Judgement
from training.learning.labels import EXCLUSIONS
from training.learning.plan import Plan
from training.learning.sample import Sample


@dataclass(frozen=True)
class ReportSection:
    """A heading, lines of text, and a table if there is one."""

    heading: str
    lines: list[str] = field(default_factory=list)
    columns: Sequence[str] = ()
    rows: list[list[str]] = field(default_factory=list)


def report(plan: Plan, manifest: Manifest, sample: Sample, judgements: Sequence[Judgement]) -> list[ReportSection]:
    """All parts of a report in order."""
    parts = [_about(plan, manifest, sample), _funnel(sample)]
    if sample.horizons:
        parts.append(_horizons(sample, plan.horizon))
    for judgement in judgements:
        parts += _judged(judgement)
    return parts


def _about(plan: Plan, manifest: Manifest, sample: Sample) -> ReportSection:
    made = "SYNTHETIC data" if manifest.synthetic else "data"
    assumed = manifest.facts.get("share_assumed_known_on")
    lines = [
        f"{made}: {manifest.name}, digest {manifest.digest[:16]}, shown up to {sample.observed.to}",
        say(meaning(plan.what, plan.horizon), "en"),
        f"{len(sample.names)} features, {len(sample)} labelled cases",
    ]
    if assumed is not None:
        lines.append(f"{assumed:.1%} of the rows have a day of knowledge that is assumed by rule")
    return ReportSection(f"{plan.registered}: {plan.kind}, horizon {plan.horizon}", lines)


def _funnel(sample: Sample) -> ReportSection:
    told = dict(sample.funnel)
    rows = [["all cases", f"{told.pop('cases'):,}"]]
    rows += [[f"- {EXCLUSIONS[why]}" if why in EXCLUSIONS else f"= {why}", f"{n:,}"] for why, n in told.items()]
    return ReportSection("From all cases to the sample", columns=("cases", "number"), rows=rows)


def _horizons(sample: Sample, chosen: str) -> ReportSection:
    rows = []
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
        rows.append([f"{name}{' (this model)' if name == chosen else ''}", *shares])
    settled = sample.cases.group_by("settled_by").agg(pl.len(), pl.col("label").sum()).sort("len", descending=True)
    lines = ["How the loans of the sample ended (cases, of them bad): " + ", ".join(
        f"{who or 'not settled'} {number:,} ({bad:,})" for who, number, bad in settled.iter_rows()
    )]  # fmt: skip
    columns = ("horizon", "cases", "bad", "rate", "of the bad after month 12", "renewed", "deferred")
    return ReportSection("What each horizon sees", lines, columns, rows)


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.2%}" if whole else "none"


def _judged(told: Judgement) -> list[ReportSection]:
    parts = [_figures(told), _grades(told)]
    lines = []
    if told.stability is not None:
        verdict = "more than chance" if told.stability.moved else "no more than chance"
        lines.append(
            f"Stability of grades between learning and judgement: PSI {told.stability.psi:.4f}, "
            f"{verdict} at these numbers (limit {told.stability.limit:.4f})"
        )
    if told.without_patents is not None:
        alone, gain = told.without_patents
        lines.append(f"Without patents: AUC {alone}; patents add {gain} ({gain.method})")
    if told.truth is not None:
        ratio = told.truth.ratio
        lines.append(
            f"Against the synthetic truth: expected Gini {told.truth.model:.4f}, its own {told.truth.truth:.4f}, "
            f"ratio {ratio} ({ratio.method})"
        )
    lines += list(told.notes)
    return [*parts, ReportSection("Standing figures", lines)] if lines else parts


def _figures(told: Judgement) -> ReportSection:
    learned, judged = told.learned, told.judged
    lines = [f"judged on {judged.cases:,} cases of {judged.firms:,} firms with {judged.events:,} events"]
    if told.rounds:
        lines.insert(0, f"learned from {learned.cases:,} cases with {learned.events:,} events; {told.rounds} trees")
    rows = [[f.name, str(f), f"{f.events:,}", f.method, _floor(told, f.name)] for f in told.figures]
    columns = ("figure", "value (95% interval)", "events", "interval by", "floor")
    return ReportSection(f"Judgement: {told.split}", lines, columns, rows)


def _floor(told: Judgement, name: str) -> str:
    floor = told.floor
    if floor is None or name not in ("auc", "ks") or (name == "ks" and floor.ks is None):
        return ""
    if name == "ks":
        return f"{floor.ks}"
    met = "at or above" if told.figure("auc").value >= floor.low else "BELOW"
    return f"{floor.auc} (from {floor.low}): {met} its lower bound"


def _grades(told: Judgement) -> ReportSection:
    rows = [
        [line.grade, f"{line.cases:,}", f"{line.events:,}", f"{line.expected:.4f}", f"{line.observed:.4f}",
         f"{line.low:.4f} to {line.high:.4f}", f"{line.holm:.3f}"]
        for line in told.grades
    ]  # fmt: skip
    off = [line.grade for line in told.grades if line.holm < 0.05]
    verdict = f"off in grade {', '.join(off)}" if off else "no grade is off"
    columns = ("grade", "cases", "events", "expected", "observed", "95% interval", "p (Holm)")
    return ReportSection(
        f"Calibration by grade: {told.split}", [f"{verdict} (Holm over {len(rows)} grades, 5%)"], columns, rows
    )


def show(parts: Sequence[ReportSection], console: Console) -> None:
    """Print the report."""
    for part in parts:
        console.print(f"\n[bold]{part.heading}[/bold]")
        for line in part.lines:
            console.print(line, highlight=False, markup=False)
        if part.rows:
            table = Table(*part.columns, box=None, pad_edge=False)
            for row in part.rows:
                table.add_row(*row)
            console.print(table)


def markdown(parts: Sequence[ReportSection]) -> str:
    """The report as a page."""
    text = []
    for part in parts:
        text += [f"## {part.heading}", "", *(f"{line}  " for line in part.lines), ""]
        if part.rows:
            cells = [list(part.columns), ["---"] * len(part.columns), *part.rows]
            text += ["| " + " | ".join(row) + " |" for row in cells] + [""]
    return "\n".join(text)
