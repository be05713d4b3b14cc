"""What a query says under a name, before any route is asked."""

from urllib.parse import parse_qs

from starlette.types import Scope

from service.edge.errors import QueryTooLong

LONGEST = 8_000
"""Bytes of a query: what RFC 9110 asks every server to take of an address."""


def check_query(scope: Scope) -> None:
    """Raises `QueryTooLong` before anybody takes the query apart."""
    if len(scope.get("query_string", b"")) > LONGEST:
        raise QueryTooLong("query_too_long", most=LONGEST)


def said(scope: Scope, name: str) -> list[str]:
    """The values under a name, in order; empty ones are values too."""
    query = bytes(scope.get("query_string", b""))
    return parse_qs(query.decode("latin-1"), keep_blank_values=True).get(name, []) if name.encode() in query else []
