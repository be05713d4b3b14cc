"""The columns of a patent's state are what a person reads in the register, patent by patent."""

from collections.abc import Sequence
from datetime import date

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from features.asof import Known, as_known
from features.encoded import Tables
from features.matrix import matrix
from features.norms import NO_NORMS
from features.patent_events import EVENTS
from features.patent_holders import patent_holders
from features.patent_pledges import pledges
from features.patent_state import FEES, STATUSES, patent_state
from features.policy import shipped
from tests.one_state import Example, Register, example


def known(examples: Sequence[Example]) -> Known:
    """What is known of all examples, one case each."""
    rows = {table: [row for one in examples for row in one.rows[table]] for table in examples[0].rows}
    return as_known(Tables.from_rows(rows), [one.case for one in examples], NO_NORMS, shipped())


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
    ending = register.ending()
    said = "register_extract" if ending is None else ending["event"]
    if ending is not None and said == "register_extract":
        said = next(word for word in EVENTS if word in register.extract_says)
    return {
        "status": register.status,
        "fees": register.fees,
        "ended_as": None if ending is None else said,
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


@settings(max_examples=300, deadline=None)
@given(st.lists(st.integers(0, 2**32 - 1), min_size=1, max_size=4, unique=True))
def test_the_columns_are_what_a_person_reads(seeds: list[int]) -> None:
    """Status, term, fees, holders and what stands on it, of one patent alone as among others."""
    examples = [example(seed, firm=f"row:{place}") for place, seed in enumerate(seeds)]
    assert columns(known(examples)) == [read(one.register) for one in examples]


KIND_IN_FORCE = {
    "invention": "inventions_in_force",
    "utility_model": "utility_models_in_force",
    "design": "designs_in_force",
}
Number = float | None


def counted(register: Register) -> dict[str, Number]:
    """What the features must be of a firm with this one patent, None for not known."""
    own = register.held
    asked = bool(register.known("holdings")) or any(row["about"] == "holdings" for row in register.known("coverage"))
    in_force = {"in_force": 1.0, "not_known": None}.get(register.status, 0.0) if own else 0.0
    pending = own and register.status == "pending" and register.patent["kind"] == "invention"
    doubtful = (
        own and register.status == "not_known" and not register.granted and register.patent["kind"] == "invention"
    )
    behind = register.granted and register.status != "ended" and register.fees in ("grace", "over")
    told = register.granted and own and register.status != "ended" and register.patent.get("fees_paid_to") is not None
    found: dict[str, Number] = dict.fromkeys(KIND_IN_FORCE.values(), 0.0)
    found[KIND_IN_FORCE[register.patent["kind"]]] = in_force
    found |= {"inventions_pending": None if doubtful and not register.granted else float(pending)}
    found = {name: value if asked else None for name, value in found.items()}
    of_it = {
        "licensed": register.licensed,
        "disputed": register.disputed,
        "invalidation_pending": register.attacked,
        "preserved": register.preserved,
        "pledged_patents_held": register.pledged,
    }
    held_on = {name: 0.0 if not own else None if flag is None else float(flag) for name, flag in of_it.items()}
    found |= {name: value if asked and register.asked else None for name, value in held_on.items()}
    left = None if register.last_day is None else (register.last_day - register.as_of).days + 1
    found["mean_remaining_life"] = left / 365.25 if left is not None and in_force == 1 else None
    found["fees_behind_share"] = float(behind) if told else None
    found["shared_share"] = float(register.co_owned) if own else None
    found["offered_in_force_share"] = in_force
    found["offered_pledged_share"] = None if not register.asked or register.pledged is None else float(register.pledged)
    return found


@settings(max_examples=300, deadline=None)
@given(st.lists(st.integers(0, 2**32 - 1), min_size=1, max_size=4, unique=True))
def test_features_count_what_a_person_reads(seeds: list[int]) -> None:
    """In force, pending, behind with fees, pledged, licensed, disputed, held with others: as the register says."""
    examples = [example(seed, firm=f"row:{place}") for place, seed in enumerate(seeds)]
    expected = [counted(one.register) for one in examples]
    made = matrix(known(examples), list(expected[0]))
    found = [dict(zip(expected[0], row, strict=True)) for row in np.where(np.isnan(made), None, made).tolist()]
    assert found == expected
