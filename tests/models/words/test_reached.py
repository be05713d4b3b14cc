"""Every template is reached from code: none is kept that nothing says any more."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

from pydantic_core.core_schema import ErrorType

from models.words.templates import SHIPPED

ROOT = Path(__file__).parents[3]
FILES = [
    *(file for package in ("features", "models", "service", "training") for file in (ROOT / package).rglob("*.py")),
    ROOT / "pledgescore.py",
]
CODED = ("refusal", "print", "problem")
"""Families whose codes stand in the code without the family."""


def texts() -> Iterator[tuple[str, bool]]:
    """Every text of the code, and whether it is the beginning of one that is filled in."""
    for file in FILES:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant):
                yield str(node.values[0].value), True
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value, False


def test_every_template_is_reached_from_code() -> None:
    """By its code or its family in the code, by another template, or as the type of an error of pydantic."""
    found = list(texts())
    words, begun = {text for text, begins in found if not begins}, {text for text, begins in found if begins}
    by_template = set(re.findall(r":(?:name|list|counts)\.([\w.]+)", " ".join(SHIPPED.texts["zh"].values())))
    of_pydantic = set(get_args(ErrorType))
    dead = []
    for code in SHIPPED.texts["zh"]:
        family, _, rest = code.partition(".")
        if family in CODED:
            starts = [text for text in begun if text.endswith("_") and rest.startswith(text)]
            reached = rest in words or rest in of_pydantic or bool(starts)
        else:
            reached = code in words or family in words or any(code.startswith(f"{one}.") for one in by_template)
            reached = reached or any(text.endswith(".") and code.startswith(text) for text in begun)
        dead += [] if reached else [code]
    assert not dead
