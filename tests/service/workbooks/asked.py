"""The base firm of the worked cases as a person types it: names and Chinese labels, no key and no code word."""

import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from python_calamine import CalamineWorkbook

from service.workbooks.layout import sheets
from service.workbooks.people import key_of
from service.workbooks.template import write_workbook
from tests.models.underwriting.base_firm import CONTROLLER, SPOUSE
from tests.models.underwriting.whole_case import whole
from tests.service.loan_case import question_of
from tests.service.workbooks.typing_by_hand import typed

USCC = "91350100M000100Y43"
NAMES = {CONTROLLER: "张卫国", SPOUSE: "李梅"} | {
    f"person:inventor-{place}": name for place, name in enumerate(("王一", "王二", "王三"))
}
Question = dict[str, Any]


FEW = ("firms", "applications", "statements", "patents", "coverage")
"""Tables of a small workbook."""


def by_api(tables: Sequence[str] | None = None) -> Question:
    """The question with keys and codes, as a machine asks it; `full_name` beside each key on the sheet of people."""
    told = _told(tables)
    for row in told["rows"].get("people", ()):
        row["full_name"] = NAMES[row["person"]]
    text = json.dumps(told, ensure_ascii=False)
    for key, name in NAMES.items():
        text = text.replace(f'"{key}"', f'"{key_of(f"uscc:{USCC}", name)}"')
    found: Question = json.loads(text)
    return found


def typed_in(tables: Sequence[str] | None = None) -> Question:
    """The same with names in place of keys, to be written into a workbook in Chinese."""
    text = json.dumps(_told(tables), ensure_ascii=False).replace('"uscc:', '"')
    for key, name in NAMES.items():
        text = text.replace(f'"{key}"', f'"{name}"')
    found: Question = json.loads(text)
    return found


def plainly(folder: Path) -> bytes:
    """A small workbook as a person types it: headings and values alone, nothing hidden and nothing checked."""
    made = io.BytesIO()
    write_workbook(made, "zh", "0" * 64, [typed_in(FEW)])
    made.seek(0)
    tabs = {}
    with CalamineWorkbook.from_filelike(made) as book:
        for tab in book.sheet_names[: len(sheets())]:
            _, *rows = book.get_sheet_by_name(tab).to_python(skip_empty_area=False)
            used = [place for place in range(len(rows[0])) if any(row[place] not in ("", None) for row in rows[1:])]
            if used:
                tabs[tab] = [[None if row[place] == "" else row[place] for place in used] for row in rows]
    return typed(folder / "small.xlsx", tabs).read_bytes()


def _told(tables: Sequence[str] | None) -> Question:
    told = question_of(whole(), f"uscc:{USCC}", case="L-2026-1", bank="示例银行", branch="福州分行")
    own = {table: rows for table, rows in told["rows"].items() if tables is None or table in tables}
    if tables is not None:
        own["coverage"] = [row for row in own["coverage"] if row["about"] in tables]
    told["rows"] = own
    text = json.dumps(told, ensure_ascii=False).replace('"row:supplier"', '"uscc:91440300MA0001018J"')
    found: Question = json.loads(text.replace('"in force"', '"有效"'))
    return found
