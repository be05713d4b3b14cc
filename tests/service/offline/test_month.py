"""A month is verified a line at a time: however long it is, the verifier needs no more memory."""

from pathlib import Path

import pytest

from benchmarks.ledger.month import make_ledger, verified, write_pack

SHORT, LONG, EVERY = 100, 2_000, 10
LIMIT = 96
"""MiB of address space, libraries and all."""
MORE = 3.0
"""MB that the long month may take beyond the short one."""


def test_a_longer_month_takes_no_more_memory(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Twenty times as many entries, a tenth of them in scope: complete, within the same bound of address space."""
    memory = []
    for entries in (SHORT, LONG):
        folder = tmp_path / str(entries)
        folder.mkdir()
        make_ledger(folder, entries // EVERY, entries, samples=False)
        write_pack(folder)
        code, _, used, last = verified(folder, LIMIT)
        assert code == 0, last
        memory.append(used)
    assert capsys.readouterr().out
    assert memory[1] - memory[0] < MORE
