"""How firms and people are called that rows name by keys: by name where a row tells one, else by the key's own part."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Self

from features.patent_pledges import US
from features.phrase import Language, Phrase
from features.schema import Row
from models.words.formats import key_said
from models.words.templates import SHIPPED

_PERSON = "person:"


@dataclass(frozen=True)
class Parties:
    """The firm that was asked about, what it is called, and the names of people by their keys."""

    firm: str = ""
    legal_name: str | None = None
    names: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, firm: str, legal_name: str | None, people: Iterable[Row]) -> Self:
        """Those of a firm, with the rows that tell of people."""
        names = {str(row["person"]): str(row["full_name"]) for row in people if row.get("full_name")}
        return cls(firm, legal_name, names)

    def said(self, key: str, language: Language) -> str:
        """A name in place of a key, where there is one; else the key without its kind; of us, that it is us."""
        if key == self.firm and self.legal_name:
            return self.legal_name
        if key in US:
            return SHIPPED.name("party.us", language)
        if named := self.names.get(key):
            return named
        if key.startswith(_PERSON):
            told = {"key": key.removeprefix(_PERSON)}
            return SHIPPED.say(Phrase("unnamed_person", told), language)
        return key_said(key)
