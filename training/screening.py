"""What `pledgescore screen` does at the edge: the day, the model, progress on standard error, and the account."""

import tempfile
from collections import Counter
from datetime import date
from pathlib import Path
from time import perf_counter

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from features.lake import Lake
from features.policy import load as load_policy
from features.policy import shipped
from features.policy.parameters import SHIPPED
from models.bundle import Bundle, load
from models.rules.checks import check_policy
from training.screen import chosen_lists, count_firms, screened, sheet

REGISTERED = "pledgescore-whitelist"


def screen_file(data: Path, name: str, out: Path, bundle: Path | None, own: Path | None, day: date | None) -> None:
    """Screen the lake's firms and write the rows; then say how many stand on each list, and how fast it went."""
    lake = Lake(data)
    policy = load_policy(SHIPPED, own) if own else shipped()
    check_policy(policy)
    names = chosen_lists(name, policy)
    model = load(bundle, shipped()) if bundle else _champion()
    on = day or date.today()  # noqa: DTZ011 (the day where the one who asks sits)
    began, firms, outcomes = perf_counter(), 0, Counter[tuple[str, str]]()
    columns = (
        TextColumn("screening"),
        BarColumn(),
        TextColumn("{task.completed:,} of {task.total:,} firms, {task.fields[rate]:,.0f} a second"),
        TimeElapsedColumn(),
        TextColumn("left:"),
        TimeRemainingColumn(),
    )
    with sheet(out) as into, Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("screening", total=count_firms(lake, on), rate=0.0)
        for frame in screened(lake, names, model, policy, on):
            into.add(frame)
            seen = frame.height // len(names)
            firms += seen
            outcomes.update(zip(frame["list"], frame["outcome"], strict=True))
            bar.update(task, advance=seen, rate=firms / (perf_counter() - began))
    taken = perf_counter() - began
    synthetic = " of a SYNTHETIC lake" if lake.manifest.synthetic else ""
    told = f"{model.name} ({model.id[:12]})" if model else "none: nobody's admission is known"
    print(f"{firms:,} firms{synthetic} screened as of {on} in {taken:.1f} s ({firms / taken:,.0f} a second): {out}")
    print(f"model: {told}")
    for listed in names:
        found = ", ".join(f"{n:,} {outcome}" for (of, outcome), n in sorted(outcomes.items()) if of == listed)
        print(f"list {listed}: {found}")


def _champion() -> Bundle | None:
    """The whitelist model in service; None where none is."""
    from training import tracking

    client = tracking.connect()
    found = tracking.champion(REGISTERED, client)
    if found is None:
        return None
    with tempfile.TemporaryDirectory() as place:
        return load(tracking.fetch(found, Path(place)), shipped(), expect=tracking.tag(found, "bundle", client))
