"""The credit committee: named votes that nobody sees before the minutes close them, a chair with a veto and no vote."""

from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import Literal

from features.errors import fault
from service.edge.errors import InvalidRequest, NotInTurn
from service.ledger.entry_contents import EntryContent, EntryRef
from service.ledger.kinds import Kind
from service.ledger.loan_file_kinds import MinutesEntry, Recusal, VoteEntry
from service.loan_files.advised import advised
from service.loan_files.record import FileVote, State
from service.loan_files.repeating import check_seen
from service.loan_files.requests import Minutes, Vote
from service.loan_files.steps import steps_of_file
from service.loan_files.terms import check_not_expired, check_within, leaves_of_terms, weighed
from service.loan_files.turns import FileTurn, accounts_of, check_apart, check_day, check_state

Outcome = Literal["passed", "reconsider", "rejected"]
_FOR = ("agree", "agree_with_conditions")
_REASONED = ("agree_with_conditions", "reconsider", "reject")
"""Votes from which nobody learns anything without their reason: which conditions, what is missing, why not."""
_TO: Mapping[Outcome, State] = {"passed": "to_approve", "reconsider": "to_committee", "rejected": "declined"}


def vote(turn: FileTurn, told: Vote) -> EntryContent:
    """A member votes, once in a round, and says why unless it is a plain yes or an abstention. Raises `Refused`."""
    file, desk = turn.file, turn.desk
    check_seen(turn, told, Kind.VOTE)
    check_state(file, "to_committee")
    who = desk.who(told.person)
    check_apart(file, who, "vote")
    if any(one.member == who for one in file.round_votes()):
        raise NotInTurn("vote_given")
    if told.reason is None and told.vote in _REASONED:
        raise InvalidRequest([fault("/reason", "vote_reason")])
    return VoteEntry(
        assessment=turn.about,
        seen=told.seen,
        meeting=told.meeting,
        round=file.round,
        vote=told.vote,
        reason=told.reason,
        person=told.person,
    )


_BESIDE = (Kind.VOTE, Kind.DOCUMENT, Kind.REFUSED, Kind.HOLD)
"""Entries that are no step before the committee."""


def minute(turn: FileTurn, told: Minutes) -> EntryContent:
    """The minutes close the vote on the terms that were put to it. Raises `Refused`."""
    file, desk = turn.file, turn.desk
    check_seen(turn, told, Kind.MINUTES)
    check_state(file, "to_committee")
    if desk.who(told.person) in file.holders("investigate"):
        raise NotInTurn("duty_held", held="investigate", wanted="vote")
    check_day("/held_on", told.held_on, desk.today, _waits_since(turn))
    named = [("/chair", told.chair)]
    named += [(f"/present/{place}", name) for place, name in enumerate(told.present)]
    named += [(f"/recused/{place}/member", one.member) for place, one in enumerate(told.recused)]
    chair, *others = accounts_of(turn, named)
    present, recused = others[: len(told.present)], others[len(told.present) :]
    check_apart(file, chair, "vote")
    votes = _check_members(turn, chair, present, recused)
    answer = advised(turn.connection, file.assessment)
    check_not_expired(answer, desk.today)
    terms, authority = weighed(turn, told, answer)
    check_within(terms, file.amount, file.term_months, "above_proposal")
    outcome = _outcome(turn, votes, vetoed=told.vetoed)
    return MinutesEntry(
        assessment=turn.about,
        meeting=told.meeting,
        round=file.round,
        held_on=told.held_on.isoformat(),
        chair=chair,
        vetoed=told.vetoed,
        present=present,
        recused=[Recusal(one, given.reason) for one, given in zip(recused, told.recused, strict=True)],
        votes=[EntryRef(one.seq, one.seal) for one in votes],
        outcome=outcome,
        document=told.document,
        days_late=desk.days_late(told.held_on),
        to=_TO[outcome],
        person=told.person,
        **desk.due(_TO[outcome]),  # type: ignore[arg-type]
        **leaves_of_terms(told, authority),  # type: ignore[arg-type]
    )


def _waits_since(turn: FileTurn) -> date:
    """The day since which the file waits for the committee: that of the step before."""
    steps = [one for one in steps_of_file(turn.connection, turn.file.id) if one.kind not in _BESIDE]
    return turn.desk.day_of(steps[-1].record.at)


def _check_members(turn: FileTurn, chair: str, present: Sequence[str], recused: Sequence[str]) -> list[FileVote]:
    """The votes of those present. Raises where the committee is too small, or not everybody present voted, once."""
    policy = turn.desk.policy("authority.committee").on(turn.desk.today)
    everybody = [chair, *present, *recused]
    if len(set(everybody)) != len(everybody):
        raise InvalidRequest([fault("/present", "member_twice")])
    members = len(present) + len(recused)
    if members < policy["members"] or members % 2 == 0:
        raise InvalidRequest([fault("/present", "committee_size", members=members, least=policy["members"])])
    if len(present) < policy["voting"]:
        raise InvalidRequest([fault("/present", "committee_too_few", voting=len(present), least=policy["voting"])])
    by_member = {one.member: one for one in turn.file.round_votes()}
    silent, absent = len(set(present) - by_member.keys()), len(by_member.keys() - set(present))
    if silent:
        raise NotInTurn("votes_missing", number=silent)
    if absent:
        raise NotInTurn("votes_of_absent", number=absent)
    return [by_member[one] for one in present]


def _outcome(turn: FileTurn, votes: Sequence[FileVote], *, vetoed: bool) -> Outcome:
    """Passed by so large a share of those present; put again where that many agree or want it put again."""
    numerator, denominator = turn.desk.policy("authority.committee").on(turn.desk.today)["pass"]
    share = Fraction(numerator, denominator)
    agreed = sum(one.vote in _FOR for one in votes)
    open_ = sum(one.vote == "reconsider" for one in votes)
    if vetoed:
        return "rejected"
    if agreed >= share * len(votes):
        return "passed"
    return "reconsider" if agreed + open_ >= share * len(votes) else "rejected"
