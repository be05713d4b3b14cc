"""JSON that is read a piece at a time: what is refused is not built, and a large body holds up nobody else.

A parser takes a body of 32 MiB in one go, and no other thread runs meanwhile. Here only brackets and texts are looked
at between one piece and the next; whoever takes a piece has it parsed.
"""

import re
from collections.abc import Iterator

import orjson

from service.edge.errors import NotJson
from service.edge.json_text import JsonFault, check_json

LARGEST = 2**18
"""Bytes of one piece, unless whoever takes it allows more."""
DEEPEST = 200
"""Brackets within each other, as jiter allows."""
_SPACE = re.compile(rb"[ \t\n\r]*")
_TEXT = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"?', re.DOTALL)
_TOKEN = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"?|[\[\]{}]', re.DOTALL)
_OTHER = re.compile(rb"[^\s,:\[\]{}\"]+")


class PieceTooLong(Exception):
    """A piece goes on for longer than is allowed."""


class Pieces:
    """A walk through a body. Raises `NotJson` where it is none, though not for what is wrong within a piece."""

    def __init__(self, body: bytes) -> None:
        self._body = body
        self._at = 0
        self._skip()

    @property
    def opening(self) -> bytes:
        """The character that the next value begins with; empty at the end."""
        return self._body[self._at : self._at + 1]

    def members(self) -> Iterator[str]:
        """The names of the object that comes next; before the next name its value is to be taken.

        Raises `NotJson` for a name that comes twice.
        """
        names: set[str] = set()
        for _ in self._parts(b"{", b"}"):
            place, name = self._at, self._name()
            if name in names:
                line, column = self.place(place)
                raise NotJson("json_twice", member=name, line=line, column=column)
            names.add(name)
            yield name

    def items(self) -> Iterator[None]:
        """As often as there are values in the list that comes next; each is to be taken before the next."""
        return self._parts(b"[", b"]")

    def checked(self, most: int = LARGEST) -> bytes:
        """The text of the value that comes next, which is JSON without a member twice. Raises `PieceTooLong`.

        One that is longer than `LARGEST` is left to whoever reads it in pieces of its own.
        """
        start, piece = self._at, self.piece(most)
        try:
            if len(piece) <= LARGEST:
                check_json(piece)
        except JsonFault as fault:
            line, before = map(int, self.place(start))
            column = fault.column + (before - 1 if fault.line == 1 else 0)
            raise fault.refused(line + fault.line - 1, column) from None
        return piece

    def piece(self, most: int = LARGEST) -> bytes:
        """The text of the value that comes next. Raises `PieceTooLong`."""
        start = self._at
        if self.opening in (b"{", b"["):
            self._at = self._closing(start, most)
        else:
            found = (_TEXT if self.opening == b'"' else _OTHER).match(self._body, start, start + most + 1)
            if found is None:
                raise self._wrong()
            self._at = found.end()
        if self._at - start > most:
            raise PieceTooLong
        return self._body[start : self._at]

    def end(self) -> None:
        """Nothing comes behind."""
        self._skip()
        if self._at < len(self._body):
            raise self._wrong()

    def place(self, at: int) -> tuple[str, str]:
        """The line and the column of a place, from 1."""
        return str(self._body.count(b"\n", 0, at) + 1), str(at - self._body.rfind(b"\n", 0, at))

    def _parts(self, opens: bytes, closes: bytes) -> Iterator[None]:
        self._skip()
        self._take(opens)
        if self.opening == closes:
            self._at += 1
            return
        while True:
            yield
            self._skip()
            if self.opening == closes:
                self._at += 1
                return
            self._take(b",")

    def _name(self) -> str:
        found = _TEXT.match(self._body, self._at, self._at + LARGEST)
        try:
            name: str = orjson.loads(found[0] if found else b"")
        except orjson.JSONDecodeError:
            raise self._wrong() from None
        self._at += len(found[0]) if found else 0
        self._skip()
        self._take(b":")
        return name

    def _closing(self, start: int, most: int) -> int:
        """Where the object or list that begins there ends."""
        depth = 0
        for token in _TOKEN.finditer(self._body, start, start + most + 1):
            if token[0] in (b"{", b"["):
                depth += 1
            elif token[0] in (b"}", b"]"):
                depth -= 1
            if not depth:
                return token.end()
            if depth > DEEPEST:
                self._at = token.start()
                raise self._wrong()
        if start + most < len(self._body):
            raise PieceTooLong
        self._at = len(self._body)
        raise self._wrong()

    def _take(self, sign: bytes) -> None:
        if self.opening != sign:
            raise self._wrong()
        self._at += 1
        self._skip()

    def _skip(self) -> None:
        if found := _SPACE.match(self._body, self._at):
            self._at = found.end()

    def _wrong(self) -> NotJson:
        line, column = self.place(self._at)
        return NotJson("not_json", line=line, column=column)
