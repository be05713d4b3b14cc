"""A row of a sheet as it was read, and where each of its values stands."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class ReadRow:
    """A row of a sheet: its tab and number, its values by column, and the letter of each column of the sheet."""

    tab: str
    number: int
    values: dict[str, object]
    letters: Mapping[str, str]

    def cell(self, name: str = "") -> str:
        """The cell of a column, `专利!D7`; the row where the sheet has no such column."""
        return cell(self.tab, self.letters.get(name, ""), self.number)


def cell(tab: str, letter: str, number: int) -> str:
    """A cell as a spreadsheet names it; CSV files have the same letters."""
    return f"{tab}!{letter}{number}"
