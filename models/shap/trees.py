"""LightGBM's trees, read from the text that it writes itself: what each leaf asks of a row, and how often it is met.

Whoever asks trees needs no LightGBM, which takes half of a start, as it imports scikit-learn and pandas where they are.
Only what adds up to one margin is read: linear leaves, several classes and averaged forests are refused by name.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property
from typing import Protocol

from features.errors import PledgeScoreError


class Booster(Protocol):
    """Boosted trees by what tells of them: LightGBM's own, or as they were written."""

    def model_to_string(self) -> str:
        """The trees in LightGBM's text."""

    def feature_name(self) -> list[str]:
        """The names of the features, in the order of a matrix's columns."""

    def num_feature(self) -> int:
        """How many features there are."""

    def num_trees(self) -> int:
        """How many trees there are."""


@dataclass(frozen=True, eq=False)
class WrittenBooster:
    """Trees as LightGBM wrote them."""

    text: str

    def model_to_string(self) -> str:
        """The trees in LightGBM's text."""
        return self.text

    def feature_name(self) -> list[str]:
        """The names of the features, in the order of a matrix's columns."""
        return self._head["feature_names"].split()

    def num_feature(self) -> int:
        """How many features there are."""
        return int(self._head["max_feature_idx"]) + 1

    def num_trees(self) -> int:
        """How many trees there are."""
        return self._trees

    @cached_property
    def _trees(self) -> int:
        return self.text.count("\nTree=")

    @cached_property
    def _head(self) -> dict[str, str]:
        return _fields(self.text.partition("\nTree=")[0])


class TreesRefused(PledgeScoreError):
    """The booster holds something that cannot be explained exactly; the message names it."""


class Missing(IntEnum):
    """What a split does with a missing value, numbered as in LightGBM's `decision_type`.

    PLAIN reads NaN as 0; ZERO sends zero and NaN, NAN sends NaN to the split's default side; a CATEGORY that is missing
    or was never seen goes right.
    """

    PLAIN = 0
    ZERO = 1
    NAN = 2
    CATEGORY = 3


@dataclass(frozen=True)
class Split:
    """One question: is the number at most the threshold, is the category among those (bits of 32-bit words)?"""

    feature: int
    missing: Missing
    default_left: bool
    threshold: float
    categories: tuple[int, ...] = ()


@dataclass(frozen=True)
class PathStep:
    """One split on the way to a leaf, the side taken, and which share of the split's training rows took it."""

    split: Split
    right: bool
    share: float


@dataclass(frozen=True)
class Path:
    """A leaf: the steps from the root to it, and its value."""

    tree: int
    steps: tuple[PathStep, ...]
    value: float


def paths(booster: Booster) -> list[list[Path]]:
    """The leaves of each tree from left to right. Raises `TreesRefused`."""
    head, *sections = booster.model_to_string().split("\nTree=")
    _check_head(head)
    return [_leaves(number, _fields(section)) for number, section in enumerate(sections)]


def _fields(section: str) -> dict[str, str]:
    lines = section.partition("\nend of trees")[0].splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line)


def _check_head(head: str) -> None:
    told = _fields(head)
    if told.get("num_tree_per_iteration") != "1":
        raise TreesRefused("trees_of_classes")
    if "average_output" in head.splitlines():
        raise TreesRefused("trees_averaged")


def _leaves(number: int, told: Mapping[str, str]) -> list[Path]:
    if told.get("is_linear", "0") != "0":
        raise TreesRefused("trees_linear", tree=number)
    values = [float(v) for v in told["leaf_value"].split()]
    if told["num_leaves"] == "1":
        return [Path(number, (), values[0])]
    tree = _Tree(number, told, values)
    return list(tree.below(0, ()))


class _Tree:
    """The nodes of one tree of more than one leaf, by LightGBM's numbers: node n, or leaf ~n where n is negative."""

    def __init__(self, number: int, told: Mapping[str, str], values: list[float]) -> None:
        self.number, self.values = number, values
        self.left, self.right, self.node_rows, self.leaf_rows = (
            [int(v) for v in told[name].split()]
            for name in ("left_child", "right_child", "internal_count", "leaf_count")
        )
        self.splits = list(_splits(told))

    def below(self, node: int, steps: tuple[PathStep, ...]) -> Iterator[Path]:
        """The leaves under a node that these steps lead to, from left to right."""
        waiting = [(node, steps)]
        while waiting:
            node, steps = waiting.pop()
            if node < 0:
                yield Path(self.number, steps, self.values[~node])
                continue
            for right, child in ((True, self.right[node]), (False, self.left[node])):
                waiting.append((child, (*steps, PathStep(self.splits[node], right, self._share(node, child)))))

    def _share(self, node: int, child: int) -> float:
        of = self.node_rows[node]
        return (self.node_rows[child] if child >= 0 else self.leaf_rows[~child]) / of if of else 0.0


def _splits(told: Mapping[str, str]) -> Iterator[Split]:
    bounds = [int(v) for v in told.get("cat_boundaries", "").split()]
    words = [int(v) for v in told.get("cat_threshold", "").split()]
    for feature, kind, threshold in zip(
        map(int, told["split_feature"].split()),
        map(int, told["decision_type"].split()),
        map(float, told["threshold"].split()),
        strict=True,
    ):
        if kind & 1:
            place = int(threshold)
            yield Split(feature, Missing.CATEGORY, False, 0.0, tuple(words[bounds[place] : bounds[place + 1]]))
        else:
            missing = Missing(kind >> 2 & 3)
            yield Split(feature, missing, missing != Missing.PLAIN and bool(kind & 2), threshold)
