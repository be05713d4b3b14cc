"""One patent of one firm, made up from a seed, and its state read from the rows as a person reads a register.

`Register` is written apart from the product, one patent at a time and with dates, so that the product's columns can be
held against it: what features count, what rules find and what values rest on must all follow from the same state.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from random import Random
from typing import Any

from features.asof import Case
from features.tables import TABLES

Row = dict[str, Any]
RowsByTable = dict[str, list[Row]]

TODAY = date(2026, 11, 20)
OURS, OTHER_BANK, BUYER = "bank:ours", "uscc:other-bank", "uscc:somebody"
EVENTS = TABLES["patent_events"].columns["event"].choices
ENDINGS = ("lapsed", "expired", "abandoned", "refused", "invalidated")
TERM_YEARS = {"invention": 20, "utility_model": 10, "design": 10}
EXTRACT_DAYS, LOOKUP_DAYS, GRACE_MONTHS = 30, 30, 6


def add_months(day: date, months: int) -> date:
    """The same day of a later month, or that month's last."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month + 1, min(day.day, last))
        except ValueError:
            continue
    raise AssertionError("every month has 28 days")


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


@dataclass(frozen=True)
class Register:
    """The state of the one patent on the day, by rows known on it."""

    firm: str
    as_of: date
    rows: RowsByTable = field(repr=False)

    def known(self, table: str) -> list[Row]:
        """The rows of a table that were known by the day, the latest correction of each fact."""
        found: dict[tuple[Any, ...], Row] = {}
        for row in sorted(self.rows.get(table, ()), key=lambda row: row["known_on"]):
            if row["known_on"] <= self.as_of:
                found[tuple(row.get(name) for name in TABLES[table].key)] = row
        return [row for row in found.values() if not row.get("withdrawn")]

    @cached_property
    def patent(self) -> Row:
        """The patent's row."""
        (row,) = self.known("patents")
        return row

    @cached_property
    def events(self) -> list[Row]:
        """Its events in order of their days."""
        return sorted(
            self.known("patent_events"),
            key=lambda row: (row["happened_on"], EVENTS.index(row["event"]), row.get("reference") or ""),
        )

    # --- the extract and who was asked -------------------------------------------------------------------------------

    @cached_property
    def extract(self) -> Row | None:
        """The latest register extract."""
        return next((row for row in reversed(self.events) if row["event"] == "register_extract"), None)

    @cached_property
    def extract_says(self) -> set[str]:
        """The words of the extract."""
        detail = self.extract.get("detail") if self.extract else None
        return {word.strip() for word in detail.split(";")} if detail else set()

    @property
    def extract_fresh(self) -> bool:
        """Whether it may still be used."""
        return self.extract is not None and (self.as_of - self.extract["happened_on"]).days <= EXTRACT_DAYS

    @property
    def seen_alive(self) -> bool:
        """Whether a fresh extract says in force."""
        return self.extract_fresh and "in_force" in self.extract_says

    def outranked(self, row: Row, word: str) -> bool:
        """Whether the extract says a word against what was known by its day."""
        return self.extract is not None and word in self.extract_says and row["known_on"] <= self.extract["happened_on"]

    @property
    def asked(self) -> bool:
        """Whether anybody ever asked for events."""
        told = any(row["about"] == "patent_events" for row in self.known("coverage"))
        return told or bool(self.events)

    @property
    def register_seen(self) -> bool:
        """Whether the register was asked lately."""
        on = [row.get("asked_on") for row in self.known("coverage") if row["about"] == "patent_events"]
        stale = any(day is not None and (self.as_of - day).days > LOOKUP_DAYS for day in on)
        return (self.asked and not stale) or self.extract_fresh

    # --- the right ---------------------------------------------------------------------------------------------------

    @cached_property
    def granted_on(self) -> date | None:
        """The day of grant."""
        told: date | None = self.patent.get("granted_on")
        return told or next((row["happened_on"] for row in self.events if row["event"] == "granted"), None)

    @property
    def granted(self) -> bool:
        """Whether it was ever granted."""
        met = any(row["event"] in ("restored", "lapsed", "expired", "invalidated") for row in self.events)
        return self.granted_on is not None or met or "in_force" in self.extract_says

    @property
    def chinese(self) -> bool:
        """Whether it stands in the Chinese register."""
        return bool((self.patent.get("office") or self.patent["patent"][:2]) == "CN")

    @cached_property
    def compensation(self) -> int:
        """Days of term compensation that the law grants."""
        days = self.patent.get("term_adjustment_days") or 0
        late_enough = self.granted_on is not None and self.granted_on >= date(2021, 6, 1)
        return days if late_enough and self.patent["kind"] == "invention" and not self.patent.get("twin") else 0

    @cached_property
    def last_day(self) -> date | None:
        """The last day of the term."""
        kind, filed = self.patent["kind"], self.patent["filed_on"]
        if kind != "invention" and not self.chinese:
            return None
        years = 15 if kind == "design" and filed >= date(2021, 6, 1) else TERM_YEARS[kind]
        return add_months(filed, 12 * years) + timedelta(days=self.compensation - 1)

    def ending(self, with_extract: bool = True) -> Row | None:
        """The event by which it ended; without the extract, what gazette and announcements alone say."""
        outranked = [
            row for row in self.events if row["event"] in ENDINGS and with_extract and self.outranked(row, "in_force")
        ]
        ended, void = None, None
        for row in (row for row in self.events if row not in outranked):
            if row["event"] == "invalidated":
                void = row
            elif row["event"] == "invalidation_rejected" and void and void.get("reference") == row.get("reference"):
                void = None
            elif row["event"] in ENDINGS or (row is self.extract and self.extract_says & set(ENDINGS)):
                ended = row
            elif row["event"] in ("granted", "restored"):
                ended = None
        if void is not None:
            return void
        over = ended is not None and self.granted_on is not None and ended["happened_on"] < self.granted_on
        return None if over else ended

    @cached_property
    def fee_due(self) -> date | None:
        """The first anniversary of filing on or after the day to which fees are paid."""
        paid_to = self.patent.get("fees_paid_to")
        if paid_to is None:
            return None
        return next(d for d in (add_months(self.patent["filed_on"], 12 * n) for n in range(99)) if d >= paid_to)

    @cached_property
    def fees(self) -> str:
        """Paid, in grace, over, or not known."""
        if self.fee_due is None:
            return "not_known"
        ends = add_months(self.fee_due, GRACE_MONTHS)
        if self.seen_alive and self.extract and self.extract["happened_on"] > ends:
            return "paid"
        return "paid" if self.as_of <= self.fee_due else "grace" if self.as_of <= ends else "over"

    @cached_property
    def late_month(self) -> int | None:
        """The month after the due day; its last day belongs to it."""
        if self.fee_due is None:
            return None
        return next(n for n in range(999) if self.as_of <= add_months(self.fee_due, n))

    @cached_property
    def status(self) -> str:
        """In force, ended, pending or not known."""
        if self.ending() is not None or (self.last_day is not None and self.last_day < self.as_of):
            return "ended"
        if "in_force" in self.extract_says and not self.extract_fresh and self.ending(with_extract=False) is not None:
            return "not_known"
        if not self.granted:
            return "pending"
        unsure = self.fees == "over" or (self.last_day is None and not self.seen_alive)
        return "not_known" if unsure else "in_force"

    # --- what stands on it and who holds it --------------------------------------------------------------------------

    def standing(self, opening: str, *closing: str, bounded: bool = False, without_outranked: bool = True) -> list[Row]:
        """The openings that stand."""
        events = [
            row for row in self.events
            if row["event"] in closing
            or (row["event"] == opening and not (without_outranked and self.outranked(row, "unencumbered")))
        ]  # fmt: skip
        open_, last = [], {row.get("reference"): row for row in events}
        for place, row in enumerate(events):
            reference = row.get("reference")
            if row["event"] == opening:
                if reference is None or last[reference] is row:
                    open_.append(row)
            elif reference is None or not any(
                one["event"] == opening and one.get("reference") == reference for one in events[:place]
            ):
                unnamed = [one for one in open_ if one.get("reference") is None]
                gone = unnamed or (open_ if reference is None else [])
                if gone:
                    open_.remove(gone[0])
        return [row for row in open_ if not (bounded and row.get("until") and row["until"] < self.as_of)]

    def stands(self, opening: str, *closing: str, bounded: bool = False) -> bool | None:
        """Whether something stands; None where it is not known."""
        if self.standing(opening, *closing, bounded=bounded):
            return True
        without = self.standing(opening, *closing, bounded=bounded, without_outranked=False)
        if without and not self.extract_fresh:
            return None
        return False if self.asked else None

    @property
    def licensed(self) -> bool | None:
        """Whether a licence stands."""
        return self.stands("licensed", "licence_ended", bounded=True)

    @property
    def exclusive(self) -> bool:
        """Whether an exclusive licence stands."""
        return any(row.get("exclusive") for row in self.standing("licensed", "licence_ended", bounded=True))

    @property
    def preserved(self) -> bool | None:
        """Whether a court holds it."""
        return self.stands("preserved", "preservation_released", bounded=True)

    @property
    def disputed(self) -> bool | None:
        """Whether a dispute is open."""
        return self.stands("dispute", "dispute_closed")

    @property
    def attacked(self) -> bool | None:
        """Whether a request for invalidation is not decided."""
        ending = self.ending()
        if ending is not None and ending["event"] == "invalidated":
            return False if self.asked else None
        return self.stands("invalidation_requested", "invalidated", "invalidated_in_part", "invalidation_rejected")

    @cached_property
    def pledges(self) -> list[tuple[str | None, str | None]]:
        """Reference and pledgee of each pledge that stands, by the register and by our own records."""
        found = [(row.get("reference"), row.get("party")) for row in self.standing("pledged", "pledge_released")]
        released = {row.get("reference") for row in self.events if row["event"] == "pledge_released"}
        told = released | {reference for reference, _ in found}
        own = [row for row in self.known("collateral") if row.get("registered_on") and not row.get("released_on")]
        return found + [
            (row.get("registration"), row.get("pledgee"))
            for row in own
            if row.get("registration") not in told and not self.outranked(row, "unencumbered")
        ]

    @property
    def pledged(self) -> bool | None:
        """Whether a pledge stands."""
        return True if self.pledges else self.stands("pledged", "pledge_released")

    @property
    def pledged_to_us(self) -> bool:
        """Whether one of them is ours."""
        return any(party == OURS for _, party in self.pledges)

    @property
    def pledged_to_another(self) -> bool:
        """Whether one of them is not ours."""
        return any(party != OURS for _, party in self.pledges)

    @cached_property
    def holders(self) -> dict[str, list[float | None]]:
        """Who holds it on the day, with the shares told."""
        found: dict[str, list[float | None]] = {}
        for row in self.known("holdings"):
            if row["from_on"] <= self.as_of and not (row.get("to_on") and row["to_on"] <= self.as_of):
                found.setdefault(row["holder"], []).append(row.get("share"))
        return found

    @property
    def held(self) -> bool:
        """Whether the firm holds it."""
        return self.firm in self.holders

    @property
    def co_owned(self) -> bool:
        """Whether several hold it."""
        shares = [share for of in self.holders.values() for share in of if share is not None]
        return len(self.holders) > 1 or any(share < 1 for share in shares)


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
            "patent_events": _different(self._row(*one) for one in self._events(patent["filed_on"])),
            "collateral": [self._row(*one) for one in self._collateral(patent["filed_on"])],
            "applications": [self._row({"application": "A1", "applied_on": self.as_of, "bank": OURS}, self.as_of)],
            "coverage": [self._row(*one) for one in self._coverage()],
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
        if self._maybe(0.3):  # around a day that ends a term or a year of fees
            filed = add_months(as_of, -12 * pick((1, 5, 10, 15, 20))) + timedelta(days=pick((-1, 0, 1, 2)))
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

    def _coverage(self) -> Iterator[tuple[Row, date]]:
        for table in ("patents", "holdings", "patent_events", "collateral"):
            if self._maybe(0.9):
                asked_on = self.chance.choice((None, None, self.as_of - timedelta(days=self.chance.randrange(60))))
                yield {"about": table, "asked_on": asked_on}, self.as_of


def _different(events: Iterable[Row]) -> list[Row]:
    """Each event once: two rows of one event known on one day would be one fact told twice."""
    return list({tuple(row.get(name) for name in TABLES["patent_events"].key): row for row in events}.values())
