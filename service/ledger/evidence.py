"""What every table is to whoever checks: made from entries, signed, named by a digest, a key, or no evidence.

Tables are named by their names: most stand on higher floors.
"""

from typing import Literal

from service.ledger.tables import ARCHIVED, CHECKPOINTS, ENTRIES, HEAD, LEDGER_KEYS, RECEIPTS, SEGMENTS, TILES

How = Literal["sealed", "rebuilt", "accounts", "signed", "digest", "keys", "operation"]
ENTERED_ONCE = frozenset({"changes", "what_ifs", "trials", "pushes"})
"""Made from entries, and never changed: nobody erases them either, as they name no firm."""
MOVED = frozenset(
    {
        "assessments", "loan_file_steps", "push_feedback", "file_heads", "firm_heads",
        "loan_files", "loan_duties", "loan_conditions", "loan_votes", "loan_documents", "loan_drawdowns",
        "loan_pledges", "loan_tasks",
    }
)  # fmt: skip
"""Made from entries; an act moves them on, an erasure empties them: only while something is entered."""
EVIDENCE: dict[str, How] = {
    ENTRIES.name: "sealed",
    **dict.fromkeys(sorted({HEAD.name, RECEIPTS.name, SEGMENTS.name} | ENTERED_ONCE | MOVED), "rebuilt"),
    "users": "accounts",
    "api_keys": "accounts",
    CHECKPOINTS.name: "signed",
    TILES.name: "digest",
    "stored_artifacts": "digest",
    "firm_keys": "keys",
    LEDGER_KEYS.name: "keys",
    ARCHIVED.name: "operation",
}
"""By table how `ledger verify` checks it: by seals, against entries, signatures or digests, or as keys that open."""
PARTLY: dict[str, frozenset[str]] = {
    "users": frozenset({"password", "totp", "counter", "failures", "locked_until", "made_at"}),
    "api_keys": frozenset({"digest", "made_at"}),
    ARCHIVED.name: frozenset({"at"}),
}
"""Columns of these tables that are no evidence."""
NOT_EVIDENCE = frozenset(
    {
        "account_proposals", "alembic_version", "audit_log", "drafts", "erasures", "idempotency_keys", "invitations",
        "job_rows", "jobs", "leases", "loan_attachments", "loan_comments", "notices", "rate_limits", "resumptions",
        "serving_models", "sessions", "sign_ins", "used_tokens",
    }
)  # fmt: skip
"""Requests whose outcome is an entry, what lets processes agree, what is typed before it is entered, and papers."""
