"""CodeWords that may be typed for codes: read from `words.yaml`, where a bank's people can add to them.

What is stored is always a code. A word that is no code, label or synonym has no code: none is guessed.
"""

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import MappingProxyType

import yaml

from features.tables import TABLES

UNKNOWN = "unknown"
"""The answer that says that a fact is not known; every fact has it."""
NOT_KNOWN = "not_known"
"""How that answer is read."""
_SHIPPED = Path(__file__).with_name("words.yaml")
_UNKNOWN = "not known, unknown · 不详、未提供、未取得、未知"
_YES_NO = {"yes": "yes, y, true · 是、有、符合", "no": "no, n, false · 否、无、不符合"}


class VocabularyError(Exception):
    """The vocabulary is wrong: a defect of its file."""


def _plain(text: str) -> str:
    """Half-width, lower case, without blanks at the ends and a final full stop; `_` and `-` are blanks."""
    plain = unicodedata.normalize("NFKC", text).strip().casefold().removesuffix("。").removesuffix(".")
    return " ".join(plain.replace("_", " ").replace("-", " ").split())


@dataclass(frozen=True)
class Synonyms:
    """A code's words: `zh` and `en`, the label first."""

    zh: tuple[str, ...]
    en: tuple[str, ...]

    @classmethod
    def of(cls, name: str, text: str) -> "Synonyms":
        """The words of one line of the file. Raises `VocabularyError`, naming `name`."""
        en, dot, zh = text.partition(" · ")
        word = cls(tuple(zh.split("、")), tuple(en.split(", ")))
        if not dot or not all(word.zh) or not all(word.en):
            raise VocabularyError(f"{name}: {text!r} is not English words, a middle dot, Chinese words")
        return word


class CodeWords:
    """Codes with their words, and the way back from a word to its code."""

    def __init__(self, name: str, texts: Mapping[str, str]) -> None:
        self.words: Mapping[str, Synonyms] = MappingProxyType(
            {code: Synonyms.of(name, text) for code, text in texts.items()}
        )
        self._codes: dict[str, str] = {}
        for code, word in self.words.items():
            for one in (code, *word.zh, *word.en):
                if self._codes.setdefault(_plain(one), code) != code:
                    raise VocabularyError(f"{name}: {one!r} stands for {self._codes[_plain(one)]} and for {code}")

    @cached_property
    def yes(self) -> str | None:
        """The code that *yes* stands for."""
        return self.code("yes")

    def code(self, text: str) -> str | None:
        """The code that a text stands for; None where it stands for none."""
        return self._codes.get(_plain(text))


@dataclass(frozen=True)
class FactWords:
    """What a fact of evidence is about (patent, application, loan, firm), and how it may be answered."""

    about: str
    answers: CodeWords


YES_NO = FactWords("firm", CodeWords("yes or no", _YES_NO | {UNKNOWN: _UNKNOWN}))
"""How a fact is answered that a scorecard of policy names and the vocabulary does not."""


class TypedVocabulary:
    """`facts`: by name. `choices`: by table and column. `reads`: how codes are read, by fact or `table.column`.

    Raises `VocabularyError` where a choice's codes are not those of its column, a word stands for two codes, or a
    code of a fact is read in no way.
    """

    def __init__(self, text: str) -> None:
        read = yaml.load(text, Loader=yaml.CSafeLoader)
        self.choices: Mapping[tuple[str, str], CodeWords] = MappingProxyType(dict(_choices(read["choices"])))
        self.facts: Mapping[str, FactWords] = MappingProxyType(
            {
                name: FactWords(told.pop("about"), CodeWords(name, told | {UNKNOWN: _UNKNOWN}))
                for name, told in read["facts"].items()
            }
        )
        self.reads: Mapping[str, Mapping[str, str]] = MappingProxyType(dict(self._readings(read["reads"])))

    def _readings(self, read: Mapping[str, Mapping[str, str]]) -> Iterator[tuple[str, Mapping[str, str]]]:
        """How each code is read; `unknown` is not known, whatever the fact."""
        for name in self.facts.keys() - read.keys():
            raise VocabularyError(f"{name}: say under `reads` how its codes are read")
        for name, told in read.items():
            table, _, column = name.partition(".")
            words = self.choice(table, column) if column else self.facts[name].answers
            if told.keys() != words.words.keys() - {UNKNOWN}:
                raise VocabularyError(f"reads.{name}: its codes are {list(told)}, not {list(words.words)}")
            yield name, MappingProxyType({**told, UNKNOWN: NOT_KNOWN} if UNKNOWN in words.words else dict(told))

    def choice(self, table: str, column: str) -> CodeWords:
        """The words of a choice."""
        return self.choices[table, column]

    def answers(self, fact: str) -> CodeWords:
        """The words by which a fact may be answered: yes or no where the vocabulary does not name it."""
        return self.facts.get(fact, YES_NO).answers


def _choices(read: Mapping[str, Mapping[str, str]]) -> Iterator[tuple[tuple[str, str], CodeWords]]:
    """The words of each choice column: under `table.column`, or under the column's name alone for all tables."""
    left = dict(read)
    for name, table in TABLES.items():
        for column in table.columns.values():
            if column.kind == "choice":
                key = next((k for k in (f"{name}.{column.name}", column.name) if k in read), None)
                if key is None:
                    raise VocabularyError(f"{name}.{column.name} has no words: add them to {_SHIPPED.name}")
                left.pop(key, None)
                words = CodeWords(key, read[key])
                if tuple(words.words) != column.choices:
                    raise VocabularyError(f"{key}: its codes are {list(words.words)}, the column's {column.choices}")
                yield (name, column.name), words
    for key in left:
        raise VocabularyError(f"{key} is no choice of any table: take it out of {_SHIPPED.name}")


VOCABULARY = TypedVocabulary(_SHIPPED.read_text("utf-8"))
"""The vocabulary of the product."""
