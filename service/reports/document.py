"""What a report consists of: sections of fields, grids and lines, in one language, each figure with its source.

The same document leaves as JSON, as HTML for print and as .docx, so that no figure is written twice.
"""

from typing import Literal

import msgspec

from features.phrase import Language

Part = Literal["one_page", "full"]
Weight = Literal["plain", "lead", "warn"]


class ReportField(msgspec.Struct, frozen=True, omit_defaults=True):
    """A figure with its label. `value`: as data, money in fen; None where it is not known, and `text` then says so.

    `source`: where it comes from, and how old it was on the day of the question.
    """

    label: str
    text: str
    value: int | float | str | bool | None = None
    source: str = ""
    weight: Weight = "plain"

    @property
    def known(self) -> bool:
        """Whether anything is known."""
        return self.value is not None


class FieldsBlock(msgspec.Struct, frozen=True, tag_field="block", tag="fields", omit_defaults=True):
    """Labels with their figures."""

    items: tuple[ReportField, ...]
    title: str = ""

    @property
    def sources(self) -> tuple[str, ...]:
        """Where the figures come from, each source once."""
        return tuple(dict.fromkeys(item.source for item in self.items if item.source))

    @property
    def one_source(self) -> bool:
        """Whether all that is known comes from one source, so that it is told once."""
        return len(self.sources) == 1 and all(item.source for item in self.items if item.known)


class GridBlock(msgspec.Struct, frozen=True, tag_field="block", tag="grid", omit_defaults=True):
    """Rows of texts under headings; `numbers`: the columns whose texts are figures."""

    heading: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    title: str = ""
    source: str = ""
    numbers: tuple[int, ...] = ()


class LinesBlock(msgspec.Struct, frozen=True, tag_field="block", tag="lines", omit_defaults=True):
    """Sentences, one a line."""

    items: tuple[str, ...]
    title: str = ""
    weight: Weight = "plain"


Block = FieldsBlock | GridBlock | LinesBlock


class PrintedSection(msgspec.Struct, frozen=True, omit_defaults=True):
    """A numbered part of a report."""

    number: str
    title: str
    blocks: tuple[Block, ...]


class ReportDocument(msgspec.Struct, frozen=True):
    """A report as it is printed. `notices`: what must be read first; `seal`: the record that it was made from."""

    part: Part
    language: Language
    title: str
    subtitle: str
    notices: tuple[str, ...]
    sections: tuple[PrintedSection, ...]
    seal: str
