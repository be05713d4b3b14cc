"""Whitelists of the demonstration: the head office screens firms and pushes them to a branch, which tells what became.

A list is received from the city's intellectual property office at one time, and made by the bank's own screening at the
next (双推送): what the officers tell back goes to whoever pushed it.
"""

import random
from collections.abc import Callable, Iterator, Mapping, Sequence

from service.demonstration.conduct import Wait, told_as
from service.demonstration.office import Office
from service.edge.errors import Refused
from service.firm_lists.requests import FeedbackRequest, PushRequest

LIST = "push"
EDITIONS = (("市知识产权局推荐名单 第一批", "received", (60, 75)), ("总行筛查名单 下半年", "screened", (115, 130)))
"""What each is called, how it came, and after how many working days."""
FIRMS = 4
"""Firms of an edition for a branch."""
_TOLD = 0.7
"""Share of the firms of which the branch tells what became."""
_BY_STATE: Mapping[str, tuple[str, str | None]] = {
    "drawn": ("granted", None), "closed": ("granted", None), "declined": ("refused", "credit"),
    "withdrawn": ("no_need", "other_bank"),
}  # fmt: skip
_WITHOUT_FILE = (("contacted", None), ("contacted", None), ("no_need", "price"), ("unreachable", "other"))

StateOf = Callable[[str], str | None]
"""The state of a firm's loan file, if it has one."""


def handed_over(office: Office, bank: str, branch: str, firms: Sequence[str], state_of: StateOf) -> Iterator[Wait]:
    """Each edition is screened and pushed by the head office; the branch's officers talk to the firms and tell."""
    people, chance = office.people[bank], random.Random(f"{bank} {branch}")
    for edition, came, after in EDITIONS:
        yield after
        own = chance.sample(list(firms), min(FIRMS, len(firms)))
        job = office.screened(people.list_manager, own, f"{edition} {branch}")
        yield 0, 2
        told = told_as(PushRequest, list=LIST, edition=edition, job=job, came=came, branch=branch)
        try:
            pushed = office.pushed(people.list_manager, told)
        except Refused:
            continue  # none of the firms may stand on it
        for assessment, firm in office.firms_on(pushed).items():
            yield 0, 3
            if chance.random() < _TOLD:
                outcome, why = _outcome(state_of(firm), chance)
                feedback = told_as(FeedbackRequest, assessment=assessment, outcome=outcome, reason_code=why)
                office.fed_back(chance.choice(people.officers[branch]), pushed, feedback)


def _outcome(state: str | None, chance: random.Random) -> tuple[str, str | None]:
    if state is None:
        return chance.choice(_WITHOUT_FILE)
    return _BY_STATE.get(state, ("applied", None))
