"""A question over HTTP about the rows of a worked case: a complete loan file unless the case takes something away."""

import json
from datetime import date
from typing import Any

from tests.models.underwriting.base_firm import DAY, FIRM, Rows, complete


def question_of(given: Rows, firm: str = FIRM, as_of: date = DAY, **more: Any) -> dict[str, Any]:
    """The request about the firm of a case, under a key of its own, as JSON-ready values."""
    rows = {
        table: [{name: value for name, value in row.items() if name != "firm"} for row in own]
        for table, own in complete(given).items()
    }
    told = json.dumps(rows, default=date.isoformat).replace(json.dumps(FIRM), json.dumps(firm))
    asked = {"kind": "pledge", "as_of": as_of.isoformat(), "firm": firm, "application": "A1", "rows": json.loads(told)}
    return asked | more
