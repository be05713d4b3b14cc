"""A body that is not JSON, as pydantic finds it."""

import re

from pydantic_core import ErrorDetails

from service.edge.errors import NotJson

_PLACE = re.compile(r"line (\d+) column (\d+)")


def not_json(error: ErrorDetails) -> NotJson:
    """That a body is not JSON, and where that shows."""
    place = _PLACE.search(str(error.get("ctx", {}).get("error", "")))
    line, column = place.groups() if place else (None, None)
    return NotJson("not_json", line=line, column=column)
