"""What a renewal of our own loan must not hide: what happened since it was approved, and how often it was renewed."""

from collections.abc import Iterator

from models.records.applicant import Applicant
from models.records.columns import Record
from models.rules.finding import Finding
from models.rules.registry import Maker, rule

_HEAVY = ("blocks", "refer")


def _loan(a: Applicant, number: str | None) -> Record | None:
    return next((row for row in a.rows("loans") if number is not None and row.loan == number), None)


@rule("loan", "credit_exclusions.listings", weighs=("refer", "info"))
def renewal_changes(subject: tuple[Applicant, str], make: Maker) -> Finding:
    """Since the loan that is renewed was approved, no court or authority entered what would stop a new one."""
    a, number = subject
    required, loan = make.required(), _loan(a, number)
    since = None if loan is None else loan.granted_on or loan.drawn_on
    if since is None:
        return make.unknown("info", make.observed("not_known"), required)
    heavy = {kind for kind, weight in a.value("credit_exclusions.listings").items() if weight in _HEAVY}
    new = [
        row
        for row in a.rows("credit_events")
        if row.event in heavy and row.happened_on > since and (row.lifted_on is None or row.lifted_on > a.as_of)
    ]
    if new:
        return make.fails("refer", make.observed("found", number=len(new), since=since), required)
    return make.passes(make.observed("none", since=since), required)


@rule("loan", "renewal.rounds_most", weighs=("caution",))
def renewal_rounds(subject: tuple[Applicant, str], make: Maker) -> Finding:
    """A loan is not renewed again and again without being reduced."""
    a, number = subject
    most = int(a.value("renewal.rounds_most"))
    required, rounds = make.required(number=most), _rounds(a, number)
    seen = make.observed("rounds", number=rounds)
    return make.fails("caution", seen, required) if rounds > most else make.passes(seen, required)


def _rounds(a: Applicant, number: str | None) -> int:
    """How often the loan was renewed in a row, this time included, since it was last reduced."""
    amount, found, seen = a.loan.amount, 0, set[str]()
    while number is not None and number not in seen:
        seen.add(number)
        loan = _loan(a, number)
        if loan is not None and None not in (amount, loan.amount) and amount < loan.amount:
            break
        found += 1
        number, amount = (None, None) if loan is None else (loan.renews, loan.amount)
    return found


def about_renewal(a: Applicant, loan: str) -> Iterator[Finding]:
    """The findings about the renewal of one of our loans."""
    return (each.of(a, (a, loan), loan) for each in (renewal_changes, renewal_rounds))
