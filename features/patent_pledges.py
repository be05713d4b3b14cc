"""The pledges that stand on patents: those of the register's events, and those of our own records of registrations."""

from dataclasses import dataclass

import numpy as np

from features.arrays import NOT_KNOWN, Bools, Floats, Ints
from features.asof import Known, derived
from features.patent_state import patent_state


@dataclass(frozen=True)
class Pledges:
    """One entry per pledge that stands on the day, in order of the patents; `told` has one entry per patent.

    `patent`: place among `known.patents`. `reference`, `party`, `name`: codes of registration number, pledgee, and the
    pledgee's name where the register tells it. `ours`: the pledgee is the bank that asks. `collateral`: the place of
    our own row about it, -1 where there is none. `told`: 1 where a pledge stands, 0 where none does, NaN where that is
    not known.
    """

    patent: Ints
    reference: Ints
    party: Ints
    name: Ints
    since: Floats
    ours: Bools
    collateral: Ints
    told: Floats

    def on(self, pledges: Bools) -> Bools:
        """The patents on which one of the marked pledges stands."""
        found = np.zeros(len(self.told), dtype=bool)
        found[self.patent[pledges]] = True
        return found


@derived
def pledges(known: Known) -> Pledges:
    """The pledges on the patents of each case."""
    state, rows = patent_state(known), known.collateral
    events, registered = state.events, state.registered_pledges
    own = _Records(known)
    further = own.without_event()
    places, event_rows = registered.places, events.rows
    patent = np.concatenate([events.patent[places], own.patent[further]])
    reference = np.concatenate([event_rows.codes("reference")[places], rows.codes("registration")[further]])
    party = np.concatenate([event_rows.codes("party")[places], rows.codes("pledgee")[further]])
    unnamed = np.full(len(further), NOT_KNOWN, dtype=np.int64)
    name = np.concatenate([event_rows.codes("party_name")[places], unnamed])
    order = np.argsort(patent, kind="stable")
    told = registered.told.copy()
    told[own.patent[further]] = 1.0
    return Pledges(
        patent=patent[order],
        reference=reference[order],
        party=party[order],
        name=name[order],
        since=np.concatenate([event_rows.happened_on[places], rows.registered_on[further]])[order],
        ours=_of_lender(known, party, patent)[order],
        collateral=own.about(patent, reference)[order],
        told=told,
    )


class _Records:
    """Our rows of `collateral` that tell of a registration of a pledge on a known patent."""

    def __init__(self, known: Known) -> None:
        rows = known.collateral
        self.state, self.rows = patent_state(known), rows
        self.patent = known.patents.find(rows.case, rows.codes("item"), "patent")
        registered = (self.patent >= 0) & ~np.isnan(rows.registered_on)
        self.released = np.flatnonzero(registered & ~np.isnan(rows.released_on))
        self.running = np.flatnonzero(registered & np.isnan(rows.released_on))

    def _keys(self, places: Ints) -> list[tuple[int, int]]:
        """Patent and registration number of some rows."""
        return list(zip(self.patent[places].tolist(), self.rows.codes("registration")[places].tolist(), strict=True))

    def without_event(self) -> Ints:
        """The registrations that are not released, by our records, of which no event of the register tells.

        One place for each patent, number and pledgee.
        """
        events, said, rows = self.state.events, self.state.extracts, self.rows
        told = np.concatenate([self.state.registered_pledges.places, np.flatnonzero(events.where("pledge_released"))])
        known = set(zip(events.patent[told].tolist(), events.rows.codes("reference")[told].tolist(), strict=True))
        found = {}
        for key, place in zip(self._keys(self.running), self.running.tolist(), strict=True):
            outranked = said.unencumbered[key[0]] and rows.known_on[place] <= said.on[key[0]]
            if key not in known and not outranked:
                found[(*key, int(rows.codes("pledgee")[place]))] = place
        return np.array(list(found.values()), dtype=np.int64)

    def about(self, patent: Ints, reference: Ints) -> Ints:
        """Per pledge our record of it; -1 where there is none."""
        places = np.concatenate([self.released, self.running])
        under = dict(zip(self._keys(places), places.tolist(), strict=True))
        pairs = zip(patent.tolist(), reference.tolist(), strict=True)
        return np.array([under.get(pair, NOT_KNOWN) for pair in pairs], dtype=np.int64)


def _of_lender(known: Known, party: Ints, patent: Ints) -> Bools:
    """Whether pledgees are the bank that asks, which an application may name without the kind of its key."""
    if not len(party):
        return np.zeros(0, dtype=bool)
    firms, asks = known.tables.words("firm").words, lenders(known)
    pairs = zip(known.patents.case[patent].tolist(), party.tolist(), strict=True)
    return np.array([code >= 0 and _is_lender(firms[code], asks[case]) for case, code in pairs], dtype=bool)


def _is_lender(party: str, asks: str | None) -> bool:
    return party in US or _bare(party) == _bare(asks)


US = ("us", "本行")
"""Names by which the bank that asks calls itself."""


@derived
def pledged_elsewhere(known: Known) -> Bools:
    """The rows of `collateral` of the application that somebody else takes in pledge.

    A guarantee institution that stands in usually takes the pledge for its own claim. Where nobody is named, or it is
    not known which bank asks, the pledge is ours.
    """
    rows, guarantees = known.collateral, known.guarantees
    firms, asks = known.tables.words("firm").words, lenders(known)
    named = np.flatnonzero(rows.of_case("application", known.application) & (rows.codes("pledgee") >= 0))
    found = np.zeros(len(rows), dtype=bool)
    if not len(named):
        return found
    own = guarantees.of_case("application", known.application)
    guarantors = set(zip(guarantees.case[own].tolist(), guarantees.codes("guarantor")[own].tolist(), strict=True))
    pledgees = rows.codes("pledgee")[named].tolist()
    for place, case, pledgee in zip(named.tolist(), rows.case[named].tolist(), pledgees, strict=True):
        name, bank = _bare(firms[pledgee]), _bare(asks[case])
        found[place] = name not in (*US, bank) and (bank is not None or (case, pledgee) in guarantors)
    return found


def _bare(key: str | None) -> str | None:
    return key and key.rpartition(":")[2]


@derived
def lenders(known: Known) -> list[str | None]:
    """The bank that asks in each case: the case's own, else that of its application; None where neither is named."""
    applications, words = known.applications, known.tables.words("bank").words
    place = applications.find(np.arange(len(known)), known.application, "application")
    codes = np.where(place >= 0, applications.codes("bank")[place], NOT_KNOWN) if len(applications) else place
    named = (words[code] if code >= 0 else None for code in codes.tolist())
    return [case.bank or bank for case, bank in zip(known.cases, named, strict=True)]
