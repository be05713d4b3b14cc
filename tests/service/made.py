"""Made-up applicants, and small real bundles trained on them: what the service's tests and benchmarks are asked."""

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import lightgbm as lgb
import numpy as np

from features.asof import Case
from features.encoded import Tables
from features.identifiers import application_check
from features.matrix import build
from features.norms import NO_NORMS
from features.policy import shipped
from features.registry import CATALOGUE
from models.score.bundle import Bundle, Seen, load, save, tree_names
from models.score.kind import KindName
from models.score.kinds import KINDS
from models.score.reference_sample import Cases, ReferenceSample
from models.score.scale import Calibration, scale_on

DAY = date(2026, 11, 20)
ROWS = dict[str, list[dict[str, Any]]]
CALIBRATION = Calibration(0.9, -1.5)
MODELLED = 70
"""Features of a made bundle: as many as a real one has."""


def applicant(seed: int, patents: int = 50, as_of: date = DAY, **more: Any) -> dict[str, Any]:
    """A request about a made-up firm with that many patents, as JSON-ready values."""
    told = json.loads(json.dumps(rows_of(seed, patents, as_of), default=date.isoformat))
    return {
        "kind": "pledge",
        "as_of": as_of.isoformat(),
        "firm": f"row:{seed}",
        "bank": "bank-1",
        "application": "a1",
        "rows": told,
    } | more


def offering(seed: int, patents: int = 8, offered: int = 3, **more: Any) -> dict[str, Any]:
    """A request whose application offers the first patents of the portfolio."""
    body = applicant(seed, patents, **more)
    body["rows"]["collateral"] = [
        {
            "known_on": body["rows"]["applications"][0]["known_on"],
            "source_kind": "typed",
            "application": body["application"],
            "kind": "patent",
            "item": patent["patent"],
            "pledgor": body["firm"],
        }
        for patent in body["rows"]["patents"][:offered]
    ]
    return body


def rows_of(seed: int, patents: int, as_of: date = DAY) -> ROWS:
    """The rows of one firm: registered facts, two years of books, a portfolio, a bureau report, an application."""
    chance = Random(seed)
    known = {"known_on": as_of - timedelta(days=chance.randrange(20, 60)), "source_kind": "register"}
    books = [_books(chance, as_of.year - back) for back in (1, 2)]
    numbers = _numbers(chance, patents)
    return {
        "firms": [
            known
            | {
                "legal_name": f"试验企业{seed}有限公司",
                "industry": chance.choice(("C39", "C3921", "C27", "I65", "M73")),
                "region": chance.choice(("4403", "420100", "110108")),
                "founded_on": date(chance.randrange(1995, 2020), 3, 1),
                "staff": chance.randrange(10, 600),
                "rd_staff": chance.randrange(1, 60),
            }
        ],
        "statements": books,
        "patents": [_patent(chance, number, as_of) for number in numbers],
        "holdings": [
            known | {"patent": n, "holder": f"row:{seed}", "from_on": date(2021, 1, 1), "how": "original"}
            for n in numbers
        ],
        "patent_events": [],
        "credit_events": [],
        "bureau": [
            {
                "known_on": as_of - timedelta(days=chance.randrange(5, 25)),
                "source_kind": "bureau",
                "queried_on": as_of - timedelta(days=26),
                "record_found": True,
                "lenders": chance.randrange(6),
                "inquiries": chance.randrange(9),
                "worst_days": chance.choice((0, 0, 0, 12, 45)),
                "overdue": 0,
            }
        ],
        "applications": [
            {
                "known_on": as_of - timedelta(days=4),
                "source_kind": "typed",
                "application": "a1",
                "applied_on": as_of - timedelta(days=4),
                "amount": chance.randrange(1, 30) * 100_000_000,
                "term_months": 12,
                "purpose": "working_capital",
                "repayment": "bullet",
            }
        ],
    }


def _books(chance: Random, year: int) -> dict[str, Any]:
    assets = chance.randrange(1, 400) * 100_000_000
    owed = int(assets * chance.uniform(0.1, 0.95))
    revenue = int(assets * chance.uniform(0.3, 1.6))
    return {
        "known_on": date(year + 1, 4, 20),
        "source_kind": "document",
        "source": f"annual report {year}",
        "period_end": date(year, 12, 31),
        "months": 12,
        "scope": "parent",
        "basis": "statutory",
        "audited": chance.random() < 0.7,
        "revenue": revenue,
        "cost_of_sales": int(revenue * chance.uniform(0.4, 0.9)),
        "rd_expense": int(revenue * chance.uniform(0.01, 0.15)),
        "operating_profit": int(revenue * chance.uniform(-0.1, 0.2)),
        "net_profit": int(revenue * chance.uniform(-0.15, 0.15)),
        "interest_expense": int(owed * 0.03),
        "cash": int(assets * chance.uniform(0.01, 0.3)),
        "current_assets": int(assets * 0.6),
        "current_liabilities": int(owed * 0.7),
        "total_assets": assets,
        "total_liabilities": owed,
        "equity": assets - owed,
    }


def _numbers(chance: Random, count: int) -> list[str]:
    digits = [
        f"{chance.randrange(2012, 2024)}{'12'[n % 2]}{chance.randrange(9_000) * 1000 + n:07d}" for n in range(count)
    ]
    return [f"CN{d}.{application_check(d)}" for d in digits]


def _patent(chance: Random, number: str, as_of: date) -> dict[str, Any]:
    filed = date(int(number[2:6]), chance.randrange(1, 13), chance.randrange(1, 28))
    granted = filed + timedelta(days=chance.randrange(300, 1000))
    return {
        "known_on": as_of - timedelta(days=30),
        "source_kind": "register",
        "source": "register extract",
        "patent": number,
        "kind": "invention" if number[6] == "1" else "utility_model",
        "office": "CN",
        "filed_on": filed,
        "granted_on": granted,
        "ipc": chance.choice(("H04L9/32", "G01N33/50", "H01M10/05", "G06F17/00", "B01D53/00")),
        "claims": chance.randrange(1, 30),
        "inventors": chance.randrange(1, 8),
        "citations_received": chance.randrange(12),
        "citations_made": chance.randrange(9),
        "family_size": chance.randrange(1, 6),
        "fees_paid_to": as_of + timedelta(days=chance.randrange(-200, 400)),
    }


def _as_it_is(booster: lgb.Booster) -> lgb.Booster:
    return booster


@dataclass(frozen=True)
class Learned:
    """What a made bundle is trained on: cases, their rows, features, their (n, f) matrix, and who defaulted.

    `adjust`: what is done to the booster that was trained.
    """

    cases: tuple[Case, ...]
    rows: ROWS
    names: tuple[str, ...]
    numbers: Any
    label: Any
    adjust: Callable[[lgb.Booster], lgb.Booster] = _as_it_is


def learned(rows_by_firm: Mapping[str, ROWS], always: Collection[str] = ()) -> Learned:
    """The cases of these firms with the features that say most, and those that are wanted `always`."""
    rows: ROWS = {}
    for firm, own in rows_by_firm.items():
        for table, told in own.items():
            rows.setdefault(table, []).extend({"firm": firm, **row} for row in told)
    cases = tuple(Case(f"case-{firm}", firm, DAY, "a1", "bank-1") for firm in rows_by_firm)
    names = list(CATALOGUE)
    numbers = build(cases, Tables.from_rows(rows), names, NO_NORMS, shipped())
    spread = [len(np.unique(column[~np.isnan(column)])) for column in numbers.T]
    best = sorted(sorted(range(len(names)), key=lambda place: (names[place] not in always, -spread[place]))[:MODELLED])
    chance = np.random.default_rng(7)
    owed = build(cases, Tables.from_rows(rows), ["debt_ratio"], NO_NORMS, shipped())[:, 0]
    label = (chance.random(len(cases)) < np.nan_to_num(owed, nan=0.5)).astype(float)
    return Learned(cases, rows, tuple(names[p] for p in best), numbers[:, best], label)


@cache
def _usual() -> Learned:
    """What bundles are made from unless something else is told; made once for a run."""
    return learned({f"row:{seed}": rows_of(seed, patents=seed % 13) for seed in range(240)})


def make_bundle(
    folder: Path,
    kind: KindName = "pledge",
    seed: int = 1,
    trees: int = 20,
    of: Learned | None = None,
    card: Mapping[str, Any] | None = None,
) -> Bundle:
    """A bundle of that many trees in the folder, loaded as the service loads it. Another seed is another model."""
    of = of or _usual()
    cases, rows, names, numbers, label = of.cases, of.rows, of.names, of.numbers, of.label
    parameters = {
        "objective": "binary",
        "num_leaves": 16,
        "max_depth": 5,
        "min_data_in_leaf": 4,
        "feature_fraction": 0.5,
        "seed": seed,
        "deterministic": True,
        "num_threads": 1,
        "verbosity": -1,
    }
    data = lgb.Dataset(numbers, label, feature_name=tree_names(names), params=parameters)
    booster = of.adjust(lgb.train(parameters, data, trees))
    facts = KINDS[kind]
    least, most = np.nanmin(numbers, axis=0, initial=np.inf), np.nanmax(numbers, axis=0, initial=-np.inf)
    bundle = Bundle(
        kind=facts,
        name=f"made-{kind}-{seed}",
        booster=booster,
        features=names,
        calibration=CALIBRATION,
        scale=scale_on(DAY, shipped(), facts),
        norms=NO_NORMS,
        made_on=DAY,
        horizon=facts.horizons[0],
        events=int(label.sum()),
        synthetic=True,
        seen={
            name: Seen(float(low), float(high), tuple(range(len(CATALOGUE[name].categories))))
            for name, low, high in zip(names, least, most, strict=True)
        },
        reference_sample=_reference_sample(rows["firms"], names, numbers, label),
        card=card or {},
    )
    examined = cases[:12]
    firms = {case.firm for case in examined}
    own = {table: [row for row in all_ if row["firm"] in firms] for table, all_ in rows.items()}
    save(folder, bundle, examined, own, shipped())
    return load(folder, shipped())


def calm_bundle(folder: Path) -> Bundle:
    """A bundle that learned of hardly any default: whoever it scores is as good as an applicant can be."""
    usual = _usual()
    rare = np.zeros_like(usual.label)
    rare[:2] = 1.0
    return make_bundle(folder, of=replace(usual, label=rare))


def _reference_sample(firms: list[dict[str, Any]], names: tuple[str, ...], numbers: Any, label: Any) -> ReferenceSample:
    cases = Cases([row["industry"] for row in firms], 1.0 - label, numbers)
    return ReferenceSample.of(names, cases, np.arange(len(numbers)), least=20)


def learned_matrix() -> tuple[tuple[str, ...], Any]:
    """The names of the modelled features and the matrix that the made bundles were trained on."""
    return _usual().names, _usual().numbers
