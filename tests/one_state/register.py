"""The state of one patent read from the rows as a person reads a register: apart from the product, and with dates."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from typing import Any

from features.tables import TABLES

Row = dict[str, Any]
RowsByTable = dict[str, list[Row]]

OURS = "bank:ours"
EVENTS = TABLES["patent_events"].columns["event"].choices
ENDINGS = ("lapsed", "expired", "abandoned", "refused", "invalidated")
STATED = {"preserved": "suspended", "pledged": "pledged"}
"""The status of an extract that states that something stands."""
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


def latest_known(rows: RowsByTable, table: str, as_of: date) -> list[Row]:
    """The rows of a table that were known by a day, the latest correction of each fact."""
    found: dict[tuple[Any, ...], Row] = {}
    for row in sorted(rows.get(table, ()), key=lambda row: row["known_on"]):
        if row["known_on"] <= as_of:
            found[tuple(row.get(name) for name in TABLES[table].key)] = row
    return [row for row in found.values() if not row.get("withdrawn")]


@dataclass(frozen=True)
class Register:
    """The state of the one patent on the day, by rows known on it."""

    firm: str
    as_of: date
    rows: RowsByTable = field(repr=False)

    def known(self, table: str) -> list[Row]:
        """The rows of a table that were known by the day."""
        return latest_known(self.rows, table, self.as_of)

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
    def extract_status(self) -> str | None:
        """The status that the extract states."""
        return self.extract.get("extract_status") if self.extract else None

    @cached_property
    def extract_says(self) -> set[str]:
        """The words of the extract; the status that it states outweighs what they say of the right."""
        detail = self.extract.get("detail") if self.extract else None
        words = {word.strip() for word in detail.split(";")} if detail else set()
        if self.extract_status is None:
            return words
        stated = {self.extract_status} if self.extract_status in ENDINGS else {"in_force"}
        return words - {"in_force", *ENDINGS} | stated

    @property
    def lost_in_part(self) -> bool:
        """Whether some claims were lost, by an event or by what the extract states."""
        told = any(row["event"] == "invalidated_in_part" for row in self.events)
        return told or self.extract_status == "invalidated_in_part"

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

    @property
    def ended_as(self) -> str | None:
        """The word for how it ended; None where it did not, or by the calendar alone."""
        ending = self.ending()
        if ending is None or ending["event"] != "register_extract":
            return ending and str(ending["event"])
        return next(word for word in EVENTS if word in self.extract_says)

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
        if self.extract and self.extract_fresh and self.extract_status == "fees_overdue":
            later = self.patent["known_on"] > self.extract["happened_on"]
            if not (later and self.fee_due is not None and self.fee_due > self.as_of):
                return "grace"
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
        """The openings that stand; where none does, the extract may state that something stands."""
        found = self._standing(opening, closing, None, bounded=bounded, without_outranked=without_outranked)
        if not found and self.extract and STATED.get(opening, "") == self.extract_status:
            return self._standing(opening, closing, self.extract, bounded=bounded, without_outranked=without_outranked)
        return found

    def _standing(
        self, opening: str, closing: tuple[str, ...], also: Row | None, *, bounded: bool, without_outranked: bool
    ) -> list[Row]:
        events = [
            row for row in self.events
            if row["event"] in closing or row is also
            or (row["event"] == opening and not (without_outranked and self.outranked(row, "unencumbered")))
        ]  # fmt: skip
        open_, last = [], {row.get("reference"): row for row in events}
        for place, row in enumerate(events):
            reference = row.get("reference")
            if row["event"] == opening or row is also:
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
        if self.ended_as == "invalidated":
            return False if self.asked else None
        return self.stands("invalidation_requested", "invalidated", "invalidated_in_part", "invalidation_rejected")

    @cached_property
    def pledges(self) -> list[tuple[str | None, str | None, date]]:
        """Reference, pledgee and day of each pledge that stands, by the register and by our own records."""
        found = [
            (row.get("reference"), row.get("party"), row["happened_on"])
            for row in self.standing("pledged", "pledge_released")
        ]
        released = {row.get("reference") for row in self.events if row["event"] == "pledge_released"}
        told = released | {reference for reference, _, _ in found}
        own = [row for row in self.known("collateral") if row.get("registered_on") and not row.get("released_on")]
        return found + [
            (row.get("registration"), row.get("pledgee"), row["registered_on"])
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
        return any(party == OURS for _, party, _ in self.pledges)

    @property
    def pledged_to_another(self) -> bool:
        """Whether one of them is not ours."""
        return any(party != OURS for _, party, _ in self.pledges)

    @property
    def pledged_before(self) -> bool | None:
        """Whether a pledge stands that was not registered for the loan itself.

        One of the day on which the loan was asked is, where it is ours and the patent secures no other loan.
        """
        alone = all(row.get("application") for row in self.known("collateral"))
        fresh = [alone and party == OURS and day >= self.as_of for _, party, day in self.pledges]
        return False if fresh and all(fresh) else self.pledged

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
