"""Synthetic patents: filed, published, granted or refused, renewed or lapsed, sold, licensed, disputed, invalidated.

Everything is one entry per patent; what is written is one row per fact and holder. A patent changes hands at most once.
A buyer is a firm of the same partition or one outside the world, so that a partition can be made alone.
"""

from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from features.arrays import Bools, Floats, Ints
from training.world.codes import patent_numbers
from training.world.days import NEVER, add_months, day, year_of
from training.world.economy import FIRST_FILING, INDUSTRIES, STRAY_IPC, World
from training.world.firms import SyntheticFirms

INVENTION, UTILITY_MODEL, DESIGN = 0, 1, 2
TERM_YEARS = np.array([20, 10, 10])
FILING_GROWTH = 0.11
"""Yearly growth of filings; assumed, so that 15.8% of the valid inventions are older than ten years."""
INVALIDATION_HAZARD = 0.0005
INVALIDATED = np.array([[0.253, 0.149], [0.392, 0.182], [0.460, 0.011]])
"""Shares of the decided requests that end in full and in part invalidity, by kind (2020)."""


@dataclass(frozen=True)
class SyntheticPatents:
    """Patents of one partition by place. Days that never came are NEVER; `ended` is the day of effect."""

    number: pl.Series
    owner: Ints
    kind: Ints
    filed: Ints
    published: Ints
    granted: Ints
    ended: Ints
    ended_how: Ints
    lapsed: Ints
    restored: Ints
    quality: Floats
    citations: Ints
    twin: Ints
    sold: Ints
    buyer: Ints
    licensed: Ints
    challenged: Ints
    decided: Ints
    verdict: Ints
    in_use: Bools
    abroad: Bools
    ipc: pl.Series

    def __len__(self) -> int:
        return len(self.owner)

    def in_force(self, of: Ints, on: Ints) -> Bools:
        """Whether patents were in force on days, entry by entry."""
        alive = (self.granted[of] != NEVER) & (self.granted[of] <= on)
        alive &= (self.ended[of] == NEVER) | (self.ended[of] > on)
        away = (self.lapsed[of] != NEVER) & (self.lapsed[of] <= on)
        away &= (self.restored[of] == NEVER) | (self.restored[of] > on)
        found: Bools = alive & ~away
        return found

    def citations_on(self, of: Ints, on: Ints) -> Ints:
        """Citations received by days: they come over about eight years."""
        age = np.maximum(on - self.published[of], 0) / 365.25
        found: Ints = np.floor(self.citations[of] * (1 - np.exp(-age / 5)) + 0.3).astype(np.int64)
        return found


VERDICTS = ("invalidated", "invalidated_in_part", "invalidation_rejected")
DISPUTE_HAZARD = 0.0027
"""Yearly chance of a dispute per patent in force; fitted to 10.8% of the holders having met infringement (2020)."""
ENDINGS = ("lapsed", "expired", "refused", "abandoned", "invalidated")
LAPSED, EXPIRED, REFUSED, ABANDONED, INVALID = range(5)


def make_patents(world: World, partition: int, firms: SyntheticFirms) -> SyntheticPatents:
    """All patents that the firms of a partition ever filed."""
    chance = world.stream(partition, "patents")
    owner, kind = _filed_by(world, chance, firms)
    filed = _filing_days(world, chance, firms.founded[owner])
    owner, kind, filed, twin = _with_twins(chance, owner, kind, filed)
    quality = 0.45 * firms.innovation[owner] + 0.893 * chance.standard_normal(len(owner))
    published, granted, refused = _examined(chance, kind, filed, quality)
    born = SyntheticPatents(
        number=_numbers(world, partition, kind, filed),
        owner=owner,
        kind=kind,
        filed=filed,
        published=published,
        granted=granted,
        ended=refused,
        ended_how=np.where(refused == NEVER, -1, REFUSED),
        lapsed=np.full(len(owner), NEVER),
        restored=np.full(len(owner), NEVER),
        quality=quality,
        citations=chance.poisson(np.exp(0.55 + 0.65 * quality) * np.where(kind == INVENTION, 1.0, 0.35)),
        twin=twin,
        sold=np.full(len(owner), NEVER),
        buyer=np.full(len(owner), -1),
        licensed=np.full(len(owner), NEVER),
        challenged=np.full(len(owner), NEVER),
        decided=np.full(len(owner), NEVER),
        verdict=np.full(len(owner), -1),
        in_use=chance.random(len(owner)) < _logistic(-0.15 + 0.6 * quality),
        abroad=(kind == INVENTION) & (chance.random(len(owner)) < _logistic(-4.33 + 0.9 * quality)),
        ipc=_ipc(chance, firms.industry[owner], owner, len(firms)),
    )
    return _moved(world, chance, firms, _challenged(world, chance, _lived(chance, born)))


def _logistic(x: Floats) -> Floats:
    return 1 / (1 + np.exp(-x))


def _filed_by(world: World, chance: np.random.Generator, firms: SyntheticFirms) -> tuple[Ints, Ints]:
    """How much each firm files of each kind: heavy-tailed, more where innovative and large."""
    drive = 0.95 * firms.innovation + 0.30 * (firms.size - firms.size.mean())
    years = (world.seen_until - np.maximum(firms.founded, day(FIRST_FILING))) / 365.25
    scale = np.minimum(years / 12, 1.3) * world.patents_per_firm
    rates = (
        np.exp(drive)[:, None]
        * scale[:, None]
        * np.array([8.6, 5.0, 0.6])
        * chance.gamma(2.0, 1 / 2.0, (len(firms), 1))
    )
    counts = chance.poisson(rates)
    owner = np.repeat(np.repeat(np.arange(len(firms)), 3), counts.ravel())
    kind = np.repeat(np.tile(np.arange(3), len(firms)), counts.ravel())
    return owner, kind


def _filing_days(world: World, chance: np.random.Generator, founded: Ints) -> Ints:
    """Days between foundation and the end of the records, denser in later years."""
    last = world.seen_until
    earliest = np.clip(founded, day(FIRST_FILING), last - 30)
    weight = FILING_GROWTH / 365.25
    low, high = np.exp(weight * (earliest - last)), 1.0
    found: Ints = last + np.floor(np.log(low + (high - low) * chance.random(len(founded))) / weight).astype(np.int64)
    return found


def _with_twins(chance: np.random.Generator, owner: Ints, kind: Ints, filed: Ints) -> tuple[Ints, Ints, Ints, Ints]:
    """One invention in twenty has a utility model filed for it on the same day; `twin` is the other's place or -1."""
    first = np.flatnonzero((kind == INVENTION) & (chance.random(len(kind)) < 0.05))
    n = len(owner)
    twin = np.full(n + len(first), -1)
    twin[first], twin[n:] = np.arange(n, n + len(first)), first
    models = np.full(len(first), UTILITY_MODEL)
    return np.r_[owner, owner[first]], np.r_[kind, models], np.r_[filed, filed[first]], twin


def _examined(chance: np.random.Generator, kind: Ints, filed: Ints, quality: Floats) -> tuple[Ints, Ints, Ints]:
    """Days of publication, of grant, and of refusal."""
    n = len(kind)
    wait = np.where(kind == INVENTION, 0.9 + chance.gamma(3.0, 0.5, n), 0.35 + chance.gamma(4.0, 0.09, n))
    decided = filed + (wait * 365.25).astype(np.int64)
    granted = chance.random(n) < np.where(kind == INVENTION, _logistic(0.35 + 0.45 * quality), 0.93)
    published = np.where(kind == INVENTION, np.minimum(add_months(filed, 18), decided - 30), decided)
    return published, np.where(granted, decided, NEVER), np.where(granted, NEVER, decided)


def _numbers(world: World, partition: int, kind: Ints, filed: Ints) -> pl.Series:
    """Numbers that no other partition gives: serials run in steps of the number of partitions."""
    year = year_of(filed)
    group = year * 3 + kind
    order = np.argsort(group, kind="stable")
    starts = np.flatnonzero(np.r_[True, np.diff(group[order]) != 0]) if len(group) else np.zeros(0, dtype=np.int64)
    place = np.empty(len(kind), dtype=np.int64)
    place[order] = np.arange(len(kind)) - np.repeat(starts, np.diff(np.r_[starts, len(kind)]))
    return patent_numbers(year, kind + 1, place * world.partitions + partition)


def _ipc(chance: np.random.Generator, industry: Ints, owner: Ints, firms: int) -> pl.Series:
    """Main symbols: half from the firm's own speciality, most others from its industry, some from anywhere."""
    words = sorted({s for i in INDUSTRIES for s in i.ipc} | set(STRAY_IPC))
    place = {word: number for number, word in enumerate(words)}
    width = max(len(i.ipc) for i in INDUSTRIES)
    at_home = np.array([[place[i.ipc[k % len(i.ipc)]] for k in range(width)] for i in INDUSTRIES])
    stray = np.array([place[word] for word in STRAY_IPC])
    n = len(owner)
    own = chance.integers(0, width, firms)[owner]
    pick = np.where(chance.random(n) < 0.5, own, chance.integers(0, width, n))
    found = np.where(chance.random(n) < 0.88, at_home[industry, pick], stray[chance.integers(0, len(stray), n)])
    group = pl.Series(chance.integers(1, 40, n)).cast(pl.String)
    under = pl.Series(chance.integers(0, 60, n)).cast(pl.String).str.zfill(2)
    return pl.Series(words).gather(found) + group + "/" + under


def _lived(chance: np.random.Generator, p: SyntheticPatents) -> SyntheticPatents:
    """How each right ends: not renewed, expired, abandoned for its twin, or invalidated."""
    n = len(p)
    alive = p.granted != NEVER
    risk = np.where(p.kind == INVENTION, 0.030, 0.110) * np.exp(-0.55 * p.quality)
    years = np.floor(np.log(chance.random(n)) / np.log1p(-np.minimum(risk, 0.6))).astype(np.int64)
    waited = np.where(alive, (p.granted - p.filed) // 365, 0)
    age = waited + 1 + np.minimum(years, 40)
    term = TERM_YEARS[p.kind] + 5 * ((p.kind == DESIGN) & (p.filed >= day(2021, 6, 1)))
    ended = add_months(p.filed, 12 * np.minimum(age, term))
    how = np.where(age < term, LAPSED, EXPIRED)
    saved = alive & (how == LAPSED) & (chance.random(n) < 0.03)
    lapsed, restored = np.where(saved, ended, NEVER), np.where(saved, ended + chance.integers(300, 420, n), NEVER)
    ended = np.where(saved, add_months(p.filed, 12 * np.minimum(age + 4, term)), ended)
    p = replace(
        p,
        ended=np.where(alive, ended, p.ended),
        ended_how=np.where(alive, how, p.ended_how),
        lapsed=lapsed,
        restored=restored,
    )
    return _abandoned(p)


def _abandoned(p: SyntheticPatents) -> SyntheticPatents:
    """A utility model is given up when the invention filed with it is granted."""
    given = np.flatnonzero((p.kind == UTILITY_MODEL) & (p.twin >= 0))
    on = p.granted[p.twin[given]]
    off = given[(on != NEVER) & (p.granted[given] != NEVER) & (on < p.ended[given]) & (on > p.granted[given])]
    ended, how = p.ended.copy(), p.ended_how.copy()
    ended[off], how[off] = p.granted[p.twin[off]], ABANDONED
    lapsed, restored = p.lapsed.copy(), p.restored.copy()
    lapsed[off] = restored[off] = NEVER
    return replace(p, ended=ended, ended_how=how, lapsed=lapsed, restored=restored)


def _moved(world: World, chance: np.random.Generator, firms: SyntheticFirms, p: SyntheticPatents) -> SyntheticPatents:
    """Which patents are sold or licensed while in force, when, and to whom."""
    n = len(p)
    start = np.where(p.granted == NEVER, p.filed, p.granted)
    life = np.maximum(np.where(p.granted == NEVER, 0, np.minimum(p.ended, world.seen_until) - start - 60), 0)
    sold_on = start + 30 + (chance.random(n) ** 1.5 * 2500).astype(np.int64)
    sold = (chance.random(n) < 0.080) & (sold_on < start + life)
    eager = np.exp(0.9 * chance.standard_normal(len(firms)) + 0.3 * firms.stress.mean(axis=1)) * (
        1 + 2 * firms.dishonest
    )
    inside = chance.choice(len(firms), n, p=eager / eager.sum()) if len(firms) else np.zeros(n, dtype=np.int64)
    sold_on = np.maximum(sold_on, firms.founded[inside] + 30)
    sold &= sold_on < start + life
    bought = sold & (chance.random(n) < 0.6) & (inside != p.owner)
    licensed_on = start + 60 + (chance.random(n) * 2800).astype(np.int64)
    licensed = (chance.random(n) < _logistic(-2.08 + 0.5 * p.quality)) & (licensed_on < start + life)
    return replace(
        p,
        sold=np.where(sold, sold_on, NEVER),
        buyer=np.where(bought, inside, -1),
        licensed=np.where(licensed, licensed_on, NEVER),
    )


def years_alive(world: World, p: SyntheticPatents, of: Ints) -> Floats:
    """Years in force within the records."""
    return np.maximum(np.minimum(p.ended[of], world.seen_until) - p.granted[of], 0) / 365.25


def _challenged(world: World, chance: np.random.Generator, p: SyntheticPatents) -> SyntheticPatents:
    """Invalidation requests while in force, and how they are decided; full invalidity ends the right."""
    granted = np.flatnonzero(p.granted != NEVER)
    life = years_alive(world, p, granted)
    asked = chance.random(len(granted)) < 1 - np.exp(-INVALIDATION_HAZARD * life)
    of, life = granted[asked], life[asked]
    challenged, decided, verdict = p.challenged.copy(), p.decided.copy(), p.verdict.copy()
    challenged[of] = p.granted[of] + (chance.random(len(of)) * life * 365).astype(np.int64)
    decided[of] = challenged[of] + chance.integers(120, 240, len(of))
    verdict[of] = _quota(chance, p.kind[of])
    lost = of[(verdict[of] == 0) & (decided[of] < p.ended[of])]
    ended, how = p.ended.copy(), p.ended_how.copy()
    ended[lost], how[lost] = decided[lost], INVALID
    return replace(p, challenged=challenged, decided=decided, verdict=verdict, ended=ended, ended_how=how)


def _quota(chance: np.random.Generator, kind: Ints) -> Ints:
    """The outcome of each request, by systematic sampling within its kind so that small worlds keep the shares."""
    outcome = np.zeros(len(kind), dtype=np.int64)
    for k in range(3):
        of = chance.permutation(np.flatnonzero(kind == k))
        places_in = (np.arange(len(of)) + chance.random()) / max(len(of), 1)
        outcome[of] = np.searchsorted(np.cumsum(INVALIDATED[k]), places_in)
    return outcome


# --- who held what --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Stakes:
    """Every (firm, patent) pair ever, in order of firm; `start[f]:start[f + 1]` are the stakes of firm f."""

    patent: Ints
    since: Ints
    until: Ints
    bought: Bools
    start: Ints

    def of(self, firms: Ints) -> tuple[Ints, Ints]:
        """For several questions about one firm each: the question and the stake, pair by pair."""
        size = self.start[firms + 1] - self.start[firms]
        question = np.repeat(np.arange(len(firms)), size)
        within = np.arange(len(question)) - np.repeat(np.cumsum(size) - size, size)
        return question, self.start[firms][question] + within


def make_stakes(p: SyntheticPatents, firms: int) -> Stakes:
    """Who held what: the first holder from filing until sale, the buyer from then on."""
    got = np.flatnonzero(p.buyer >= 0)
    holder, patent = np.r_[p.owner, p.buyer[got]], np.r_[np.arange(len(p)), got]
    since, until = np.r_[p.filed, p.sold[got]], np.r_[p.sold, np.full(len(got), NEVER)]
    bought = np.r_[np.zeros(len(p), dtype=bool), np.ones(len(got), dtype=bool)]
    order = np.argsort(holder, kind="stable")
    start = np.searchsorted(holder[order], np.arange(firms + 1))
    return Stakes(patent[order], since[order], until[order], bought[order], start)
