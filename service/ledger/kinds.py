"""The kinds of entries: short codes that are reserved once and stay as they are for ever.

What an entry of each kind holds stands in `entry_contents.py` where this version writes it, in `reserved.py` where a
later version will; an assessment's leaves follow from its answer (`service/assessing/leaves.py`).
"""

from enum import StrEnum


class Kind(StrEnum):
    """What an entry is about."""

    # The ledger itself, and what is in force.
    OPENING = "opening"
    KEY = "key"
    RECEIPT = "receipt"
    ANCHOR = "anchor"
    REPLAY = "replay"
    RESUMED = "resumed"
    MODEL = "model"
    ALIAS = "alias"
    VALIDATION = "validation"
    POLICY = "policy"
    SCHEME = "scheme"
    USER = "user"
    PUSH = "push"
    # A question, and what the bank then does.
    ASSESSMENT = "assessment"
    WHAT_IF = "what_if"
    TRIAL = "trial"
    FEEDBACK = "feedback"
    SUBMITTED = "submitted"
    REVIEWED = "reviewed"
    SENT_BACK = "sent_back"
    VOTE = "vote"
    MINUTES = "minutes"
    APPROVAL = "approval"
    DECISION = "decision"
    CONDITION_MET = "condition_met"
    DRAWDOWN_CHECK = "drawdown_check"
    DRAWDOWN = "drawdown"
    MONITORED = "monitored"
    WARNING = "warning"
    HANDED_OVER = "handed_over"
    WITHDRAWN = "withdrawn"
    CLOSING = "closing"
    CLOSURE = "closure"
    CORRECTION = "correction"
    REFUSED = "refused"
    HOLD = "hold"
    ERASURE = "erasure"
    # What the bank files with a fund.
    FILING = "filing"
    AMENDMENT = "amendment"
    MONTHLY = "monthly"
    CLAIM = "claim"
    DOCUMENT = "document"
    RECOVERY = "recovery"
    REMITTANCE = "remittance"
    DISCLOSURE = "disclosure"
    FUND_ACT = "fund_act"
    ACKNOWLEDGEMENT = "acknowledgement"
    # What a fund does in a ledger of its own.
    INTAKE = "intake"
    FILING_DECISION = "filing_decision"
    QUOTA = "quota"
    CLAIM_DECISION = "claim_decision"
    PAYMENT_ORDER = "payment_order"
    PAYMENT = "payment"
    REMITTANCE_IN = "remittance_in"
    SUSPENSION = "suspension"
    RESUMPTION = "resumption"
    REPORT = "report"


FOR_EVERY_FUND = frozenset(
    {
        Kind.OPENING, Kind.KEY, Kind.RECEIPT, Kind.ANCHOR, Kind.RESUMED, Kind.MODEL, Kind.ALIAS, Kind.VALIDATION,
        Kind.POLICY, Kind.SCHEME,
    }
)  # fmt: skip
"""Kinds in the scope of every fund: they are about the ledger itself, or about what is in force for all banks."""
COUNTED = frozenset({Kind.ASSESSMENT})
"""Kinds that count as an assessment of the firm at the bank: they carry the outer leaf `/firm`."""
