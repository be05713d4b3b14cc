"""Of the entry of a decision, an approval or a decision of form 1, what is listed and counted."""

import msgspec

from service.ledger.kinds import Kind
from service.ledger.loan_file_kinds import SignaturePlace
from service.ledger.written_kinds import WaivedCondition

DECIDING = (Kind.DECISION, Kind.APPROVAL)
STANDS = ("as_advised", "worse", "referred", "better", "declined", "withdrawn")
"""How decisions stand to the advice; `worse` and `withdrawn` are those of one person, in form 1."""


class WaivedRule(msgspec.Struct, frozen=True):
    """A finding or condition that was set aside, by its rule."""

    rule: str


class DecisionContent(msgspec.Struct, frozen=True):
    """What a decision says; of an erased one nothing is there. Money in fen."""

    outcome: str | None = None
    amount: int | None = None
    term_months: int | None = None
    stands: str | None = None
    better_in: tuple[str, ...] = ()
    reason_code: str | None = None
    decider: str | None = None
    waived: tuple[WaivedCondition, ...] = ()
    waives: tuple[WaivedRule, ...] = ()
    signature: SignaturePlace = SignaturePlace(1, 1)
    person: str | None = None

    @property
    def grants(self) -> bool:
        """Whether it grants a loan: in form 1 in another word."""
        return self.outcome in ("approved", "approve")

    @property
    def counts(self) -> bool:
        """Whether it is a decision as a whole: of several signatures the last."""
        return self.signature.n == self.signature.of

    @property
    def set_aside(self) -> tuple[str, ...]:
        """The rules that it waived."""
        return (*(one.rule for one in self.waived), *(one.rule for one in self.waives))
