"""Texts as offices write them: files with a byte order mark or in another encoding, and cells that are formulas."""

import codecs
import re

from features.errors import PledgeScoreError

_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
FORMULA = r"^[\s]*[=+\-@|%\t\r\n＝＋－＠｜％]"
"""What a spreadsheet may take for a formula, in the syntax that Python and Polars share."""


_FORMULA = re.compile(FORMULA)


def harmless(text: str) -> str:
    """A cell that no spreadsheet takes for a formula: one that might be is quoted."""
    return f"'{text}" if _FORMULA.match(text) else text


_OBEYED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
"""What a terminal obeys, and what turns the direction of writing; line ends and tabs are left."""


def visible(text: str) -> str:
    """A text of whoever sent it as a terminal may show it: what the terminal would obey is written as its escape."""
    return _OBEYED.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


class NotUtf8(PledgeScoreError):
    """A text is neither UTF-8 nor marked as another encoding."""


def decoded(data: bytes) -> str:
    """A text in UTF-8, or in UTF-16 with its mark, without the mark. Raises `NotUtf8`, naming what it may be."""
    encoding = next((name for mark, name in _MARKS if data.startswith(mark)), "utf-8")
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        raise NotUtf8("not_utf8_text", seems=_seems(data)) from None


def check_encoding(start: bytes, encoding: str) -> str | None:
    """What the start of a file may be in, where it is not in its encoding; None where it may be."""
    try:
        codecs.getincrementaldecoder(encoding)().decode(start)
    except UnicodeDecodeError:
        return _seems(start)
    return None


def _seems(data: bytes) -> str:
    """The encoding that a text may be in."""
    try:
        data.decode("gb18030")
    except UnicodeDecodeError:
        return "UTF-16" if b"\x00" in data[:100] else "?"
    return "UTF-16" if b"\x00" in data[:100] else "GBK (GB 18030)"
