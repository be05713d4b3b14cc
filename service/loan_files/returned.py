"""What a file was returned for, and what of it lies beside the file since."""

from collections.abc import Sequence

import msgspec

from features.errors import Fault, fault
from service.ledger.kinds import Kind
from service.loan_files.record import LoanFile
from service.loan_files.requests import NotBrought
from service.loan_files.steps import EnteredAct


class WantedPaper(msgspec.Struct, frozen=True):
    """Something that is to be brought; `paper`: the digest of the paper that was laid beside the file for it since."""

    what: str
    paper: str | None


def wanted_in(file: LoanFile, steps: Sequence[EnteredAct]) -> list[WantedPaper]:
    """What the last return asked for; nothing where the file was submitted since, or came back without a list."""
    last = next((one for one in reversed(steps) if one.kind in (Kind.SENT_BACK, Kind.SUBMITTED)), None)
    asked = last.content.get("wanted") if last is not None and last.kind == Kind.SENT_BACK else None
    if last is None or file.state != "returned" or not isinstance(asked, list):
        return []
    papers = {one.about: one.hash for one in file.documents if one.seq > last.record.entry}
    return [WantedPaper(str(one), papers.get(str(one))) for one in asked]


def left_out(file: LoanFile, steps: Sequence[EnteredAct], told: Sequence[NotBrought]) -> list[Fault]:
    """What is neither brought nor said why not."""
    said = {one.what for one in told}
    left = tuple(one.what for one in wanted_in(file, steps) if one.paper is None and one.what not in said)
    return [fault("/not_brought", "wanted_left", papers=left)] if left else []


def with_reasons(note: str | None, told: Sequence[NotBrought]) -> str | None:
    """What the officer says, and a line for each thing that is not brought: what, and why."""
    lines = [*([] if note is None else [note]), *(f"{one.what}: {one.reason}" for one in told)]
    return "\n".join(lines) or None
