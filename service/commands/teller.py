"""Labels and lines of a printed answer, from the word templates `print.…`."""

from collections.abc import Iterable
from dataclasses import dataclass

from features.phrase import Language, Phrase
from models.words.formats import ABSENT
from models.words.templates import SHIPPED


@dataclass(frozen=True)
class Teller:
    """Speaks one language."""

    language: Language

    def __call__(self, code: str, /, **facts: object) -> str:
        """The text of `print.CODE`; what fills it is shown as it is."""
        return SHIPPED.say(Phrase(f"print.{code}", {name: str(fact) for name, fact in facts.items()}), self.language)

    def line(self, label: str, value: object) -> str:
        """A label with its value."""
        return self("line", name=self(label), value=value)

    def heading(self, label: str) -> str:
        """A label above the lines that belong to it."""
        return self("heading", name=self(label))

    def name(self, family: str, code: object) -> str:
        """The name of a code; a dash where there is none."""
        return ABSENT if code is None else SHIPPED.name(f"{family}.{str(code).lower()}", self.language)

    def names(self, family: str, codes: Iterable[object]) -> str:
        """Names one after the other."""
        return self("comma").join(self.name(family, code) for code in codes)

    def amount(self, minor_units: float | None) -> str:
        """An amount in fen without its unit, which the label names: 万元 with two decimals, in English whole yuan."""
        if minor_units is None:
            return ABSENT
        return f"{minor_units / 1e6:,.2f}" if self.language == "zh" else f"{minor_units / 100:,.0f}"

    def joined(self, parts: Iterable[str]) -> str:
        """Parts with semicolons between them."""
        return self("semicolon").join(parts)
