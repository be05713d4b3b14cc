"""Terms as they are told, checked against the advice and turned into leaves of an entry."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from features.errors import Fault, fault
from service.edge.errors import InvalidRequest, NotInTurn
from service.ledger.canonical import float_text
from service.ledger.loan_file_kinds import OwnCondition, SetAside
from service.loan_files.advised import AdvisedAnswer
from service.loan_files.authority import Authority, Proposed, check_waivable, needed, waive_faults
from service.loan_files.exposure import exposure_before
from service.loan_files.requests import SetAsideFinding, SetCondition, TermsAct
from service.loan_files.turns import Desk, FileTurn


def weighed(turn: FileTurn, told: TermsAct, answer: AdvisedAnswer) -> tuple[Proposed, Authority]:
    """The terms, and the authority that they need. Raises `InvalidRequest`, or `NotInTurn` for what nobody may do."""
    terms = Proposed(told.amount, told.term_months, frozenset(one.rule for one in told.waives))
    check_waivable(terms, answer, turn.desk.policy, turn.desk.today)
    faults = waive_faults([one.rule for one in told.waives], answer) + _waive_details(turn.desk, told.waives)
    if faults:
        raise InvalidRequest(faults)
    return terms, authority_for(turn, terms, answer)


def authority_for(turn: FileTurn, terms: Proposed, answer: AdvisedAnswer) -> Authority:
    """The authority that terms need now."""
    desk = turn.desk
    before = exposure_before(turn.connection, turn.file, answer.id, desk.policy)
    return needed(terms, answer, before, desk.policy, desk.today)


def standing_terms(turn: FileTurn) -> Proposed:
    """The terms that the file carries."""
    file = turn.file
    return Proposed(file.amount or 0, file.term_months or 0, file.waived)


def check_within(terms: Proposed, amount: int | None, months: int | None, code: str) -> None:
    """Raises `NotInTurn` by the code where the terms go beyond what an earlier step put forward."""
    if (amount is not None and terms.amount > amount) or (months is not None and terms.term_months > months):
        raise NotInTurn(code, amount=amount, months=months)


def check_not_expired(answer: AdvisedAnswer, today: date) -> None:
    """Raises `NotInTurn` where the assessment may not be relied on any more."""
    if answer.expires_on < today:
        raise NotInTurn("assessment_expired", expires_on=answer.expires_on)


def leaves_of_terms(told: TermsAct, authority: Authority) -> Mapping[str, object]:
    """The terms as leaves of an entry."""
    return {
        "amount": told.amount,
        "term_months": told.term_months,
        "rate": None if told.rate is None else float_text(told.rate),
        "conditions": own_conditions(told.conditions),
        "waives": [SetAside(o.rule, o.reason_code, o.mitigation, o.until.isoformat()) for o in told.waives],
        "stands": authority.stands,
        "better_in": list(authority.better_in),
        "counted": authority.counted,
        "level": authority.level.level,
    }


def own_conditions(told: Sequence[SetCondition], before: Sequence[OwnCondition] = ()) -> list[OwnCondition]:
    """Conditions of the bank's own, each once: those that earlier steps set, then those that are told."""
    given = [OwnCondition(one.text, one.due) for one in told]
    return list({one.text: one for one in (*before, *given)}.values())


def _waive_details(desk: Desk, waives: Sequence[SetAsideFinding]) -> list[Fault]:
    """What is wrong with reasons and end days of what is set aside."""
    codes = desk.policy("authority.reason_codes").on(desk.today)
    last = desk.today + timedelta(days=desk.policy("authority.longest_override").on(desk.today))
    faults: list[Fault] = []
    for place, one in enumerate(waives):
        if one.reason_code not in codes:
            faults.append(fault(f"/waives/{place}/reason_code", "reason_code_unknown", codes=tuple(codes)))
        if not desk.today <= one.until <= last:
            faults.append(fault(f"/waives/{place}/until", "override_days", first=desk.today, last=last))
    return faults
