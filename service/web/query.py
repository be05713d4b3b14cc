"""What a query says under a name, before any route is asked."""

from urllib.parse import parse_qs

from starlette.types import Scope


def said(scope: Scope, name: str) -> list[str]:
    """The values under a name, in order; empty ones are values too."""
    query = bytes(scope.get("query_string", b""))
    return parse_qs(query.decode("latin-1"), keep_blank_values=True).get(name, []) if name.encode() in query else []
