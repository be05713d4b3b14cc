"""Which columns a feature or a rule reads, recorded while it is asked about generated firms."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from random import Random
from typing import Any
from unittest.mock import patch

from features.asof import Case, Known, as_known
from features.encoded import Tables
from features.grouped import Rows
from features.policy import shipped
from features.registry import CATALOGUE
from features.tables import TABLES
from features.vocabulary import VOCABULARY
from models.records.applicant import Applicant, Facts
from models.records.columns import Columns
from models.rules import applicant, assess_rules, lists, run, screen
from models.rules.batch_columns import BatchColumns
from models.rules.column_rules import ColumnRule
from models.rules.credit import ListingColumns
from models.rules.finding import Finding
from models.rules.firm_columns import FirmColumns
from models.rules.patent_columns import PatentColumns
from models.rules.registry import RULES, CaseRule
from models.rules.titles import TitleColumns
from tests.builders import NORMS, PATENTS, evidence, make_cases, make_rows

Column = tuple[str, str]
Read = set[Column]
POLICY = shipped()
COLUMNS: Mapping[str, type[BatchColumns]] = {"patent": PatentColumns, "firm": FirmColumns}
OF_ITEMS: Mapping[str, Callable[[Facts], BatchColumns]] = {"credit_listing": ListingColumns, "title_held": TitleColumns}
"""The rules about things that each case has one of by name."""
"""What rules over columns read, by what they are about."""


def audiences(read: Read) -> set[str]:
    """The audiences of the columns. Where a row comes from is quoted, not read: `source` is judged apart."""
    return {TABLES[table].columns[name].audience for table, name in read if name != "source"}


def read_by_features(seeds: Sequence[int]) -> Mapping[str, Read]:
    """By feature the columns that it read, each asked alone, so that nothing was read for it by another.

    A table's key is read for every row of it, to tell the facts apart: that is not counted.
    """
    found: dict[str, Read] = {name: set() for name in CATALOGUE}
    for seed in seeds:
        rows, cases = make_rows(Random(seed)), make_cases(Random(seed), 6)
        for name, feature in CATALOGUE.items():
            with _recording(found[name]):
                feature.compute(_known(rows, cases))
    return found


def read_by_rules(seeds: Sequence[int]) -> Mapping[str, Read]:
    """By rule the columns that it read; a paper or a measure that it asked for counts, be there one or not."""
    found: dict[str, Read] = {code: set() for code in RULES}
    for seed in seeds:
        chance = Random(seed)
        rows, cases = make_rows(chance), make_cases(chance, 5)
        rows["evidence"] += _papers(chance, rows)
        _read_by_firm_rules(rows, cases, found)
        for code, rule in RULES.items():
            if isinstance(rule, ColumnRule):
                with _recording(found[code]):
                    made = OF_ITEMS[code] if code in OF_ITEMS else COLUMNS[rule.about]
                    columns = made(Facts(_known(rows, cases)))
                    verdicts = rule.of(columns)
                    for place in range(len(columns)):
                        verdicts.finding(place)
    return found


def _read_by_firm_rules(rows: Mapping[str, Any], cases: Sequence[Case], found: Mapping[str, Read]) -> None:
    """Record what each rule reads that is about anything but a patent, the other rules answering from memory."""
    held: dict[tuple[str, str, int], Finding] = {}
    of = CaseRule.of

    def kept(self: CaseRule[Any], a: Applicant, subject: Any, name: str, policy: str | None = None) -> Finding:
        return held.setdefault((self.code, name, a.i), of(self, a, subject, name, policy))

    _judge(rows, cases, kept)
    for code in sorted({code for code, _, _ in held}):

        def alone(self: CaseRule[Any], a: Applicant, subject: Any, name: str, policy: str | None = None) -> Finding:
            if self.code != code:  # noqa: B023
                return held[self.code, name, a.i]
            with _recording(found[self.code]):
                return of(self, a, subject, name, policy)

        _judge(rows, cases, alone)


def _papers(chance: Random, rows: Mapping[str, list[dict[str, Any]]]) -> list[dict[str, Any]]:
    told = {"known_on": date(2024, 6, 2), "source_kind": "document", "seen_on": date(2024, 6, 2)}
    return [
        told | {"firm": firm} | evidence(chance, fact, firm, [number])
        for firm in sorted({row["firm"] for row in rows["firms"]})
        for fact in VOCABULARY.facts
        for number in PATENTS
    ]


def _known(rows: Mapping[str, Any], cases: Sequence[Case]) -> Known:
    return as_known(Tables.from_rows(dict(rows)), cases, NORMS, POLICY)


def _judge(rows: Mapping[str, Any], cases: Sequence[Case], of: Any) -> None:
    """All findings about the cases but those about patents, each rule by way of `of`."""
    known = _known(rows, cases)
    with patch.object(CaseRule, "of", of), patch.object(run, "_about_patents", lambda _: {}):
        for i in range(len(cases)):
            assess_rules(known, i, points=600.0)
            for name in lists(POLICY):
                screen(applicant(known, i), name, 0.5)


@contextmanager
def _recording(read: Read) -> Iterator[None]:
    numbers, codes, at, decoded = Rows.numbers, Rows.codes, Rows.at, Columns.column
    told, measure = Applicant.told, Applicant.measure

    def read_numbers(self: Rows, name: str) -> Any:
        read.add((self._table.name, name))
        return numbers(self, name)

    def read_codes(self: Rows, name: str) -> Any:
        read.add((self._table.name, name))
        return codes(self, name)

    def read_at(self: Rows, name: str, place: Any) -> Any:
        read.add((self._table.name, name))
        return at(self, name, place)

    def read_decoded(self: Columns, name: str) -> Any:
        read.add((self._table.name, name))
        return decoded(self, name)

    def read_paper(self: Applicant, fact: str, subject: str | None = None) -> Any:
        read.add(("evidence", "answer"))
        return told(self, fact, subject)

    def read_measure(self: Applicant, name: str) -> float | None:
        read.add(("measures", "value"))
        return measure(self, name)

    with (
        patch.object(Rows, "numbers", read_numbers),
        patch.object(Rows, "codes", read_codes),
        patch.object(Rows, "at", read_at),
        patch.object(Columns, "column", read_decoded),
        patch.object(Applicant, "told", read_paper),
        patch.object(Applicant, "measure", read_measure),
    ):
        yield
