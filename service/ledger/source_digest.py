"""A digest of the product's own source, so that a ledger says by which code it was opened."""

from collections.abc import Iterator
from functools import cache
from hashlib import sha256
from pathlib import Path

import features
from service.ledger.canonical import canonical

PACKAGES = ("features", "models", "service", "training")
SUFFIXES = frozenset({".py", ".yaml", ".c"})


@cache
def source_digest() -> str:
    """SHA-256 of the canonical object of all source files: by path, the SHA-256 of each."""
    root = Path(features.__file__).parents[1]
    return sha256(canonical(dict(_files(root)))).hexdigest()


def _files(root: Path) -> Iterator[tuple[str, str]]:
    for package in PACKAGES:
        for file in (root / package).rglob("*"):
            if file.suffix in SUFFIXES and "__pycache__" not in file.parts:
                yield file.relative_to(root).as_posix(), sha256(file.read_bytes()).hexdigest()
