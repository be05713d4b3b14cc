"""A report as a page for print: one file with its style, no script, everything escaped by the template."""

import re
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from service.reports.document import ReportDocument

_UNBROKEN = re.compile(r"[!-~]{1,17}|.{1,6}")
"""Texts of cells that stand on one line: days, numbers, and short words."""


def as_html(document: ReportDocument) -> str:
    """The page."""
    return _template().render(document=document)


@cache
def _template() -> Template:
    loader = FileSystemLoader(Path(__file__).parent)
    environment = Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.tests["unbroken"] = _UNBROKEN.fullmatch
    return environment.get_template("report.html.jinja")
