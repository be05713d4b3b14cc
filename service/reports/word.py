"""A report as a Word file, which an officer goes on writing in."""

import io
import re
from collections.abc import Sequence

from docx import Document
from docx.document import Document as WordFile
from docx.enum.section import WD_ORIENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor
from docx.table import _Cell as WordCell
from docx.text.paragraph import Paragraph
from docx.text.run import Run

from service.reports.document import Block, FieldsBlock, GridBlock, LinesBlock, ReportDocument, ReportField, Weight

_BLUE, _RED, _GREY = RGBColor(0x14, 0x36, 0x5C), RGBColor(0x9C, 0x00, 0x06), RGBColor(0x80, 0x80, 0x80)
_COLOURS: dict[Weight, RGBColor | None] = {"plain": None, "lead": _BLUE, "warn": _RED}
_FIELDS, _FIELDS_SMALL = 3, 4
"""Fields in a row of a table, of the full report and of the one page."""
_LONG, _LONG_SMALL = 120, 60
"""Half-width places from which a field stands alone in its row."""
_MOST_WIDE = 44
"""Half-width places up to which a column is as wide as its longest text."""
_PLACE, _PADDING = 0.56, 4.2
"""How wide a half-width place is in ems, and how much a cell adds, in millimetres."""
_WIDE, _NARROW = 273, 186
"""Millimetres between the margins of either."""


def as_word(document: ReportDocument) -> bytes:
    """The file."""
    return _WordWriter(document).written()


class _WordWriter:
    """One file as it is written."""

    def __init__(self, document: ReportDocument) -> None:
        self.document, self.file = document, Document()
        self.small = document.part == "one_page"
        self.size = Pt(7 if self.small else 9)
        _page(self.file, landscape=not self.small)
        self._fonts()

    def written(self) -> bytes:
        """All of it."""
        self.file.core_properties.title = self.document.title
        self.file.core_properties.author = "PledgeScore"
        self._paragraph(self.document.title, Pt(14 if self.small else 18), _BLUE, bold=True)
        self._paragraph(self.document.subtitle, self.size)
        for notice in self.document.notices:
            self._paragraph(notice, self.size, _RED)
        for section in self.document.sections:
            self._heading(section.title, 1)
            for block in section.blocks:
                self._block(block)
        self._paragraph(self.document.seal, Pt(6.5), _GREY)
        out = io.BytesIO()
        self.file.save(out)
        return out.getvalue()

    def _fonts(self) -> None:
        for name in ("Normal", "Heading 1", "Heading 2"):
            style = self.file.styles[name]
            style.font.name = "Times New Roman"
            style.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), "宋体")
        self.file.styles["Normal"].font.size = self.size
        self.file.styles["Normal"].paragraph_format.space_after = Pt(0)

    def _heading(self, text: str, level: int) -> None:
        heading = self.file.add_heading(text, level)
        heading.paragraph_format.space_before = Pt(1 if self.small else 8)
        heading.paragraph_format.space_after = Pt(0 if self.small else 1)
        for run in heading.runs:
            run.font.size, run.font.color.rgb = Pt((8 if self.small else 12) - (level - 1) * 2), _BLUE

    def _paragraph(self, text: str, size: Pt, colour: RGBColor | None = None, *, bold: bool = False) -> Paragraph:
        paragraph = self.file.add_paragraph()
        _styled(paragraph.add_run(text), size, colour, bold=bold)
        return paragraph

    def _block(self, block: Block) -> None:
        if block.title:
            self._heading(block.title, 2)
        match block:
            case FieldsBlock():
                self._fields(block)
            case GridBlock():
                self._grid(block)
            case LinesBlock():
                for line in block.items:
                    self._paragraph(line, self.size, _COLOURS[block.weight], bold=block.weight != "plain")

    def _fields(self, block: FieldsBlock) -> None:
        wide = _FIELDS_SMALL if self.small else _FIELDS
        rows = _rows_of(block.items, wide, _LONG_SMALL if self.small else _LONG)
        table = self.file.add_table(len(rows), wide, "Table Grid")
        beneath = self.small or block.one_source
        for row, items in zip(table.rows, rows, strict=True):
            cells = row.cells
            if len(items) < wide:
                cells[len(items) - 1].merge(cells[-1])  # no box stands empty
            for cell, item in zip(cells, items, strict=False):
                self._field(cell, item, sourced=not beneath)
        if beneath and block.sources:
            self._paragraph(" ｜ ".join(block.sources), Pt(5.5 if self.small else 6), _GREY)

    def _field(self, cell: WordCell, item: ReportField, *, sourced: bool) -> None:
        paragraph = cell.paragraphs[0]
        _styled(paragraph.add_run(f"{item.label}  "), self.size, bold=True)
        colour = _COLOURS[item.weight] if item.known else _GREY
        _styled(paragraph.add_run(item.text), self.size, colour, bold=item.known and item.weight != "plain")
        if item.source and sourced:
            _styled(paragraph.add_run(f"  {item.source}"), Pt(6), _GREY)

    def _grid(self, block: GridBlock) -> None:
        table = self.file.add_table(1, len(block.heading), "Table Grid")
        table.autofit = False
        widths = _widths(block, _NARROW if self.small else _WIDE, self.size)
        for column, width in zip(table.columns, widths, strict=True):
            column.width = width
        _marked(table.rows[0]._tr, "w:tblHeader")
        for cell, head, width in zip(table.rows[0].cells, block.heading, widths, strict=True):
            cell.width = width
            _styled(cell.paragraphs[0].add_run(head), self.size, _BLUE, bold=True)
        for row in block.rows:
            added = table.add_row()
            _marked(added._tr, "w:cantSplit")
            for place, (cell, text) in enumerate(zip(added.cells, row, strict=True)):
                cell.width = widths[place]
                _styled(cell.paragraphs[0].add_run(text), self.size)
                if place in block.numbers:
                    cell.paragraphs[0].alignment = WD_ALIGN_PARAGRAPH.RIGHT
        if block.source:
            self._paragraph(block.source, Pt(6), _GREY)


def _rows_of(items: Sequence[ReportField], wide: int, long: int) -> list[list[ReportField]]:
    """Fields by row: so many in each, and one whose text is long alone."""
    rows: list[list[ReportField]] = []
    open_row = False
    for item in items:
        alone = _wide(item.text) > long
        if alone or not open_row or len(rows[-1]) == wide:
            rows.append([])
        rows[-1].append(item)
        open_row = not alone
    return rows


def _widths(block: GridBlock, whole: int, size: Pt) -> list[Mm]:
    """Widths of a table's columns: a number or a day is not broken, and the rest goes where texts are long."""
    columns = list(zip(block.heading, *block.rows, strict=True))
    place = size.mm * _PLACE
    least = [max(map(_unbroken, texts)) * place + _PADDING for texts in columns]
    wanted = [
        max(one, min(max(map(_wide, texts)), _MOST_WIDE) * place + _PADDING)
        for one, texts in zip(least, columns, strict=True)
    ]
    room, more = whole - sum(least), sum(wanted) - sum(least)
    if room <= 0 or more <= 0 or sum(wanted) <= whole:
        return [Mm(whole * one / sum(wanted)) for one in wanted]
    return [Mm(one + room * (long - one) / more) for one, long in zip(least, wanted, strict=True)]


def _unbroken(text: str) -> int:
    """How many half-width places the longest part takes that stands on one line: Chinese breaks anywhere."""
    return max((len(part) for part in re.split(r"[\s\u2e80-\uffff]+", text)), default=0)


def _wide(text: str) -> int:
    """How many half-width places a text takes."""
    return sum(2 if ord(one) > 0x2E80 else 1 for one in text)


def _page(file: WordFile, *, landscape: bool) -> None:
    section = file.sections[0]
    width, height = (Mm(297), Mm(210)) if landscape else (Mm(210), Mm(297))
    section.page_width, section.page_height = width, height
    section.orientation = WD_ORIENT.LANDSCAPE if landscape else WD_ORIENT.PORTRAIT
    section.left_margin = section.right_margin = Mm(12)
    section.top_margin = section.bottom_margin = Mm(8)


def _styled(run: Run, size: Pt, colour: RGBColor | None = None, *, bold: bool = False) -> None:
    run.font.size, run.bold = size, bold
    if colour is not None:
        run.font.color.rgb = colour


def _marked(row: object, how: str) -> None:
    """Repeat a table's heading on each page, or keep a row on one page."""
    mark = OxmlElement(how)
    mark.set(qn("w:val"), "true")
    row.get_or_add_trPr().append(mark)  # type: ignore[attr-defined]
