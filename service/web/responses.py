"""Answers as they leave."""

import msgspec
from fastapi import Response


def json_response(answer: msgspec.Struct, status: int = 200) -> Response:
    """The answer as JSON, in the form that it is declared in."""
    return Response(msgspec.json.encode(answer), status, media_type="application/json")
