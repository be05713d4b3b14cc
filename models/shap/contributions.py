"""How much each feature moved the margin of each case: exact Shapley values of the trees, faster than their bare score.

A leaf with value v whose path holds d features gives feature j

    (o_j − z_j) · v · Σ_S |S|! (d − 1 − |S|)! / d! · Π_{k in S} o_k · Π_{k not in S} z_k

over subsets S of the other features, where o is 1 where the row satisfies all splits of the path on that feature, and z
is how likely it does where the feature is unknown: the product of cover ratios along the path, as in LightGBM's
`pred_contrib`. So a row matters only by its bits o: neighbouring leaves with few splits together share a table of
contributions by the outcome of those splits, and a row costs a few comparisons and one addition per feature of each
such block. Leaves with too many splits are computed directly by the same arithmetic. With 0 and 1 for z, as found in
the rows of a background, the same gives interventional values.

The margin is what the contributions add up to, so reasons always sum; it agrees with LightGBM's to rounding.
"""

from weakref import WeakKeyDictionary

import numpy as np

from features.arrays import Floats
from models.shap import layout
from models.shap.kernel import Kernel
from models.shap.trees import Booster, paths

TABLE_LIMIT = 64 * 2**20
"""Bytes that the tables of one model may take; leaves beyond are computed directly."""
MASKS_AT_ONCE = 2**22
"""Outcomes of background rows held at a time, 8 bytes each."""


class ContributionTables:
    """One model's trees, compiled; immutable, and safe to ask from several threads.

    `base` is what every row starts from: the mean margin of the training rows by cover, or of a background. Matrices
    are (n, f) float64; one whose columns are contiguous, as `features.matrix` makes them, is read where it lies.
    """

    def __init__(self, compiled: layout.Compiled, references: layout.References) -> None:
        self.base = compiled.base(references)
        self.compiled = compiled
        self.kernel = Kernel(compiled, references, self.base)

    @classmethod
    def compile(cls, booster: Booster, limit: int = TABLE_LIMIT) -> "ContributionTables":
        """The tables of a booster that gives one margin, of at most `limit` bytes.

        Raises `TreesRefused` for linear trees, several classes, averaged trees, or a path of more than 64 features.
        """
        compiled = layout.lay_out(paths(booster), booster.num_feature(), limit)
        return cls(compiled, layout.by_cover(compiled.leaves))

    def against(self, background: Floats) -> "ContributionTables":
        """The same trees, explained against the rows (m, f) of a background: interventional Shapley values."""
        columns = self._columns(background)
        if not columns.shape[1]:
            raise ValueError("a background needs at least one row")
        at_once = max(1, MASKS_AT_ONCE // columns.shape[1])
        leaves = self.compiled.leaves
        masks = (
            self.kernel.masks(columns, first, min(first + at_once, len(leaves)))
            for first in range(0, len(leaves), at_once)
        )
        return ContributionTables(self.compiled, layout.by_background(leaves, masks))

    def explain(self, matrix: Floats, init_score: Floats | float = 0.0, threads: int = 1) -> tuple[Floats, Floats]:
        """Margins (n,) and contributions (n, f), columns contiguous.

        `init_score`, one or one per row, is what the booster was told to start from and does not hold itself; a row's
        margin is the sum of it, the base and the contributions. A row's numbers are the same to the last bit in any
        batch, on any number of threads.
        """
        margins, contributions = self.kernel.explain(self._columns(matrix), threads)
        return margins + init_score, contributions.T

    def interactions(self, matrix: Floats) -> Floats:
        """Shapley interaction values (n, f, f), symmetric; each row of them sums to that feature's contribution."""
        columns = self._columns(matrix)
        found = self.kernel.interact(columns)
        _, contributions = self.kernel.explain(columns, threads=1)
        diagonal = np.arange(len(columns))
        found[diagonal, diagonal] = contributions - found.sum(axis=1)
        return np.moveaxis(found, 2, 0)

    @property
    def table_bytes(self) -> int:
        """Bytes of the tables, which the limit is for."""
        return self.kernel.arrays.table.nbytes

    def __str__(self) -> str:
        arrays = self.kernel.arrays
        return (
            f"{len(arrays.leaf)} leaves in {len(arrays.block)} tables of {self.table_bytes / 2**20:.1f} MiB, "
            f"{len(self.compiled.direct)} leaves without a table, {arrays.nbytes / 2**20:.1f} MiB in all"
        )

    def _columns(self, matrix: Floats) -> Floats:
        columns = np.ascontiguousarray(matrix.T, dtype=np.float64)
        if columns.ndim != 2 or len(columns) != self.compiled.features:
            raise ValueError(f"the trees read {self.compiled.features} features, the matrix has shape {matrix.shape}")
        return columns


_compiled: WeakKeyDictionary[Booster, tuple[int, ContributionTables]] = WeakKeyDictionary()


def tables(booster: Booster) -> ContributionTables:
    """The booster's tables, compiled at the first call and again when trees were added. Raises `TreesRefused`."""
    known = _compiled.get(booster)
    if known is None or known[0] != booster.num_trees():
        known = _compiled[booster] = (booster.num_trees(), ContributionTables.compile(booster))
    return known[1]


def margins(booster: Booster, matrix: Floats) -> Floats:
    """The trees' margin, one per row of an (n, f) float64 matrix in the booster's feature order."""
    return tables(booster).explain(matrix)[0]


def explain(booster: Booster, matrix: Floats) -> tuple[Floats, Floats, float]:
    """Margins (n,), contributions (n, f) and the base from which every row starts.

    A row's base and contributions, added in the order of the features, are its margin.
    """
    compiled = tables(booster)
    return *compiled.explain(matrix), compiled.base
