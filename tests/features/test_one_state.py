"""The columns of a patent's state are what a person reads in the register, patent by patent."""

from datetime import date

import numpy as np
from hypothesis import example as given_too
from hypothesis import given
from hypothesis import strategies as st

from features.asof import Known
from features.matrix import matrix
from features.patent_events import EVENTS
from features.patent_holders import patent_holders
from features.patent_pledges import pledges
from features.patent_state import FEES, STATUSES, patent_state
from tests.amount import law
from tests.one_state.law import features_by_hand, known
from tests.one_state.making import example
from tests.one_state.register import Register


def columns(known: Known) -> list[dict[str, object]]:
    """The columns of the state, one row per patent, in words and dates."""
    state, holders, stand = patent_state(known), patent_holders(known), pledges(known)
    told = {
        "status": [STATUSES[code] for code in state.status],
        "fees": [FEES[code] for code in state.fees],
        "ended_as": [None if code < 0 else EVENTS[code] for code in state.ending.event],
        "granted": state.granted.tolist(),
        "held": holders.held.tolist(),
        "co_owned": holders.shared.tolist(),
        "register_seen": state.register_seen.tolist(),
        "compensation": state.term.compensation.tolist(),
        "late_month": [None if np.isnan(month) else int(month) for month in state.annual_fees.late_month],
        "to_us": stand.on(stand.ours).tolist(),
        "to_another": stand.on(~stand.ours).tolist(),
    }
    days = {"last_day": state.last_day, "granted_on": state.granted_on, "fee_due": state.annual_fees.due}
    told |= {name: [None if np.isnan(d) else date.fromordinal(int(d)) for d in of] for name, of in days.items()}
    flags = {
        "pledged": stand.told,
        "licensed": state.licences.told,
        "preserved": state.preservations.told,
        "disputed": state.disputes.told,
        "attacked": state.invalidations.told,
    }
    told |= {name: [None if np.isnan(flag) else flag == 1 for flag in of] for name, of in flags.items()}
    told["exclusive"] = state.exclusively_licensed.tolist()
    return [dict(zip(told, row, strict=True)) for row in zip(*told.values(), strict=True)]


def read(register: Register) -> dict[str, object]:
    """The same by a person."""
    return {
        "status": register.status,
        "fees": register.fees,
        "ended_as": register.ended_as,
        "granted": register.granted,
        "held": register.held,
        "co_owned": register.co_owned,
        "register_seen": register.register_seen,
        "compensation": float(register.compensation),
        "late_month": register.late_month,
        "to_us": register.pledged_to_us,
        "to_another": register.pledged_to_another,
        "last_day": register.last_day,
        "granted_on": register.granted_on,
        "fee_due": register.fee_due,
        "pledged": register.pledged,
        "licensed": register.licensed,
        "preserved": register.preserved,
        "disputed": register.disputed,
        "attacked": register.attacked,
        "exclusive": register.exclusive,
    }


@law(300)
@given(st.lists(st.integers(0, 2**32 - 1), min_size=1, max_size=4, unique=True))
@given_too(seeds=[702708108])  # wholly invalidated, with a request that only an old extract speaks against
@given_too(seeds=[9912])  # pledged to us on the day of the application
def test_the_columns_are_what_a_person_reads(seeds: list[int]) -> None:
    """Status, term, fees, holders and what stands on it, of one patent alone as among others."""
    examples = [example(seed, firm=f"row:{place}") for place, seed in enumerate(seeds)]
    assert columns(known(examples)) == [read(one.register) for one in examples]


@law(300)
@given(st.lists(st.integers(0, 2**32 - 1), min_size=1, max_size=4, unique=True))
@given_too(seeds=[702708108])  # wholly invalidated, with a request that only an old extract speaks against
@given_too(seeds=[9912])  # pledged to us on the day of the application
def test_features_count_what_a_person_reads(seeds: list[int]) -> None:
    """In force, pending, behind with fees, pledged, licensed, disputed, held with others: as the register says."""
    examples = [example(seed, firm=f"row:{place}") for place, seed in enumerate(seeds)]
    expected = [features_by_hand(one) for one in examples]
    made = matrix(known(examples), list(expected[0]))
    found = [dict(zip(expected[0], row, strict=True)) for row in np.where(np.isnan(made), None, made).tolist()]
    assert found == expected
