"""The same partitions on the workers of a Dask cluster: a worker answers one at a time, the one who asks writes.

Workers see lake, bundles and policy under the same paths as the one who asks, and run the same version.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import CancelledError
from contextlib import contextmanager
from itertools import islice

from distributed import Client, KilledWorker, LocalCluster, as_completed
from distributed.client import ClosedClientError
from distributed.comm.core import CommClosedError

from features.errors import PledgeScoreError
from training.screening.screen import ScreenedPartition, ScreeningQuestion, screened

WAITING = 2
"""Partitions handed out per thread of the workers: one in work, one waiting, so that none is idle."""
PATIENCE = 60
"""Seconds to wait for a scheduler and its first worker."""
LOST = (CancelledError, ClosedClientError, CommClosedError, KilledWorker)
"""How Dask tells that scheduler or workers are gone."""


class NoCluster(PledgeScoreError):
    """The scheduler does not answer, or has no worker."""


@contextmanager
def on_scheduler(address: str) -> Iterator[Client]:
    """A client of the scheduler at `tcp://host:port` or `tls://…` with a worker at least. Raises `NoCluster`."""
    if not address.startswith(("tcp://", "tls://")):
        raise NoCluster("cluster_address", address=address)
    try:
        client = Client(address, timeout=PATIENCE)
    except (OSError, ValueError) as fault:
        raise NoCluster("cluster_silent", address=address, why=str(fault)) from None
    with client:
        try:
            client.wait_for_workers(1, timeout=PATIENCE)
        except TimeoutError:
            raise NoCluster("cluster_empty", address=address) from None
        yield client


@contextmanager
def on_processes(count: int) -> Iterator[Client]:
    """A client of so many processes of this machine, each with one thread; they end with the block."""
    alone = {"POLARS_MAX_THREADS": "1", "OMP_NUM_THREADS": "1"}
    with (
        LocalCluster(
            n_workers=count, threads_per_worker=1, host="127.0.0.1", dashboard_address="127.0.0.1:0", env=alone
        ) as cluster,
        Client(cluster) as client,
    ):
        yield client


def screened_by(
    client: Client, question: ScreeningQuestion, indices: Sequence[int], expected: dict[str, str]
) -> Iterator[ScreenedPartition]:
    """Partitions as workers finish them, in any order. Raises `NoCluster` where they are lost."""
    waiting = iter(indices)
    running = as_completed(with_results=True)

    def hand_out(most: int) -> None:
        for index in islice(waiting, most):
            running.add(client.submit(screened, question, index, expected, pure=False))

    hand_out(WAITING * max(1, sum(client.nthreads().values())))
    try:
        for future, part in running:
            future.release()
            hand_out(1)
            yield part
    except LOST as fault:
        raise NoCluster("cluster_lost", why=str(fault)) from None
