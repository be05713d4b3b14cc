"""What a question says beside the rows of its tables, declared as columns are: for whoever types it in a sheet."""

from collections.abc import Mapping
from types import MappingProxyType

from features.columns import Column, day, text

QUESTIONS = "questions"
"""The name of the sheet with the questions."""
_DECLARED: tuple[tuple[str, Column], ...] = (
    ("case", text("Number of the file · 业务编号", required=True)),
    ("firm", text("Unified social credit code · 统一社会信用代码", form="firm", required=True)),
    ("as_of", day("Day of the question · 测算基准日", required=True)),
    ("application", text("Application number · 申请编号")),
    ("bank", text("Bank asked · 申请银行")),
    ("branch", text("Branch asked · 申请支行")),
)
QUESTION_COLUMNS: Mapping[str, Column] = MappingProxyType(
    {name: column.named(name, QUESTIONS) for name, column in _DECLARED}
)
