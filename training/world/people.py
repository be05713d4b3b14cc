"""The people of a firm: who controls it, represents it, benefits from it, holds shares, and invents."""

import numpy as np
import polars as pl

from features.arrays import Ints
from training.world.days import day
from training.world.filings import firm_numbers
from training.world.partition import Partition
from training.world.rows import Frames, Values, places, prefixed, texts

CONTROLLER, SPOUSE, SHAREHOLDER, INVENTORS = 1, 5, 2, (3, 4)
"""Which person of the firm, by number, is what."""


def controllers(keys: pl.Series) -> pl.Series:
    """The keys of the persons who control firms."""
    return persons(keys, np.full(len(keys), CONTROLLER))


def persons(keys: pl.Series, number: Ints) -> pl.Series:
    """The keys of firms' persons by their number within the firm."""
    return prefixed("person:syn-", keys.str.slice(5)) + texts("-", number)


def people_frames(partition: Partition) -> Frames:
    """The controller of every firm; in most the legal representative and beneficial owner, a spouse, a shareholder.

    Of two inventors some have left. Who benefits in the end is not told of one firm in twelve.
    """
    chance, firms, sheet, n = partition.stream("people"), partition.firms, partition.sheet, len(partition.firms)
    everyone = np.arange(n)

    def of(share: float) -> Ints:
        return np.flatnonzero(chance.random(n) < share)

    told = [
        (everyone, "controller", CONTROLLER, 1.0),
        (everyone, "legal_representative", CONTROLLER, 1.0),
        (of(0.92), "beneficial_owner", CONTROLLER, 1.0),
        (of(0.75), "spouse_of_controller", SPOUSE, 0.3),
        (of(0.70), "shareholder", SHAREHOLDER, 0.6),
        *((everyone, "inventor", number, 0.9) for number in INVENTORS),
    ]
    firm = np.concatenate([who for who, *_ in told])
    number = np.repeat([number for *_, number, _ in told], [len(who) for who, *_ in told])
    role = np.repeat(places("people", "role", *(name for _, name, *_ in told)), [len(who) for who, *_ in told])
    stays = np.repeat([share for *_, share in told], [len(who) for who, *_ in told])
    share = np.round(chance.uniform(0.34, 0.95, n), 3)[firm]
    columns: dict[str, Values] = {
        "person": persons(sheet.keys.gather(firm), number),
        "full_name": texts("合成人员 ", firm_numbers(firms)[firm], 9) + texts("-", number),
        "role": role,
        "share": np.select(
            [number == CONTROLLER, number == SHAREHOLDER], [share, np.round((1 - share) * 0.8, 3)], np.nan
        ),
        "since": np.maximum(firms.founded, day(1990))[firm],
        "employed": chance.random(len(firm)) < stays,
    }
    known = np.maximum(firms.founded + 20, day(partition.world.first_year - 4))
    said = ("register", "synthetic business register")
    return {"people": sheet.rows("people", firm, known[firm], said, columns)}
