"""The word templates of both languages: loaded, checked, filled, and known by their digest.

`zh.yaml` and `en.yaml` hold the same codes, each with a text whose placeholders carry a format: `{amount:money}`.
A translator changes a text without touching code. Titles of features stay with the features and join as
`feature.NAME`, so that the digest covers every word that an answer is written in.
"""

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from functools import cached_property, lru_cache
from pathlib import Path
from string import Formatter
from typing import NamedTuple, TypeVarTuple, Unpack, cast

import yaml

import features.catalogue  # noqa: F401  (importing it enters every feature)
from features.errors import PledgeScoreError
from features.phrase import LANGUAGES, Fact, Language, Phrase
from features.registry import CATALOGUE
from features.vocabulary import VOCABULARY
from features.vocabulary.evidence import YES_OR_NO
from features.vocabulary.vocabulary import YES_NO
from models.words import formats
from models.words.formats import ABSENT, Format, Reader

_CODE = re.compile(r"[A-Za-z][\w:-]*(\.[\w:+、-]+)*")


Of = TypeVarTuple("Of")
_HELD = 10_000
"""Sentences that are held: some hundreds for each model, baseline and language."""


class WordsError(Exception):
    """Word templates are wrong, or a phrase does not fit its template: a defect, which no template can tell."""


class _Part(NamedTuple):
    """Text, then the fact that follows it and how that is written; the last part of a template may have no fact."""

    before: str
    fact: str
    write: Format | None


class _Template(NamedTuple):
    """`placeholders`: the format of each fact by its name."""

    parts: tuple[_Part, ...]
    placeholders: Mapping[str, str]


class Words:
    """Templates by language and code. `texts` must hold the same codes and placeholders in both languages.

    Raises `WordsError`, naming the language's file and the code, for the first fault.
    """

    def __init__(self, texts: Mapping[Language, Mapping[str, str]]) -> None:
        self.texts = texts
        self._templates = {
            language: {code: _compiled(f"{language}.yaml", code, text) for code, text in texts[language].items()}
            for language in LANGUAGES
        }
        self._names = {
            language: {code: texts[language][code] for code, one in found.items() if not one.placeholders}
            for language, found in self._templates.items()
        }
        self._readers: dict[tuple[Language, str], Reader] = {}
        self._families: dict[tuple[str, Language], Mapping[str, str]] = {}
        self._held = lru_cache(_HELD)(self._say_made)
        self._check()

    @classmethod
    def load(cls, folder: Path) -> "Words":
        """The templates of a folder with `zh.yaml` and `en.yaml`, the titles of all features, the labels of choices."""
        titles = {f"feature.{one.name}": {"zh": one.zh, "en": one.en} for one in CATALOGUE.values()}
        for (table, column), words in VOCABULARY.choices.items():
            for code, word in words.words.items():
                titles[f"choice.{table}.{column}.{code}"] = {"zh": word.zh[0], "en": word.en[0]}
        answers = {fact: told.answers for fact, told in VOCABULARY.facts.items()} | {YES_OR_NO: YES_NO.answers}
        for fact, told in answers.items():
            for code, word in told.words.items():
                titles[f"answer.{fact}.{code}"] = {"zh": word.zh[0], "en": word.en[0]}
        return cls(
            {
                language: _read(folder / f"{language}.yaml") | {code: title[language] for code, title in titles.items()}
                for language in LANGUAGES
            }
        )

    @classmethod
    def of_text(cls, text: str) -> "Words":
        """The templates as `text` once stated them."""
        kept = json.loads(text)
        return cls({language: kept[language] for language in LANGUAGES})

    @cached_property
    def text(self) -> str:
        """All templates as JSON, codes in order: what is kept under the digest."""
        return json.dumps(self.texts, ensure_ascii=False, sort_keys=True, separators=(",", ":"))

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the text."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    def placeholders(self, code: str) -> Mapping[str, str]:
        """The format of each fact that a template asks for, by its name. Raises `WordsError`."""
        return self._template(code, "zh").placeholders

    def name(self, code: str, language: Language) -> str:
        """The text of a template without placeholders; the code itself where there is none."""
        return self._names[language].get(code, code)

    def family(self, family: str, language: Language) -> Mapping[str, str]:
        """The names of a family by what follows its name: `bound` gives need, pledge and so on. Sought once."""
        if (family, language) not in self._families:
            start, names = f"{family}.", self._names[language]
            found = {code.removeprefix(start): text for code, text in names.items() if code.startswith(start)}
            self._families[family, language] = found
        return self._families[family, language]

    def say(self, phrase: Phrase, language: Language, currency: str = "CNY") -> str:
        """The sentence of a phrase; `currency` is the one that the money is in. Raises `WordsError`."""
        return self.reader(language, currency).said(phrase.code, phrase.facts)

    def say_held(
        self, make: Callable[[Unpack[Of]], Phrase], of: tuple[*Of], language: Language, currency: str = "CNY"
    ) -> str:
        """The sentence of the phrase `make(*of)`, which most answers of a model share: it is held."""
        return self._held(make, of, language, currency)

    def _say_made(self, make: Callable[[Unpack[Of]], Phrase], of: tuple[*Of], language: Language, currency: str) -> str:
        return self.say(make(*of), language, currency)

    def reader(self, language: Language, currency: str = "CNY") -> Reader:
        """For whom sentences are written; made once, as an answer holds hundreds of phrases."""
        if (language, currency) not in self._readers:
            valued = frozenset(code.split(".")[1] for code in self._names[language] if code.startswith("value."))
            self._readers[language, currency] = Reader(language, currency, self._names[language], valued, self._filled)
        return self._readers[language, currency]

    def _filled(self, code: str, facts: Mapping[str, Fact], reader: Reader) -> str:
        template = self._templates[reader.language].get(code) or self._template(code, reader.language)
        said = []
        try:
            for before, name, write in template.parts:
                said.append(before)
                if write is not None:
                    fact = facts[name]
                    said.append(ABSENT if fact is None else write(fact, reader))
        except (KeyError, TypeError, ArithmeticError) as error:
            raise WordsError(f"the phrase {code} cannot be written from {dict(facts)!r}: {error!r}") from error
        return "".join(said)

    def _template(self, code: str, language: Language) -> _Template:
        found = self._templates[language].get(code)
        if found is None:
            raise WordsError(f"there is no word template {code!r}: add it to models/words/zh.yaml and en.yaml")
        return found

    def _check(self) -> None:
        zh, en = (self._templates[language] for language in LANGUAGES)
        for code in sorted(zh.keys() ^ en.keys()):
            there, lacking = ("zh", "en") if code in zh else ("en", "zh")
            raise WordsError(f"{lacking}.yaml: {code} is missing, {there}.yaml has it: add it")
        for code, one in zh.items():
            if one.placeholders != en[code].placeholders:
                held = [", ".join(f"{{{n}:{f}}}" for n, f in sorted(t.placeholders.items())) for t in (one, en[code])]
                raise WordsError(
                    f"en.yaml: {code} has the placeholders {held[1] or 'none'}, "
                    f"zh.yaml has {held[0] or 'none'}: use the same in both"
                )
        self._check_families(zh)

    def _check_families(self, templates: Mapping[str, _Template]) -> None:
        families = {code[:end] for code in self._names["zh"] for end in _dots(code)}
        for code, one in templates.items():
            for written in one.placeholders.values():
                kind, _, family = written.partition(".")
                if kind in formats.NAMES and family and family not in families:
                    raise WordsError(
                        f"zh.yaml: {code} names the family {family}, of which there is no template: add them"
                    )


def _dots(code: str) -> Iterator[int]:
    """Where a code has its dots: what stands before each is a family that it belongs to."""
    return (place for place, letter in enumerate(code) if letter == ".")


def _compiled(file: str, code: str, text: str) -> _Template:
    if not _CODE.fullmatch(code):
        raise WordsError(f"{file}: {code!r} is no code: use letters, digits and _, parts joined by dots")
    parts: list[_Part] = []
    placeholders: dict[str, str] = {}
    try:
        pieces = list(Formatter().parse(text))
    except ValueError as error:
        raise WordsError(
            f"{file}: {code} is not readable ({error}): write a brace of the text as {{{{ or }}}}"
        ) from error
    for before, name, written, _ in pieces:
        if name is None:
            parts.append(_Part(before, "", None))
            continue
        write = formats.of(written or "")
        if write is None:
            raise WordsError(
                f"{file}: {code} has the placeholder {{{name}:{written}}}: write {{name:format}} with a format out of "
                f"{', '.join((*formats.FORMATS, *formats.NAMES))}"
            )
        if placeholders.setdefault(name, written or "") != written:
            raise WordsError(f"{file}: {code} writes {name} in two formats: use two facts")
        parts.append(_Part(before, name, write))
    return _Template(tuple(parts), placeholders)


def _read(file: Path) -> dict[str, str]:
    """The texts of a file by code; every entry is one text, and no code stands twice."""
    root = yaml.compose(file.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    if not isinstance(root, yaml.MappingNode):
        raise WordsError(f"{file.name}: write every template as code: text")
    found: dict[str, str] = {}
    for key, value in root.value:
        line = key.start_mark.line + 1
        if not isinstance(value, yaml.ScalarNode) or value.tag != "tag:yaml.org,2002:str":
            raise WordsError(f"{file.name}:{line}: {key.value} is no text: put it in quotes")
        if key.value in found:
            raise WordsError(f"{file.name}:{line}: {key.value} stands twice: keep one")
        found[key.value] = value.value
    return found


SHIPPED = Words.load(Path(__file__).parent)
"""The templates that come with the product."""


def say(phrase: Phrase, language: Language, currency: str = "CNY") -> str:
    """The sentence of a phrase from the shipped templates."""
    return SHIPPED.say(phrase, language, currency)


PledgeScoreError.say = say


def phrase(code: str, /, **facts: Fact | date) -> Phrase:
    """A phrase whose facts are those that its template asks for; a day may be given as a date.

    Raises `WordsError` where the facts do not fit: that is a defect of the calling code.
    """
    asked = SHIPPED.placeholders(code)
    if asked.keys() != facts.keys():
        raise WordsError(f"the phrase {code} needs the facts {sorted(asked)}, it was given {sorted(facts)}")
    for name, fact in facts.items():
        if type(fact) not in _PLAIN:
            facts[name] = _fact(code, name, fact)
    return Phrase(code, cast("dict[str, Fact]", facts)) if facts else Phrase(code)


_PLAIN = frozenset((str, int, bool, type(None)))


def _fact(code: str, name: str, fact: Fact | date) -> Fact:
    if isinstance(fact, date):
        return fact.isoformat()
    parts = fact if isinstance(fact, tuple) else (fact,)
    if _PLAIN.issuperset(map(type, parts)) or all(part is None or isinstance(part, str | int) for part in parts):
        return fact
    raise WordsError(f"the fact {name} of {code} is {fact!r}: give text, a whole number, a flag, a day or a tuple")
