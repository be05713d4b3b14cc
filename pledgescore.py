"""The front door: one command line made of the commands of `training` and `service`.

The two packages never meet but here. Their `commands` modules import only Typer, so help answers at once; whatever a
command needs is imported when it runs.
"""

import os
import sys
from collections.abc import Iterable
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

import service.commands.root
import training.commands.root
from features.chosen_words import choose, language
from features.errors import PledgeScoreError

if TYPE_CHECKING:
    from features.asof import Case
    from features.lake import Frames
    from features.norms import Norms
    from service.demonstration.bank import OpenedBank

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # plain help: drawn by rich it takes three times as long to appear
)
app.add_typer(training.commands.root.app)
app.add_typer(service.commands.root.app)


def show_version(wanted: bool) -> None:
    """Print the version of the distribution and stop, where `--version` asks for it."""
    if wanted:
        from importlib.metadata import version

        typer.echo(f"pledgescore {version('pledgescore')}")
        raise typer.Exit


@app.callback()
def pledgescore(
    _: Annotated[bool, typer.Option("--version", help="Print the version.", callback=show_version)] = False,
    words: Annotated[
        str,
        typer.Option(help="Language of all that is printed: zh, en, or none for codes alone; else PLEDGESCORE_WORDS."),
    ] = "",
) -> None:
    """Assess loans that are secured by patents: how risky, why, and a sealed record of every answer."""
    choose(words)


HOME = Path("mlruns/demo")
"""Where the demonstration keeps its world, its ledger and its applicant; the models go to MLflow like any others."""
APPLICANT = HOME / "applicant.json"
LOANS = 30_000
"""Loans of the demonstration's world: enough defaults for a model that may be promoted, made in seconds."""

USUAL_AMOUNT = 346_000_000
"""Fen: the median of registered pledges (lognormal through the published mean and share up to 10 million, 2023H1)."""
BOOKS_DAYS = 180
"""Days within which a year's books became known before the demonstration's question."""
BEIJING = timezone(timedelta(hours=8))
BANK_SINCE, BANK_UNTIL = date(2024, 1, 2), datetime(2024, 12, 30, 16, 30, tzinfo=BEIJING)
"""The year of the demonstration's banks: the last in which firms of the world ask for first loans."""
NORMS_ON = date(2024, 12, 31)
"""What is usual is counted on the last day on which anybody applies; citations also each year before."""


@app.command()
def demo(
    once: Annotated[bool, typer.Option("--once", help="Print the assessment and stop; else go on to serve.")] = False,
    port: Annotated[int, typer.Option(help="Port to serve on.", min=0, max=65535)] = 8000,
) -> None:
    """Make a synthetic world, train, assess one loan, enter a year of two banks, and serve.

    Everything lies in mlruns/: what was made stays and is used again; remove mlruns/demo to start anew. The service
    listens on 127.0.0.1, open to this machine only; a click on its sign-in page signs in as somebody of the banks.
    """
    lake = _demo_world()
    os.environ["PLEDGESCORE_LAKE"] = str(lake)
    os.environ["PLEDGESCORE_DATABASE"] = f"sqlite:///{HOME / 'ledger.db'}"
    _demo_models(lake)

    from service.commands.scoring import score_file

    _begin("assessing_applicant")
    if score_file(APPLICANT, as_json=False):
        raise typer.Exit(1)
    if once:
        return
    from models.words.output import tell
    from service.commands.serving import serve_demonstration
    from service.demonstration.bank import open_bank

    _demo_bank(lake)
    bank = open_bank(HOME, lake)
    typer.echo()
    _tell_seats(bank)
    tell("demo_desk", port=port)
    tell("demo_over_http", file=APPLICANT)
    typer.echo(f"  PLEDGESCORE_LAKE={lake} pledgescore serve --without-sign-in --port {port + 1}\n")
    sys.stdout.flush()
    serve_demonstration(bank.settings, port, bank.demonstration)


def _begin(stage: str) -> None:
    """Say at once which stage begins: to a file too, where no bar is drawn."""
    from models.words.output import told

    print(told("stage", what=told(stage)), flush=True)


def _demo_world() -> Path:
    """The demonstration's lake with its norms, made where it does not lie yet."""
    from features.cores import processes
    from training.commands.data import norms_counted
    from training.world.economy import World, sized
    from training.world.progress import written

    lake = HOME / "world"
    if not (lake / "norms.json").exists():
        _begin("making_world")
        world = sized(World(loans=LOANS))
        with processes(world.partitions) as pool:
            written(world, lake, replace=True, each=pool.map)
            _begin("counting_norms")
            norms_counted(lake, NORMS_ON, pool.map)
    return lake


def _demo_models(lake: Path) -> None:
    """Train both models at once and promote them, where they were not made from this world yet.

    One is trained sooner than the other: what else the demonstration needs of the world is made beside it.
    """
    from shutil import get_terminal_size

    from features.cores import processes
    from models.words.output import told
    from models.words.progress import progress_bar
    from training.commands.model_steps import promoted
    from training.learning import tracking

    plans = [plan for plan in ("pledge", "whitelist") if not (HOME / plan / "bundle" / "bundle.sha256").exists()]
    if not plans and APPLICANT.exists():
        return
    _begin("training_models")
    tracking.connect()  # makes the registry's database, which two at once must not
    os.environ.setdefault("COLUMNS", str(get_terminal_size().columns))
    with progress_bar(transient=True) as progress, processes(max(len(plans), 1)) as pool:
        task = progress.add_task(told("training_models"), total=len(plans))
        reports = [pool.submit(_demo_model, lake, plan, language() or "none") for plan in plans]
        beside = [pool.submit(one, lake) for one in (_demo_applicant, _demo_lakes)]
        for plan, report in zip(plans, reports, strict=True):
            typer.echo(report.result())
            promoted(f"pledgescore-{plan}", 0)
            progress.update(task, advance=1)
        for one in beside:
            one.result()


def _demo_lakes(lake: Path) -> None:
    """The lakes of the banks."""
    from service.demonstration.bank import divide_world

    divide_world(HOME, lake)


def _demo_model(lake: Path, plan: str, words: str) -> str:
    """Train one of the models in a process of its own; what it prints."""
    from contextlib import redirect_stderr, redirect_stdout
    from io import StringIO

    import training
    from training.commands.model_steps import trained

    choose(words)
    with redirect_stdout(StringIO()) as printed, redirect_stderr(StringIO()):
        file = Path(training.__file__).parent / "plans" / f"{plan}.toml"
        trained(file, lake, HOME / plan, lake_folder=None, register=True)
    return printed.getvalue()


def _demo_bank(lake: Path) -> None:
    """The banks' year, entered where it was not yet."""
    from models.words.output import tell, told
    from models.words.progress import progress_bar
    from service.demonstration.bank import DATABASE, DemoYear, make_bank

    if (HOME / DATABASE).exists():
        return
    _begin("making_bank")
    year = DemoYear(BANK_SINCE, BANK_UNTIL)
    days = (BANK_UNTIL.date() - BANK_SINCE).days
    with progress_bar() as progress:
        task = progress.add_task(told("making_bank"), total=days)
        made = make_bank(HOME, lake, year, lambda at: progress.update(task, completed=(at.date() - BANK_SINCE).days))
    tell("bank_made", files=made.files, first=BANK_SINCE, last=made.last)


def _tell_seats(bank: "OpenedBank") -> None:
    """Who may be signed in as, what waits for them, and who pushed which branch a whitelist."""
    from models.words.output import tell

    for seat in bank.seats:
        own = seat.account
        place = " · ".join(filter(None, (own.bank, own.branch, own.fund))) or "—"
        tell("demo_seat", role=own.role, shown=own.shown, name=own.name, place=place, waiting=seat.waiting)
    for branch, by in sorted({(one.branch or "—", one.by) for one in bank.pushes}):
        tell("demo_lists", role="list_manager", by=by, branch=branch)


def _demo_applicant(lake: Path) -> None:
    """The last usual amount asked against several patents, and fresh books, that only a score could stand against."""
    import json
    from datetime import timedelta

    import polars as pl

    from features.lake import Lake

    held = Lake(lake)
    rows = held.read(0)
    patents = rows["collateral"].filter(pl.col("kind") == "patent").group_by("application").len("patents")
    asked = rows["applications"].join(patents, on="application").filter(pl.col("patents") >= 3)
    books = rows["statements"].filter(pl.col("months") == 12).select("firm", books_on="known_on")
    since, until = pl.col("applied_on") - timedelta(days=BOOKS_DAYS), pl.col("applied_on")
    asked = asked.join(books, on="firm").filter(pl.col("books_on").is_between(since, until))
    near = asked.filter(pl.col("amount").is_between(USUAL_AMOUNT // 2, USUAL_AMOUNT * 2))
    last = _but_for_the_score(
        rows, held.norms, near.sort("applied_on", "application", descending=True).rows(named=True)
    )
    question = {
        "kind": "pledge",
        "as_of": last.as_of.isoformat(),
        "firm": last.firm,
        "case": last.application,
        "application": last.application,
        "bank": last.bank,
    }
    APPLICANT.write_text(json.dumps(question, indent=1) + "\n", encoding="utf-8")


def _but_for_the_score(rows: "Frames", norms: "Norms | None", applications: Iterable[dict[str, object]]) -> "Case":
    """The first of the applications that would be recommended if the score were the best."""
    import msgspec

    from features.asof import Case, as_known
    from features.encoded import Tables
    from features.norms import NO_NORMS
    from features.policy import shipped
    from models.lending import lending

    cases = [
        msgspec.convert({"case": row["application"], "as_of": row["applied_on"], **row}, Case) for row in applications
    ]
    known = as_known(Tables.from_frames(rows), cases, norms or NO_NORMS, shipped())
    judged = (lending(known, place, 10_000.0).judged.recommendation.advice for place in range(len(cases)))
    return next(case for case, advice in zip(cases, judged, strict=False) if advice == "recommend")


def main() -> None:
    """Run the command line; exit code 0 done, 1 refused or failed with a reason, 2 misused."""
    try:
        app()
    except PledgeScoreError as error:
        from models.words.output import complain

        complain(error)
        sys.exit(1)


if __name__ == "__main__":
    main()
