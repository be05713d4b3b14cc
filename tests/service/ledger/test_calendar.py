"""One calendar, sealed by the opening entry, and times that stay on their side of every checkpoint."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, text

from service.ledger.ledger_settings import settings_of
from service.ledger.opening_entry import OtherZone
from service.ledger.signed_checkpoints import hold_against
from service.ledger.tables import ENTRIES
from service.offline.verify import ENTRY, ENTRY_1, Signed, Wrong, check_time
from tests.service.banked import open_bank
from tests.service.conftest import NOON
from tests.service.made import applicant


def test_days_are_those_of_the_zone_that_was_sealed(tmp_path: Path, bundle: Path) -> None:
    """At 07:09 in Beijing it is that day, not the one before; with another zone the service does not start."""
    with open_bank(tmp_path, bundle).client as client:
        settings = settings_of(client.app.state.pledgescore.engine)  # type: ignore[attr-defined]
        assert settings.day_of(datetime(2026, 11, 29, 23, 9, tzinfo=UTC)).isoformat() == "2026-11-30"
    with pytest.raises(OtherZone):
        open_bank(tmp_path, bundle, utc_offset_hours=0)
    with open_bank(tmp_path, bundle).client as client:
        assert client.get("/readyz").status_code == 200


def test_no_entry_lies_on_the_wrong_side_of_a_checkpoint(tmp_path: Path, bundle: Path) -> None:
    """A checkpoint has its anchor's time, also when nothing else was entered; a backdated entry behind it is named."""
    now = [NOON]
    bank = open_bank(tmp_path, bundle, now=lambda: now[0])
    with bank.client:
        first = bank.sign()["checkpoint"]
        now[0] += timedelta(hours=1)
        second = bank.sign()["checkpoint"]
        assert second["size"] == first["size"] + 1
        assert first["at"] < second["at"]
        bank.ask(applicant(1))
        with bank.app.state.pledgescore.engine.connect() as connection:
            ats = dict(connection.execute(select(ENTRIES.c.seq, ENTRIES.c.at)).all())
            assert [ats[one["size"]] for one in (first, second)] == [first["at"], second["at"]]
            assert hold_against(connection, [], [bank.key]).bad_seq is None
            connection.execute(text("DROP TRIGGER IF EXISTS ledger_entries_no_update"))
            connection.execute(
                text("UPDATE ledger_entries SET at = :at WHERE seq = :seq"), {"at": first["at"], "seq": 4}
            )
            held = hold_against(connection, [], [bank.key])
            connection.rollback()
        assert held.bad_seq is not None
        assert held.fault is not None


def test_a_verifier_holds_times_against_the_checkpoint_that_was_kept() -> None:
    """Behind it no entry of form 2 is dated before it, within it none after it; times of form 1 may fall."""
    at = "2026-11-20T04:00:00.000000Z"
    signed = Signed(9, b"", "2026-11-21T04:00:00.000000Z", "", {"size": 5, "at": at})
    check_time(at, 5, ENTRY, signed)
    check_time(at, 6, ENTRY, signed)
    check_time("2020-01-01T00:00:00.000000Z", 6, ENTRY_1, signed)
    for wrong, seq in (("2026-11-20T03:59:59.999999Z", 6), ("2026-11-20T04:00:00.000001Z", 5), ("2026-11-22", 7)):
        with pytest.raises(Wrong):
            check_time(wrong, seq, ENTRY, signed)
