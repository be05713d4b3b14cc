"""The desk's own words: labels, buttons and headings in both languages, from one file.

What is said about a case is no label: its sentences come from the product's word templates.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import msgspec
import yaml

from features.phrase import LANGUAGES, Language
from models.words.templates import SHIPPED

_FILE = Path(__file__).parent / "labels.yaml"
_PLACE = re.compile(r"\{(\w+)\}")


class LabelsError(Exception):
    """The file of labels is wrong, or a page asks for a label that there is not: a defect."""


@dataclass(frozen=True)
class DeskLabels:
    """The labels of one language, and the names of codes in it."""

    language: Language
    texts: Mapping[str, str]

    def __call__(self, key: str, /, **facts: object) -> str:
        """The label with its places filled. Raises `LabelsError`."""
        text = self.texts.get(key)
        if text is None:
            raise LabelsError(f"there is no label {key!r}: add it to service/desk/labels.yaml")
        try:
            return text.format(**facts)
        except KeyError as missing:
            raise LabelsError(f"the label {key!r} asks for {missing}") from None

    def name(self, family: str, code: object) -> str:
        """The name of a code, by the product's words; a code without a name is shown as it is."""
        return SHIPPED.texts[self.language].get(f"{family}.{code}", str(code))


@cache
def labels(language: Language) -> DeskLabels:
    """The labels of a language."""
    return DeskLabels(language, {key: both[language] for key, both in all_labels().items()})


@cache
def all_labels() -> Mapping[str, Mapping[Language, str]]:
    """Every label in both languages. Raises `LabelsError` where a language or a place is missing in one."""
    read = yaml.load(_FILE.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    found = msgspec.convert(read, dict[str, dict[Language, str]])
    for key, both in found.items():
        if set(both) != set(LANGUAGES):
            raise LabelsError(f"labels.yaml: {key} needs {' and '.join(LANGUAGES)}")
        places = {language: sorted(_PLACE.findall(text)) for language, text in both.items()}
        if places["zh"] != places["en"]:
            raise LabelsError(f"labels.yaml: {key} has other places in zh than in en")
    return found
