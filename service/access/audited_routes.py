"""Which routes the audit log tells of, where they let somebody through: readings, exports, packs, acts on accounts."""

from collections.abc import Mapping, Sequence

from service.access.audit_log import AuditKind
from service.access.route_rules import RULES

_READING = frozenset({"read", "audit", "look_up", "read_users", "erase", "hand_over"})
"""What lets somebody see whom the bank lends to, or what its people do."""
_READS_BESIDE = (
    "GET /v1/workbook", "GET /v1/jobs", "GET /v1/jobs/{job}", "GET /v1/jobs/{job}/rows", "GET /desk/batch",
    "GET /desk/jobs/{job}", "GET /v1/assessments/{assessment}/changes", "GET /v1/assessments/{assessment}/replay",
    "GET /desk/decisions/{assessment}/replay", "GET /desk/assessments/{assessment}/what-if", "POST /v1/orphans",
    "POST /v1/orphans/file", "POST /desk/orphans",
)  # fmt: skip
FIGURES = frozenset({"GET /v1/overrides", "GET /v1/queues", "GET /v1/lists", "GET /v1/history"})
"""What tells figures or terms, and of no firm."""
_EXPORTS = (
    "GET /desk/decisions/file", "GET /desk/drawn-loans/file", "GET /desk/lists/{push}/file",
    "GET /desk/jobs/{job}/file", "GET /desk/audit-log/file", "GET /desk/new/template.xlsx",
)  # fmt: skip
_PACKS = tuple(route for route in RULES if route.startswith("GET ") and route.endswith("/pack"))


def _audited() -> Mapping[str, AuditKind]:
    found: dict[str, AuditKind] = {
        route: "read" for route, rule in RULES.items() if route.startswith("GET ") and rule.needs in _READING
    }
    changes = [route for route, rule in RULES.items() if not route.startswith("GET ") and rule.needs == "administer"]
    named: Sequence[tuple[AuditKind, Sequence[str]]] = (
        ("read", _READS_BESIDE), ("export", _EXPORTS), ("pack", _PACKS), ("account", changes),
    )  # fmt: skip
    for kind, routes in named:
        found |= dict.fromkeys(routes, kind)
    return {route: kind for route, kind in found.items() if route not in FIGURES}


AUDITED: Mapping[str, AuditKind] = _audited()
"""What a request of a route is in the audit log; where a reading leaves as a file it is an export."""
