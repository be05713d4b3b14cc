"""Lists compared with the drawdowns in a process of its own, which opens a connection of its own that only reads."""

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from features.phrase import Language
from service.access.roles import Reach
from service.decisions.filed_lists import Comparison, FiledLine, read_filings
from service.decisions.orphans import OrphansFound, compare
from service.ledger.opening import LedgerPlace, reading_only
from service.workbooks.filings import filed_lines


@dataclass(frozen=True)
class ComparedBy:
    """The drawdowns of which ledger, within whose reach, and the language of what is wrong with a line."""

    ledger: LedgerPlace
    reach: Reach
    language: Language | None

    def found(self, lines: Sequence[FiledLine], asked: Comparison) -> OrphansFound:
        """What the comparison of these lines finds."""
        with reading_only(self.ledger) as connection:
            return compare(connection, lines, asked, self.reach).in_words(self.language)


def list_compared(sent: bytes, by: ComparedBy) -> bytes:
    """What is found for a list that was sent as JSON, as JSON. Raises `NotJson` or `InvalidRequest`."""
    return msgspec.json.encode(by.found(*read_filings(sent)))


def file_compared(sent: bytes, unit: str | None, asked: Comparison, by: ComparedBy) -> bytes:
    """What is found for a file, as JSON. Raises `InvalidRequest`."""
    return msgspec.json.encode(by.found(filed_lines(sent, unit), asked))


@dataclass(frozen=True)
class FileShown:
    """How the first lines of a file were read, and what was found, with its first items alone."""

    read: Sequence[FiledLine]
    found: OrphansFound


def file_shown(sent: bytes, unit: str | None, asked: Comparison, by: ComparedBy, most: tuple[int, int]) -> FileShown:
    """A file as a page shows it; `most`: so many lines and items. Raises `InvalidRequest`."""
    lines = filed_lines(sent, unit)
    found = by.found(lines, asked)
    read = [one for one in lines if one.filed is not None][: most[0]]
    return FileShown(read, msgspec.structs.replace(found, items=found.items[: most[1]]))
