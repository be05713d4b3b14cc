"""Keeps what every proof last showed in `docs/proof.json` and renders `docs/proof.md` from it."""

import json
import os
import platform
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.proofs import Claims


@dataclass(frozen=True)
class Result:
    """One line of the page: what was shown, when, how long it took and on what machine."""

    figure: str
    passed: bool
    detail: str
    day: str
    seconds: float
    machine: str


Results = dict[str, Result]


def this_machine() -> str:
    """The processor's model, the cores this process may use, the memory and the Python: no name, no path."""
    model = next(
        (line.split(":", 1)[1].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")),
        platform.processor() or platform.machine(),
    )
    memory = next((int(line.split()[1]) for line in _lines("/proc/meminfo") if line.startswith("MemTotal")), 0)
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return f"{model}, {cores} cores, {memory / 2**20:.0f} GiB, Python {platform.python_version()}"


def _lines(path: str) -> list[str]:
    file = Path(path)
    return file.read_text().splitlines() if file.exists() else []


def read(path: Path) -> Results:
    """The results kept in the file, none where it does not exist."""
    kept = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return {name: Result(**fields) for name, fields in kept.items()}


def write(results: Results, path: Path) -> None:
    """Keep the results, one field a line, so that a new run shows in a diff as what it changed."""
    fields = {name: asdict(result) for name, result in sorted(results.items())}
    path.write_text(json.dumps(fields, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def render(claims: Claims, results: Results) -> str:
    """The page: every claim with its last result, or word that it was not yet run."""
    shown = [results[name] for name in claims if name in results]
    holding = sum(result.passed for result in shown)
    lines = [
        "# Proof",
        "",
        "What the product claims and what a run showed. Made by `make prove`: do not edit.",
        "`make prove ONLY=name` runs one line again, or all whose name starts so, and keeps the rest.",
        "",
        f"{len(claims)} in all: {holding} hold, {len(shown) - holding} fail, {len(claims) - len(shown)} not yet run.",
        "",
    ]
    for name, claim in claims.items():
        lines += [f"## {name}", "", f"{claim.title}.", "", *_verdict(name, results.get(name)), ""]
    return "\n".join(lines)


def _verdict(name: str, result: Result | None) -> list[str]:
    command = f"`make prove ONLY={name}`"
    if result is None:
        return [f"Not yet run: {command}"]
    detail = [result.detail, ""] if result.detail else []
    run = f"{command}, {result.day}, {result.seconds:g} s, {result.machine}"
    return [f"**{'holds' if result.passed else 'FAILS'}**: {result.figure}", "", *detail, run]
