"""What lies at the edge of what anybody can write, in every parameter: of a path, a query, a header, a form, a body.

NUL, days before and after the calendar, days and months that are none, and whole numbers that no 64 bits hold. Asked
is only that it is answered or refused, and never as a defect of ours.
"""

import json
import re
from collections.abc import Iterator, Sequence
from copy import deepcopy
from html import unescape
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode

from service.access.route_rules import ANYBODY, RULES, SIGNED_IN
from tests.service.access.conftest import ORIGIN
from tests.service.access.links import Json, properties, resolved
from tests.service.access.right_bodies import right_body
from tests.service.access.staged import Staged
from tests.service.access.test_matrix import ROLES
from tests.service.desk.test_refusals import asked_on

NUMBERS = (2**63 - 1, 2**63, -(2**63), -(2**63) - 1, 2**64)
DAYS = (
    "9999-12-31", "0001-01-01", "2024-02-30", "10000-01-01", "9999-12", "0000-00", "10000-01", "0001-01",
    "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00",
)  # fmt: skip
TEXTS = ("\x00", "a\x00b", *DAYS, *(str(number) for number in NUMBERS))
LEAVES = (*TEXTS[: 2 + len(DAYS)], *NUMBERS)
"""What is put into a member of a JSON body."""
HEADERS = ("Accept", "Accept-Language", "Content-Type", "Idempotency-Key", "If-None-Match", "Origin", "Range", "Cookie",
           "X-Part", "X-Request-ID", "Forwarded", "Host")  # fmt: skip
"""Those that anything reads."""


class Sent(NamedTuple):
    """A request, and which parameter of it holds an edge."""

    method: str
    path: str
    at: str
    query: str = ""
    headers: dict[str, bytes] = {}  # noqa: RUF012
    content: bytes = b""
    media: str = "application/json"


def of_operation(bank: Staged, document: Json, route: str, turn: int, every: bool = True) -> Iterator[Sent]:
    """Everything that is sent to an operation of the API: each edge in each parameter, all others right.

    Without `every`, each parameter holds one edge, another one at the next turn.
    """
    method, _, path = route.partition(" ")
    operation = document["paths"][path][method.lower()]
    body = right_body(bank, route)
    media = next(iter(operation.get("requestBody", {}).get("content", {"application/json": {}})))
    schema = operation.get("requestBody", {}).get("content", {}).get(media, {}).get("schema", {})
    whole = b"" if body is None else json.dumps(body).encode()
    right = Sent(method, filled(path, bank.things_at(path)), "", content=whole, media=media)
    names = [one["name"] for one in operation.get("parameters", ()) if one["in"] == "query"]
    edges = TEXTS if every else [TEXTS[turn % len(TEXTS)]]
    yield from in_address(bank, path, right, names, edges)
    yield from in_headers(right, turn)
    if body is not None:
        for number, place in enumerate(places(document, schema, body)):
            for edge in LEAVES if every else [LEAVES[(turn + number) % len(LEAVES)]]:
                yield right._replace(at="/".join(map(str, place)), content=json.dumps(put(body, place, edge)).encode())
    elif media != "application/json":
        yield from (right._replace(at="content", content=edge.encode()) for edge in edges)


ASKED_OF_PAGES = (
    "about", "address", "advice", "after", "against", "branch", "cursor", "did", "firm", "for", "format", "found",
    "from", "fund", "kind", "least", "mine", "most", "moved", "name", "on", "outcome", "period", "q", "set", "stands",
    "state", "text", "to", "told", "trial", "who",
)  # fmt: skip
"""The parameters that any page of the desk reads in its query."""
FEW = 40
"""A form of more fields than these is sent with each edge in all of them, and each field once with one alone."""


def of_desk(bank: Staged, role: str, route: str, turn: int, every: bool = True) -> Iterator[Sent]:
    """Everything that is sent to a page of the desk, or to the form that stands on it, likewise."""
    method, _, path = route.partition(" ")
    right = Sent(method, filled(path, bank.things_at(path)), "", media="application/x-www-form-urlencoded")
    edges = TEXTS if every else [TEXTS[turn % len(TEXTS)]]
    yield from in_address(bank, path, right, [], edges)
    if method == "GET":
        for edge in edges:
            yield right._replace(query=urlencode(dict.fromkeys(ASKED_OF_PAGES, edge)), at="the whole query")
        yield from in_headers(right, turn)
        return
    right = right._replace(headers={"Origin": ORIGIN.encode(), "Sec-Fetch-Site": b"same-origin"})
    fields = _fields(bank, role, path)
    for number, name in enumerate(fields):
        for edge in TEXTS if every and len(fields) <= FEW else [TEXTS[(turn + number) % len(TEXTS)]]:
            yield right._replace(content=urlencode(fields | {name: edge}).encode(), at=f"field {name}")
    for edge in edges:
        everywhere = {name: value if name in _KEPT else edge for name, value in fields.items()}
        yield right._replace(content=urlencode(everywhere).encode(), at="all fields")
        yield right._replace(content=_upload(edge), media=f"multipart/form-data; boundary={_BOUNDARY}", at="a file")


_KEPT = frozenset({"seen", "do", "sent"})
"""Fields without whose right value the others are not looked at."""
_BOUNDARY = "edge"


def _upload(edge: str) -> bytes:
    """A file of a form, whose name and content are an edge."""
    name = quote(edge, safe="")
    head = f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="{name}.csv"\r\n\r\n'
    return f"{head}{edge}\r\n--{_BOUNDARY}--\r\n".encode()


def _fields(bank: Staged, role: str, path: str) -> dict[str, str]:
    """The fields of the form with what stands in them, as the page that it stands on shows them to the role."""
    page = asked_on(path)
    html = bank.people.client.get(filled(page, bank.things_at(path)), headers=bank.headers(role)).text
    found = dict.fromkeys(re.findall(r'name="([\w.-]+)"', html), "")
    for tag in re.findall(r"<input[^>]*>", html):
        name, value = re.search(r'name="([\w.-]+)"', tag), re.search(r'value="([^"]*)"', tag)
        if name is not None and value is not None:
            found[name[1]] = unescape(value[1])
    return found | {"sent": "1"}


def in_address(bank: Staged, path: str, right: Sent, names: list[str], edges: Sequence[str]) -> Iterator[Sent]:
    """Each edge in each part of a path, and in each of these parameters of its query."""
    for name in re.findall(r"\{(\w+)", path):
        for edge in edges:
            told = filled(path, bank.things_at(path) | {name: quote(edge, safe="")})
            yield right._replace(path=told, at=f"{{{name}}}")
    for name in names:
        yield from (right._replace(query=urlencode({name: edge}), at=f"?{name}") for edge in edges)


def in_headers(right: Sent, turn: int) -> Iterator[Sent]:
    """An edge in each header: another one at the next turn."""
    for number, name in enumerate(HEADERS):
        edge = TEXTS[(turn + number) % len(TEXTS)]
        yield right._replace(headers=right.headers | {name: edge.encode()}, at=name)


def filled(path: str, things: dict[str, str]) -> str:
    """The path of a thing."""
    return re.sub(r"\{(\w+)(:path)?\}", lambda found: things[found[1]], path)


def places(document: Json, schema: Json, body: Any, at: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Where a body holds something, or could by its schema."""
    schema = resolved(document, schema)
    kinds = [resolved(document, one) for one in (*schema.get("anyOf", ()), *schema.get("oneOf", ()), schema)]
    told: Json = {name: one for kind in kinds for name, one in properties(document, kind).items()}
    items = next((kind["items"] for kind in kinds if "items" in kind), {})
    if at:
        yield at
    if isinstance(body, dict) or (body is None and told):
        for name in dict.fromkeys((*(body or ()), *told)):
            yield from places(document, told.get(name, {}), (body or {}).get(name), (*at, name))
    elif isinstance(body, list) or items:
        yield from places(document, items, body[0] if body else None, (*at, 0))


def put(body: Any, at: tuple[str | int, ...], value: Any) -> Any:
    """The body with another value at a place, made where it is not there."""
    if not at:
        return value
    first, *rest = at
    body = deepcopy(body)
    if isinstance(first, int):
        body = body or [None]
        body[first] = put(body[first], tuple(rest), value)
        return body
    return (body or {}) | {first: put((body or {}).get(first), tuple(rest), value)}


def faults_at_edges(bank: Staged) -> tuple[int, list[str]]:
    """How many answers were looked at, and those that are a defect of ours, each told when it is found.

    Each route is asked at length by the first role that may use it, and by every other one with an edge a parameter.
    """
    document = bank.people.client.get("/openapi.json").json()
    asked, found, tried = 0, list[str](), set[str]()
    for turn, role in enumerate(sorted(ROLES)):
        for route, rule in RULES.items():
            if rule.needs not in (ANYBODY, SIGNED_IN, *ROLES[role].may):
                continue
            every = route not in tried
            tried.add(route)
            path = route.partition(" ")[2]
            sent = (
                of_operation(bank, document, route, turn, every)
                if path in document["paths"]
                else (of_desk(bank, role, route, turn, every))
            )
            for one in sent:
                asked += 1
                if wrong := answered(bank, role, one):
                    found.append(wrong)
                    print(wrong, flush=True)
        print(f"{role}: {asked:,} requests so far, {len(found)} answered by 5xx", flush=True)
    return asked, found


def answered(bank: Staged, role: str, sent: Sent) -> str:
    """What is wrong with the answer; empty where nothing is."""
    for headers in (bank.headers, bank.sign_in_again):
        own = {name.lower(): value.encode() for name, value in headers(role).items()}
        more = {name.lower(): value for name, value in sent.headers.items()}
        told = bank.people.client.request(
            sent.method,
            f"{sent.path}?{sent.query}" if sent.query else sent.path,
            headers={"content-type": sent.media.encode(), **own, **more},
            content=sent.content,
            follow_redirects=False,
        )
        if told.status_code != 401 or "cookie" in more or "session" in sent.path:
            break
    if told.status_code < 500:
        return ""
    return f"{role}: {sent.method} {sent.path} {sent.at} {sent.query} {sent.content[:200]!r}"
