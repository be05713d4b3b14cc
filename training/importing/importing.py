"""Somebody's data become a lake: every row is taken, left out for a stated reason, or refused with the reason told.

The mapping (`mapping.py`) says what becomes what. Nothing is guessed, nothing dropped in silence: the report counts
rows read, kept, left out and refused, unknown values, unmapped columns, amounts that had to be rounded and days
of knowledge that are assumed. The same files and mapping make the same lake, byte for byte.
"""

import csv
import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import IO

import polars as pl

from features.frames import check_frame
from features.identifiers import locarno
from features.lake import LakeWriter, Manifest
from features.tables import TABLES
from features.text_files import harmless
from features.written import AS_WRITTEN
from models.words.output import text, told
from training.importing.filling import RefusedRow, fill
from training.importing.mapping import FieldRule, Keep, TableRule, read_mapping
from training.importing.mapping import Mapping as MappingFile
from training.importing.sources import ROW, DataSource, QuerySource, SourceError, SourceFile, open_sources

REPORT, REFUSED = "import-report.json", "refused.csv"
UNKNOWN_SHOWN = 50


@dataclass
class SourceCount:
    """What one source held."""

    described: str
    files: list[SourceFile]
    rows: int = 0
    columns: list[str] = field(default_factory=list)
    unmapped: list[str] = field(default_factory=list)
    declared_unused: list[str] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)


@dataclass
class BlockCount:
    """What one block of the mapping made of its source. One source row may make several rows here, or none."""

    table: str
    source: str
    read: int = 0
    left_out: Counter[str] = field(default_factory=Counter)
    empty: int = 0
    written: int = 0
    refused: int = 0
    refused_for: Counter[str] = field(default_factory=Counter)
    assumed_known_on: int = 0
    rounded: Counter[str] = field(default_factory=Counter)
    unknown: dict[str, Counter[str]] = field(default_factory=dict)


@dataclass
class Report:
    """The account of an import."""

    mapping: str
    mapping_sha256: str
    sources: dict[str, SourceCount] = field(default_factory=dict)
    blocks: list[BlockCount] = field(default_factory=list)

    @property
    def written(self) -> int:
        """Rows in the lake."""
        return sum(block.written for block in self.blocks)

    @property
    def refused(self) -> int:
        """Rows refused."""
        return sum(block.refused for block in self.blocks)

    @property
    def assumed_known_on(self) -> float:
        """The share of rows whose `known_on` is a rule's assumption and no fact of the source."""
        return sum(block.assumed_known_on for block in self.blocks) / max(self.written, 1)

    def to_json(self) -> dict[str, object]:
        """The report as it is written beside the lake."""
        totals = {"written": self.written, "refused": self.refused, "share_assumed_known_on": self.assumed_known_on}
        return {**totals, **json.loads(json.dumps(vars(self), default=vars))}


def import_data(
    mapping: Path, out: Path, data: Path | None = None, *, environ: Mapping[str, str], show: bool = False,
    replace: bool = False,
) -> Report:  # fmt: skip
    """Make the lake `out` from the files in `data` (the mapping's own folder if None). `show` draws a progress bar.

    Writes the lake, `import-report.json` and `refused.csv` into `out`. Raises `MappingError`, `SourceError` or
    `LakeError`.
    """
    told = read_mapping(mapping)
    sources = open_sources(told.sources, data or mapping.parent, environ)
    report = Report(mapping.name, hashlib.sha256(mapping.read_bytes()).hexdigest())
    made = told.lake
    manifest = Manifest(made.name, made.currency, made.partitions, made.synthetic, "import", bank=made.bank)
    writer = LakeWriter(out, manifest, replace=replace, check=False)  # rows are checked here, one batch at a time
    with (out / REFUSED).open("w", encoding="utf-8-sig", newline="") as file:  # spreadsheets know UTF-8 by its mark
        Importer(told, sources, writer, report, file).run(show)
    writer.manifest = Manifest(**{**vars(manifest), "facts": {"share_assumed_known_on": report.assumed_known_on}})
    (out / REPORT).write_text(json.dumps(report.to_json(), ensure_ascii=False, indent=1) + "\n", "utf-8")
    writer.close()
    return report


class Importer:
    """One run over all sources."""

    def __init__(
        self,
        mapping: MappingFile,
        sources: Mapping[str, DataSource],
        writer: LakeWriter,
        report: Report,
        refused: IO[str],
    ) -> None:
        self.mapping, self.sources, self.writer, self.report = mapping, sources, writer, report
        self.refused = csv.writer(refused)
        self.refused.writerow(["source", "row", "table", "column", "value", "reason", "source_row"])
        self.blocks = [
            (rule, BlockCount(table, rule.source)) for table, rules in mapping.tables.items() for rule in rules
        ]
        report.blocks = [count for _, count in self.blocks]

    def run(self, show: bool) -> None:
        """Read every source that fills a table, once."""
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        with Progress(*columns, console=Console(stderr=True), disable=not show) as progress:
            for name, source in self.sources.items():
                count = self.report.sources[name] = SourceCount(source.described, source.files)
                blocks = [block for block in self.blocks if block[0].source == name]
                if not blocks:
                    self._account_for_columns(name, count, source.scan().collect_schema().names())
                    count.rows = source.scan().select(pl.len()).collect().item()
                    continue  # read by queries only
                task = progress.add_task(told("importing", source=name), total=None)
                for batch in source.batches():
                    self._take(batch, source, count, blocks)
                    progress.update(task, completed=count.rows)
                progress.update(task, total=count.rows)

    def _take(
        self, batch: pl.DataFrame, source: DataSource, count: SourceCount, blocks: list[tuple[TableRule, BlockCount]]
    ) -> None:
        if not count.columns:
            self._account_for_columns(source.name, count, [name for name in batch.columns if name != ROW])
        count.rows += batch.height
        kept = keep_rows(batch, source.rule.keep, count.left_out)
        for rule, block in blocks:
            block.read += kept.height
            rows = keep_rows(kept, rule.keep, block.left_out)
            for part, given in self._make(rows, rule, block):
                self._write(part, given, rule, block)

    def _account_for_columns(self, name: str, count: SourceCount, columns: list[str]) -> None:
        """Which columns nothing reads; a column that the mapping names must exist."""
        count.columns = columns
        unused = self.mapping.unused.get(name, ())
        queries = [s for s in self.sources.values() if isinstance(s, QuerySource) and s.mentions(name)]
        used = set(_columns_used(self.mapping, name, count.columns))
        used.update(c for c in count.columns for query in queries if query.mentions(c))
        for column in sorted(used - {ROW, *count.columns}):
            raise SourceError("source_no_column", source=name, column=column, columns=tuple(count.columns))
        count.declared_unused = [c for c in count.columns if c in unused and c not in used]
        count.unmapped = [c for c in count.columns if c not in unused and c not in used]

    def _make(self, batch: pl.DataFrame, rule: TableRule, block: BlockCount) -> Iterator[tuple["Made", pl.DataFrame]]:
        """The rows that a block makes of a batch, each with its source row."""
        base = Made.of(block, rule.fields, batch)
        base.frame = base.frame.with_columns(pl.lit(rule.source_kind).alias("source_kind"))
        each = {**rule.each, **{name: FieldRule(column=name) for name in _matching(rule.each_column, batch.columns)}}
        if not each:
            yield base, batch
        for name, value in each.items():
            part = Made.of(block, {"value": value}, batch, told=name)
            part.frame = base.frame.with_columns(part.frame["value"], pl.lit(name).alias("measure"))
            part.faults = [*base.faults, *part.faults]
            yield part, batch

    def _write(self, made: "Made", batch: pl.DataFrame, rule: TableRule, block: BlockCount) -> None:
        wrong = {fault.place for fault in made.faults}
        needed = (*rule.when_known, "value") if rule.each or rule.each_column else rule.when_known
        frame = made.frame.with_row_index("_place")
        if needed:
            present = pl.all_horizontal(pl.col(n).is_not_null() for n in needed) | pl.col("_place").is_in(list(wrong))
            block.empty += frame.height - frame.filter(present).height
            frame = frame.filter(present)
        places = frame["_place"].to_list()
        problems = check_frame(block.table, frame.drop("_place"), most=max(frame.height, 1))
        faults = made.faults + [RefusedRow(places[p.row or 0], p.column, p.value, text(p.phrase)) for p in problems]
        refused = {fault.place for fault in faults}
        good = frame.filter(~pl.col("_place").is_in(list(refused))).drop("_place")
        self._refuse(faults, batch, rule, block)
        block.refused += len(refused)
        block.written += good.height
        block.assumed_known_on += good.height if rule.fields["known_on"].is_assumed else 0
        self.writer.add({block.table: good})

    def _refuse(self, faults: Iterable[RefusedRow], batch: pl.DataFrame, rule: TableRule, block: BlockCount) -> None:
        first: dict[int, RefusedRow] = {}
        for fault in faults:
            first.setdefault(fault.place, fault)
        for place, fault in sorted(first.items()):
            given = batch.row(place, named=True)
            row = given.pop(ROW)
            block.refused_for[f"{fault.column}: {fault.reason}"] += 1
            text = json.dumps(given, ensure_ascii=False)
            told = (rule.source, row, block.table, fault.column, fault.value, fault.reason, text)
            self.refused.writerow(harmless(str(one)) for one in told)


@dataclass
class Made:
    """Rows made of a batch, one per source row, and what was wrong with some of them."""

    frame: pl.DataFrame
    faults: list[RefusedRow]

    @classmethod
    def of(cls, block: BlockCount, rules: Mapping[str, FieldRule], batch: pl.DataFrame, told: str = "") -> "Made":
        """Fill columns by their rules, those last that follow from another of ours; `told` is how a value is called."""
        filled: dict[str, pl.Series] = {}
        written: dict[str, pl.Series] = {}
        faults: list[RefusedRow] = []
        for name, rule in sorted(rules.items(), key=lambda item: item[1].after is not None):
            result = fill(TABLES[block.table].columns[name], rule, batch, filled)
            filled[name] = result.values
            if result.written is not None:
                written[name] = result.written
            faults += result.faults
            if result.rounded:
                block.rounded[told or name] += result.rounded
            for value, number in result.unknown.items():
                _count_unknown(block.unknown.setdefault(told or name, Counter()), value, number)
        frame = pl.DataFrame([filled[name].alias(name) for name in rules])
        return cls(_with_written(block.table, frame, written), faults)


def _with_written(table: str, frame: pl.DataFrame, written: Mapping[str, pl.Series]) -> pl.DataFrame:
    """The rows with what was written where it was brought to normal form; a Locarno class stands in its own column."""
    if table == "patents" and "ipc" in frame.columns and "locarno" not in frame.columns:
        places = [place and locarno(place) for place in frame["ipc"]]
        if any(places):
            of_design = pl.Series("locarno", places, dtype=pl.String)
            moved = frame["ipc"].set(of_design.is_null(), None)
            written = {
                **written,
                "ipc": moved.zip_with(moved.is_not_null(), written["ipc"]) if "ipc" in written else moved,
            }
            frame = frame.with_columns(of_design, ipc=pl.when(of_design.is_null()).then(pl.col("ipc")))
    if not written:
        return frame
    told = pl.DataFrame([series.alias(name) for name, series in written.items()]).iter_rows(named=True)
    kept = [{name: text for name, text in row.items() if text is not None} for row in told]
    texts = [json.dumps(one, ensure_ascii=False) if one else None for one in kept]
    return frame.with_columns(pl.Series(AS_WRITTEN, texts, dtype=pl.String))


def _count_unknown(counter: Counter[str], value: str, number: int) -> None:
    """Count an unknown value by itself while there are few different ones, else together."""
    counter[value if value in counter or len(counter) < UNKNOWN_SHOWN else "(others)"] += number


def keep_rows(batch: pl.DataFrame, keeps: Iterable[Keep], left_out: Counter[str]) -> pl.DataFrame:
    """The rows that meet all filters; each row left out is counted under the first filter that it fails."""
    for keep in keeps:
        kept = batch.filter(_meets(keep).fill_null(value=False))
        if kept.height < batch.height:
            left_out[keep.because] += batch.height - kept.height
        batch = kept
    return batch


def _meets(keep: Keep) -> pl.Expr:
    value = pl.col(keep.column)
    if keep.among is not None:
        return value.is_in(list(keep.among))
    if keep.none_of is not None:
        return ~value.is_in(list(keep.none_of)) | value.is_null()
    if keep.known is not None:
        return value.is_not_null() if keep.known else value.is_null()
    number = value.cast(pl.Float64, strict=False)
    return number >= keep.least if keep.least is not None else number <= keep.most


def _matching(globs: Iterable[str], columns: Iterable[str]) -> list[str]:
    return [c for c in columns if c != ROW and any(fnmatchcase(c, glob) for glob in globs)]


def _columns_used(mapping: MappingFile, source: str, columns: list[str]) -> Iterator[str]:
    """The columns of a source that fields, filters and templates read."""
    yield from (keep.column for keep in mapping.sources[source].keep)
    for rule in (r for rules in mapping.tables.values() for r in rules if r.source == source):
        yield from (keep.column for keep in rule.keep)
        yield from _matching(rule.each_column, columns)
        for value in (*rule.fields.values(), *rule.each.values()):
            yield from _matching(value.hash_of, columns)
            yield from value.columns
