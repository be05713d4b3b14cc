"""What stands in an address and what its query says under a name, before any route is asked."""

from urllib.parse import parse_qs, parse_qsl

from starlette.types import Scope

from features.errors import fault
from service.edge.errors import InvalidRequest, NoRoute, QueryTooLong

LONGEST = 8_000
"""Bytes of a query: what RFC 9110 asks every server to take of an address."""


def check_address(scope: Scope) -> None:
    """Raises `QueryTooLong` before anybody takes the query apart; `NoRoute` or `InvalidRequest` where there is a NUL.

    Nothing is called by a name with one, and PostgreSQL takes no text that holds it.
    """
    query = bytes(scope.get("query_string", b""))
    if len(query) > LONGEST:
        raise QueryTooLong("query_too_long", most=LONGEST)
    if "\x00" in scope["path"]:
        raise NoRoute("not_found")
    if b"%00" in query or b"\x00" in query:
        told = parse_qsl(query.decode("latin-1"), keep_blank_values=True)
        places = dict.fromkeys("" if "\x00" in name else name for name, value in told if "\x00" in name + value)
        raise InvalidRequest([fault(f"/query/{name}", "not_plain_text") for name in places])


def said(scope: Scope, name: str) -> list[str]:
    """The values under a name, in order; empty ones are values too."""
    query = bytes(scope.get("query_string", b""))
    return parse_qs(query.decode("latin-1"), keep_blank_values=True).get(name, []) if name.encode() in query else []
