"""Answers as they leave."""

import msgspec
from fastapi import Response

JSON = "application/json"


def json_response(answer: msgspec.Struct, status: int = 200) -> Response:
    """The answer as JSON, in the form that it is declared in."""
    return Response(msgspec.json.encode(answer), status, media_type=JSON)


def unless_held(text: bytes, tag: str, held: str | None) -> Response:
    """JSON that seldom changes, under its tag; nothing but 304 where the caller's `If-None-Match` names that tag."""
    headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
    if held is not None and tag in {one.strip().removeprefix("W/") for one in held.split(",")}:
        return Response(status_code=304, headers=headers)
    return Response(text, media_type=JSON, headers=headers)
