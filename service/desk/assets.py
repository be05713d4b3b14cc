"""The files that pages load: each under its digest, so that a browser may keep it for good and never an old one."""

from functools import cache
from hashlib import sha256
from pathlib import Path

from starlette.responses import Response

from service.edge.errors import NoRoute

STATIC = Path(__file__).parent / "static"
PREFIX = "/desk/static"
_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
_FOREVER = {"Cache-Control": "public, max-age=31536000, immutable"}


@cache
def address(name: str) -> str:
    """The address of a file, with its digest in it."""
    return f"{PREFIX}/{_digest(name)}/{name}"


def asset(digest: str, name: str) -> Response:
    """A file under the digest that it has now. Raises `NoRoute`."""
    if name not in _names() or digest != _digest(name):
        raise NoRoute("not_found")
    file = STATIC / name
    return Response(file.read_bytes(), media_type=_TYPES[file.suffix], headers=_FOREVER)


@cache
def _names() -> frozenset[str]:
    return frozenset(file.name for file in STATIC.iterdir() if file.suffix in _TYPES)


@cache
def _digest(name: str) -> str:
    return sha256((STATIC / name).read_bytes()).hexdigest()[:16]
