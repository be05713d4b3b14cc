"""What a value of policy is called and says: in Chinese by words of its own, in English by its description."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import msgspec
import yaml

from features.phrase import Language
from features.policy import Parameter, shipped
from models.words.templates import SHIPPED

_FILE = Path(__file__).parent / "policy_names.yaml"
_ELSEWHERE = {"roles": "role", "papers": "credit_report.paper"}
"""Groups of values that have names elsewhere: the family of each."""
_CURES, _CURE = "cures", "补正措施："
_CURED_BY = "审查结论的补正方式："
_DESCRIPTIONS = Path(__file__).parent / "policy_descriptions.yaml"


def policy_title(parameter: Parameter, language: Language) -> str:
    """What a value is called; a bank's own that has no name by its description."""
    if language == "zh" and (named := chinese_name(parameter.name)) is not None:
        return named
    return parameter.description.partition(". ")[0].rstrip(".")


def policy_description(parameter: Parameter, language: Language) -> str:
    """What a value says. What a bank describes in words of its own, also of a shipped value, is told by these."""
    ours = shipped().parameters.get(parameter.name)
    if language != "zh" or ours is None or ours.description != parameter.description:
        return parameter.description
    return chinese_description(parameter.name) or parameter.description


def chinese_description(name: str) -> str | None:
    """What a value says in Chinese; None where nothing tells it."""
    if name.startswith(f"{_CURES}.") and (named := chinese_name(name)) is not None:
        return f"{_CURED_BY}{named.removeprefix(_CURE)}。"
    return policy_descriptions().get(name)


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
    return _read(_FILE)


@cache
def policy_descriptions() -> Mapping[str, str]:
    """The descriptions that stand in the file."""
    return _read(_DESCRIPTIONS)


def _read(file: Path) -> dict[str, str]:
    return msgspec.convert(yaml.load(file.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader), dict[str, str])
