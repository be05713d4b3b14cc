"""Lies about a pack that whoever holds the bank's key can tell, each with the exit code that must come of it.

A lie changes what a pack says; it is signed anew with the bank's own key. Whoever adds one names the subject that it is
about (`file` or `month`), what it does, and how it must end. `test_lies.py` tells them all.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.service import corrupting

Told = dict[str, Any]


@dataclass(frozen=True)
class Lie:
    """`tell(pack, other)` changes what a pack says; `other` is a pack of another loan file. `code`: of a finding."""

    about: str
    exit: int
    code: str
    tell: Callable[[Told, Told], None]


def _act(pack: Told, kind: str) -> Told:
    return next(entry for entry in pack["entries"] if corrupting.kind_of(entry) == kind)


def drop_an_act(pack: Told, _: Told) -> None:
    """An act of the file is not in the pack."""
    pack["entries"].remove(_act(pack, "reviewed"))
    pack["about"]["n"] -= 1


def drop_the_last(pack: Told, _: Told) -> None:
    """The last entry is not in the pack."""
    pack["entries"].pop()
    pack["about"]["n"] -= 1


def drop_everything(pack: Told, _: Told) -> None:
    """Nothing is in the pack."""
    pack["entries"].clear()
    pack["about"]["n"] = 0


def mix_in_another(pack: Told, other: Told) -> None:
    """An act of another loan file is among them, proven as it is."""
    pack["entries"] = sorted([*pack["entries"], other["entries"][-1]], key=lambda entry: entry["seq"])
    pack["about"]["n"] += 1


def hide_the_amount(pack: Told, _: Told) -> None:
    """What was drawn is withheld from whom it is for."""
    entry = _act(pack, "drawdown")
    for leaf in entry["leaves"]:
        if leaf[0] == "/amount":
            leaf[:] = [corrupting.leaf_hash(leaf).hex()]


def behind_the_checkpoint(pack: Told, _: Told) -> None:
    """The bank names an entry behind the checkpoint."""
    pack["left_out"].append(pack["about"]["size"] + 1)


def head_of_another(pack: Told, other: Told) -> None:
    """The head is that of another loan file."""
    pack["head"] = other["head"]


def no_head(pack: Told, _: Told) -> None:
    """No head is shown."""
    pack["head"] = None


def erase_untold(pack: Told, _: Told) -> None:
    """An entry is said to be erased, and no erasure names it."""
    _act(pack, "drawdown")["leaves"] = None


def hole_in_the_month(pack: Told, _: Told) -> None:
    """A stub is missing."""
    pack["entries"].pop(3)


def stub_marked_otherwise(pack: Told, _: Told) -> None:
    """A stub says of an entry that it is in the fund's scope, or not, against its seal."""
    stub = next(entry for entry in pack["entries"] if "scope" in entry)
    stub["scope"][2] = "true" if stub["scope"][2] == "false" else "false"


def header_for_a_stub(pack: Told, _: Told) -> None:
    """Of an entry the header alone is shown, without the leaf that tells whose it is."""
    entry = next(entry for entry in pack["entries"] if "scope" in entry)
    for name in ("scope", "place", "size", "path"):
        del entry[name]


def a_month_cut_short(pack: Told, _: Told) -> None:
    """The last entry of the month is said to lie behind it."""
    last = pack["entries"].pop()
    pack["about"]["last"] -= 1
    pack["beside"]["after"] = {name: last[name] for name in last if name not in ("leaves", "outer_leaves")}
    pack["beside"]["after"]["proof"] = pack["beside"]["last"]["proof"]
    pack["beside"]["last"] = None


LIES: tuple[Lie, ...] = (
    Lie("file", 3, "file_gap", drop_an_act),
    Lie("file", 3, "file_short", drop_the_last),
    Lie("file", 3, "empty", drop_everything),
    Lie("file", 4, "file", mix_in_another),
    Lie("file", 3, "withheld", hide_the_amount),
    Lie("file", 5, "later", behind_the_checkpoint),
    Lie("file", 1, "wrong", head_of_another),
    Lie("file", 3, "head_unproven", no_head),
    Lie("file", 3, "erased_untold", erase_untold),
    Lie("month", 1, "wrong", hole_in_the_month),
    Lie("month", 1, "wrong", stub_marked_otherwise),
    Lie("month", 3, "not_shown", header_for_a_stub),
    Lie("month", 1, "wrong", a_month_cut_short),
)
