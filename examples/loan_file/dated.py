"""Prints the example applicant as if it asked today: every day of it moved by as many days.

    python3 examples/loan_file/dated.py > applicant.json

The firm is invented. An assessment of another day than today decides nothing, so an example with fixed days would open
no loan file. Standard library alone.
"""

import json
import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

BEIJING = timedelta(hours=8)
DAY = re.compile(r"\d{4}-\d\d-\d\d")


def moved(value: object, by: timedelta) -> object:
    """The value with every day in it moved."""
    if isinstance(value, dict):
        return {name: moved(part, by) for name, part in value.items()}
    if isinstance(value, list):
        return [moved(part, by) for part in value]
    if isinstance(value, str) and DAY.fullmatch(value):
        return (date.fromisoformat(value) + by).isoformat()
    return value


def main() -> None:
    """Print the example."""
    example = json.loads((Path(__file__).parent / "applicant.json").read_text(encoding="utf-8"))
    today = (datetime.now(UTC) + BEIJING).date()
    print(json.dumps(moved(example, today - date.fromisoformat(example["as_of"])), ensure_ascii=False, indent=1))


if __name__ == "__main__":
    main()
