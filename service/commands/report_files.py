"""Writes the report about an assessment into a file: from a ledger that lies here, or as a service gives it."""

from pathlib import Path

import msgspec

from features import policy
from features.chosen_words import language
from features.errors import PledgeScoreError
from features.policy.parameters import SHIPPED
from models.words.output import tell
from service.commands.loan_file_client import LoanFileClient
from service.commands.loan_file_work import Who, refusals_told
from service.edge.settings import Settings
from service.ledger import wrapping
from service.ledger.opening import open_database
from service.reports.document import Part
from service.reports.report import material_of, report_of

_FORMS = {".html": "html", ".docx": "docx", ".json": "json"}


class BadReportFile(PledgeScoreError):
    """A file's name says none of the forms in which a report is written."""


def report_written(assessment: str, out: Path, part: Part, who: Who) -> None:
    """Write the report; the name of the file says in which form. `who`: no service is asked where none is named.

    Raises `BadReportFile`, what the ledger raises, or `ServiceAway`.
    """
    form = _FORMS.get(out.suffix.lower())
    if form is None:
        raise BadReportFile("report_suffix", file=out, forms=tuple(_FORMS))
    if who[0]:
        with refusals_told():
            path = f"/v1/assessments/{assessment}/report"
            made = LoanFileClient(*who).content(path, part=part, form=form, words=language() or "zh")
    else:
        made = _made(assessment, part, form)
    out.write_bytes(made)
    tell("report_written", file=out)


def _made(assessment: str, part: Part, form: str) -> bytes:
    settings = Settings.from_environment()
    own = policy.load(SHIPPED, settings.policy) if settings.policy else policy.shipped()
    engine = open_database(settings.database)
    wrapping.use(engine, settings.keys)
    with engine.connect() as connection:
        document = report_of(material_of(connection, assessment, language() or "zh", own), part)
    if form == "docx":
        from service.reports.word import as_word

        return as_word(document)
    if form == "html":
        from service.reports.html import as_html

        return as_html(document).encode()
    return msgspec.json.encode(document)
