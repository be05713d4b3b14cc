"""Cases that hold something for every audience, and the same cases with all altered that a fund may not see."""

import json
from collections.abc import Mapping
from datetime import date, timedelta
from functools import cache
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Any

from features.columns import Column
from features.identifiers import application_check
from features.registry import CATALOGUE
from features.tables import TABLES, Table
from features.vocabulary import VOCABULARY
from models.score.kind import KindName
from service.assessing.audiences import audience_of
from service.assessing.gathering import unread_evidence
from service.edge.readers import READERS
from tests.builders import evidence, make_rows, may_answer
from tests.service.made import DAY, Learned, learned, make_bundle, offering, rows_of

Body = dict[str, Any]
ADDED = (
    "people", "related", "guarantees", "measures", "credit_events", "titles", "loans", "performance", "appraisals",
    "evidence", "patent_events", "whitelist_entries", "outcomes",
)  # fmt: skip
"""Tables that hold random rows beside those of an ordinary question."""
HIDDEN = tuple(name for name in CATALOGUE if audience_of(name) not in READERS["fund"])
"""Features that a fund may not see."""


def guarded(seed: int, patents: int = 4) -> Body:
    """A question with persons, a credit report, papers and measures, some of it typed by hand."""
    body = offering(seed, patents=patents, case=f"case-{seed}")
    chance = Random(seed)
    body["rows"] |= json.loads(json.dumps(_private(chance, body), default=date.isoformat))
    asked = body["rows"]["applications"][0]
    asked["branch"] = f"branch {chance.randrange(9)}"
    house = {"kind": "real_estate", "item": "house", "value": chance.randrange(10**9), "source": "officer 1"}
    body["rows"]["collateral"].append({**body["rows"]["collateral"][0], **house})
    body["rows"]["bureau"][0] |= _report(chance)
    body["rows"]["coverage"] = [{"about": "related", "known_on": asked["known_on"], "source_kind": "document"}]
    strays = {int(one.pointer.split("/")[3]) for one in unread_evidence(body["rows"])}
    body["rows"]["evidence"] = [row for place, row in enumerate(body["rows"]["evidence"]) if place not in strays]
    for row in (row for own in body["rows"].values() for row in own):
        row.setdefault("source", f"officer {chance.randrange(9)}")
    return body


def _private(chance: Random, body: Body) -> dict[str, list[dict[str, Any]]]:
    made = make_rows(chance, firms=1, most=3)
    rows = {table: [{n: v for n, v in row.items() if n != "firm"} for row in made[table]] for table in ADDED}
    told = {"known_on": DAY - timedelta(days=9), "source_kind": "typed", "source": f"officer {chance.randrange(9)}"}
    numbers = [patent["patent"] for patent in body["rows"]["patents"]]
    rows["people"].append(told | {"person": f"person:{chance.random()}", "role": "controller", "share": 0.5})
    rows["people"].append(told | {"person": f"person:{chance.random()}", "role": "inventor", "employed": True})
    rows["guarantees"].append(told | {"application": "a1", "guarantor": "person:1", "kind": "controller_joint"})
    rows["related"].append(told | {"other": "row:77", "role": "parent", "non_performing": chance.random() < 0.5})
    rows["evidence"] += [
        told | evidence(chance, fact, body["firm"], [number]) | {"seen_on": told["known_on"]}
        for fact in VOCABULARY.facts
        for number in numbers
        if chance.random() < 0.3
    ]
    rows["patent_events"] += [
        told | {"patent": number, "happened_on": told["known_on"], "event": event}
        for number in numbers
        for event in ("invalidation_requested", "register_extract", "dispute")
        if chance.random() < 0.3
    ]
    return rows


@cache
def _learned() -> Learned:
    """What the hidden features of many such cases say together with the others."""
    firms = {}
    for seed in range(160):
        body = guarded(seed)
        private = _private(Random(seed), body)
        private["bureau"] = [_report(Random(seed)) | row for row in rows_of(seed, 4)["bureau"]]
        firms[body["firm"]] = rows_of(seed, 4) | private
    return learned(firms, always=HIDDEN)


def _report(chance: Random) -> dict[str, Any]:
    counts = ("open_loans", "overdue_90", "special_mention", "non_performing", "guarantees_given")
    return {"balance": chance.randrange(10**9)} | {name: chance.randrange(9) for name in counts}


def guarded_bundle(folder: Path, kind: KindName = "pledge") -> Path:
    """A bundle that reads every hidden feature beside the usual ones, in the folder."""
    make_bundle(folder, kind, of=_learned())
    return folder


def altered(body: Body, seed: int) -> Body:
    """The same question with every value altered that only the bank, or nobody, may see."""
    chance = Random(seed)
    rows = {table: [_altered(TABLES[table], row, chance) for row in own] for table, own in body["rows"].items()}
    return body | {"rows": rows}


def _altered(table: type[Table], row: Mapping[str, Any], chance: Random) -> dict[str, Any]:
    found = dict(row)
    for name, column in table.columns.items():
        if column.audience in READERS["fund"]:
            continue
        if name in table.key:  # two rows of one fact stay two rows of one fact
            found |= {name: _other_key(column, row[name])} if name in row else {}
        elif column.required or chance.random() < 0.8:
            found[name] = _other(column, row, chance)
        else:
            found.pop(name, None)
    return found


def _other_key(column: Column, value: str) -> str:
    if column.kind == "day":
        return (date.fromisoformat(value) - timedelta(days=3)).isoformat()
    if column.kind == "choice":
        return column.choices[(column.choices.index(value) + 1) % len(column.choices)]
    told = sha256(value.encode()).hexdigest()[:12]
    if column.form == "patent":
        digits = f"20151{int(told, 16) % 10**7:07d}"
        return f"CN{digits}.{application_check(digits)}"
    prefix = {"firm": "person:" if value.startswith("person:") else "row:"}.get(column.domain, "x")
    return f"{prefix}{told}"


def _other(column: Column, row: Mapping[str, Any], chance: Random) -> Any:
    if column.kind == "choice":
        return chance.choice(column.choices)
    if column.kind == "flag":
        return chance.random() < 0.5
    if column.kind == "day":
        return (date.fromisoformat(row["known_on"]) - timedelta(days=chance.randrange(900))).isoformat()
    if column.kind == "number":
        return chance.uniform(column.least or 0.0, column.most or 1.0)
    if column.kind == "text":
        return _other_text(column, row, chance)
    return chance.randrange(10**9) if column.kind == "money" else chance.randrange(int(column.most or 400))


def _other_text(column: Column, row: Mapping[str, Any], chance: Random) -> str:
    if column.name == "answer":
        return chance.choice(may_answer(row["fact"]))
    told = f"{chance.random()}"
    return sha256(told.encode()).hexdigest() if column.pattern else told
