"""What kinds of files may lie beside a loan file, told by what they hold and never by their names.

Programs, pages, macros and whatever unpacks to more than is allowed stay outside: what a colleague opens must be paper.
"""

import io
import re
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from stat import S_ISLNK

from features.errors import fault
from service.edge.errors import InvalidRequest

MOST_UNPACKED = 200 * 2**20
"""Bytes that a document may unpack to."""
MOST_PARTS = 5_000
_ACTIVE = ("vbaproject", "activex", "macrosheets", "oleobject", "vbadata")
_ELSEWHERE = re.compile(rb"(attachedTemplate|oleObject|frame)\"[^>]*TargetMode=\"External\"|"
                        rb"TargetMode=\"External\"[^>]*(attachedTemplate|oleObject|frame)\"")  # fmt: skip
"""A relation of a document to a template, an object or a page that would be loaded from another place."""
_PDF_ACTIVE = (b"/JavaScript", b"/JS ", b"/JS(", b"/Launch", b"/EmbeddedFile", b"/OpenAction<</S/JavaScript")
_OOXML = "application/vnd.openxmlformats-officedocument."


@dataclass(frozen=True)
class PaperType:
    """A kind of file: how it begins, and the endings that its name may have."""

    media: str
    begins: bytes
    endings: tuple[str, ...]


_TYPES = (
    PaperType("application/pdf", b"%PDF-", (".pdf",)),
    PaperType("image/png", b"\x89PNG\r\n\x1a\n", (".png",)),
    PaperType("image/jpeg", b"\xff\xd8\xff", (".jpg", ".jpeg")),
    PaperType("image/tiff", b"II*\x00", (".tif", ".tiff")),
    PaperType("image/tiff", b"MM\x00*", (".tif", ".tiff")),
)
_PACKED: Mapping[str, PaperType] = {
    "word/document.xml": PaperType(f"{_OOXML}wordprocessingml.document", b"PK\x03\x04", (".docx",)),
    "xl/workbook.xml": PaperType(f"{_OOXML}spreadsheetml.sheet", b"PK\x03\x04", (".xlsx",)),
    "OFD.xml": PaperType("application/ofd", b"PK\x03\x04", (".ofd",)),
}
ENDINGS = tuple(dict.fromkeys(ending for one in (*_TYPES, *_PACKED.values()) for ending in one.endings))
"""Every ending that a name may have."""


def paper_type(content: bytes, name: str) -> str:
    """The media type of a file. Raises `InvalidRequest` for what is none of ours, or is not what its name says."""
    found = _packed(content) if content.startswith(b"PK") else _plain(content)
    if found is None:
        raise _refused("attachment_type", endings=ENDINGS)
    ending = PurePosixPath(name.lower()).suffix
    if ending not in found.endings:
        raise _refused("attachment_ending", endings=found.endings)
    return found.media


def _plain(content: bytes) -> PaperType | None:
    found = next((one for one in _TYPES if content.startswith(one.begins)), None)
    if found is None:
        return None
    if zipfile.is_zipfile(io.BytesIO(content)):
        raise _refused("attachment_two_kinds")
    if found.media == "application/pdf":
        if b"/Encrypt" in content:
            raise _refused("attachment_encrypted")
        if any(mark in content for mark in _PDF_ACTIVE):
            raise _refused("attachment_active")
    return found


def _packed(content: bytes) -> PaperType | None:
    """A document that is packed: what it unpacks to is looked at before anything of it is."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            parts = packed.infolist()
            if len(parts) > MOST_PARTS or sum(one.file_size for one in parts) > MOST_UNPACKED:
                raise _refused("attachment_unpacks", most=MOST_UNPACKED // 2**20)
            if any(one.flag_bits & 1 for one in parts):
                raise _refused("attachment_encrypted")
            loads = any(_ELSEWHERE.search(packed.read(one)) for one in parts if one.filename.endswith(".rels"))
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, ValueError, EOFError, zlib.error):
        return None
    names = [one.filename for one in parts]
    if any(".." in PurePosixPath(name.replace("\\", "/")).parts or name.startswith(("/", "\\")) for name in names):
        raise _refused("attachment_paths")
    if any(S_ISLNK(one.external_attr >> 16) for one in parts):
        raise _refused("attachment_paths")
    if loads or any(word in name.lower() for name in names for word in _ACTIVE):
        raise _refused("attachment_active")
    return next((kind for part, kind in _PACKED.items() if part in names), None)


def _refused(code: str, **facts: int | tuple[str, ...]) -> InvalidRequest:
    return InvalidRequest([fault("/file", code, **facts)])
