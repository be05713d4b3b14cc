"""The people of the demonstration: two banks with their branches, and a fund."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from service.access.accounts import Account
from service.access.answers import ListedUser
from service.access.roles import EVERYWHERE, Place

BANKS = ("synthetic-bank-01", "synthetic-bank-02")
FUND = "synthetic-fund"
MEMBERS = 5
"""Members of a bank's credit committee who vote, beside the chair."""
OFFICERS = 3
"""Credit officers of a branch."""
LEVELS = (2, 2, 3, 4)
"""The authority of a bank's approvers beside those of its branches, which have the first level."""
_SURNAMES = {
    "wang": "王", "li": "李", "zhang": "张", "liu": "刘", "chen": "陈", "yang": "杨", "zhao": "赵", "huang": "黄",
    "zhou": "周", "wu": "吴", "xu": "徐", "sun": "孙", "hu": "胡", "zhu": "朱", "gao": "高", "lin": "林", "he": "何",
    "guo": "郭", "ma": "马", "luo": "罗",
}  # fmt: skip
_GIVEN = {"wei": "伟", "min": "敏", "jing": "静", "lei": "磊", "yan": "燕", "tao": "涛", "hong": "红", "peng": "鹏"}


@dataclass(frozen=True)
class BankPeople:
    """A bank's accounts by what they do; officers and the branch's approver by branch, approvers from the lowest."""

    bank: str
    officers: dict[str, list[str]]
    branch_approvers: dict[str, str]
    approvers: list[str]
    reviewers: list[str]
    members: list[str]
    chair: str
    secretary: str
    drawdown_desk: str
    risk_manager: str
    list_manager: str

    def able_to_approve(self, branch: str, level: int) -> list[str]:
        """Whoever has the authority of a level for a branch, the lowest first."""
        able = [(1, self.branch_approvers[branch]), *zip(LEVELS, self.approvers, strict=True)]
        return [name for own, name in able if own >= level]


def names() -> Iterator[tuple[str, str]]:
    """Account names with the names of invented people, none of them twice."""
    for given, written in _GIVEN.items():
        for surname, sign in _SURNAMES.items():
            yield f"{surname}.{given}", f"{sign}{written}"


class Staffing:
    """Hands out accounts: who works where, in which role."""

    def __init__(self) -> None:
        self.accounts: list[Account] = []
        self._names = names()

    def hire(self, role: str, place: Place = EVERYWHERE, authority: int = 0) -> str:
        """A new account's name. It has no password: nobody signs in by it but where a demonstration lets them."""
        name, shown = next(self._names)
        self.accounts.append(Account(name, shown, role, place, authority, f"demonstration:{name}"))
        return name

    def bank(self, bank: str, branches: Sequence[str]) -> BankPeople:
        """The people of a bank with these branches."""
        head = Place(bank)
        officers = {one: [self.hire("credit_officer", Place(bank, one)) for _ in range(OFFICERS)] for one in branches}
        branch_approvers = {one: self.hire("approver", Place(bank, one), 1) for one in branches}
        found = BankPeople(
            bank,
            officers,
            branch_approvers,
            approvers=[self.hire("approver", head, level) for level in LEVELS],
            reviewers=[self.hire("reviewer", head) for _ in range(2)],
            members=[self.hire("committee_member", head) for _ in range(MEMBERS)],
            chair=self.hire("committee_member", head),
            secretary=self.hire("committee_secretary", head),
            drawdown_desk=self.hire("drawdown_desk", head),
            risk_manager=self.hire("risk_manager", head),
            list_manager=self.hire("list_manager", head),
        )
        for role in ("auditor", "validator", "administrator"):
            self.hire(role, head)
        return found


def staffed(branches: dict[str, list[str]]) -> tuple[list[Account], dict[str, BankPeople]]:
    """All accounts, and the people of each bank by its branches."""
    staffing = Staffing()
    banks = {bank: staffing.bank(bank, own) for bank, own in branches.items()}
    staffing.hire("fund_manager", Place(fund=FUND))
    staffing.hire("data_scientist")
    for _ in range(2):
        staffing.hire("administrator")
    return staffing.accounts, banks


OFFERED = (
    "credit_officer", "reviewer", "committee_member", "committee_secretary", "approver", "drawdown_desk",
    "risk_manager", "list_manager", "auditor", "validator", "administrator", "fund_manager", "data_scientist",
)  # fmt: skip
"""The roles of which the sign-in page offers somebody, in this order."""


@dataclass(frozen=True)
class Seat:
    """An account that the sign-in page offers, and how many files or warnings wait for it."""

    account: ListedUser
    waiting: int


def seats(accounts: Sequence[ListedUser], waiting: Mapping[str, int]) -> list[Seat]:
    """One account of each role, the one for whom most waits; of approvers the lowest and the highest who have work.

    Of administrators there are two, as one confirms what another asks for.
    """
    found = []
    for role in OFFERED:
        own = [Seat(one, waiting[one.name]) for one in accounts if one.role == role and one.bank in (None, BANKS[0])]
        own.sort(key=lambda one: (one.account.authority, -one.waiting, one.account.name))
        busy = [one for one in own if one.waiting] or own
        last = busy[-1] if role in {"approver", "administrator"} else busy[0]
        found += list({one.account.name: one for one in (busy[0], last)}.values())
    return found
