"""What lists show of assessments beside their rows: name, advice and amounts, and where each one's loan file stands."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

import msgspec
from sqlalchemy import Connection, select

from service.assessing.assessment_index import IndexedAnswer
from service.assessing.loan_file_index import LOAN_FILES, listed_of, opened_names
from service.ledger.contents import content_of, entries_with_keys
from service.ledger.tables import ENTRIES
from service.loan_files.record import is_late

Row = Mapping[str, object]
TOLD = ("legal_name", "advice", "asked", "advised", "binding")
"""Of the answer. Money in fen."""
STANDS = ("state", "back_to", "due_on", "late")
"""Of the loan file; null where there is none."""
_COLUMNS = ("id", "newest", "firm", "bank", *TOLD, "state", "back_to", "due_on", "provisional")
_AT_ONCE = 500


def with_files(
    connection: Connection, rows: Sequence[Row], today: date, *, inside: bool
) -> Iterator[dict[str, object]]:
    """Rows of assessments (with `id`, `seq` and `file`) with what is told of each.

    The file tells it of its newest assessment; of the others their entries do. `inside`: for readers of the bank alone,
    who see where a file stands.
    """
    for start in range(0, len(rows), _AT_ONCE):
        some = rows[start : start + _AT_ONCE]
        files = _files(connection, {str(row["file"]) for row in some if row["file"] is not None})
        newest = {file["newest"]: file for file in files.values()}
        sealed = _sealed(connection, [row["seq"] for row in some if row["id"] not in newest])
        for row in some:
            told = newest.get(row["id"]) or sealed.get(row["seq"], {})
            found = {**row, **{name: told.get(name) for name in TOLD}}
            yield found | (_stands(files.get(str(row["file"])), today) if inside else {})


def _files(connection: Connection, files: set[str]) -> dict[str, dict[str, object]]:
    table = LOAN_FILES.c
    found = connection.execute(select(*(table[name] for name in _COLUMNS)).where(table.id.in_(files))).mappings()
    return {str(row["id"]): row for row in opened_names(connection, [dict(row) for row in found])}


def _sealed(connection: Connection, entries: Sequence[object]) -> dict[object, dict[str, object]]:
    """What entries tell; of those that lie in an archive nothing."""
    found = connection.execute(entries_with_keys().where(ENTRIES.c.seq.in_(entries))) if entries else ()
    answers = ((entry.seq, content_of(connection, entry).answer or b"{}") for entry in found)
    return {seq: listed_of(msgspec.json.decode(sent, type=IndexedAnswer)) for seq, sent in answers}


def _stands(file: Row | None, today: date) -> dict[str, object]:
    if file is None:
        return dict.fromkeys(STANDS)
    late = is_late(file["due_on"], file["provisional"], today)
    return {"state": file["state"], "back_to": file["back_to"], "due_on": file["due_on"], "late": late}
