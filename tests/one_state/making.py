"""Firms with one patent each, made up from seeds: what is usual, what is odd, and what is announced late."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from features.asof import Case
from features.tables import TABLES
from tests.one_state.firm import USUAL_MONTHS, FirmFile
from tests.one_state.register import EVENTS, OURS, Register, Row, RowsByTable, add_months

TODAY = date(2026, 11, 20)
STATUSES = TABLES["patent_events"].columns["extract_status"].choices
OTHER_BANK, BUYER = "uscc:other-bank", "uscc:somebody"


@dataclass(frozen=True)
class Example:
    """What is told of one firm with one patent, by table; rows that become known later are told, too."""

    firm: str
    rows: RowsByTable
    as_of: date = TODAY

    @property
    def case(self) -> Case:
        """The question about the firm: an application that offers the patent, at our bank."""
        return Case(self.firm, self.firm, self.as_of, "A1", OURS)

    @property
    def register(self) -> "Register":
        """What a person reads in the rows."""
        return Register(self.firm, self.as_of, self.rows)

    @property
    def firm_file(self) -> FirmFile:
        """What a person reads of the firm."""
        return FirmFile(self.as_of, self.rows)


def example(seed: int, firm: str | None = None) -> Example:
    """A firm with one patent from a seed: what is usual, what is odd, and what is announced late, in any mixture."""
    return _Maker(Random(seed), firm or f"row:{seed}").example()


class _Maker:
    def __init__(self, chance: Random, firm: str) -> None:
        self.chance, self.firm, self.as_of = chance, firm, TODAY - timedelta(days=chance.randrange(700))
        self.number = f"CN{chance.randrange(10**12)}"

    def example(self) -> Example:
        """The rows."""
        patent = self._patent()
        rows: RowsByTable = {
            "patents": [self._row(patent, patent["known_on"])],
            "holdings": [self._row(*one) for one in self._holdings(patent["filed_on"])],
            "patent_events": _different("patent_events", (self._row(*one) for one in self._events(patent["filed_on"]))),
            "collateral": [self._row(*one) for one in self._collateral(patent["filed_on"])],
            "applications": [self._row({"application": "A1", "applied_on": self.as_of, "bank": OURS}, self.as_of)],
            "coverage": [self._row(*one) for one in self._coverage()],
            "firms": [self._row(self._profile(), self.as_of - timedelta(days=900))],
            "statements": [self._row(*one) for one in self._statements()],
            "titles": _different("titles", (self._row(*one) for one in self._titles())),
        }
        return Example(self.firm, rows, self.as_of)

    def _row(self, row: Row, known_on: date) -> Row:
        told = {name: value for name, value in row.items() if value is not None}
        return {"firm": self.firm, "source_kind": "register", **told, "known_on": known_on}

    def _maybe(self, share: float) -> bool:
        return self.chance.random() < share

    def _before(self, days: int, least: date) -> date:
        """A day of the last so many, not before another."""
        return max(least, self.as_of - timedelta(days=self.chance.randrange(days)))

    def _patent(self) -> Row:
        pick, as_of = self.chance.choice, self.as_of
        kind = pick(("invention", "invention", "invention", "utility_model", "utility_model", "design"))
        age = pick((self.chance.randrange(30, 3500), self.chance.randrange(30, 8000), 3560 + pick(range(200))))
        filed = as_of - timedelta(days=age)
        if self._maybe(0.3):  # around a day that ends a term, a year of fees or a month of grace
            months = 12 * pick((1, 5, 10, 15, 20)) + pick((0, 0, 0, 1, 2, 5, 6))
            filed = add_months(as_of, -months) + timedelta(days=pick((-1, 0, 1, 2)))
        granted = filed + timedelta(days=pick((200, 500, 900, 1500)))
        granted_on = granted if granted <= as_of and self._maybe(0.85) else None
        paid = add_months(filed, 12 * pick(range(25)))
        near = next(add_months(filed, 12 * n) for n in range(40) if add_months(filed, 12 * n + 7) > as_of)
        paid_to = pick((None, paid, near, near, near, near + timedelta(days=pick((-200, -1, 1, 100)))))
        return {
            "patent": self.number,
            "kind": kind,
            "office": pick(("CN", "CN", "CN", "CN", None, "EP")),
            "filed_on": filed,
            "granted_on": granted_on,
            "fees_paid_to": paid_to,
            "term_adjustment_days": pick((None, None, None, 0, 30, 400)),
            "twin": pick((None, None, None, "CN201820000001.1")),
            "in_use": pick((None, True, False)),
            "granted_abroad": pick((None, True, False)),
            "ipc": pick((None, "A47J36/02", "H01M10/05")),
            "known_on": granted_on or filed,
        }

    def _holdings(self, filed: date) -> Iterator[tuple[Row, date]]:
        pick, since = self.chance.choice, self._before(5000, filed)
        own = {"patent": self.number, "holder": self.firm, "from_on": since, "share": pick((None, 1.0, 1.0, 0.5))}
        if self._maybe(0.9):
            yield own | {"to_on": self._before(200, since) if self._maybe(0.1) else None}, self.as_of
        if self._maybe(0.2):
            yield {"patent": self.number, "holder": BUYER, "from_on": self._before(900, filed)}, self.as_of

    def _events(self, filed: date) -> Iterator[tuple[Row, date]]:
        pick = self.chance.choice
        common = ("granted", "lapsed", "lapsed", "restored", "pledged", "pledge_released", "licensed", "licence_ended")
        rare = [event for event in EVENTS if event not in ("register_extract", "fee_paid", "transferred", "renamed")]
        for _ in range(pick((0, 0, 0, 1, 1, 2, 3, 5))):
            on = self._before(pick((60, 400, 3000)), filed)
            told = {
                "patent": self.number,
                "event": pick(common) if self._maybe(0.5) else pick(rare),
                "happened_on": on,
                "reference": pick((None, "R1", "R2")),
                "party": pick((None, OURS, OTHER_BANK)),
                "exclusive": pick((None, True, False)),
                "until": pick((None, None, self.as_of + timedelta(days=pick((-300, -1, 0, 1, 300))))),
            }
            yield told, on + timedelta(days=pick((0, 0, 10, 60, 250)))
        for _ in range(pick((0, 0, 1, 2))):
            on = self._before(pick((20, 45, 400)), filed)
            detail = pick((None, "in_force", "in_force", "in_force; unencumbered", "unencumbered", "lapsed", "expired"))
            told = {"patent": self.number, "event": "register_extract", "happened_on": on, "detail": detail}
            told["extract_status"] = pick((None, pick(STATUSES)))
            told["party"] = pick((None, OURS, OTHER_BANK))
            yield told | {"reference": pick((None, "E1"))}, on + timedelta(days=pick((0, 0, 1, 5)))

    def _collateral(self, filed: date) -> Iterator[tuple[Row, date]]:
        pick = self.chance.choice
        yield {"application": "A1", "kind": "patent", "item": self.number, "pledgor": self.firm}, self.as_of
        for loan in range(pick((0, 0, 0, 1, 2))):
            on = self._before(900, filed)
            released_on = pick((None, None, self._before(300, on)))
            registered = {
                "loan": f"L{loan}",
                "kind": "patent",
                "item": self.number,
                "pledgee": pick((OURS, OTHER_BANK)),
                "registration": pick((None, "R1", "R2")),
                "registered_on": on,
                "released_on": released_on,
            }
            yield registered, max(released_on or on, self.as_of - timedelta(days=pick((0, 3, 30, 60))))

    def _profile(self) -> Row:
        pick = self.chance.choice
        founded_on = self.as_of - timedelta(days=1000 + self.chance.randrange(6000))
        return {"founded_on": founded_on, "staff": pick((None, 0, 40)), "rd_staff": pick((None, 0, 7))}

    def _statements(self) -> Iterator[tuple[Row, date]]:
        """Books of up to three years, each of which may lack an item; the last may be too old to count."""
        pick, last = self.chance.choice, self.as_of.year - self.chance.choice((1, 1, 1, 1, 3))
        for year in range(last, last - 3, -1):
            assets = pick((None, 0, 3_000_000_000, 5_123_456_789, 5_123_456_789))
            items = {
                "revenue": pick((None, 0, 7_000_000_003, 5_000_000_000, 9_876_543_210)),
                "main_revenue": pick((None, None, 4_000_000_000, 4_400_000_001)),
                "rd_expense": pick((None, 0, 300_000_007)),
                "total_assets": assets,
                "total_liabilities": pick((None, None, 1_500_000_001)),
                "equity": pick((None, 1_312_345_678)),
            }
            told = {"period_end": date(year, 12, 31), "months": 12, "scope": "parent", "basis": "statutory"}
            if self._maybe(0.85):
                yield told | items, min(date(year + 1, 4, 30), self.as_of)

    def _titles(self) -> Iterator[tuple[Row, date]]:
        """Certificates, of which many do not state their last day: some end by the usual months around the day."""
        pick = self.chance.choice
        for title in USUAL_MONTHS:
            for _ in range(pick((0, 1, 1, 2))):
                days = pick((self.chance.randrange(1500), 365 * pick((1, 3)) + pick(range(-3, 4))))
                issued_on = self.as_of - timedelta(days=days)
                later = issued_on + timedelta(days=pick((200, 700, 1200)))
                told = {"title": title, "issued_on": issued_on, "valid_until": pick((None, None, later))}
                yield told | {"revoked_on": pick((None, None, None, None, min(later, self.as_of)))}, self.as_of

    def _coverage(self) -> Iterator[tuple[Row, date]]:
        for table in ("patents", "holdings", "patent_events", "collateral", "titles"):
            if self._maybe(0.9):
                asked_on = self.chance.choice((None, None, self.as_of - timedelta(days=self.chance.randrange(60))))
                yield {"about": table, "asked_on": asked_on}, self.as_of


def _different(table: str, rows: Iterable[Row]) -> list[Row]:
    """Each fact once: two rows of one fact known on one day would be one fact told twice."""
    return list({tuple(row.get(name) for name in TABLES[table].key): row for row in rows}.values())
