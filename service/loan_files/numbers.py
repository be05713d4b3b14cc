"""The numbers by which a bank knows a loan: of its contract, its payments (借据号) and its registered pledges."""

from collections.abc import Collection, Mapping

from sqlalchemy import Connection, select, union_all

from service.assessing.loan_file_index import LOAN_FILES
from service.loan_files.tables import DRAWDOWNS, PLEDGES


def numbers_of(connection: Connection, files: Collection[str]) -> Mapping[str, list[str]]:
    """By loan file; of one that has none yet nothing."""
    own, paid, secured = LOAN_FILES.c, DRAWDOWNS.c, PLEDGES.c
    every = union_all(
        select(own.id, own.contract).where(own.id.in_(files)),
        select(paid.file, paid.loan).where(paid.file.in_(files)),
        select(secured.file, secured.registration).where(secured.file.in_(files)),
    )
    found: dict[str, list[str]] = {}
    for file, number in connection.execute(every):
        if number is not None:
            found.setdefault(file, []).append(number)
    return found
