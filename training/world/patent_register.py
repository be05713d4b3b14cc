"""What the patent register and the gazette show of patents: rows, holders, events, each known when it was published."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from features.arrays import Ints
from training.world.days import NEVER, add_months
from training.world.economy import World
from training.world.partition import Partition
from training.world.patents import (
    ABANDONED,
    DISPUTE_HAZARD,
    ENDINGS,
    EXPIRED,
    INVENTION,
    LAPSED,
    REFUSED,
    VERDICTS,
    SyntheticPatents,
    years_alive,
)
from training.world.rows import Frames, Sheet, Values, or_null, places, some


def patent_frames(partition: Partition) -> Frames:
    """Rows of patents, holdings and patent events, for every holder."""
    chance, world, p, sheet = partition.stream("gazette"), partition.world, partition.patents, partition.sheet
    seen = np.flatnonzero(p.published <= world.seen_until)
    return {
        "patents": _patent_rows(world, chance, p, seen, sheet),
        "holdings": _holding_rows(p, seen, sheet),
        "patent_events": event_rows(p, _events(world, chance, p, seen), sheet),
    }


def _patent_rows(
    world: World, chance: np.random.Generator, p: SyntheticPatents, seen: Ints, sheet: Sheet
) -> pl.DataFrame:
    """A row at publication, one at grant, and one after each annual fee, with the citations of its day.

    What is published with its grant has one row for both: two of one day would contradict each other.
    """
    fixed: dict[str, Values] = {**_fixed(chance, p), "title": _titles(p)}
    granted = seen[p.granted[seen] != NEVER]
    first_fee = _next_fee(p, granted)
    due = np.full(len(p), NEVER)
    before = seen[p.published[seen] != p.granted[seen]]
    parts = [_as_stood(p, fixed, before, p.published[before], due, sheet)]
    due[granted] = first_fee
    parts.append(_as_stood(p, fixed, granted, p.granted[granted], due, sheet))
    paid = granted
    while len(paid):
        paid = paid[(due[paid] < p.ended[paid]) & (due[paid] + 20 <= world.seen_until)]
        on = due[paid] + 20
        away = (p.lapsed[paid] != NEVER) & (p.lapsed[paid] < on) & (p.restored[paid] > on)
        due[paid] = add_months(p.filed[paid], 12 * (1 + (due[paid] + 10 - p.filed[paid]) * 100 // 36525))
        parts.append(_as_stood(p, fixed, paid[~away], on[~away], due, sheet))
    return pl.concat(parts)


def _next_fee(p: SyntheticPatents, of: Ints) -> Ints:
    """The first anniversary of filing after the grant, on which the next annual fee is due."""
    years = (p.granted[of] - p.filed[of]) // 365 + 1
    return add_months(p.filed[of], 12 * years)


def _fixed(chance: np.random.Generator, p: SyntheticPatents) -> dict[str, Ints]:
    """What does not change after filing."""
    n, q = len(p), p.quality
    claims = 1 + chance.poisson(np.exp(1.9 + 0.16 * q) * np.array([1.0, 0.85, 0.02])[p.kind])
    return {
        "claims": claims,
        "independent_claims": np.minimum(claims, 1 + chance.poisson(0.6, n)),
        "first_claim_length": (np.exp(5.9 - 0.12 * q + 0.35 * chance.standard_normal(n))).astype(np.int64),
        "pages": 3 + chance.poisson(np.exp(1.9 + 0.15 * q)),
        "inventors": 1 + chance.poisson(np.exp(0.9 + 0.1 * q)),
        "citations_made": chance.poisson(4.0, n),
        "literature_cited": chance.poisson(0.6, n),
    }


_THINGS = {
    "A": ("食品加工", "农产品处理", "药物制剂", "健身器材"), "B": ("工件加工", "物料输送", "包装成型", "过滤分离"),
    "C": ("复合材料", "涂料", "合金", "催化"), "D": ("纺织面料", "针织", "无纺布", "纱线"),
    "E": ("建筑构件", "锁具", "装配式墙体", "管井"), "F": ("密封", "传动", "换热", "阀门控制"),
    "G": ("检测", "数据处理", "图像识别", "测量"), "H": ("电池", "电路保护", "通信", "连接器"),
}  # fmt: skip
_FORMS = ("装置", "方法", "系统", "结构")
_WHICH = ("高效", "节能", "自动", "新型", "改进型")


def _titles(p: SyntheticPatents) -> pl.Series:
    """A made-up title of each patent, by the section of its main symbol."""
    n = len(p)
    number = np.arange(n) * 7919 + p.filed
    words = np.array([f"一种{which}{thing}{form}" for things in _THINGS.values() for thing in things
                      for form in _FORMS for which in _WHICH])  # fmt: skip
    each = len(words) // len(_THINGS)
    section = p.ipc.str.slice(0, 1).replace_strict(list(_THINGS), list(range(len(_THINGS))), return_dtype=pl.Int64)
    return pl.Series(words.tolist()).gather(section.to_numpy() * each + number % each)


def _as_stood(
    p: SyntheticPatents, fixed: dict[str, Values], of: Ints, on: Ints, due: Ints, sheet: Sheet
) -> pl.DataFrame:
    """The register's rows of some patents as they stood on days, for the first holder and a buyer."""
    bought = np.flatnonzero(p.buyer[of] >= 0)
    holder = np.r_[p.owner[of], p.buyer[of[bought]]]
    of, on = np.r_[of, of[bought]], np.r_[on, on[bought]]
    granted = (p.granted[of] != NEVER) & (p.granted[of] <= on)
    kind_places = places("patents", "kind", "invention", "utility_model", "design")
    abroad = p.abroad[of]
    columns: dict[str, Values] = {
        "patent": p.number.gather(of),
        "kind": kind_places[p.kind[of]],
        "office": "CN",
        "filed_on": p.filed[of],
        "exam_requested_on": np.where(p.kind[of] == INVENTION, np.minimum(p.filed[of] + 200, p.published[of]), NEVER),
        "published_on": np.where(p.kind[of] == INVENTION, p.published[of], NEVER),
        "granted_on": np.where(granted, p.granted[of], NEVER),
        "ipc": p.ipc.gather(of),
        **some(fixed, of),
        "citations_received": p.citations_on(of, on),
        "family_size": 1 + 2 * abroad.astype(np.int64),
        "family_offices": pl.Series(["CN", "CN;EP;US"]).gather(abroad.astype(np.int64)),
        "granted_abroad": abroad & (on > p.filed[of] + 1200),
        "fees_paid_to": due[of],
        "twin": or_null(p.number, p.twin[of]),
        "in_use": p.in_use[of] & granted,
    }
    return sheet.rows("patents", holder, on, ("register", "synthetic patent register"), columns)


def _holding_rows(p: SyntheticPatents, seen: Ints, sheet: Sheet) -> pl.DataFrame:
    """First holdings from filing; a sale shows five weeks later as an end and, if inside, another's start."""
    original, bought = places("holdings", "how", "original", "bought")
    said = ("register", "synthetic patent register")
    sold, got = seen[p.sold[seen] != NEVER], seen[p.buyer[seen] >= 0]

    def rows(of: Ints, firm: Ints, since: Ints, until: Ints, known: Ints, how: int) -> pl.DataFrame:
        holder = sheet.keys.gather(firm)
        columns: dict[str, Values] = {
            "patent": p.number.gather(of),
            "holder": holder,
            "share": 1.0,
            "from_on": since,
            "to_on": until,
        }
        return sheet.rows("holdings", firm, known, said, columns | {"how": np.full(len(of), how)})

    never = np.full(len(p), NEVER)
    first = rows(seen, p.owner[seen], p.filed[seen], never[seen], p.published[seen], original)
    ends_known = np.maximum(p.sold[sold], p.published[sold]) + 35
    ended = rows(sold, p.owner[sold], p.filed[sold], p.sold[sold], ends_known, original)
    known = np.maximum(p.sold[got], p.published[got]) + 35
    return pl.concat([first, ended, rows(got, p.buyer[got], p.sold[got], never[got], known, bought)])


@dataclass(frozen=True)
class RegisterEvents:
    """RegisterEvents by patent; `until` and `amount` may be NEVER, `party` null, `extract_status` -1."""

    patent: Ints
    event: Ints
    happened: Ints
    known: Ints
    reference: pl.Series
    party: pl.Series
    until: Ints
    amount: Ints
    extract_status: Ints


def events(name: str, patent: Ints, happened: Ints, known: Ints, **told: Ints | pl.Series) -> RegisterEvents:
    """RegisterEvents of one name; `told`: reference, party, until, amount, extract_status."""
    n = len(patent)
    nothing, never = pl.Series([None], dtype=pl.String).new_from_index(0, n), np.full(n, NEVER)
    given = {
        "reference": nothing,
        "party": nothing,
        "until": never,
        "amount": never,
        "extract_status": np.full(n, -1),
    } | told
    event = np.full(n, places("patent_events", "event", name)[0])
    return RegisterEvents(patent, event, happened, known, **given)  # type: ignore[arg-type]


def event_rows(p: SyntheticPatents, parts: list[RegisterEvents], sheet: Sheet) -> pl.DataFrame:
    """RegisterEvents as rows of every holder of their patent."""
    patent, event, happened, known, until, amount, extract = (
        np.concatenate([getattr(e, name) for e in parts])
        for name in ("patent", "event", "happened", "known", "until", "amount", "extract_status")
    )
    reference, party = pl.concat([e.reference for e in parts]), pl.concat([e.party for e in parts])
    bought = np.flatnonzero(p.buyer[patent] >= 0)
    row = np.r_[np.arange(len(patent)), bought]
    holder = np.r_[p.owner[patent], p.buyer[patent[bought]]]
    columns: dict[str, Values] = {
        "patent": p.number.gather(patent[row]),
        "happened_on": happened[row],
        "event": event[row],
        "reference": reference.gather(row),
        "party": party.gather(row),
        "until": until[row],
        "amount": amount[row],
        "extract_status": extract[row],
    }
    return sheet.rows("patent_events", holder, known[row], ("register", "synthetic patent gazette"), columns)


def _events(world: World, chance: np.random.Generator, p: SyntheticPatents, seen: Ints) -> list[RegisterEvents]:
    granted = seen[p.granted[seen] != NEVER]
    sold, licensed = seen[p.sold[seen] != NEVER], seen[p.licensed[seen] != NEVER]
    ended = seen[(p.ended[seen] != NEVER) & (p.ended[seen] <= world.seen_until)]
    away = seen[p.lapsed[seen] != NEVER]
    term = chance.integers(600, 1700, len(licensed))
    parts = [
        events("granted", granted, p.granted[granted], p.granted[granted]),
        events("transferred", sold, p.sold[sold], np.maximum(p.sold[sold], p.published[sold]) + 35),
        events(
            "licensed", licensed, p.licensed[licensed], p.licensed[licensed] + 40, until=p.licensed[licensed] + term
        ),
        events("lapsed", away, p.lapsed[away], p.lapsed[away] + 250),
        events("restored", away, p.restored[away], p.restored[away] + 25),
    ]
    for how, delay in ((LAPSED, 250), (EXPIRED, 20), (REFUSED, 60), (ABANDONED, 10)):
        of = ended[p.ended_how[ended] == how]
        wait = delay + chance.integers(0, 40, len(of))
        parts.append(events(ENDINGS[how], of, p.ended[of], np.maximum(p.ended[of] + wait, p.published[of])))
    return parts + _contested(world, chance, p, granted)


def _contested(world: World, chance: np.random.Generator, p: SyntheticPatents, granted: Ints) -> list[RegisterEvents]:
    """Disputes and awards, and invalidation requests with their decisions."""
    asked = granted[p.challenged[granted] != NEVER]
    parts = [events("invalidation_requested", asked, p.challenged[asked], p.challenged[asked] + 20)]
    for place, name in enumerate(VERDICTS):
        of = asked[p.verdict[asked] == place]
        acts = p.granted[of] if name == "invalidated" else p.decided[of]  # full invalidity acts back to the grant
        parts.append(events(name, of, acts, p.decided[of] + 30))
    life = years_alive(world, p, granted)
    sued = granted[chance.random(len(granted)) < 1 - np.exp(-DISPUTE_HAZARD * life)]
    on = p.granted[sued] + (chance.random(len(sued)) * 2000).astype(np.int64)
    closed = on + chance.integers(200, 700, len(sued))
    awarded = granted[chance.random(len(granted)) < 0.003]
    return [
        *parts,
        events("dispute", sued, on, on + 30),
        events("dispute_closed", sued, closed, closed + 20),
        events("award", awarded, p.granted[awarded] + 500, p.granted[awarded] + 530),
    ]
