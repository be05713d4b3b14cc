"""The compiled arithmetic of models/shap/kernel.c, called with arrays; it holds no interpreter lock while it runs."""

import ctypes
import hashlib
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from features.arrays import Floats
from features.errors import PledgeScoreError
from models.shap.layout import Arrays, Compiled, References, arrays

SOURCE = Path(__file__).with_name("kernel.c")
LIBRARY = Path(__file__).with_name("libkernel.so")
CHUNK = 1024
"""Rows that the kernel takes at a time; threads share a matrix in multiples of it."""


class KernelMissing(PledgeScoreError):
    """The compiled kernel is not there or was made from another source."""


COUNTS = ("features", "columns", "blocks", "direct_start", "leaves", "wide")
POINTERS = tuple(Arrays.__dataclass_fields__)


class _Trees(ctypes.Structure):
    _fields_ = (
        *((name, ctypes.c_int64) for name in COUNTS),
        *((name, ctypes.c_void_p) for name in POINTERS),
        ("base", ctypes.c_double),
    )


MATRIX, NUMBER = ctypes.c_void_p, ctypes.c_int64
SIGNATURES = {
    "tabulate": (),
    "explain": (MATRIX, NUMBER, NUMBER, NUMBER, MATRIX, MATRIX),
    "masks": (MATRIX, NUMBER, NUMBER, NUMBER, MATRIX),
    "interact": (MATRIX, NUMBER, MATRIX),
}


@cache
def _library() -> ctypes.CDLL:
    if not LIBRARY.is_file():
        raise KernelMissing("kernel_missing", file=LIBRARY.name)
    library = ctypes.CDLL(str(LIBRARY))
    made_from = ctypes.c_char_p(ctypes.addressof(ctypes.c_char.in_dll(library, "source_digest"))).value
    if made_from != hashlib.sha256(SOURCE.read_bytes()).hexdigest().encode():
        raise KernelMissing("kernel_stale", file=LIBRARY.name, source=SOURCE.name)
    for name, arguments in SIGNATURES.items():
        function = getattr(library, name)
        function.argtypes = (ctypes.POINTER(_Trees), *arguments)
        function.restype = ctypes.c_int
    return library


class Kernel:
    """One model's arrays, ready to be asked, the tables filled. Matrices are (features, rows), C-contiguous."""

    def __init__(self, compiled: Compiled, references: References, base: float) -> None:
        self.arrays = arrays(compiled, references)
        self.features = compiled.features
        counts = (
            compiled.features,
            len(self.arrays.column),
            len(self.arrays.block),
            len(compiled.leaves) - len(compiled.direct),
            len(compiled.leaves),
            _library().has_wide(),
        )
        # The structure holds bare addresses: `self.arrays` is what keeps them alive.
        self._trees = ctypes.pointer(_Trees(*counts, *map(_address, vars(self.arrays).values()), base))
        self._run("tabulate")

    @property
    def wide(self) -> bool:
        """Is AVX-512 used? To the last bit it makes no difference."""
        return bool(self._trees.contents.wide)

    @wide.setter
    def wide(self, use: bool) -> None:
        self._trees.contents.wide = use and _library().has_wide()

    def explain(self, matrix: Floats, threads: int) -> tuple[Floats, Floats]:
        """Margins (rows,) and contributions (features, rows)."""
        rows = matrix.shape[1]
        contributions, margins = np.empty_like(matrix), np.empty(rows)
        given, *made = map(_address, (matrix, contributions, margins))
        if threads == 1 or rows <= CHUNK:
            self._run("explain", given, rows, 0, rows, *made)
            return margins, contributions
        share = -(-rows // (CHUNK * threads)) * CHUNK
        with ThreadPoolExecutor(threads) as pool:
            parts = [
                pool.submit(self._run, "explain", given, rows, start, min(start + share, rows), *made)
                for start in range(0, rows, share)
            ]
        for part in parts:
            part.result()
        return margins, contributions

    def masks(self, matrix: Floats, first: int, last: int) -> npt.NDArray[np.uint64]:
        """For leaves from first to last and each row (leaves, rows) which of a leaf's slots it satisfies, as bits."""
        found = np.empty((last - first, matrix.shape[1]), dtype=np.uint64)
        self._run("masks", _address(matrix), matrix.shape[1], first, last, _address(found))
        return found

    def interact(self, matrix: Floats) -> Floats:
        """Interactions of different features (features, features, rows); nothing on the diagonal."""
        found = np.zeros((self.features, *matrix.shape))
        self._run("interact", _address(matrix), matrix.shape[1], _address(found))
        return found

    def _run(self, name: str, *arguments: int) -> None:
        if not getattr(_library(), name)(self._trees, *arguments):
            raise MemoryError(f"the kernel found no memory for {name}")


def _address(array: Floats | npt.NDArray[np.uint64]) -> int:
    return array.ctypes.data
