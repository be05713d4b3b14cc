"""The reviewer reads what the investigators submitted, and answers every finding that a person must weigh."""

from features.errors import fault
from service.edge.errors import InvalidRequest
from service.ledger.entry_contents import EntryContent
from service.ledger.kinds import Kind
from service.ledger.loan_file_kinds import FindingAnswer, ReviewedEntry
from service.loan_files.advised import AdvisedAnswer, advised
from service.loan_files.authority import committee_sits
from service.loan_files.record import State
from service.loan_files.repeating import check_seen
from service.loan_files.requests import Review
from service.loan_files.terms import authority_for, check_not_expired, own_conditions, standing_terms
from service.loan_files.turns import FileTurn, check_apart, check_not_asker, check_state


def review(turn: FileTurn, told: Review) -> EntryContent:
    """The reviewer's opinion: on to the committee where it must sit, else to whoever may approve. Raises `Refused`."""
    file, desk = turn.file, turn.desk
    check_seen(turn, told, Kind.REVIEWED)
    check_state(file, "to_review")
    who = desk.who(told.person)
    check_apart(file, who, "review")
    check_not_asker(turn, who)
    answer = advised(turn.connection, file.assessment)
    check_not_expired(answer, desk.today)
    _check_answers(told, answer)
    terms = standing_terms(turn)
    policy = desk.policy("authority.committee").on(desk.today)
    opposed = told.outcome == "opposed" and policy["after_opposition"]
    level = authority_for(turn, terms, answer).level
    sits = committee_sits(level, answer, terms.waives, opposed=opposed)
    to: State = "to_committee" if sits else "to_approve"
    return ReviewedEntry(
        assessment=turn.about,
        seen=told.seen,
        outcome=told.outcome,
        opinion=told.opinion,
        answers=[FindingAnswer(one.rule, one.subject, one.answer) for one in told.answers],
        conditions=own_conditions(told.conditions),
        to=to,
        person=told.person,
        **desk.due(to),  # type: ignore[arg-type]
    )


def to_answer(answer: AdvisedAnswer) -> list[tuple[str, str]]:
    """The findings, by rule and subject, that the reviewer must answer: those that block or must be weighed."""
    found = (*answer.blocking, *answer.referring)
    return list(dict.fromkeys((one.rule, one.subject) for one in found))


def _check_answers(told: Review, answer: AdvisedAnswer) -> None:
    given = {(one.rule, one.subject) for one in told.answers}
    left = [rule for rule, subject in to_answer(answer) if (rule, subject) not in given]
    faults = [fault("/answers", "answers_missing", rules=tuple(dict.fromkeys(left)))] if left else []
    if told.outcome == "agreed_with_conditions" and not told.conditions:
        faults.append(fault("/conditions", "conditions_missing"))
    if faults:
        raise InvalidRequest(faults)
