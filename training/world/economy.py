"""What the world is fitted to and made of: its size and span, its industries, and the streams of chance.

Shares, levels and spreads that come from published figures say so; the rest is assumed, like everything in a world.
"""

import zlib
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

import numpy as np

from features.arrays import Floats, Ints
from features.errors import PledgeScoreError
from training.world.days import day

Mechanism = Literal["a", "b"]
FIRST_FILING = 2004
"""No patent of the world was filed before, so that all bear numbers of the present format."""


class WorldRefused(PledgeScoreError):
    """A world was asked for that cannot be made; the message says what to ask for."""


@dataclass(frozen=True)
class World:
    """Which world is made. The same values make the same bytes, however many processes share the partitions.

    `patents_per_firm` is relative to the published mean; `firms` and `partitions` of 0 are chosen by `sized`; the
    records end in June `watched_years` after the last applications: at 2, a year of every loan is seen.
    """

    loans: int
    firms: int = 0
    seed: int = 1
    mechanism: Mechanism = "a"
    partitions: int = 0
    first_year: int = 2015
    last_year: int = 2024
    patents_per_firm: float = 1.0
    watched_years: int = 2

    def stream(self, partition: int, purpose: str) -> np.random.Generator:
        """Chance for one purpose in one partition, apart from that of every other."""
        return np.random.default_rng([self.seed, partition, zlib.crc32(purpose.encode())])

    @property
    def start(self) -> int:
        """The first day on which anybody applies."""
        return day(self.first_year)

    @property
    def end(self) -> int:
        """The last day on which anybody applies."""
        return day(self.last_year, 12, 31)

    @property
    def seen_until(self) -> int:
        """The last day of the records."""
        return day(self.last_year + self.watched_years, 6, 30)

    @cached_property
    def quarters(self) -> "Quarters":
        """The quarters over which firms are followed."""
        return Quarters(self.first_year - 4, self.last_year + self.watched_years)


USUAL_LOANS_PER_FIRM, MOST_LOANS_PER_FIRM = 0.80, 0.85
"""In ten years; more can be asked for than firms take up."""
MOST_FIRMS = 9_000_000


def sized(world: World) -> World:
    """The world with its firms and partitions chosen where they are 0; refuses what cannot be made."""
    firms = world.firms or max(200, round(world.loans / USUAL_LOANS_PER_FIRM))
    if world.mechanism not in ("a", "b"):
        raise WorldRefused("world_mechanism", mechanism=world.mechanism)
    if world.last_year <= world.first_year:
        raise WorldRefused("world_years")
    if world.loans > firms * MOST_LOANS_PER_FIRM:
        least = round(world.loans / USUAL_LOANS_PER_FIRM)
        raise WorldRefused("world_firms", firms=firms, loans=world.loans, least=least)
    if firms > MOST_FIRMS:
        raise WorldRefused("world_most", most=MOST_FIRMS)
    parts = world.partitions or max(2, round(firms * world.patents_per_firm / 4000))
    return replace(world, firms=firms, partitions=parts)


@dataclass(frozen=True)
class Quarters:
    """Calendar quarters from January of `first_year` to June of `last_year`."""

    first_year: int
    last_year: int

    def __len__(self) -> int:
        return (self.last_year - self.first_year) * 4 + 2

    def of(self, days: Ints) -> Ints:
        """The number of the quarter that ended last before each day, within the span."""
        months = days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) - (self.first_year - 1970) * 12
        return np.clip(months // 3 - 1, 0, len(self) - 1)

    def ends(self) -> Ints:
        """The last day of each quarter."""
        months = np.arange(1, len(self) + 1) * 3 + (self.first_year - 1970) * 12
        return months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64) - 1


@dataclass(frozen=True)
class Industry:
    """An industry (GB/T 4754-2017), its share of the firms, its usual margin, and the IPC subclasses of its patents."""

    code: str
    share: float
    margin: float
    ipc: tuple[str, ...]


INDUSTRIES = (
    Industry("C1499", 0.03, 0.055, ("A23L", "A23P", "A23G", "C12G")),
    Industry("C1789", 0.03, 0.040, ("D03D", "D04B", "D06M", "D04H")),
    Industry("C2190", 0.02, 0.045, ("A47B", "A47C", "B27M")),
    Industry("C2319", 0.02, 0.045, ("B41F", "B65D", "B31B")),
    Industry("C2651", 0.07, 0.060, ("C09D", "C07C", "C08L", "C08G")),
    Industry("C2760", 0.05, 0.085, ("A61K", "A61P", "A61J", "C07D")),
    Industry("C2929", 0.06, 0.045, ("B29C", "B29B", "F16L", "B65D")),
    Industry("C3032", 0.05, 0.045, ("C03B", "E04B", "E04C", "C04B")),
    Industry("C3252", 0.03, 0.035, ("C22C", "B21B", "C21D", "B22D")),
    Industry("C3393", 0.07, 0.045, ("C23C", "B21D", "E05B", "F16B")),
    Industry("C3484", 0.11, 0.055, ("F16C", "F16H", "F04D", "B65G", "B23Q")),
    Industry("C3599", 0.12, 0.060, ("B65B", "A01D", "C02F", "B01D", "B02C", "B23K")),
    Industry("C3670", 0.06, 0.050, ("B60R", "B60K", "F16D", "B60L")),
    Industry("C3824", 0.09, 0.050, ("H02K", "H02B", "H01R", "H01M", "H02J")),
    Industry("C3989", 0.08, 0.050, ("H05K", "H01L", "H04N", "G06F", "H04R")),
    Industry("C4019", 0.04, 0.075, ("G01N", "G01R", "G01D", "G02B")),
    Industry("I6513", 0.05, 0.065, ("G06F", "G06Q", "G06T", "G07C", "H04L")),
    Industry("M7340", 0.02, 0.050, ("G01N", "C12Q", "C02F", "G01M")),
)
STRAY_IPC = ("A47J", "G09F", "B25H", "E03C", "A63B", "F24F", "F21V", "B08B", "H04R", "B05B", "A01G")
"""Where patents outside a firm's own field lie."""

REGIONS = {
    440300: 0.14, 320500: 0.13, 330100: 0.12, 370200: 0.10, 310100: 0.08, 110100: 0.07, 420100: 0.06, 510100: 0.06,
    340100: 0.06, 410100: 0.05, 430100: 0.05, 350200: 0.04, 610100: 0.04,
}  # fmt: skip
"""Six-digit GB/T 2260 codes of the firms' seats and their shares; assumed."""


def shares(weights: list[float]) -> Floats:
    """Weights as probabilities that sum to one."""
    given = np.array(weights, dtype=np.float64)
    found: Floats = given / given.sum()
    return found
