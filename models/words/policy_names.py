"""What a value of policy is called: in Chinese by a name of its own, in English by what its description says first."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import msgspec
import yaml

from features.phrase import Language
from features.policy import Parameter
from models.words.templates import SHIPPED

_FILE = Path(__file__).parent / "policy_names.yaml"
_ELSEWHERE = {"roles": "role", "papers": "credit_report.paper"}
"""Groups of values that have names elsewhere: the family of each."""
_CURES, _CURE = "cures", "补正措施："


def policy_title(parameter: Parameter, language: Language) -> str:
    """What a value is called; a bank's own that has no name by its description."""
    if language == "zh" and (named := chinese_name(parameter.name)) is not None:
        return named
    return parameter.description.partition(". ")[0].rstrip(".")


def chinese_name(name: str) -> str | None:
    """The Chinese name of a value; None where there is none."""
    group, _, own = name.partition(".")
    if named := policy_names().get(name):
        return named
    if group == _CURES and (cure := SHIPPED.texts["zh"].get(f"cure.{own}")):
        return f"{_CURE}{cure}"
    return SHIPPED.texts["zh"].get(f"{_ELSEWHERE[group]}.{own}") if group in _ELSEWHERE else None


@cache
def policy_names() -> Mapping[str, str]:
    """The names that stand in the file."""
    return msgspec.convert(yaml.load(_FILE.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader), dict[str, str])
