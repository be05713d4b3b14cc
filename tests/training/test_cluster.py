"""The same partitions on a cluster: two workers give the bytes of one process, and a wrong address is told."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from distributed import Client

from tests.training.test_screening import made, run
from training.cluster import NoCluster, on_processes, on_scheduler

__all__ = ["made"]


@pytest.mark.parametrize("suffix", [".parquet", ".csv"])
def test_two_workers_write_the_same_bytes(workers: Client, made: Path, tmp_path: Path, suffix: str) -> None:
    """The partitions come back in any order from processes that read for themselves."""
    one, two = tmp_path / f"one{suffix}", tmp_path / f"two{suffix}"
    assert run(made, one).exit_code == 0
    done = run(made, two, "--scheduler", workers.scheduler.address)
    assert done.exit_code == 0, done.output
    assert one.read_bytes() == two.read_bytes()


@pytest.fixture(scope="module")
def workers() -> Iterator[Client]:
    """A local cluster of two processes."""
    with on_processes(2) as client:
        yield client


def test_a_scheduler_that_is_none_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither a word that is no address nor a port where nobody listens is waited for in vain."""
    monkeypatch.setattr("training.cluster.PATIENCE", 0.2)
    with pytest.raises(NoCluster, match="tcp://host:port"), on_scheduler("here"):
        pass
    with pytest.raises(NoCluster, match="start one with `dask scheduler`"), on_scheduler("tcp://127.0.0.1:9"):
        pass
