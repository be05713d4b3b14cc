"""A bank that answers the fund's witness oddly: bytes that no HTTP, JSON or checkpoint is made of, and slow ones."""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

Answer = tuple[bytes, ...]
"""What is sent, piece by piece, a moment between."""
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"


def answered(body: bytes, head: bytes = HEAD) -> bytes:
    """An answer that HTTP allows."""
    return head + b"Content-Length: %d\r\nConnection: close\r\n\r\n" % len(body) + body


def told(**members: object) -> bytes:
    """A checkpoint in form, but for these members."""
    statement: dict[str, Any] = {
        "form": "pledgescore-checkpoint-1",
        "suite": "sha256-ed25519-1",
        "ledger": "ab" * 32,
        "size": 3,
        "root": "cd" * 32,
        "seal": "ef" * 32,
        "at": "2026-11-20T04:00:00.000000Z",
        "verifier": "01" * 32,
        "key": "23" * 32,
    }
    return json.dumps({"checkpoint": statement | members, "signature": "45" * 64}).encode()


ODD_VALUES: tuple[object, ...] = (None, True, -1, 0, 1.5, 2**70, "", "x", "\u202e\x1b[2J", [], [[]], {}, {"a": []})
RAW: tuple[bytes, ...] = (
    b"",
    b"\r\n\r\n",
    b"AS SEALED\r\n",
    b"HTTP/1.1\r\n\r\n",
    b"HTTP/9.9 200 OK\r\n\r\n{}",
    b"HTTP/1.1 abc OK\r\n\r\n",
    b"HTTP/1.1 99999 OK\r\n\r\n",
    b"HTTP/1.1 -200 OK\r\n\r\n",
    b"\x00\xff" * 300,
    HEAD + b"Content-Length: 100\r\n\r\n{",
    HEAD + b"Content-Length: -5\r\n\r\n{}",
    HEAD + b"Content-Length: many\r\n\r\n",
    HEAD + b"X: " + b"a" * 100_000 + b"\r\n\r\n{}",
    HEAD + b"".join(b"X-%d: 1\r\n" % n for n in range(300)) + b"\r\n{}",
    HEAD + b"no colon here\r\n\r\n{}",
    CHUNKED,
    CHUNKED + b"5\r\n{}",
    CHUNKED + b"zz\r\n{}\r\n0\r\n\r\n",
    CHUNKED + b"-1\r\n{}\r\n",
    CHUNKED + b"ffffffffffffffff\r\n{}",
    *(
        answered(b"", b"HTTP/1.1 %d X\r\n" % code)
        for code in (201, 204, 400, 401, 403, 404, 409, 418, 429, 500, 502, 503)
    ),
    *(
        answered(b"", b"HTTP/1.1 %d X\r\nLocation: http://127.0.0.1:1/elsewhere\r\n" % code)
        for code in (301, 302, 303, 307, 308)
    ),
    answered(b"", b"HTTP/1.1 302 X\r\nLocation: file:///etc/passwd\r\n"),
    answered(b"{}", HEAD + b"Content-Encoding: gzip\r\n"),
)
BODIES: tuple[bytes, ...] = (
    b"", b"{}", b"[]", b"null", b"0", b'"text"', b"NaN", b"{", b"<html>down</html>", b"\xff\xfe{}", b"\xe9",
    b"[" * 200_000, b'{"a":' * 200_000, b"1" * 10_000, b'{"checkpoint":null}', b'{"checkpoint":[]}',
    b'{"checkpoint":{}}', b'{"checkpoint":{},"signature":""}', b"{}{}", b"a" * 5_000_000, b'{"proof":[]}',
    *(told(**{name: value}) for name in ("form", "size", "at", "root", "key", "ledger") for value in ODD_VALUES),
)  # fmt: skip


def odd_answers() -> list[Answer]:
    """At least a hundred, of which the last two drip."""
    slow = tuple(bytes([one]) for one in HEAD)
    return [*((raw,) for raw in RAW), *((answered(body),) for body in BODIES), slow, (HEAD + b"\r\n", *(b"{",) * 200)]


@contextmanager
def bank_answering(pause: float = 0.05) -> Iterator[tuple[str, list[Answer]]]:
    """Its address, and the answer that it gives to whatever is asked: the last of the list."""
    asked: list[Answer] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=_serve, args=(server, asked, pause), daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}", asked


def _serve(server: socket.socket, asked: list[Answer], pause: float) -> None:
    while True:
        try:
            caller, _ = server.accept()
        except OSError:
            return
        threading.Thread(target=_answer, args=(caller, asked[-1], pause), daemon=True).start()


def _answer(caller: socket.socket, answer: Answer, pause: float) -> None:
    with caller:
        try:
            caller.recv(65536)
            for place, piece in enumerate(answer):
                if place:
                    threading.Event().wait(pause)
                caller.sendall(piece)
        except OSError:
            return
