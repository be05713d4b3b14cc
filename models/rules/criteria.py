"""The criteria of a high-value invention, each a test of one patent, by the version of the definition in force."""

from collections.abc import Callable

from models.records.calendar import add_years
from models.records.right import Right
from models.rules.branches import branch_of_patent
from models.rules.three_valued import some

CRITERIA = "high_value.criteria"


def strategic(right: Right) -> bool | None:
    """In a strategic emerging industry: as told with a paper, else by the coarse IPC mapping."""
    told = right.a.yes("strategic_field", right.number)
    branch = branch_of_patent(right)
    return told if told is not None else None if branch is None else branch != ""


def granted_abroad(right: Right) -> bool | None:
    """A family member is a granted right abroad; an application is not."""
    known: bool | None = right.patent.granted_abroad
    return known


def maintained(right: Right) -> bool | None:
    """Maintained for more than so many years, counted from filing (an assumption)."""
    return add_years(right.patent.filed_on, right.a.value("high_value.maintained_over_years")) < right.a.as_of


def pledged_high(right: Right) -> bool | None:
    """Pledged for a relatively high amount; no threshold is published, so a bank must state one."""
    if "high_value.pledge_amount" not in right.a.policy.parameters:
        return None
    if not right.a.asked("patent_events"):
        return None
    least = right.a.value("high_value.pledge_amount") * 100
    return any(e.event == "pledged" and e.amount is not None and e.amount >= least for e in right.events)


def awarded(right: Right) -> bool | None:
    """Won a national science prize or a China patent award."""
    if any(e.event == "award" for e in right.events):
        return True
    return False if right.a.asked("patent_events") else None


TESTS: dict[str, Callable[[Right], bool | None]] = {
    "strategic_industry": strategic,
    "overseas_family": granted_abroad,
    "maintained": maintained,
    "pledge_amount": pledged_high,
    "award": awarded,
}


def is_high_value(right: Right) -> bool | None:
    """Whether an invention in force meets any criterion in force. Raises `NotYetInForce` before the first version."""
    held: dict[str, bool | None] = right.a.once("high_value", lambda _: {})
    if right.number not in held:
        held[right.number] = _meets_any(right)
    return held[right.number]


def _meets_any(right: Right) -> bool | None:
    if right.patent.kind != "invention" or not right.in_force:
        return False
    return some(TESTS[name](right) for name in right.a.value(CRITERIA))
