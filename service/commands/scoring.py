"""Assesses the applicants of a file as the service would, one after another, and prints what became of each."""

import csv
import io
import sys
from collections.abc import Iterator
from pathlib import Path

import orjson

from features.chosen_words import language
from features.errors import PledgeScoreError
from features.text_files import NotUtf8, decoded
from models.words.output import complain, told
from service.assessing.records import Recorded
from service.assessing.stages import Question
from service.commands.printing import printed
from service.edge.clock import system_clock
from service.edge.errors import Refused
from service.edge.json_text import check_members
from service.edge.settings import Settings
from service.ledger import actors, wrapping
from service.ledger.opening import open_database
from service.web.app import assessor_for


class BadFile(PledgeScoreError):
    """A file of applicants cannot be read."""


def score_file(file: Path, as_json: bool) -> int:
    """Print the answer to each applicant of the file, recorded; returns how many were refused."""
    wanted = None if as_json else language()
    bodies = list(_bodies(file))
    settings = Settings.from_environment()
    engine = open_database(settings.database)
    wrapping.use(engine, settings.keys)
    refused = 0
    with assessor_for(engine, settings, system_clock) as assessor:
        for place, body in enumerate(bodies, start=1):
            moment = system_clock()
            question = Question(body, moment, moment.astimezone(settings.zone).date(), actors.COMMAND)
            match assessor.answer([question])[0]:
                case Recorded(body=recorded):
                    print(recorded.decode() if wanted is None else printed(orjson.loads(recorded), wanted))
                case Refused() as error:
                    refused += 1
                    print(told("applicant_refused", place=place), file=sys.stderr)
                    complain(error)
                case defect:
                    raise defect
    return refused


def _bodies(file: Path) -> Iterator[bytes]:
    """The question of each applicant, as JSON. Raises `BadFile`."""
    if str(file) != "-" and not file.is_file():
        raise BadFile("no_file", file=file)
    match file.suffix:
        case ".csv":
            yield from _from_csv(file)
        case ".jsonl":
            yield from (line.encode() for line in _text(file).splitlines() if line.strip())
        case _:
            yield from _from_json(_text(file))


def _text(file: Path) -> str:
    """The file's text, or what is piped in. Raises `BadFile`, naming the encoding that it may be in."""
    try:
        return decoded(sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes())
    except NotUtf8 as error:
        raise BadFile("file_not_utf8", file=file, seems=error.facts["seems"]) from None


def _from_json(text: str) -> Iterator[bytes]:
    if text.lstrip()[:1] != "[":
        yield text.encode()  # as it is: what is wrong with it is said as the service says it
        return
    check_members(text.encode())
    try:
        yield from (orjson.dumps(one) for one in orjson.loads(text))
    except orjson.JSONDecodeError as error:
        raise BadFile("file_not_json", line=error.lineno, column=error.colno) from None


_COLUMNS = ("firm", "as_of", "kind", "case", "application", "bank", "branch")


def _from_csv(file: Path) -> Iterator[bytes]:
    reader = csv.DictReader(io.StringIO(_text(file), newline=""))
    unknown = sorted(set(reader.fieldnames or ()) - set(_COLUMNS))
    if unknown or not {"firm", "as_of"} <= set(reader.fieldnames or ()):
        raise BadFile("applicants_csv", file=file, columns=_COLUMNS, unknown=tuple(unknown))
    for row in reader:
        told: dict[str, object] = {name: text for name, text in row.items() if name and text}
        yield orjson.dumps(told)
