"""The figures of a firm that features and rules both name, read from its rows as a person reads books and papers."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from functools import cached_property

from tests.one_state.register import LOOKUP_DAYS, Row, RowsByTable, add_months, latest_known

BOOKS_DAYS = 457
USUAL_MONTHS = {"high_tech": 36, "tech_sme": 12, "little_giant": 36}
Number = Fraction | None


def over(part: int | None, whole: int | None) -> Number:
    """A share; None where either is not known or the whole is not above zero."""
    return None if part is None or whole is None or whole <= 0 else Fraction(part, whole)


@dataclass(frozen=True)
class FirmFile:
    """The figures on the day, by rows known on it."""

    as_of: date
    rows: RowsByTable = field(repr=False)

    def known(self, table: str) -> list[Row]:
        """The rows of a table that were known by the day."""
        return latest_known(self.rows, table, self.as_of)

    # --- the books ---------------------------------------------------------------------------------------------------

    @cached_property
    def books(self) -> list[Row]:
        """The statement of the latest year that still counts, and those one and two years before; empty for none."""
        found = {row["period_end"].year: row for row in self.known("statements")}
        last = max(found, default=0)
        if not last or (self.as_of - found[last]["period_end"]).days > BOOKS_DAYS:
            return [{}, {}, {}]
        return [found.get(last - ago, {}) for ago in range(3)]

    @property
    def debt_ratio(self) -> Number:
        """Liabilities over assets; where they are not told, assets less equity."""
        told = self.books[0]
        owed, assets, own = (told.get(name) for name in ("total_liabilities", "total_assets", "equity"))
        if owed is None and assets is not None and own is not None:
            owed = assets - own
        return over(owed, assets)

    @property
    def research_share(self) -> Number:
        """Research expense over revenue."""
        return over(self.books[0].get("rd_expense"), self.books[0].get("revenue"))

    @property
    def growth(self) -> Number:
        """Growth of all revenue within a year."""
        ratio = over(*(year.get("revenue") for year in self.books[:2]))
        return None if ratio is None else ratio - 1

    @property
    def main_growth(self) -> Number:
        """Growth of the main business's revenue; of all revenue where one main part is not told."""
        last_two = self.books[:2]
        told = all(year.get("main_revenue") is not None for year in last_two)
        ratio = over(*(year.get("main_revenue" if told else "revenue") for year in last_two))
        return None if ratio is None else ratio - 1

    @property
    def two_years(self) -> Number:
        """Revenue over that of two years before."""
        return over(self.books[0].get("revenue"), self.books[2].get("revenue"))

    @property
    def revenue(self) -> int | None:
        """Revenue of the latest year, in fen."""
        return self.books[0].get("revenue")

    # --- the register of firms ---------------------------------------------------------------------------------------

    @cached_property
    def profile(self) -> Row:
        """The registered facts; empty for none."""
        return next(iter(self.known("firms")), {})

    @property
    def research_staff_share(self) -> Number:
        """Researchers over all employees."""
        return over(self.profile.get("rd_staff"), self.profile.get("staff"))

    # --- certificates ------------------------------------------------------------------------------------------------

    def asked_lately(self, table: str) -> bool:
        """Whether the source of a table was asked, and lately enough."""
        told = [row for row in self.known("coverage") if row["about"] == table]
        on = [row["asked_on"] for row in told if row.get("asked_on") is not None]
        return bool(told or self.known(table)) and all((self.as_of - day).days <= LOOKUP_DAYS for day in on)

    def asked(self, table: str) -> bool:
        """Whether the source of a table was ever asked."""
        return bool(self.known(table)) or any(row["about"] == table for row in self.known("coverage"))

    def certificate(self, title: str) -> Row | None:
        """The latest certificate of a kind."""
        of_it = [row for row in self.known("titles") if row["title"] == title and row["issued_on"] <= self.as_of]
        return max(of_it, key=lambda row: row["issued_on"], default=None)

    def holds(self, title: str) -> bool | None:
        """Whether it is valid on the day; where its last day is not told, by the usual months of its kind."""
        row = self.certificate(title)
        if row is None:
            return False if self.asked("titles") else None
        if row.get("revoked_on") is not None and row["revoked_on"] <= self.as_of:
            return False
        usual = add_months(row["issued_on"], USUAL_MONTHS[title]) - timedelta(days=1)
        return bool((row.get("valid_until") or usual) >= self.as_of)
