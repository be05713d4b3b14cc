"""`train`, `evaluate`, `promote` and `screen`: a model made, and put to a whole lake; light to import, as all are."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer()

PlanFile = Annotated[Path, typer.Option("--plan", help="Plan of the model (TOML), as in training/plans/.")]
Data = Annotated[Path, typer.Option("--data", help="Lake, or folder of source files if the plan names a mapping.")]
LakeFolder = Annotated[
    Path | None, typer.Option("--lake", help="Where to keep the lake that is imported; else a temporary folder.")
]


@app.command()
def train(
    plan: PlanFile,
    data: Data,
    out: Annotated[Path | None, typer.Option(help="Folder to keep bundle and report in; else a temporary one.")] = None,
    lake: LakeFolder = None,
    register: Annotated[bool, typer.Option(help="Keep the run and register the model in MLflow.")] = True,
) -> None:
    """Train a model, judge it, and register it as challenger."""
    from training.commands.model_steps import trained

    trained(plan, data, out, lake, register)


@app.command()
def evaluate(
    plan: PlanFile,
    data: Data,
    bundle: Annotated[
        Path | None, typer.Option(help="Judge this finished bundle on all cases, rather than learn anew.")
    ] = None,
    lake: LakeFolder = None,
    report: Annotated[Path | None, typer.Option(help="Also write the report to this file (Markdown).")] = None,
) -> None:
    """Judge every split of a plan, and keep nothing.

    Figures with intervals, calibration by grade, with and without patents.
    """
    from training.commands.model_steps import evaluated

    evaluated(plan, data, bundle, lake, report)


@app.command()
def promote(
    name: Annotated[str, typer.Argument(help="Registered model: pledgescore-pledge or pledgescore-whitelist.")],
    version: Annotated[int, typer.Option(help="Version; 0: the newest.", min=0)] = 0,
) -> None:
    """Make a registered model the champion.

    It must have learned from enough events, and pass its self-test.
    """
    from training.commands.model_steps import promoted

    promoted(name, version)


@app.command()
def judgement(  # noqa: PLR0913, PLR0917 -- an option is an argument
    data: Annotated[Path, typer.Option("--data", help="Lake of a made-up world, as the demonstration keeps it.")],
    bundle: Annotated[Path, typer.Option(help="Pledge bundle, or the folder of its training.")],
    cases: Annotated[int, typer.Option(help="Applications that are looked at one by one.", min=1)] = 1000,
    seed: Annotated[int, typer.Option(help="Another seed is another choice of applications.", min=0)] = 1,
    outcomes: Annotated[int, typer.Option(help="Applications whose end is counted; 0: all.", min=0)] = 0,
    moved: Annotated[
        int, typer.Option(help="Of how many of them each assumed threshold is moved, which takes long; 0: none.", min=0)
    ] = 1000,
    write: Annotated[
        Path | None, typer.Option(help="Also write the figures between the marks of this page (docs/judgement.md).")
    ] = None,
) -> None:
    """Measure the judgement on a made-up world.

    Advice, what sets the limits, what became of the loans, and how much hangs on each assumed threshold.
    """
    from training.commands.judgement_steps import JudgementQuestion, judgement_of

    judgement_of(JudgementQuestion(data, bundle, cases, seed, outcomes, moved), write)


@app.command()
def screen(  # noqa: PLR0913, PLR0917 -- an option is an argument
    data: Annotated[Path, typer.Option("--data", help="Lake of the firms to be screened.")],
    name: Annotated[str, typer.Option("--list", help="Name of a list that policy states, or all.")],
    out: Annotated[Path, typer.Option("--out", help="File to write: .parquet, .csv or .xlsx.")],
    bundle: Annotated[
        Path | None, typer.Option(help="Whitelist bundle. With neither: the champions in MLflow.")
    ] = None,
    pledge: Annotated[Path | None, typer.Option(help="Pledge bundle. With neither: the champions in MLflow.")] = None,
    policy: Annotated[
        Path | None, typer.Option(envvar="PLEDGESCORE_POLICY_DIR", help="Folder of the bank's own policy and lists.")
    ] = None,
    as_of: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Day of the question; else today.")
    ] = None,
    reasons: Annotated[
        int, typer.Option(help="How many of each model's reasons to keep; 1000: all there are.", min=0)
    ] = 4,
    workers: Annotated[int, typer.Option(help="Processes of this machine.", min=1)] = 1,
    scheduler: Annotated[
        str | None, typer.Option(help="Dask cluster to do it: tcp://host:port; its workers see the same folders.")
    ] = None,
    replace: Annotated[bool, typer.Option(help="Forget what lies at --out, finished or begun.")] = False,
) -> None:
    """Screen every firm of a lake against a list.

    One row per firm and list, with why and why not in the language of --words. A run that was killed goes on where it
    stopped when the same is asked again.
    """
    from training.commands.screening_steps import ScreeningOptions, screen_file

    day = as_of.date() if as_of else None
    screen_file(ScreeningOptions(data, name, out, bundle, pledge, policy, day, reasons, scheduler, workers, replace))
