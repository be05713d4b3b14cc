"""The lake: a folder of Parquet tables cut by firm, which training, screening and the service read.

    lake/manifest.json            what it holds; written last, so that a folder without it is no lake
    lake/TABLE/part-0000.parquet  rows of the firms whose key hashes to partition 0, sorted by firm and key
    lake/norms.json               statistics of the population, where they were made

Everything about a firm lies in the firm's own partition. The same rows make the same bytes. What else lies in the
folder (a synthetic world keeps its truth in `_truth/`) is out of a lake's reach. A lake may name the bank whose it is;
what a public register says is common to all banks (`register_part`).
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path
from shutil import rmtree
from types import TracebackType

import polars as pl

from features.errors import PledgeScoreError
from features.frames import check_frame, polars_schema
from features.norms import Norms
from features.row_checks import RowProblem
from features.tables import COMMON, TABLES

FORMAT = 1
MANIFEST, NORMS = "manifest.json", "norms.json"
ROWS_PER_GROUP = 20_000
"""Rows that a reader of one firm has to read at least; small, since most reads are of one firm."""

Frames = dict[str, pl.DataFrame]


class LakeError(PledgeScoreError):
    """A folder is no lake, or not the lake that its manifest tells of."""


class RowsRefused(LakeError):
    """Rows that were to be written break the tables' rules."""

    def __init__(self, problems: list[RowProblem]) -> None:
        self.problems = problems
        super().__init__("lake_rows", count=len(problems), faults=[one.fault for one in problems[:20]])


@dataclass(frozen=True)
class PartFile:
    """One file of the lake: its rows and the SHA-256 of its bytes."""

    rows: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """What a lake holds. Money is in the minor unit of `currency`; `files` by path inside the lake.

    `bank`: whose rows they are; empty where the lake does not say.
    """

    name: str
    currency: str
    partitions: int
    synthetic: bool
    made_by: str = ""
    facts: Mapping[str, object] = field(default_factory=dict)
    files: dict[str, PartFile] = field(default_factory=dict)
    bank: str = ""

    @classmethod
    def read(cls, path: Path) -> "Manifest":
        """The manifest of the lake at `path`; raises `LakeError`."""
        try:
            told = json.loads((path / MANIFEST).read_text("utf-8"))
            if told.pop("format") != FORMAT:
                raise LakeError("lake_format", lake=path)
            files = {name: PartFile(**part) for name, part in told.pop("files").items()}
            return cls(**told, files=files)
        except FileNotFoundError:
            raise LakeError("lake_missing", lake=path, file=MANIFEST) from None
        except (KeyError, TypeError, ValueError) as fault:
            raise LakeError("lake_unreadable", file=path / MANIFEST, why=str(fault)) from None

    def text(self) -> str:
        """The manifest as it is written; a lake that names no bank is written as before lakes could name one."""
        told = {"format": FORMAT, **asdict(self)}
        if not self.bank:
            del told["bank"]
        return json.dumps(told, ensure_ascii=False, indent=1, sort_keys=True) + "\n"

    @property
    def digest(self) -> str:
        """SHA-256 over what the lake is and every file's hash: two lakes with the same digest hold the same rows."""
        return hashlib.sha256(self.text().encode()).hexdigest()

    def rows(self, table: str) -> int:
        """The number of rows of a table in all partitions."""
        return sum(part.rows for name, part in self.files.items() if name.startswith(f"{table}/"))


@dataclass(frozen=True)
class NamedFirm:
    """A firm's key and one of its registered names, with the day on which the name could be known."""

    firm: str
    legal_name: str
    known_on: date


def partition_of(firm: str, partitions: int) -> int:
    """The partition of a firm: the first 8 bytes of SHA-256 of its key, modulo the number of partitions."""
    return int.from_bytes(hashlib.sha256(firm.encode()).digest()[:8], "big") % partitions


class Lake:
    """A lake that exists. Reading never looks at anything but the files that the manifest names."""

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)
        self.manifest = Manifest.read(self.path)

    @property
    def partitions(self) -> int:
        """The number of partitions."""
        return self.manifest.partitions

    @cached_property
    def norms(self) -> Norms | None:
        """The norms that lie in the lake, if any were made."""
        path = self.path / NORMS
        return Norms.from_json(json.loads(path.read_text("utf-8"))) if path.exists() else None

    def keep_norms(self, norms: Norms) -> Path:
        """Lay norms into the lake in place of those that lie there; gives the file's path."""
        text = json.dumps(norms.to_json(), ensure_ascii=False, allow_nan=False, indent=1) + "\n"
        _replace(self.path / NORMS, lambda beside: beside.write_text(text, "utf-8"))
        self.__dict__.pop("norms", None)
        return self.path / NORMS

    def read(self, index: int, tables: Collection[str] | None = None) -> Frames:
        """All rows of one partition: a frame per table that has rows there, in the schema of `features.schema`."""
        return {name: pl.read_parquet(path) for name, path in self._parts(index, tables)}

    def read_firm(self, firm: str, tables: Collection[str] | None = None) -> Frames:
        """Rows of one firm; only its own partition is opened, and of that only the row groups that may hold it."""
        own = pl.col("firm") == firm
        parts = self._parts(partition_of(firm, self.partitions), tables)
        found = {name: pl.scan_parquet(path).filter(own).collect() for name, path in parts}
        return {name: frame for name, frame in found.items() if frame.height}

    def firms(self, name_contains: str, most: int = 50, *, registered: bool = False) -> list[NamedFirm]:
        """Firms one of whose names contains a text, upper or lower case alike: the best matches first.

        `registered`: only by names that a register tells. Reads a few columns of the firms table in all partitions, so
        no index can be out of step with the rows.
        """
        sought = name_contains.strip().lower()
        paths = [self.path / name for name in sorted(self.manifest.files) if name.startswith("firms/")]
        if not paths or not sought:
            return []
        lower = pl.col("legal_name").str.to_lowercase()
        asked = _REGISTERED if registered else pl.lit(value=True)
        found = (
            pl.scan_parquet(paths)
            .filter(lower.str.contains(sought, literal=True), asked)
            .select("firm", "legal_name", "known_on")
            .group_by("firm", "legal_name")
            .agg(pl.col("known_on").min())
            .sort(lower != sought, ~lower.str.starts_with(sought), "legal_name", "firm")
            .head(most)
            .collect(engine="streaming")
        )
        return [NamedFirm(**row) for row in found.iter_rows(named=True)]

    def verify(self) -> None:
        """Compare every file with its hash; raises `LakeError` naming the first that differs."""
        for name, part in sorted(self.manifest.files.items()):
            path = self.path / name
            if not path.is_file() or _sha256(path) != part.sha256:
                raise LakeError("lake_altered", file=path, manifest=MANIFEST)

    def _parts(self, index: int, tables: Collection[str] | None) -> Iterator[tuple[str, Path]]:
        if not 0 <= index < self.partitions:
            raise LakeError("lake_partition", lake=self.path, index=index, count=self.partitions)
        for name in TABLES if tables is None else [t for t in TABLES if t in tables]:
            file = _part_name(name, index)
            if file in self.manifest.files:
                yield name, self.path / file


class LakeWriter:
    """Writes a lake, a whole partition at a time (`write`) or rows as they come (`add`), and seals it by `close`.

    Memory is bounded by one partition (`write`) or by one partition of one table (`add`, which spills to files first).
    As a context manager it closes when the block ends well; if it fails, the folder is left without a manifest.
    """

    def __init__(self, path: Path | str, manifest: Manifest, *, replace: bool = False, check: bool = True) -> None:
        """Start a lake at `path`; `manifest` tells what it will be, without files.

        `replace` removes a lake that lies there; otherwise that is a `LakeError`. `check` compares rows with the
        tables' rules and refuses them as `RowsRefused`.
        """
        self.path, self.manifest, self._check = Path(path), manifest, check
        self._files: dict[str, PartFile] = {}
        self._spilled: dict[tuple[str, int], list[Path]] = defaultdict(list)
        self._make_room(replace)

    def __enter__(self) -> "LakeWriter":
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, at: TracebackType | None) -> None:
        if kind is None:
            self.close()

    def write(self, index: int, frames: Mapping[str, pl.DataFrame]) -> None:
        """Write all rows of one partition; every firm in `frames` must belong to it."""
        self.take(self.written(index, frames))

    def written(self, index: int, frames: Mapping[str, pl.DataFrame]) -> dict[str, PartFile]:
        """Write a partition's files without noting them: for a process that does not close the lake."""
        files, own = {}, set[str]()
        for table, frame in frames.items():
            if frame.height:
                self._refuse_wrong(table, frame)
                firms = set(frame["firm"].unique())
                strangers = sorted(firm for firm in firms - own if self._place(firm) != index)
                if strangers:
                    where = self._place(strangers[0])
                    raise LakeError("lake_stranger", table=table, firm=strangers[0], own=where, index=index)
                own |= firms
                name, file = self._write(table, index, frame)
                files[name] = file
        return files

    def take(self, files: Mapping[str, PartFile]) -> None:
        """Note files that `written` wrote, here or in another process."""
        self._files |= files

    def add(self, frames: Mapping[str, pl.DataFrame]) -> None:
        """Add rows of any firms; they reach their partitions when the lake is closed."""
        for table, frame in frames.items():
            if not frame.height:
                continue
            self._refuse_wrong(table, frame)
            firms = frame["firm"].unique()
            places = pl.DataFrame({"firm": firms, "_part": [self._place(firm) for firm in firms]})
            parts = frame.join(places, on="firm").partition_by("_part", as_dict=True, include_key=False)
            for (index,), part in parts.items():
                self._spill(table, int(str(index)), part)

    def close(self) -> Manifest:
        """Bring spilled rows to their partitions and write the manifest: from now on the folder is a lake."""
        for table, index in sorted(self._spilled):
            parts = [pl.read_parquet(path) for path in self._spilled[table, index]]
            self.take(dict([self._write(table, index, pl.concat(parts))]))
        rmtree(self._spill_folder, ignore_errors=True)
        told = {name: self._files[name] for name in sorted(self._files)}
        self.manifest = Manifest(**{**vars(self.manifest), "files": told})
        _replace(self.path / MANIFEST, lambda beside: beside.write_text(self.manifest.text(), "utf-8"))
        return self.manifest

    @property
    def _spill_folder(self) -> Path:
        return self.path / "_spilled"

    def _place(self, firm: str) -> int:
        return partition_of(firm, self.manifest.partitions)

    def _make_room(self, replace: bool) -> None:
        if (self.path / MANIFEST).exists():
            if not replace:
                raise LakeError("lake_exists", lake=self.path)
            (self.path / MANIFEST).unlink()
        for name in TABLES:
            for part in (self.path / name).glob("part-*.parquet"):
                part.unlink()
        rmtree(self._spill_folder, ignore_errors=True)
        self.path.mkdir(parents=True, exist_ok=True)

    def _refuse_wrong(self, table: str, frame: pl.DataFrame) -> None:
        if self._check and (problems := check_frame(table, frame)):
            raise RowsRefused(problems)

    def _spill(self, table: str, index: int, part: pl.DataFrame) -> None:
        self._spill_folder.mkdir(exist_ok=True)
        paths = self._spilled[table, index]
        paths.append(self._spill_folder / f"{table}-{index:04d}-{len(paths):06d}.parquet")
        whole(table, part).write_parquet(paths[-1], compression="lz4")

    def _write(self, table: str, index: int, frame: pl.DataFrame) -> tuple[str, PartFile]:
        key = ["firm", *TABLES[table].key, "known_on"]
        order = [*key, *(name for name in TABLES[table].columns if name not in key)]
        rows = whole(table, frame).sort(order, nulls_last=True)
        name = _part_name(table, index)
        path = self.path / name
        path.parent.mkdir(exist_ok=True)
        _replace(path, lambda beside: rows.write_parquet(beside, compression="zstd", row_group_size=ROWS_PER_GROUP))
        return name, PartFile(rows.height, _sha256(path))


def whole(table: str, frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with every column of its table, in the declared order and type; absent columns are null."""
    schema = polars_schema(table)
    return frame.select(
        pl.col(name).cast(dtype) if name in frame.columns else pl.lit(None, dtype).alias(name)
        for name, dtype in schema.items()
    )


_REGISTERED = pl.col("source_kind") == "register"


def register_part(frames: Mapping[str, pl.DataFrame]) -> Frames:
    """Of frames of rows what a public register says, in public columns: what every bank may read.

    Tables of which a bank brings the rows are left out, and so is that a source was asked about one of them. Which
    register says it stays.
    """
    found = {}
    for table in (name for name in TABLES if name in COMMON and name in frames):
        told = {name for name, column in TABLES[table].columns.items() if column.audience == "public"} | {"source"}
        emptied = [pl.lit(None, dtype).alias(name) for name, dtype in polars_schema(table).items() if name not in told]
        asked = pl.col("about").is_in(sorted(COMMON)) if table == "coverage" else pl.lit(value=True)
        rows = frames[table].filter(_REGISTERED, asked).with_columns(*emptied)
        if rows.height:
            found[table] = rows
    return found


def frames_of(rows: Mapping[str, Iterable[Mapping[str, object]]]) -> Frames:
    """Frames in the tables' schema from rows that `features.schema` has validated."""
    return {name: pl.DataFrame(list(rows[name]), schema=polars_schema(name)) for name in TABLES if name in rows}


def _part_name(table: str, index: int) -> str:
    return f"{table}/part-{index:04d}.parquet"


def _replace(path: Path, write: Callable[[Path], object]) -> None:
    """Write beside `path`, then rename: nobody reads half a file."""
    beside = path.with_name(f".{path.name}.unfinished")
    try:
        write(beside)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
