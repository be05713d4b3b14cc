"""Fills every form of the desk with what comes to hand, as somebody does who types without looking."""

from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from random import Random
from typing import NamedTuple
from urllib.parse import urlencode, urljoin

from fastapi.testclient import TestClient

from tests.service.desk.following import kind_of
from tests.service.desk.reading import links_of

TEXTS = (
    "情况正常", "1", "300", "2024-12-20", "-5", "abc", "9" * 25, "9" * 5_000, "１２", "\x00x", "<b>", "0.5", "12.345",
    "2024-13-40", "9999-12-31", "1e400", "NaN", " ", "合" * 5_000, "100%", "3亿元", "²", "\ud7ff\u202e", "row:1",
)  # fmt: skip
FILES = (b"", b"a,b\n1,2\n", b"%PDF-1.4 x", b"PK\x03\x04", bytes(range(256)))
LONGEST_QUERY = 7_000
OF_A_KIND = 2
"""Pages and forms of one kind that are opened."""


class Typed(NamedTuple):
    """What was sent, and the status of its answer."""

    method: str
    path: str
    sent: str
    status: int


@dataclass
class _Field:
    name: str
    kind: str
    values: list[str] = field(default_factory=list)


@dataclass
class _Form:
    action: str
    method: str
    fields: list[_Field] = field(default_factory=list)


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[_Form] = []
        self._inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.found.append(_Form(told.get("action", ""), told.get("method", "get").lower()))
            self._inside = True
        elif self._inside and tag in ("input", "textarea", "select", "button") and "name" in told:
            kind = told.get("type", "text") if tag == "input" else tag
            self.found[-1].fields.append(_Field(told["name"], kind, [told["value"]] if "value" in told else []))
        elif self._inside and tag == "option" and self.found[-1].fields:
            self.found[-1].fields[-1].values.append(told.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        self._inside = self._inside and tag != "form"


class Typist:
    """Somebody who is signed in, opens pages of each kind, and fills each form so many times."""

    def __init__(self, client: TestClient, random: Random, times: int) -> None:
        self._client, self._random, self._times = client, random, times
        self._opened: Counter[str] = Counter()
        self._waiting: deque[str] = deque()
        self._seen: set[str] = set()

    def typed(self, first: str) -> Iterator[Typed]:
        """All that is sent, from a page on to whatever links and answers lead to."""
        self._go(first)
        while self._waiting:
            path = self._waiting.popleft()
            shown = self._client.get(path)
            yield Typed("GET", path, "", shown.status_code)
            if shown.headers.get("content-type", "").startswith("text/html"):
                for link in links_of(shown.text):
                    self._go(urljoin(path, link))
                yield from self._filled(path, shown.text)

    def _filled(self, path: str, html: str) -> Iterator[Typed]:
        forms = _Forms()
        forms.feed(html)
        for form in forms.found:
            to = urljoin(path, form.action or path)
            if self._may_open(f"{form.method} {kind_of(to)}", to):
                for _ in range(self._times):
                    sent, status, location = _sent(self._client, form, to, self._random)
                    yield Typed(form.method.upper(), to, sent, status)
                    self._go(urljoin(to, location))

    def _go(self, to: str) -> None:
        path = to.partition("#")[0]
        if path not in self._seen and self._may_open(kind_of(path), path):
            self._seen.add(path)
            self._waiting.append(path)

    def _may_open(self, kind: str, path: str) -> bool:
        if not path.startswith("/desk") or path.startswith(("/desk/sign-out", "/desk/language")):
            return False
        self._opened[kind] += 1
        return self._opened[kind] <= OF_A_KIND


def _sent(client: TestClient, form: _Form, to: str, random: Random) -> tuple[str, int, str]:
    told = [
        (one.name, _value(one, random))
        for one in form.fields
        if one.kind not in ("button", "file") and (one.kind == "hidden" or random.random() < 0.9)
    ]
    buttons = [one for one in form.fields if one.kind == "button"]
    if buttons:
        pressed = random.choice(buttons)
        told.append((pressed.name, *pressed.values[:1]) if pressed.values else (pressed.name, ""))
    files = [
        (one.name, (random.choice(("a.csv", "合.pdf", "a.xlsx")), random.choice(FILES), "application/octet-stream"))
        for one in form.fields
        if one.kind == "file"
    ]
    text = urlencode(told, errors="surrogatepass")
    if form.method == "get":
        answer = client.get(f"{to.partition('?')[0]}?{text[:LONGEST_QUERY]}", follow_redirects=False)
    elif files:
        parts = [(name, (None, value.encode("utf-8", "surrogatepass"))) for name, value in told]
        answer = client.post(to, files=[*parts, *files], follow_redirects=False)
    else:
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        answer = client.post(to, content=text, headers=headers, follow_redirects=False)
    return text[:500], answer.status_code, answer.headers.get("location", "")


def _value(one: _Field, random: Random) -> str:
    if one.kind == "hidden":
        return one.values[0] if one.values else ""
    if one.values and (one.kind == "select" or random.random() < 0.4):
        return random.choice([*one.values, "strange"]) if one.kind == "select" else one.values[0]
    return random.choice(TEXTS)
