"""The same partitions on a cluster: two workers give the bytes of one process, and what goes wrong is told."""

from collections.abc import Iterator
from pathlib import Path
from time import sleep

import pytest
from distributed import Client, LocalCluster

from tests.training.commands.test_screening_steps import made, run
from training.screening.cluster import NoCluster, on_processes, on_scheduler, screened_by
from training.screening.screen import ScreenedPartition, ScreeningQuestion

__all__ = ["made"]


@pytest.fixture(scope="module")
def workers() -> Iterator[Client]:
    """A local cluster of two processes."""
    with on_processes(2) as client:
        yield client


@pytest.mark.parametrize("suffix", [".parquet", ".csv"])
def test_two_workers_write_the_same_bytes(
    workers: Client, made: Path, tmp_path: Path, suffix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More partitions than are handed out at once come back in any order from processes that read for themselves."""
    monkeypatch.setattr("training.screening.cluster.WAITING", 1)
    one, two = tmp_path / f"one{suffix}", tmp_path / f"two{suffix}"
    assert run(made, one).exit_code == 0
    done = run(made, two, "--scheduler", workers.scheduler.address)
    assert done.exit_code == 0, done.output
    assert one.read_bytes() == two.read_bytes()


def answered(question: ScreeningQuestion, index: int, expected: dict[str, str]) -> ScreenedPartition:
    """Takes its time over all but the first partition."""
    sleep(0.0 if index == 0 else 0.5)
    return ScreenedPartition(index)


@pytest.fixture
def inside(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[LocalCluster, Client]]:
    """A cluster of one thread in this process, which answers at once."""
    monkeypatch.setattr("training.screening.cluster.screened", answered)
    with (
        LocalCluster(n_workers=1, threads_per_worker=1, processes=False, dashboard_address="127.0.0.1:0") as cluster,
        Client(cluster) as client,
    ):
        yield cluster, client


def test_every_partition_comes_back_once(inside: tuple[LocalCluster, Client]) -> None:
    """However many there are."""
    question = ScreeningQuestion(Path("lake"), day=None, lists=())  # type: ignore[arg-type]
    for count in (0, 1, 5):
        assert sorted(part.index for part in screened_by(inside[1], question, range(count), {})) == [*range(count)]


def test_a_cluster_that_is_lost_is_told(inside: tuple[LocalCluster, Client]) -> None:
    """With the advice to ask again, since what was finished is kept."""
    question = ScreeningQuestion(Path("lake"), day=None, lists=())  # type: ignore[arg-type]
    parts = screened_by(inside[1], question, range(5), {})
    assert next(parts).index == 0
    inside[0].close()
    with pytest.raises(NoCluster, match="ask the same again to go on"):
        list(parts)


def test_a_scheduler_that_is_none_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither a word that is no address nor a port where nobody listens is waited for in vain."""
    monkeypatch.setattr("training.screening.cluster.PATIENCE", 0.2)
    with pytest.raises(NoCluster, match="tcp://host:port"), on_scheduler("here"):
        pass
    with pytest.raises(NoCluster, match="start one with `dask scheduler`"), on_scheduler("tcp://127.0.0.1:9"):
        pass
