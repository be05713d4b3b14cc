"""From leaves to the arrays that the kernel reads: columns of codes, leaves, and blocks of leaves that share a table.

A column is what several splits ask of one feature in one way of treating missing values: its thresholds, at most 255,
so that a value is one byte and every split a comparison of bytes. A leaf asks for a range of codes in some columns. A
block is a run of neighbouring leaves whose splits have few enough joint outcomes for a table.
"""

import math
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from features.arrays import Floats
from models.shap.quadrature import rule
from models.shap.trees import Missing, Path, Split, TreesRefused

Records = npt.NDArray[np.void]

COLUMN = np.dtype([("start", "i8"), ("feature", "i4"), ("length", "i4"), ("mode", "u1"), ("absent", "u1")], align=True)
SPLIT = np.dtype([("column", "i4"), ("above", "u2"), ("weight", "u2"), ("radix", "u2")], align=True)
BLOCK = np.dtype(
    [("table", "i8")]
    + [(f"{part}_{end}", "i4") for part in ("splits", "features", "leaves") for end in ("start", "stop")]
    + [("outcomes", "i4"), ("stride", "i4")],
    align=True,
)
RANGE = np.dtype([("column", "i4"), ("slot", "u1"), ("first", "u1"), ("last", "u1")], align=True)
LEAF = np.dtype(
    [("value", "f8"), ("references_start", "i8"), ("references_stop", "i8"), ("likely", "i8")]
    + [(f"{part}_{end}", "i4") for part in ("ranges", "slots") for end in ("start", "stop")]
    + [("rule", "i4")],
    align=True,
)

NUMBER, NUMBER_NOT_ZERO, CATEGORY = range(3)
"""What a column holds; in the second a zero is missing, as NaN is in both. The kernel's numbers."""
LAST_CODE = 255
MOST_SLOTS = 64
"""Features on one path: the kernel keeps a bit for each in one word."""
LEAST_STRIDE = 8
MOST_OUTCOMES = 256
"""Of one table, so that an outcome is one byte."""
TABLE_COST = 8
"""What an addition from a table costs beyond what its length costs, in numbers of the table."""
DIRECT_COST = 600
"""What a leaf without a table costs for each of its features, likewise."""


@dataclass(frozen=True)
class CodeCut:
    """A split in terms of codes: go right where the column's code is above the rank."""

    column: int
    above: int


@dataclass
class SplitColumns:
    """All columns of a model, and for every split its cut."""

    records: list[tuple[int, int, int, int, int]] = field(default_factory=list)
    thresholds: list[float] = field(default_factory=list)
    categories: list[int] = field(default_factory=list)
    cuts: dict[Split, CodeCut] = field(default_factory=dict)

    def add_numbers(self, splits: Collection[Split]) -> None:
        """Columns for splits on numbers of one feature: one for each way of treating missing values."""
        thresholds = sorted({split.threshold for split in splits})
        for page in range(0, len(thresholds), LAST_CODE):
            here = thresholds[page : page + LAST_CODE]
            ranks = {threshold: rank for rank, threshold in enumerate(here)}
            alike: dict[tuple[Missing, bool], list[Split]] = defaultdict(list)
            for split in splits:
                if split.threshold in ranks:
                    alike[split.missing, split.default_left].append(split)
            for (missing, left), group in sorted(alike.items()):
                self.cuts |= {split: CodeCut(len(self.records), ranks[split.threshold]) for split in group}
                absent = bisect_left(here, 0.0) if missing == Missing.PLAIN else 0 if left else LAST_CODE
                mode = NUMBER_NOT_ZERO if missing == Missing.ZERO else NUMBER
                self.records.append((len(self.thresholds), group[0].feature, len(here), mode, absent))
            self.thresholds += here

    def add_category(self, split: Split) -> None:
        """A column for one set of categories: code 0 is within, 1 is outside."""
        self.cuts[split] = CodeCut(len(self.records), 0)
        self.records.append((len(self.categories), split.feature, 32 * len(split.categories), CATEGORY, 1))
        self.categories += split.categories


def columns(splits: Iterable[Split]) -> SplitColumns:
    """The columns that these splits need, shared between all trees."""
    made = SplitColumns()
    of_feature: dict[int, list[Split]] = defaultdict(list)
    for split in set(splits):
        of_feature[split.feature].append(split)
    for _, group in sorted(of_feature.items()):
        made.add_numbers([split for split in group if split.missing != Missing.CATEGORY])
        for split in sorted((s for s in group if s.missing == Missing.CATEGORY), key=lambda s: s.categories):
            made.add_category(split)
    return made


@dataclass(frozen=True)
class Leaf:
    """What a leaf asks, by codes: a range of codes per column; its different features (slots); their cover ratios."""

    value: float
    ranges: dict[int, tuple[int, int, int]]
    slots: tuple[int, ...]
    likely: tuple[float, ...]

    @property
    def cuts(self) -> Iterator[CodeCut]:
        """The splits that matter to this leaf: the ends of its ranges."""
        for column, (_, first, last) in self.ranges.items():
            if first > 0:
                yield CodeCut(column, first - 1)
            if last < LAST_CODE:
                yield CodeCut(column, last)


def leaf(path: Path, cuts: dict[Split, CodeCut]) -> Leaf:
    """The path in terms of codes. Raises `TreesRefused` for more features than the kernel holds."""
    likely: dict[int, float] = {}
    ranges: dict[int, tuple[int, int, int]] = {}
    for step in path.steps:
        feature, cut = step.split.feature, cuts[step.split]
        likely[feature] = likely.get(feature, 1.0) * step.share
        slot, first, last = ranges.get(cut.column, (list(likely).index(feature), 0, LAST_CODE))
        ranges[cut.column] = (
            (slot, max(first, cut.above + 1), last) if step.right else (slot, first, min(last, cut.above))
        )
    if len(likely) > MOST_SLOTS:
        raise TreesRefused("trees_too_deep", tree=path.tree, features=len(likely), most=MOST_SLOTS)
    return Leaf(path.value, ranges, tuple(likely), tuple(likely.values()))


@dataclass(frozen=True)
class Block:
    """A run of neighbouring leaves and the cuts by which a row's outcome is found, those of one column together."""

    leaves: Sequence[Leaf]
    cuts: dict[int, tuple[int, ...]]

    @cached_property
    def features(self) -> tuple[int, ...]:
        """The features that its leaves depend on."""
        return tuple(sorted({feature for leaf in self.leaves for feature in leaf.slots}))

    @cached_property
    def outcomes(self) -> int:
        """In how many ways its cuts can turn out: a column with n cuts has n + 1."""
        return math.prod(len(above) + 1 for above in self.cuts.values())

    @property
    def stride(self) -> int:
        """Numbers in the table of one feature."""
        return stride(self.outcomes)

    @property
    def table_size(self) -> int:
        """Numbers in its tables."""
        return len(self.features) * self.stride


def stride(outcomes: int) -> int:
    """The outcomes padded to a power of two, which the kernel keeps in as many vector registers."""
    return max(LEAST_STRIDE, 1 << (outcomes - 1).bit_length())


def blocks(leaves: Sequence[Leaf]) -> list[Block]:
    """The leaves of one tree cut into blocks at least cost; a leaf with too many outcomes for a table is a block alone.

    An addition from a table of eight to 128 numbers, held in vector registers, costs as their number does.
    """
    best: list[tuple[float, int]] = [(0.0, 0)] + [(math.inf, 0)] * len(leaves)
    for start in range(len(leaves)):
        for stop, cost in _runs(leaves, start):
            best[stop] = min(best[stop], (best[start][0] + cost, start))
        best[start + 1] = min(best[start + 1], (best[start][0] + DIRECT_COST * len(leaves[start].slots), start))
    ends = [len(leaves)]
    while ends[-1]:
        ends.append(best[ends[-1]][1])
    return [_block(leaves[start:stop]) for start, stop in pairwise(reversed(ends))]


def _runs(leaves: Sequence[Leaf], start: int) -> Iterator[tuple[int, int]]:
    """Where a block that begins at `start` may stop, and what it then costs."""
    cuts: dict[int, set[int]] = defaultdict(set)
    features: set[int] = set()
    for stop in range(start, len(leaves)):
        for cut in leaves[stop].cuts:
            cuts[cut.column].add(cut.above)
        outcomes = math.prod(len(above) + 1 for above in cuts.values())
        if outcomes > MOST_OUTCOMES:
            return
        features.update(leaves[stop].slots)
        yield stop + 1, len(features) * (TABLE_COST + stride(outcomes))


def _block(leaves: Sequence[Leaf]) -> Block:
    cuts: dict[int, set[int]] = defaultdict(set)
    for leaf in leaves:
        for cut in leaf.cuts:
            cuts[cut.column].add(cut.above)
    return Block(leaves, {column: tuple(sorted(above)) for column, above in sorted(cuts.items())})


def within(limit: int, blocks: Sequence[Block]) -> tuple[list[Block], list[Leaf]]:
    """The blocks whose tables take at most so many bytes together, the longest left out first, and the leaves left."""
    size = np.array([8 * block.table_size for block in blocks], dtype=np.int64)
    longest = np.array([block.stride for block in blocks], dtype=np.int64)
    size[longest > MOST_OUTCOMES] = limit + 1
    order = np.argsort(longest, kind="stable")
    kept = np.zeros(len(blocks), dtype=np.bool_)
    kept[order] = np.cumsum(size[order]) <= limit
    return (
        [block for block, keep in zip(blocks, kept, strict=True) if keep],
        [leaf for block, keep in zip(blocks, kept, strict=True) if not keep for leaf in block.leaves],
    )


@dataclass(frozen=True)
class References:
    """For each leaf, how likely its slots are satisfied where a feature is unknown, in one or several weighted ways.

    Leaf i has those from starts[i] to starts[i + 1]; `likely` holds them one after the other, a number per slot;
    `reached` says how likely all slots of one are.
    """

    starts: npt.NDArray[np.int64]
    weights: Floats
    likely: Floats
    reached: Floats


def by_cover(leaves: Sequence[Leaf]) -> References:
    """One way per leaf: the cover ratios of its path, as LightGBM's own contributions take them."""
    likely = np.array([ratio for leaf in leaves for ratio in leaf.likely], dtype=np.float64)
    reached = np.array([math.prod(leaf.likely) for leaf in leaves], dtype=np.float64)
    return References(np.arange(len(leaves) + 1), np.ones(len(leaves)), likely, reached)


def by_background(leaves: Sequence[Leaf], masks: Iterable[npt.NDArray[np.uint64]]) -> References:
    """One way per different outcome among background rows.

    `masks`: (leaves, rows) of some leaves each, in their order; bit k says whether slot k is met.
    """
    slots = np.array([len(leaf.slots) for leaf in leaves], dtype=np.int64)
    ways: list[int] = [0]
    weights, likely, reached = [np.empty(0)], [np.empty(0)], [np.empty(0)]
    for mask in masks:
        first = len(ways) - 1
        ordered = np.sort(mask, axis=1)
        new = np.ones(mask.shape, dtype=np.bool_)
        new[:, 1:] = ordered[:, 1:] != ordered[:, :-1]
        found, own = ordered[new], np.repeat(slots[first : first + len(mask)], new.sum(axis=1))
        ways += (ways[-1] + np.cumsum(new.sum(axis=1))).tolist()
        weights.append(np.diff(np.append(np.flatnonzero(new), new.size)) / mask.shape[1])
        slot = np.arange(own.sum()) - np.repeat(np.cumsum(own) - own, own)
        met = (np.repeat(found, own) >> slot.astype(np.uint64) & np.uint64(1)).astype(np.float64)
        likely.append(met)
        reached.append(np.minimum.reduceat(met, np.cumsum(own) - own))
    parts = (np.concatenate(part) for part in (weights, likely, reached))
    return References(np.array(ways, dtype=np.int64), *parts)


@dataclass(frozen=True)
class Compiled:
    """All trees in terms of codes. `constant` is the sum of the trees that ask nothing; `direct` have no table."""

    features: int
    constant: float
    columns: SplitColumns
    blocks: Sequence[Block]
    direct: Sequence[Leaf]

    @cached_property
    def leaves(self) -> list[Leaf]:
        """The leaves of the blocks in order, then those without a table."""
        return [leaf for block in self.blocks for leaf in block.leaves] + list(self.direct)

    def base(self, references: References) -> float:
        """The margin where every feature is unknown."""
        values = np.repeat([leaf.value for leaf in self.leaves], np.diff(references.starts))
        return math.fsum([self.constant, *(references.weights * values * references.reached).tolist()])


def lay_out(trees: Sequence[Sequence[Path]], features: int, limit: int) -> Compiled:
    """The trees with tables of at most `limit` bytes together. Raises `TreesRefused`."""
    made = columns({step.split for tree in trees for path in tree for step in path.steps})
    constant = math.fsum(tree[0].value for tree in trees if len(tree) == 1)
    leaves = [[leaf(path, made.cuts) for path in tree] for tree in trees if len(tree) > 1]
    return Compiled(features, constant, made, *within(limit, [block for tree in leaves for block in blocks(tree)]))


@dataclass(frozen=True)
class Arrays:
    """Everything that the kernel reads, by the names that it has there; the tables are filled by the kernel."""

    column: Records
    threshold: Floats
    category: npt.NDArray[np.uint32]
    split: Records
    block: Records
    block_feature: npt.NDArray[np.int32]
    leaf: Records
    range: Records
    slot_feature: npt.NDArray[np.int32]
    reference_weight: Floats
    likely: Floats
    node: Floats
    node_weight: Floats
    table: Floats

    @property
    def nbytes(self) -> int:
        """Bytes of all arrays together."""
        return sum(array.nbytes for array in vars(self).values())


def arrays(compiled: Compiled, references: References) -> Arrays:
    """The arrays of compiled trees; the tables are still empty."""
    columns, blocks, leaves = compiled.columns, compiled.blocks, compiled.leaves
    splits, block_records, block_features = _block_records(blocks)
    leaf_records, ranges = _leaf_records(leaves, references)
    nodes = [pair for n in range(1, _rule_length(leaves) + 1) for pair in rule(n)]
    return Arrays(
        column=np.array(columns.records, dtype=COLUMN),
        threshold=np.array(columns.thresholds, dtype=np.float64),
        category=np.array(columns.categories, dtype=np.uint32),
        split=np.array(splits, dtype=SPLIT),
        block=np.array(block_records, dtype=BLOCK),
        block_feature=np.array(block_features, dtype=np.int32),
        leaf=np.array(leaf_records, dtype=LEAF),
        range=np.array(ranges, dtype=RANGE),
        slot_feature=np.array([feature for leaf in leaves for feature in leaf.slots], dtype=np.int32),
        reference_weight=references.weights,
        likely=references.likely,
        node=np.array([node for node, _ in nodes], dtype=np.float64),
        node_weight=np.array([weight for _, weight in nodes], dtype=np.float64),
        table=np.zeros(sum(block.table_size for block in blocks)),
    )


def _rule_length(leaves: Iterable[Leaf]) -> int:
    return max(((len(leaf.slots) + 1) // 2 for leaf in leaves), default=0)


Row = tuple[float, ...]


def _block_records(blocks: Iterable[Block]) -> tuple[list[Row], list[Row], list[int]]:
    splits: list[Row] = []
    records: list[Row] = []
    features: list[int] = []
    table = leaves = 0
    for block in blocks:
        splits_start, features_start, leaves_start = len(splits), len(features), leaves
        weight = 1
        for column, above in block.cuts.items():
            splits += [(column, rank, weight, len(above) + 1) for rank in above]
            weight *= len(above) + 1
        features += block.features
        leaves += len(block.leaves)
        ends = (splits_start, len(splits), features_start, len(features), leaves_start, leaves)
        records.append((table, *ends, block.outcomes, block.stride))
        table += block.table_size
    return splits, records, features


def _leaf_records(leaves: Sequence[Leaf], references: References) -> tuple[list[Row], list[Row]]:
    records: list[Row] = []
    ranges: list[Row] = []
    slots = likely = 0
    for leaf, (start, stop) in zip(leaves, pairwise(references.starts.tolist()), strict=True):
        ranges_start, slots_start = len(ranges), slots
        ranges += [(column, *held) for column, held in leaf.ranges.items()]
        slots += len(leaf.slots)
        nodes = (len(leaf.slots) + 1) // 2
        rule_start = nodes * (nodes - 1) // 2
        records.append((leaf.value, start, stop, likely, ranges_start, len(ranges), slots_start, slots, rule_start))
        likely += (stop - start) * len(leaf.slots)
    return records, ranges
