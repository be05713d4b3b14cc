"""The kinds of entries that later versions will write, with their leaves: no two versions may differ in them.

A later version declares the structure of a kind in `written_kinds.py`, with these leaves at least, and takes it out of
here. The types are those of the page of the format; `?` means: or null.
"""

from collections.abc import Mapping

from service.ledger.entry_contents import LeafField
from service.ledger.kinds import Kind

ABOUT = ("assessment", "{id: text, seal: hash}", "fund", "the assessment that it rests on")
FILING = ("filing", "text", "fund", "number of the filing")
CLAIM = ("claim", "text", "fund", "number of the claim")
SCHEME = ("scheme", "{id: text, version: text}", "fund", "the agreement, and its version on the day")
HAPPENED = ("happened_on", "day", "fund", "the day that is told; the entry's own time is when it was entered")
SEEN = ("seen", "hash", "fund", "digest of what was seen")
LINE = ("line", "{account: text, day: day, no: text}?", "fund", "the line of the account's statement")
_ENTRY = "{seq: whole, seal: hash}"
_ELSEWHERE = "{ledger: hash, seq: whole, seal: hash}"

_BANK: dict[Kind, tuple[tuple[str, str, str, str], ...]] = {
    Kind.FILING: (
        FILING,
        SCHEME,
        ABOUT,
        ("drawdown", _ENTRY, "fund", "the drawdown's entry"),
        ("contract", "text", "fund", "the loan contract"),
        ("loan", "text", "fund", "the loan"),
        ("amount", "fen", "fund", "of the loan"),
        ("ip_amount", "fen?", "fund", "the part that rests on patents"),
        ("registrations", "list of text", "fund", "of the pledges"),
        ("documents", "list of hash", "fund", "that lie beside"),
        ("before", "text?", "fund", "the filing that it takes the place of"),
        ("second", "account", "bank", "the second person"),
    ),
    Kind.AMENDMENT: (
        FILING,
        HAPPENED,
        ("what", "text", "fund", "extension, partial repayment, less on patents, reduced amount"),
        ("amount", "fen?", "fund", "from then on"),
        ("ip_amount", "fen?", "fund", "from then on"),
        ("due_on", "day?", "fund", "from then on"),
    ),
    Kind.MONTHLY: (
        FILING,
        ("month", "text", "fund", "YYYY-MM"),
        ("balance", "fen", "fund", "principal"),
        ("interest_due", "fen", "fund", "interest not paid"),
        ("days", "whole", "fund", "days past due"),
        ("class", "text", "fund", "of the five classes"),
    ),
    Kind.CLAIM: (
        CLAIM,
        FILING,
        ("state", "text", "fund", "notice, claim, or withdrawn"),
        HAPPENED,
        ("principal", "fen", "fund", "owed"),
        ("interest", "fen", "fund", "owed"),
        ("cost", "fen", "fund", "of recovery"),
        ("support", "list of JSON?", "fund", "of others: act, amount, paper; null: not stated"),
        ("documents", "list of hash", "fund", "the dossier"),
        ("gaps", "list of text", "fund", "documents that are not there, and why"),
        ("second", "account", "bank", "the second person"),
    ),
    Kind.RECOVERY: (
        FILING,
        HAPPENED,
        ("gross", "fen", "fund", "what came back"),
        ("cost", "fen", "fund", "of getting it"),
        ("source", "text", "fund", "borrower, guarantor, other security, patent"),
        ("documents", "list of hash", "fund", "that show it"),
        LINE,
    ),
    Kind.REMITTANCE: (
        ("recovery", _ENTRY, "fund", "what it is a share of"),
        ("leg", "whole", "fund", "which leg"),
        ("amount", "fen", "fund", "how much was sent"),
        HAPPENED,
        LINE,
    ),
    Kind.DISCLOSURE: (
        FILING,
        ("leaves", "list of text", "fund", "the pointers that are shown"),
        ("authorisation", "hash", "fund", "the borrower's paper"),
        ("scope", "list of text", "fund", "what it covers"),
        ("until", "day", "fund", "until when"),
        ("withdrawn", "flag", "fund", "whether it ends here"),
    ),
    Kind.FUND_ACT: (
        ("slip", "object of JSON", "fund", "what the fund signed"),
        ("signature", "signature", "fund", "by which key, over its canonical text"),
        ("act", _ELSEWHERE, "fund", "the fund's entry"),
        ("about", "text", "fund", "the filing or claim"),
    ),
    Kind.ACKNOWLEDGEMENT: (
        ("act", _ELSEWHERE, "fund", "the other side's entry"),
        ("own", _ENTRY + "?", "fund", "the entry that took it in"),
    ),
}

_FUND: dict[Kind, tuple[tuple[str, str, str, str], ...]] = {
    Kind.INTAKE: (
        ("digest", "hash", "fund", "of the envelope"),
        ("ledger", "hash", "fund", "whose it is"),
        ("loan_file", "text?", "fund", "which loan file of theirs"),
        ("what", "text", "fund", "the kind of the act"),
        ("entries", "list of whole", "fund", "numbers of the entries in it"),
        ("size", "whole", "fund", "entries that its checkpoint covers"),
        ("exit", "whole", "fund", "what the verifier said"),
    ),
    Kind.FILING_DECISION: (
        FILING,
        SCHEME,
        ("outcome", "text", "fund", "returned, lapsed, accepted, refused, conflict or closed"),
        ("ground", "text?", "fund", "as a code"),
        ("article", "text?", "fund", "of the agreement"),
        ("wanted", "list of text", "fund", "fields to be brought"),
        ("due_on", "day?", "fund", "until when"),
        ("provisional", "flag", "fund", "whether the calendar of that year is not out yet"),
        ("covered", "fen?", "fund", "the amount covered"),
        ("waived", "list of text", "fund", "checks that a person waived by name"),
    ),
    Kind.QUOTA: (
        ("quota", "text", "fund", "which quota"),
        FILING,
        ("amount", "fen", "fund", "taken, or given back where negative"),
        ("used", "fen", "fund", "after it"),
        ("limit", "fen?", "fund", "null: the agreement does not state it"),
    ),
    Kind.CLAIM_DECISION: (
        CLAIM,
        ("state", "text", "fund", "to which state"),
        ("ground", "text?", "fund", "as a code"),
        ("article", "text?", "fund", "of the agreement"),
        ("sheet", "hash", "fund", "digest of the claim sheet that was seen"),
        ("amount", "fen?", "fund", "the fund's part"),
        ("legs", "list of JSON", "fund", "who pays whom, how much"),
        ("waived", "list of text", "fund", "checks that a person waived by name"),
    ),
    Kind.PAYMENT_ORDER: (
        CLAIM,
        ("leg", "whole", "fund", "which leg"),
        ("payer", "text", "fund", "who pays"),
        ("payee", "text", "fund", "whom"),
        ("amount", "fen", "fund", "how much"),
        ("due_on", "day", "fund", "until when"),
    ),
    Kind.PAYMENT: (
        ("order", _ENTRY, "fund", "the order's entry"),
        ("amount", "fen", "fund", "how much"),
        HAPPENED,
        LINE,
    ),
    Kind.REMITTANCE_IN: (
        ("remittance", _ELSEWHERE, "fund", "the bank's entry"),
        ("amount", "fen", "fund", "how much came"),
        HAPPENED,
        LINE,
    ),
    Kind.SUSPENSION: (
        ("gate", "text", "fund", "which gate"),
        ("level", "text", "fund", "scheme, bank, guarantor or district"),
        ("numerator", "fen", "fund", "of the rate"),
        ("denominator", "fen", "fund", "of the rate"),
        ("limit", "text", "fund", "the share that was passed, as decimal text"),
        ("effect", "text", "fund", "what stops"),
        ("from_on", "day", "fund", "from when"),
    ),
    Kind.RESUMPTION: (
        ("suspension", _ENTRY, "fund", "which one ends"),
        ("numerator", "fen", "fund", "of the rate"),
        ("denominator", "fen", "fund", "of the rate"),
        ("from_on", "day", "fund", "from when"),
    ),
    Kind.REPORT: (
        ("what", "text", "fund", "which report"),
        ("period", "text", "fund", "YYYY-MM or YYYY-Qn"),
        ("digest", "hash", "fund", "of the report"),
        ("totals", "object of fen", "fund", "its sums"),
    ),
}

RESERVED: Mapping[Kind, tuple[LeafField, ...]] = {
    kind: tuple(LeafField(*told) for told in leaves) for kind, leaves in (_BANK | _FUND).items()
}
"""The leaves of each reserved kind."""
