"""Before somebody acts in a loan file, its rows are held against its entries: nobody acts on what no entry tells."""

from collections.abc import Iterator

from sqlalchemy import Connection, select

from service.assessing.assessment_index import ASSESSMENTS, assessment_row
from service.assessing.loan_file_index import LOAN_FILES
from service.ledger.contents import entries_with_keys
from service.ledger.opened import OpenedEntry, opened
from service.ledger.row_differences import Difference, RowsContradict, by_entry, by_key
from service.ledger.tables import ENTRIES
from service.loan_files.refolding import FoldedFiles
from service.loan_files.steps import STEPS, step_row_of


def check_rows(connection: Connection, file: str) -> None:
    """Raises `RowsContradict`. Where entries were erased or archived, what they told cannot be looked at."""
    found = list(_differences(connection, file))
    if found:
        raise RowsContradict("rows_contradict", file=file, rows=tuple(sorted({one.row for one in found})))


def _differences(connection: Connection, file: str) -> Iterator[Difference]:
    entries = _entries(connection, file)
    if not entries or any(one.erased for one in entries):
        return
    seqs = [one.seq for one in entries]
    for table, fold in ((ASSESSMENTS, assessment_row), (STEPS, step_row_of)):
        yield from by_entry(connection, table, table.c.seq.in_(seqs), entries, [fold(one) for one in entries])
    folded = FoldedFiles()
    for entry in entries:
        folded.add(entry)
    for table, right in folded.rows(connection).items():
        if right or table is not LOAN_FILES:
            own = table.c.id == file if table is LOAN_FILES else table.c.file == file
            yield from by_key(connection, table, right, whole=True, which=own)


def _entries(connection: Connection, file: str) -> list[OpenedEntry]:
    """The entries of a loan file, and before them those of form 1 that it took up; none where some are archived."""
    taken_up = select(ASSESSMENTS.c.seq, ASSESSMENTS.c.id).where(ASSESSMENTS.c.file == file)
    before = connection.execute(taken_up).all()
    done = select(STEPS.c.seq).where(STEPS.c.assessment.in_([row.id for row in before]))
    old = {row.seq for row in before} | set(connection.execute(done).scalars())
    which = (ENTRIES.c.file == file) | ENTRIES.c.seq.in_(old)
    rows = connection.execute(entries_with_keys().where(which).order_by(ENTRIES.c.seq)).all()
    found = [opened(connection, row) for row in rows]
    return found if old <= {one.seq for one in found} else []
