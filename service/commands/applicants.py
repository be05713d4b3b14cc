"""The questions of a file of applicants: JSON, JSON lines, CSV for the lake, or a workbook."""

import csv
import io
import sys
from collections.abc import Iterator
from pathlib import Path

import orjson

from features.errors import PledgeScoreError
from features.text_files import NotUtf8, decoded
from service.edge.json_text import check_members


class BadFile(PledgeScoreError):
    """A file of applicants cannot be read."""


def applicants(file: Path) -> Iterator[bytes]:
    """The question of each applicant, as JSON. Raises `BadFile`."""
    if str(file) != "-" and not file.is_file():
        raise BadFile("no_file", file=file)
    match file.suffix:
        case ".csv":
            yield from _from_csv(file)
        case ".jsonl":
            yield from (line.encode() for line in _text(file).split("\n") if line.strip())
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
