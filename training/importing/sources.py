"""Somebody's files, databases and queries as batches of text columns, so that nothing is rounded before a rule says so.

Every batch has one more column, `row`: the number of the row in its source, counting from 1.
"""

import gzip
import hashlib
import re
import shutil
import tempfile
import weakref
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TextIO

import polars as pl

from features.errors import PledgeScoreError
from features.text_files import check_encoding
from training.importing.mapping import SourceRule

BATCH = 50_000
ROW = "row"
_GZIP = b"\x1f\x8b"
_LOOKED_AT = 1 << 20
"""Bytes of a file by which its encoding is judged."""


class SourceError(PledgeScoreError):
    """A source cannot be read."""


@dataclass(frozen=True)
class SourceFile:
    """One file that was read: its name inside the data folder, its size and the SHA-256 of its bytes."""

    name: str
    size: int
    sha256: str


class DataSource:
    """One source of a mapping. Subclasses say how its rows are found."""

    def __init__(self, name: str, rule: SourceRule) -> None:
        self.name, self.rule = name, rule

    @property
    def files(self) -> list[SourceFile]:
        """The files that the source consists of; none for a database or a query."""
        return []

    @property
    def described(self) -> str:
        """Where the rows come from, without passwords."""
        raise NotImplementedError

    def scan(self) -> pl.LazyFrame:
        """All rows, read when they are collected; values as text."""
        raise NotImplementedError

    def batches(self) -> Iterator[pl.DataFrame]:
        """All rows in order, at most `BATCH` at a time; texts that mean *not known* are null."""
        yield from _refusing(self.name, self._batches)

    def _batches(self) -> Iterator[pl.DataFrame]:
        rows = self._tidy(self.scan()).with_row_index(ROW, offset=1).with_columns(pl.col(ROW).cast(pl.String))
        for batch in rows.collect_batches(chunk_size=BATCH, maintain_order=True):
            if batch.height:
                yield batch

    def _tidy(self, rows: pl.LazyFrame) -> pl.LazyFrame:
        text = pl.all().cast(pl.String).str.strip_chars()
        return rows.select(text).select(
            pl.when(pl.all().is_in(list(self.rule.missing))).then(None).otherwise(pl.all()).name.keep()
        )


def _refusing(name: str, batches: Callable[[], Iterator[pl.DataFrame]]) -> Iterator[pl.DataFrame]:
    try:
        yield from batches()
    except (pl.exceptions.PolarsError, OSError, UnicodeDecodeError) as fault:
        raise SourceError("source_unreadable", source=name, why=str(fault).splitlines()[0]) from None


class FileSource(DataSource):
    """CSV, Parquet or ARFF files under a folder, plain or gzipped, one after the other in order of their names."""

    def __init__(self, name: str, rule: SourceRule, data: Path) -> None:
        super().__init__(name, rule)
        self.data, self.pattern = data, rule.path or ""

    @property
    def described(self) -> str:
        """The glob of the files."""
        return self.pattern

    @cached_property
    def paths(self) -> list[Path]:
        """The files; raises `SourceError` where there is none."""
        given = Path(self.pattern)
        found = sorted(given.parent.glob(given.name) if given.is_absolute() else self.data.glob(self.pattern))
        if not found:
            raise SourceError("source_no_file", source=self.name, pattern=self.pattern, folder=self.data)
        return found

    @cached_property
    def files(self) -> list[SourceFile]:
        """What was read."""
        return [SourceFile(path.name, path.stat().st_size, _sha256(path)) for path in self.paths]

    def scan(self) -> pl.LazyFrame:
        """The files' rows, one file after the other."""
        return pl.concat([self._scan(path) for path in self.paths], how="vertical")

    def _scan(self, path: Path) -> pl.LazyFrame:
        kind = self.rule.format or _kind(path)
        if kind == "parquet":
            return pl.scan_parquet(path)
        if kind == "arff":
            names, header = _arff_header(path)
            return pl.scan_csv(
                path, has_header=False, skip_lines=header, new_columns=names, infer_schema=False, null_values="?",
                comment_prefix="%",
            )  # fmt: skip
        self._check_encoding(path)
        plain = self.rule.encoding.lower().replace("-", "") in ("utf8", "ascii")
        read = path if plain else self._as_utf8(path)
        return pl.scan_csv(read, infer_schema=False, separator=self.rule.separator)

    def _check_encoding(self, path: Path) -> None:
        """Raises `SourceError`, naming what the file may be in, where it is not in the encoding that is told."""
        with path.open("rb") as file:
            start = file.read(_LOOKED_AT)
        if not start.startswith(_GZIP) and (seems := check_encoding(start, self.rule.encoding)) is not None:
            raise SourceError(
                "source_not_utf8", source=self.name, file=path.name, encoding=self.rule.encoding, seems=seems
            )

    @cached_property
    def _workshop(self) -> Path:
        """A folder that goes when the source goes."""
        folder = tempfile.mkdtemp(prefix="pledgescore-")
        weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
        return Path(folder)

    def _as_utf8(self, path: Path) -> Path:
        """A copy in UTF-8, since Polars reads nothing else."""
        copy = self._workshop / f"{_sha256(path)}.csv"
        if not copy.exists():
            with _open(path, self.rule.encoding) as given, copy.open("w", encoding="utf-8") as written:
                shutil.copyfileobj(given, written)
        return copy


class DatabaseSource(DataSource):
    """The rows of one SQL query, fetched a batch at a time."""

    def __init__(self, name: str, rule: SourceRule, url: str) -> None:
        super().__init__(name, rule)
        self.url = url

    @property
    def described(self) -> str:
        """The address without its password."""
        from sqlalchemy import make_url

        return make_url(self.url).render_as_string(hide_password=True)

    def _batches(self) -> Iterator[pl.DataFrame]:
        import sqlalchemy

        first = 1
        try:
            with sqlalchemy.create_engine(self.url).connect() as connection:
                result = connection.execution_options(stream_results=True).execute(sqlalchemy.text(self.rule.sql or ""))
                names = list(result.keys())
                for rows in result.partitions(BATCH):
                    columns = {n: [_text(row[i]) for row in rows] for i, n in enumerate(names)}
                    frame = pl.DataFrame(columns, schema=dict.fromkeys(names, pl.String))
                    numbers = pl.Series(ROW, range(first, first + frame.height)).cast(pl.String)
                    yield self._tidy(frame.lazy()).collect().insert_column(0, numbers)
                    first += frame.height
        except (sqlalchemy.exc.SQLAlchemyError, ImportError) as fault:
            raise SourceError(
                "source_failed", source=self.name, place=self.described, why=str(fault).splitlines()[0]
            ) from None

    def scan(self) -> pl.LazyFrame:
        """All rows in memory, for a query over several sources."""
        return pl.concat([batch.drop(ROW) for batch in self._batches()], how="vertical").lazy()


class QuerySource(DataSource):
    """A SQL query over sources named before it (Polars' SQL; every value is a text until the query casts it)."""

    def __init__(self, name: str, rule: SourceRule, others: Mapping[str, DataSource]) -> None:
        super().__init__(name, rule)
        self.others = others

    @property
    def described(self) -> str:
        """The query."""
        return " ".join((self.rule.sql or "").split())

    def scan(self) -> pl.LazyFrame:
        """The query's rows."""
        tables = {name: other._tidy(other.scan()) for name, other in self.others.items() if self.mentions(name)}
        with pl.SQLContext(tables) as context:
            return context.execute(self.rule.sql or "", eager=False)

    def mentions(self, word: str) -> bool:
        """Whether the query speaks of a source or a column."""
        return re.search(rf"\b{re.escape(word)}\b", self.rule.sql or "", re.IGNORECASE) is not None


def open_sources(rules: Mapping[str, SourceRule], data: Path, environ: Mapping[str, str]) -> dict[str, DataSource]:
    """The sources of a mapping; files are looked for in `data`, addresses in `environ`. Raises `SourceError`."""
    opened: dict[str, DataSource] = {}
    for name, rule in rules.items():
        if rule.path:
            opened[name] = FileSource(name, rule, data)
        elif rule.url or rule.url_from:
            opened[name] = DatabaseSource(name, rule, _url(name, rule, environ))
        else:
            opened[name] = QuerySource(name, rule, dict(opened))
    return opened


def _url(name: str, rule: SourceRule, environ: Mapping[str, str]) -> str:
    if rule.url:
        return rule.url
    if (rule.url_from or "") not in environ:
        raise SourceError("source_no_url", source=name, variable=rule.url_from)
    return environ[rule.url_from or ""]


def _kind(path: Path) -> str:
    for suffix in (s.lower() for s in reversed(path.suffixes)):
        if suffix in (".parquet", ".arff"):
            return suffix.removeprefix(".")
    return "csv"


def _open(path: Path, encoding: str = "utf-8") -> TextIO:
    with path.open("rb") as file:
        zipped = file.read(2) == _GZIP
    return gzip.open(path, "rt", encoding=encoding) if zipped else path.open(encoding=encoding)


def _arff_header(path: Path) -> tuple[list[str], int]:
    """The attributes' names and the number of lines up to the data."""
    names = []
    with _open(path) as lines:
        for number, line in enumerate(lines, start=1):
            if found := re.match(r"""\s*@attribute\s+(?:'([^']+)'|"([^"]+)"|(\S+))\s""", line, re.IGNORECASE):
                names.append(next(group for group in found.groups() if group))
            if re.match(r"\s*@data\b", line, re.IGNORECASE):
                return names, number
    raise SourceError("source_no_arff", file=path)


def _text(value: object) -> str | None:
    if value is None:
        return None
    return str(value).lower() if isinstance(value, bool) else str(value)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
