"""A fund's hold on the content of a loan file: while it stands nobody erases it, and that fund alone lifts it."""

from collections.abc import Sequence
from datetime import date

import msgspec

from features.errors import fault
from service.edge.errors import InvalidRequest, NotInTurn
from service.ledger.entry_contents import EntryContent, EntryRef
from service.ledger.kinds import Kind
from service.ledger.loan_file_kinds import HoldEntry
from service.loan_files.requests import LiftedHold, PlacedHold
from service.loan_files.steps import EnteredAct, steps_of_file
from service.loan_files.turns import FileTurn


def place_hold(turn: FileTurn, told: PlacedHold) -> EntryContent:
    """A fund wants the content kept, until a day or until it lifts the hold. Raises `Refused`."""
    fund = _fund(turn)
    if told.until is not None and told.until < turn.desk.today:
        raise InvalidRequest([fault("/until", "before_today", today=turn.desk.today)])
    until = None if told.until is None else told.until.isoformat()
    return HoldEntry(assessment=turn.about, state="placed", fund=fund, reason=told.reason, until=until, lifts=None)


def lift_hold(turn: FileTurn, entry: int, told: LiftedHold) -> EntryContent:
    """The fund whose hold it is lifts it. Raises `Refused`."""
    fund = _fund(turn)
    steps = steps_of_file(turn.connection, turn.file.id)
    found = next((one for one in standing_holds(steps, turn.desk.today) if one.record.entry == entry), None)
    if found is None:
        raise NotInTurn("no_such_hold", entry=entry)
    if found.content.get("fund") != fund:
        raise NotInTurn("hold_of_other_fund", entry=entry)
    lifts = EntryRef(found.record.entry, found.record.seal)
    return HoldEntry(assessment=turn.about, state="lifted", fund=fund, reason=told.reason, until=None, lifts=lifts)


def standing_holds(steps: Sequence[EnteredAct], today: date) -> list[EnteredAct]:
    """The holds that were placed, neither lifted since nor over."""
    holds = [one for one in steps if one.kind == Kind.HOLD]
    lifted = {msgspec.convert(one.content["lifts"], EntryRef).seq for one in holds if "lifts" in one.content}
    placed = [one for one in holds if one.content.get("state") == "placed" and one.record.entry not in lifted]
    return [one for one in placed if str(one.content.get("until", today)) >= today.isoformat()]


def _fund(turn: FileTurn) -> str:
    """Whose account acts. Raises `NotInTurn` where it is none of a fund's."""
    fund = turn.desk.caller.place.fund
    if fund is None:
        raise NotInTurn("fund_holds")
    return fund
