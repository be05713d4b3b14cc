"""Prints what would have been advised about old files, and writes it as a table for a spreadsheet."""

import csv
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path

from rich.console import Console
from rich.table import Table

from features.chosen_words import language
from features.text_files import harmless
from models.words.output import tell, text, told
from models.words.templates import SHIPPED
from service.commands.progress import progress_of
from service.edge.clock import system_clock
from service.edge.settings import Settings
from service.ledger import wrapping
from service.ledger.opening import open_database
from service.web.app import assessor_for
from service.workbooks.backtest import NO_ADVICE, OUTCOMES, Counts, OldFile, old_files
from service.workbooks.reading import Workbook, WorkbookRefused

MOST_PRINTED = 100
"""Files up to which the table is printed too; it is always written where a file is named."""
_COLUMNS = (
    "number",
    "name",
    "as_of",
    "asked",
    "advice",
    "amount",
    "reason",
    "pd",
    "grade",
    "missing",
    "came_out",
    "faults",
)


def backtest_workbook(file: Path, out: Path | None) -> int:
    """Print table and counts, and write the table to `out` (CSV); returns how many files could not be assessed."""
    settings = Settings.from_environment()
    engine = open_database(settings.database)
    wrapping.use(engine, settings.keys)
    with Workbook(file) as workbook, assessor_for(engine, settings, system_clock) as assessor:
        if workbook.faults:
            raise WorkbookRefused(file, workbook.faults)
        found = old_files(workbook, assessor, system_clock())
        counts = Counts()
        with progress_of("backtesting") as seen:
            passing = counts.seen(_written(_seen(found, len(workbook), seen), out))
            kept = list(islice(passing, MOST_PRINTED + 1))
            deque(passing, maxlen=0)  # beyond what is printed they are written and counted alone
    _print(kept, counts)
    return counts.refused


def _seen(found: Iterable[OldFile], of: int, seen: Callable[[int, int], object]) -> Iterator[OldFile]:
    for done, one in enumerate(found, start=1):
        seen(done, of)
        yield one


def _written(found: Iterable[OldFile], out: Path | None) -> Iterator[OldFile]:
    """The files as they come, each written where a file is named."""
    if out is None:
        yield from found
        return
    with out.open("w", encoding="utf-8-sig", newline="") as file:
        rows = csv.writer(file, lineterminator="\r\n")
        rows.writerow(told(f"backtest_{name}") for name in _COLUMNS)
        for one in found:
            rows.writerow(harmless(cell) for cell in _cells(one))
            yield one


def _print(kept: list[OldFile], found: Counts) -> None:
    console = Console()
    if len(kept) <= MOST_PRINTED:
        table = Table(*(told(f"backtest_{name}") for name in _COLUMNS))
        for one in kept:
            table.add_row(*_cells(one))
        console.print(table)
    counts = Table(*(told(f"backtest_{name}") for name in ("advice", *OUTCOMES)))
    for advice, by in sorted(found.by_advice.items()):
        name = told("backtest_no_advice") if advice == NO_ADVICE else _named("advice", advice)
        counts.add_row(name, *(str(by[name]) for name in OUTCOMES))
    console.print(counts)
    tell("backtest_counted", files=found.files, refused=found.refused)


def _cells(one: OldFile) -> list[str]:
    """A file as the table shows it; money in 万元."""
    return [
        one.number,
        one.name or one.firm,
        one.as_of,
        _money(one.asked),
        _named("advice", one.advice),
        _money(one.amount),
        _named("rule", one.reason),
        "" if one.pd is None else f"{one.pd:.2%}",
        one.grade or "",
        "、".join(_named("rule", rule) for rule in one.missing),
        told(f"backtest_{one.came_out}"),
        "；".join(f"{fault.pointer} {text(fault.phrase)}".strip() for fault in one.faults[:3]),
    ]


def _money(minor: int | None) -> str:
    return "" if minor is None else f"{minor / 1e6:,.2f}"


def _named(family: str, code: str | None) -> str:
    if code is None:
        return ""
    wanted = language()
    return code if wanted is None else SHIPPED.name(f"{family}.{code}", wanted)
