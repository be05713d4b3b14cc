"""What a form sent: texts by name, and a check that one of our own pages sent it."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import PurePath
from typing import Annotated

from fastapi import Depends, Request
from starlette.datastructures import FormData, UploadFile

from features.errors import Fault
from service.access.authentication import check_origin
from service.application.state import state_of
from service.desk.typed_values import TypedFen, TypedShare, Unread, typed_fen, typed_share
from service.edge.errors import InvalidRequest

_MOST_FIELDS = 2_000
_PIECE = 2**20
BOXES = "shown"
"""The field by which a form names the boxes that it showed."""


@dataclass(frozen=True)
class SentForm:
    """The fields of a form as they came."""

    data: FormData

    @classmethod
    def of(cls, fields: Mapping[str, str]) -> "SentForm":
        """Fields as if they had been sent."""
        return cls(FormData(list(fields.items())))

    @classmethod
    def empty(cls) -> "SentForm":
        """Nothing was sent yet."""
        return cls(FormData())

    def raw(self, name: str) -> str:
        """A text as it was typed; empty where there is none."""
        found = self.data.get(name)
        return found if isinstance(found, str) else ""

    def text(self, name: str) -> str:
        """A text without the blanks around it."""
        return self.raw(name).strip()

    def optional(self, name: str) -> str | None:
        """A text; None where nothing was typed."""
        return self.text(name) or None

    def texts(self, name: str) -> list[str]:
        """All texts under a name that are not empty."""
        found = (one for one in self.data.getlist(name) if isinstance(one, str))
        return [one.strip() for one in found if one.strip()]

    def beginning(self, start: str) -> dict[str, str]:
        """The texts of all fields whose names begin so, by the rest of the name."""
        found = {name: self.text(name) for name in self.data if name.startswith(start)}
        return {name.removeprefix(start): text for name, text in found.items() if text}

    def lines(self, name: str) -> list[str]:
        """The lines of a text that are not empty."""
        return [line.strip() for line in self.raw(name).splitlines() if line.strip()]

    def ticked(self, name: str) -> bool:
        """Whether a box was ticked."""
        return bool(self.raw(name))

    def unticked(self, name: str) -> bool:
        """Whether a box was left empty: the form says which boxes it showed, as an empty box is not sent."""
        return name in self.texts(BOXES) and not self.ticked(name)

    def fen(self, name: str) -> TypedFen | Unread | None:
        """An amount typed in ten thousand yuan, in fen; None for nothing."""
        return typed_fen(self.text(name))

    def count(self, name: str) -> object:
        """A whole number; what is none as it was typed, None for nothing."""
        text = _plain(self.text(name))
        return int(text) if text.isascii() and text.isdigit() else self.text(name) or None

    def share(self, name: str) -> TypedShare | Unread | None:
        """A figure typed in per cent, as a share; None for nothing."""
        return typed_share(self.text(name))

    def file_name(self, name: str) -> str:
        """The name of a file that was chosen, without folders; empty where there is none."""
        found = self.data.get(name)
        return PurePath(found.filename or "").name[:200] if isinstance(found, UploadFile) else ""

    def content(self, name: str) -> bytes:
        """What a chosen file holds; nothing where there is none."""
        found = self.data.get(name)
        if not isinstance(found, UploadFile):
            return b""
        found.file.seek(0)
        return found.file.read()

    def digest(self, name: str) -> str | None:
        """SHA-256 of a file that was chosen; None where there is none."""
        found = self.data.get(name)
        if not isinstance(found, UploadFile) or not found.filename:
            return None
        whole = sha256()
        found.file.seek(0)
        while piece := found.file.read(_PIECE):
            whole.update(piece)
        return whole.hexdigest()

    def day(self, name: str) -> str | None:
        """A day as it was typed."""
        return self.optional(name)


def _plain(text: str) -> str:
    return text.replace(",", "").replace("，", "").replace(" ", "")


def own_page(request: Request) -> None:
    """Raises `ForeignOrigin` unless one of our own pages sent the form, whether or not anybody is signed in."""
    check_origin(request.scope, state_of(request).settings.origin)


async def _sent(request: Request) -> AsyncIterator[SentForm]:
    async with request.form(max_files=20, max_fields=_MOST_FIELDS) as data:
        yield SentForm(data)


Sent = Annotated[SentForm, Depends(_sent)]
"""What a page takes to read its form."""


def by_pointer(refused: InvalidRequest | Sequence[Fault]) -> dict[str, list[Fault]]:
    """The faults by the first part of where they are: the name of the field."""
    faults = refused.faults if isinstance(refused, InvalidRequest) else refused
    found: dict[str, list[Fault]] = {}
    for one in faults:
        found.setdefault(one.pointer.lstrip("/").split("/")[0], []).append(one)
    return found
