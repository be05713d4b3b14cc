"""Just enough HTTP/1.1 over sockets: what the generator burns the server lacks."""

import asyncio
import re
from dataclasses import dataclass

HOST = "127.0.0.1"
_LENGTH = re.compile(rb"content-length: (\d+)")


@dataclass
class Connection:
    """One connection that is kept."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    @classmethod
    async def open(cls, port: int, own: str = HOST) -> "Connection":
        """A new one, from an address of this machine."""
        reader, writer = await asyncio.open_connection(HOST, port, limit=2**24, local_addr=(own, 0))
        return cls(reader, writer)

    async def ask(self, request: bytes) -> int:
        """Send a request and read the whole answer; its status. Raises `OSError` or `EOFError` where there is none."""
        self.writer.write(request)
        head = (await self.reader.readuntil(b"\r\n\r\n")).lower()
        if found := _LENGTH.search(head):
            await self.reader.readexactly(int(found[1]))
        elif b"chunked" in head:
            await self._chunks()
        if b"connection: close" in head:
            self.close()
        return int(head.split(b" ", 2)[1])

    async def _chunks(self) -> None:
        size = 1
        while size:
            size = int(await self.reader.readuntil(b"\r\n"), 16)
            await self.reader.readexactly(size + 2)

    @property
    def closed(self) -> bool:
        """Whether it may not be used again."""
        return self.writer.is_closing() or self.reader.at_eof()

    def close(self) -> None:
        """End it."""
        self.writer.close()


def request(method: str, path: str, key: str = "", body: bytes = b"", media: str = "application/json") -> bytes:
    """A request as it is sent."""
    lines = [f"{method} {path} HTTP/1.1", "Host: floods"]
    lines += [f"Authorization: Bearer {key}"] if key else []
    lines += [f"Content-Type: {media}", f"Content-Length: {len(body)}"] if body else []
    return "\r\n".join([*lines, "", ""]).encode() + body
