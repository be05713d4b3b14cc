"""What else lies in a loan file: what was signed, looked up and seen, visits, partners, and what the bank lent."""

import numpy as np
import polars as pl

from features.arrays import Bools, Ints
from training.world.guarantees import SIGNED
from training.world.loan_file import FUND, Book
from training.world.partition import Partition
from training.world.rows import Frames, Sheet, Values, places, texts
from training.world.security import PledgedPatents


def paper_frames(partition: Partition, book: Book, pledge: PledgedPatents) -> Frames:
    """Rows of evidence, visits, partners and exposures."""
    return {
        "evidence": _evidence(partition, partition.stream("evidence"), book, pledge),
        "visits": _visits(partition, partition.stream("visits"), book),
        "partners": _partners(partition, partition.stream("partners"), book),
        "exposures": _exposures(partition, book),
    }


def _evidence(partition: Partition, chance: np.random.Generator, book: Book, pledge: PledgedPatents) -> pl.DataFrame:
    """What papers say: in codes of the vocabulary; a bank's own facts begin with `own_`. All shares are assumed."""
    lent, n, sheet = book.lending, len(book.lending), partition.sheet
    keys = sheet.keys.gather(lent.firm)
    promised = chance.random(n) < (1 - SIGNED) * 0.9
    refused = promised & (chance.random(n) < 0.05)
    listed = chance.random(n) < 0.003
    looked_up = chance.random(n) < 0.94
    answer = pl.Series(["promised", "refused"]).gather(refused.astype(np.int64))
    related = pl.Series(["not_related", "related"]).gather(listed.astype(np.int64))

    def told(of: Ints, subject: pl.Series, fact: str, said: pl.Series | str) -> pl.DataFrame:
        answer = said if isinstance(said, str) else said.gather(of)
        return _papers(sheet, chance, book, of, {"subject": subject.gather(of), "fact": fact, "answer": answer})

    rows = [
        told(np.flatnonzero(chance.random(n) < 0.33), keys, "own_business_licence", "yes"),
        told(np.flatnonzero(promised), book.application, "controller_guarantee", answer),
        told(np.flatnonzero(looked_up), keys, "bank_related", related),
        told(np.flatnonzero(lent.renews >= 0), book.renews, "eligible_renewal", "eligible"),
        _purchases(partition, chance, book, pledge),
    ]
    return pl.concat(rows)


def _papers(sheet: Sheet, chance: np.random.Generator, book: Book, of: Ints, said: dict[str, Values]) -> pl.DataFrame:
    """A paper of each application at places, with the digest that stands for it."""
    lent, digest = book.lending, chance.integers(0, 2**63 - 1, (len(of), 4))
    columns: dict[str, Values] = said | {
        "document": pl.Series("d", ["".join(f"{v:016x}" for v in row) for row in digest.tolist()], dtype=pl.String),
        "seen_on": lent.applied[of],
        "seen_by": "synthetic-officer",
        "expires_on": lent.applied[of] + 365,
    }
    return sheet.rows("evidence", lent.firm[of], lent.applied[of], ("document", "synthetic loan file"), columns)


def _purchases(partition: Partition, chance: np.random.Generator, book: Book, pledge: PledgedPatents) -> pl.DataFrame:
    """Of patents lately bought and offered, whether the purchase was proved: by most of the honest."""
    lent, p, firms = book.lending, partition.patents, partition.firms
    firm = lent.firm[pledge.application]
    bought: Bools = (p.buyer[pledge.patent] == firm) & (p.sold[pledge.patent] > lent.applied[pledge.application] - 760)
    at = np.flatnonzero(bought)
    proved = chance.random(len(at)) < np.where(firms.dishonest[firm[at]], 0.15, 0.7)
    answer = pl.Series(["not_proved", "proved"]).gather(proved.astype(np.int64))
    of = pledge.application[at]
    told: dict[str, Values] = {
        "subject": p.number.gather(pledge.patent[at]),
        "fact": "purchase_proved",
        "answer": answer,
    }
    return _papers(partition.sheet, chance, book, of, told)


def _visits(partition: Partition, chance: np.random.Generator, book: Book) -> pl.DataFrame:
    """Two officers see most applicants at their works before the loan."""
    lent = book.lending
    of = np.flatnonzero(chance.random(len(lent)) < 0.9)
    columns: dict[str, Values] = {
        "visited_on": lent.applied[of] - chance.integers(0, 10, len(of)),
        "place": "synthetic-works",
        "visited_by": texts("synthetic-officer-", chance.integers(1, 40, len(of)), 2),
        "second": texts("synthetic-officer-", chance.integers(40, 80, len(of)), 2),
    }
    return partition.sheet.rows("visits", lent.firm[of], lent.applied[of], FUND, columns)


def _partners(partition: Partition, chance: np.random.Generator, book: Book) -> pl.DataFrame:
    """The largest customer and the largest supplier of some applicants, of the year before."""
    lent, quarters = book.lending, partition.world.quarters
    of = np.repeat(np.flatnonzero(chance.random(len(lent)) < 0.3), 2)
    n, side = len(of), places("partners", "side", "customer", "supplier")
    at = quarters.of(lent.applied[of])
    share = np.round(chance.beta(2, 6, n), 3)
    columns: dict[str, Values] = {
        "side": np.tile(side, n // 2),
        "partner": texts("合成伙伴", chance.integers(1, 10**6, n), 6),
        "period_end": quarters.ends()[at],
        "amount": np.round(4 * partition.books.flows["revenue"][lent.firm[of], at] * share, -4),
        "share": share,
        "days": chance.choice([30, 60, 90, 120], n),
        "related": chance.random(n) < 0.03,
    }
    return partition.sheet.rows("partners", lent.firm[of], lent.applied[of], FUND, columns)


def _exposures(partition: Partition, book: Book) -> pl.DataFrame:
    """What the bank asked has lent to the applicant: what it renews, else nothing."""
    lent = book.lending
    columns: dict[str, Values] = {
        "other": partition.sheet.keys.gather(lent.firm),
        "on": lent.applied,
        "amount": np.where(lent.renews >= 0, lent.amount, 0),
    }
    return partition.sheet.rows("exposures", lent.firm, lent.applied, FUND, columns)
