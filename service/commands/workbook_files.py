"""Makes the template of the workbook, checks a workbook, and reads the questions that one asks."""

from collections.abc import Iterator
from pathlib import Path

import orjson

from features import policy
from features.chosen_words import language
from features.policy.parameters import SHIPPED
from models.words.output import tell
from service.assessing.gathering import own_rows
from service.assessing.register_extract import with_extracts
from service.assessing.requests import read_applicant
from service.commands.applicants import BadFile, applicants
from service.edge.settings import Settings
from service.workbooks.reading import Workbook, WorkbookRefused
from service.workbooks.template import write_workbook


def new_workbook(out: Path, filled: Path | None) -> None:
    """Write the template, filled with the questions of a file where one is named.

    Raises `BadFile`, or `InvalidRequest` where a question is wrong.
    """
    if out.suffix != ".xlsx":
        raise BadFile("workbook_suffix", file=out)
    asked = [] if filled is None else [_to_be_written(body) for body in applicants(filled)]
    write_workbook(out, language() or "zh", _policy(), asked)
    tell("workbook_made", file=out, count=len(asked))


def check_workbook(file: Path) -> None:
    """Print how many questions a workbook asks. Raises `WorkbookRefused` where something is wrong."""
    with Workbook(file) as read:
        if wrong := read.check():
            raise WorkbookRefused(file, wrong)
        if read.policy not in (None, _policy()):
            tell("workbook_other_policy")
        tell("workbook_right", file=file, count=len(read))


def questions_of(file: Path) -> Iterator[bytes]:
    """The questions of a workbook as JSON. Raises `WorkbookRefused` where something is wrong with one of them."""
    with Workbook(file) as read:
        yield from (question.json for question in read.right())


def _to_be_written(body: bytes) -> dict[str, object]:
    """A question with its rows in normal form: amounts in fen, words as codes, an extract as the rows that it tells."""
    applicant = read_applicant(body)
    told: dict[str, object] = orjson.loads(body)
    extract = applicant.extract
    if applicant.rows is None and extract is None:
        return told
    rows = {} if applicant.rows is None else own_rows(applicant)
    if extract is not None:
        rows = with_extracts(extract, rows, applicant.firm, applicant.as_of)
    return {name: value for name, value in told.items() if name != "extract"} | {"rows": rows}


def _policy() -> str:
    """The digest of the policy in force here."""
    own = Settings.from_environment().policy
    return (policy.load(SHIPPED, own) if own else policy.shipped()).digest
