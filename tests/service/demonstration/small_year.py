"""The year of the demonstration's banks on a smaller world."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path

import pytest

from service.demonstration.bank import DemoYear, OpenedBank, make_bank, open_bank
from tests.service.made import calm_bundle, make_bundle
from training.world.economy import World, sized
from training.world.write import write_world


@contextmanager
def small_year(home: Path, until: datetime) -> Iterator[OpenedBank]:
    """Made in the folder from the beginning of the year of that moment to it, and opened."""
    for _ in write_world(sized(World(loans=7000, first_year=2022, partitions=4)), home / "world"):
        pass
    calm_bundle(home / "pledge")
    make_bundle(home / "whitelist", kind="whitelist")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PLEDGESCORE_BUNDLES", f"{home / 'pledge'}:{home / 'whitelist'}")
        make_bank(home, home / "world", DemoYear(date(until.year, 1, 2), until), lambda _: None)
        yield open_bank(home, home / "world")
