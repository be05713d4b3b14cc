"""Rows of made-up firms for tests: valid, of every table, with corrections, withdrawals and links between tables."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from random import Random
from typing import Any

from hypothesis import strategies as st

from features.asof import Case
from features.columns import Column
from features.encoded import Tables
from features.identifiers import application_check
from features.matrix import build
from features.norms import Norm, Norms
from features.policy import shipped
from features.registry import CATALOGUE
from features.tables import TABLES, Table
from features.technology import AGES, CITATIONS, FIELDS, aged
from features.vocabulary import VOCABULARY

NORMS = Norms.of(
    Norm(aged(field, age), CITATIONS, 2.0, 100, "2020-01-01") for field in range(FIELDS) for age in range(AGES)
)
"""Two citations as the usual number for every field and age, counted before any case of the tests."""

Row = dict[str, Any]
RowsByTable = dict[str, list[Row]]

FIRMS = ("uscc:91110000600037341L", "uscc:91360727MA35LGHK7K", "cik:20", "row:4")
BANKS = ("bank-a", "bank-b")
FIRST_DAY, LAST_DAY = date(2024, 6, 1), date(2026, 11, 22)
FIELDS = ("H04L9/32", "H04N19/00", "G01N33/50", "H01M10/05", "A61K31/00", "B01D53/00", "G06F17/00", "A01A1/00")


def patent_numbers(count: int, kinds: str = "112") -> list[str]:
    """Different Chinese application numbers with right check digits; `kinds` are type digits taken in turn."""
    digits = [f"{2010 + n % 12}{kinds[n % len(kinds)]}{n:07d}" for n in range(count)]
    return [f"CN{d}.{application_check(d)}" for d in digits]


PATENTS = patent_numbers(8)

_WORDS: Mapping[str, tuple[str, ...]] = {
    "firm": FIRMS,
    "patent": tuple(PATENTS),
    "industry": ("C39", "C3921", "I65", "F51", "M73", "C27", "E47", "J66"),
    "region": ("11", "4403"),
    "office": ("CN", "US"),
    "ipc": FIELDS,
    "family_offices": ("CN", "CN;US", "CN;EP;JP", "EP"),
    "application": ("a1", "a2", "a3"),
    "loan": ("l1", "l2", "l3", "l4"),
    "bank": BANKS,
    "reference": ("r1", "r2", "r3"),
    "measure": ("tax_paid", "Attr1"),
    "about": tuple(TABLES),
    "fact": tuple(VOCABULARY.facts),
    "document": ("0" * 64, "a1" * 32),
}


def make_rows(random: Random, firms: int = 2, most: int = 10) -> RowsByTable:
    """Valid rows of every table for some firms, in no order; each table of each firm has none to `most` facts."""
    rows: RowsByTable = {}
    for name, table in TABLES.items():
        found: list[Row] = []
        for firm in FIRMS[:firms]:
            facts = [_row(random, table, firm) for _ in range(random.choice((0, 2, most, most)))]
            found += facts + [_correction(random, table, fact) for fact in facts if random.random() < 0.3]
        random.shuffle(found)
        rows[name] = found
    return rows


def _row(random: Random, table: type[Table], firm: str) -> Row:
    known_on = FIRST_DAY + timedelta(days=random.randrange((LAST_DAY - FIRST_DAY).days))
    row = {"firm": firm, "known_on": known_on} | _values(random, table, known_on)
    if table.name == "holdings" and random.random() < 0.8:
        row["holder"] = firm
    if table.name == "evidence":
        row |= evidence(random, row["fact"], firm)
    return _ordered(table, row)


def may_answer(fact: str) -> tuple[str, ...]:
    """The answers that a question may hold: an amount said to be in a wrong unit asks for other rows."""
    return tuple(code for code in VOCABULARY.answers(fact).words if code != "wrong")


def evidence(random: Random, fact: str, firm: str, patents: Sequence[str] = PATENTS) -> Row:
    """A fact about what the vocabulary says that it is about, with one of its answers."""
    about = {"patent": random.choice(patents), "application": "a1", "loan": "l1", "firm": firm}
    told = VOCABULARY.facts[fact]
    return {"subject": about[told.about], "fact": fact, "answer": random.choice(may_answer(fact))}


def _correction(random: Random, table: type[Table], fact: Row) -> Row:
    """The same fact stated again later, with other values or taken back."""
    later = fact["known_on"] + timedelta(days=random.randrange(1, 900))
    same = {name: fact[name] for name in ("firm", *table.key) if name in fact}
    row = _ordered(table, _values(random, table, fact["known_on"]) | same | {"known_on": later})
    if table.name == "evidence":
        row["answer"] = evidence(random, fact["fact"], fact["firm"])["answer"]
    if any(row.get(name) != fact.get(name) for name in table.key):  # the order of its days moved a key
        row = dict(fact, known_on=later)
    if random.random() < 0.3:
        row["withdrawn"] = True
    return row


def _values(random: Random, table: type[Table], known_on: date) -> Row:
    values: Row = {"source_kind": random.choice(("register", "bureau", "document", "typed"))}
    for name, column in table.columns.items():
        if name in ("firm", "known_on", "source_kind", "source", "withdrawn"):
            continue
        if column.required or random.random() < 0.8:
            make = _SPECIAL.get((table.name, name))
            values[name] = make(random, known_on) if make else _value(random, column, known_on)
    return {name: value for name, value in values.items() if value is not None}


# Values that lead to links between rows: yearly periods, month ends, one application with its security.
_SPECIAL: Mapping[tuple[str, str], Callable[[Random, date], Any]] = {
    ("statements", "period_end"): lambda random, known_on: date(known_on.year - random.randrange(1, 4), 12, 31),
    ("statements", "months"): lambda random, _: random.choice((12, 12, 12, 9)),
    ("statements", "scope"): lambda random, _: random.choice(("parent", "parent", "parent", "group")),
    ("statements", "basis"): lambda random, _: random.choice(("statutory", "statutory", "tax")),
    ("holdings", "share"): lambda random, _: random.choice((1.0, 1.0, 0.5)),
    ("bureau", "queried_on"): lambda random, known_on: known_on - timedelta(days=random.randrange(40)),
    ("appraisals", "application"): lambda random, _: random.choice(("a1", "a2")),
    ("collateral", "application"): lambda random, _: random.choice(("a1", "a1", "a2")),
    ("collateral", "kind"): lambda random, _: random.choice(("patent", "patent", "patent", "real_estate")),
    ("guarantees", "application"): lambda random, _: random.choice(("a1", "a2")),
    ("people", "person"): lambda random, _: f"person:{random.randrange(4)}",
    ("related", "other"): lambda random, _: f"row:{random.randrange(3)}",
    ("holdings", "to_on"): lambda random, known_on: known_on if random.random() < 0.2 else None,
    ("patents", "filed_on"): lambda random, known_on: known_on - timedelta(days=random.randrange(4500)),
    ("patents", "fees_paid_to"): lambda random, known_on: known_on + timedelta(days=random.randrange(-300, 900)),
    ("patents", "literature_cited"): lambda random, _: random.randrange(9),
    ("performance", "month_end"): lambda random, known_on: known_on.replace(day=1) - timedelta(days=1),
}


def _value(random: Random, column: Column, known_on: date) -> Any:
    if column.kind == "text":
        return random.choice(_WORDS.get(column.domain, ("x", "y", "z")))
    if column.kind == "choice":
        return random.choice(column.choices)
    if column.kind == "flag":
        return random.random() < 0.5
    if column.kind == "day":
        return known_on - timedelta(days=random.randrange(0 if column.happened else -2000, 3000))
    least = column.least if column.least is not None else -1000
    if column.kind == "number":
        return round(random.uniform(least, column.most if column.most is not None else 1000), 3)
    most = column.most if column.most is not None else (10**12 if column.kind == "money" else 400)
    return random.randrange(int(least), int(most) + 1)


def _ordered(table: type[Table], row: Row) -> Row:
    """Days that must follow one another put into that order, and optional ones dropped where that does not do."""
    for first, second in table.orders:
        if first in row and second in row and row[first] > row[second]:
            row[first], row[second] = row[second], row[first]
    for first, second in table.orders:
        if first in row and second in row and row[first] > row[second]:
            del row[first if not table.columns[first].required else second]
    for name, column in table.columns.items():
        if column.happened and name in row and row[name] > row["known_on"]:
            row[name] = row["known_on"]
    return row


def make_cases(random: Random, count: int = 4, firms: int = 2) -> list[Case]:
    """Cases of the firms on different days, some with a bank and an application."""
    return [
        Case(
            case=f"case-{n}",
            firm=FIRMS[random.randrange(firms)],
            as_of=LAST_DAY - timedelta(days=random.randrange(400)),
            application=random.choice((None, "a1", "a1", "a2", "unheard")),
            bank=random.choice((None, *BANKS)),
        )
        for n in range(count)
    ]


def made_up(seed: int) -> tuple[RowsByTable, list[Case]]:
    """The rows and cases of a seed: a small example that a failing test names by one number."""
    random = Random(seed)
    return make_rows(random), make_cases(random)


SEEDS = st.integers(0, 2**32 - 1)

FIRM = FIRMS[0]
DAY = date(2026, 11, 20)


def told(rows: Mapping[str, list[Row]]) -> RowsByTable:
    """Rows with what every row must say where they do not say it themselves: the first firm, known since 2026-11-01."""
    common: Row = {"firm": FIRM, "known_on": date(2026, 11, 1), "source_kind": "register"}
    return {table: [common | row for row in found] for table, found in rows.items()}


def answers(
    rows: Mapping[str, list[Row]], asked: tuple[str, ...] = (), application: str | None = "a1", bank: str | None = None
) -> dict[str, float]:
    """Every feature of the first firm on 2026-11-20 from these rows; `asked` names tables whose source was asked."""
    coverage = [{"about": table, "complete": True} for table in asked]
    tables = Tables.from_rows(told({**rows, "coverage": coverage}))
    made = build([Case("case", FIRM, DAY, application, bank)], tables, list(CATALOGUE), NORMS, shipped())
    return dict(zip(CATALOGUE, made[0].tolist(), strict=True))


def said(found: Mapping[str, float], expected: Mapping[str, float | None]) -> dict[str, float | None]:
    """What was found of the expected names, with None for not known, to compare with `expected`."""
    return {name: None if found[name] != found[name] else round(found[name], 9) for name in expected}


def of_family(*families: str) -> list[str]:
    """The names of the features of some families."""
    return [f.name for f in CATALOGUE.values() if f.family in families]
