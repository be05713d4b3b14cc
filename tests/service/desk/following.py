"""Follows the links of the desk as somebody would who opens each of them, files included."""

import re
from collections import deque
from collections.abc import Iterator
from urllib.parse import parse_qsl, urljoin, urlsplit

from fastapi.testclient import TestClient

from tests.service.desk.reading import links_of

_ID = re.compile(r"(?<=/)(?=[^/]*\d)[^/]+")
_CHOICES = {"format", "form", "part", "against", "of", "state", "kind"}
"""Parameters whose words choose another page or file; those of others only choose among the same."""


def kind_of(path: str) -> str:
    """What an address has in common with others of its kind."""
    parts = urlsplit(path)
    told = sorted(f"{name}={value if name in _CHOICES else ''}" for name, value in parse_qsl(parts.query))
    return _ID.sub("*", parts.path) + "?" + "&".join(told)


def followed(client: TestClient, first: str, of_a_kind: int = 1) -> Iterator[tuple[str, int]]:
    """Addresses and their status, from the first on: of each kind so many. Signing out and the language are left."""
    opened: dict[str, int] = {}
    waiting, known = deque([first]), {first}
    while waiting:
        path = waiting.popleft()
        answer = client.get(path)
        yield path, answer.status_code
        if not answer.headers.get("content-type", "").startswith("text/html"):
            continue
        for link in links_of(answer.text):
            to = urljoin(path, link).partition("#")[0]
            kind = kind_of(to)
            if not to.startswith("/") or to.startswith(("/desk/language", "/desk/sign-out")) or to in known:
                continue
            if opened.get(kind, 0) < of_a_kind:
                opened[kind] = opened.get(kind, 0) + 1
                known.add(to)
                waiting.append(to)
