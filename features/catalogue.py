"""Enters every feature into the catalogue (importing this module is enough), and writes the page that lists them."""

from collections.abc import Iterator

import features.behaviour
import features.credit
import features.finance
import features.firm
import features.firm_patents
import features.flags
import features.loan
import features.patents  # noqa: F401
from features.registry import CATALOGUE, Feature

_FAMILIES = {
    "firm": "The firm",
    "finance": "Its books",
    "portfolio": "Its patents",
    "behaviour": "How it paid",
    "credit": "Records of courts and authorities",
    "loan": "The loan asked for",
    "flag": "Red flags",
}
_DIRECTIONS = {1: "more risk", -1: "less risk", 0: ""}
_HEAD = """# Features

Made by `pledgescore data features` from the functions in `features/`; do not edit.

Every feature is one number that follows from the rows known on the day of the question. Not known stays not known: a
count is 0 only where the source was asked. *More means*: a larger value can only mean more (or less) risk, which the
model must respect; where nothing stands, neither is sure. *Gate*: restates a condition of a whitelist, so the whitelist
model does not use it. *Security*: tells what is offered to secure the loan, so a model of default does not use it. A
number of your own is used by naming it `measure:NAME` in a plan."""


def page() -> str:
    """The catalogue as a Markdown page: one table per family."""
    parts = [_HEAD]
    for family, title in _FAMILIES.items():
        members = [f for f in CATALOGUE.values() if f.family == family]
        parts.append("\n".join([f"## {title} ({len(members)})", *_table(members)]))
    return "\n\n".join(parts) + "\n"


def _table(members: list[Feature]) -> Iterator[str]:
    yield "| feature | 中文 | unit | meaning | more means | reads policy | reason |"
    yield "|---|---|---|---|---|---|---|"
    for f in members:
        more = f"{_DIRECTIONS[f.direction]}: {f.because}" if f.direction else ""
        marks = " *Gate.*" * f.gate + " *Security.*" * f.security
        meaning = " ".join(f.meaning.split()) + marks
        yield f"| `{f.name}` | {f.zh} | {f.unit} | {meaning} | {more} | {_policies(f)} | {f.reason} |"


def _policies(feature: Feature) -> str:
    """Parameters read, by file."""
    files: dict[str, list[str]] = {}
    for name in feature.policies:
        file, _, parameter = name.partition(".")
        files.setdefault(file, []).append(parameter)
    return "; ".join(
        f"`{file}` ({len(names)})" if len(names) > 4 else ", ".join(f"`{file}.{n}`" for n in names)
        for file, names in files.items()
    )
