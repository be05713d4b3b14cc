"""What is counted while serving, for a Prometheus to fetch: a registry per application, so that two never mix.

Where several processes serve, prometheus_client keeps their figures in files of one folder (PROMETHEUS_MULTIPROC_DIR,
set before it is imported), and whichever process is asked tells the figures of all.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from os import environ
from time import perf_counter

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
_SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10)


class Metrics:
    """The figures of one application."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.assessments = Counter(
            "pledgescore_assessments", "Assessments recorded", ["kind", "grade"], registry=self.registry
        )
        self.trials = Counter("pledgescore_trials", "Trials on other facts", ["advice"], registry=self.registry)
        self.what_ifs = Counter(
            "pledgescore_what_ifs", "Questions what would change an assessment", ["state"], registry=self.registry
        )
        self.refusals = Counter("pledgescore_refusals", "Requests refused", ["code"], registry=self.registry)
        self.packs = Counter("pledgescore_packs", "Packs made, whole or left", ["how"], registry=self.registry)
        self.connections_ended = Counter(
            "pledgescore_connections_ended", "Connections ended by us", ["why"], registry=self.registry
        )
        self.waiting = Gauge(
            "pledgescore_waiting", "Questions that stand in line", registry=self.registry, multiprocess_mode="livesum"
        )
        self.signed = Gauge(
            "pledgescore_signed_age_seconds",
            "Since the last checkpoint, and the fund's last receipt",
            ["what"],
            registry=self.registry,
            multiprocess_mode="mostrecent",
        )
        self.batch = Histogram(
            "pledgescore_batch_size",
            "Questions answered together",
            buckets=(1, 2, 4, 8, 16, 32),
            registry=self.registry,
        )
        self._stages = Histogram(
            "pledgescore_stage_seconds", "Time per batch and stage", ["stage"], buckets=_SECONDS, registry=self.registry
        )

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Times what happens inside as one stage of a batch."""
        began = perf_counter()
        try:
            yield
        finally:
            self._stages.labels(name).observe(perf_counter() - began)

    def seconds(self) -> dict[str, float]:
        """The total seconds spent in each stage so far."""
        return {
            sample.labels["stage"]: sample.value
            for metric in self._stages.collect()
            for sample in metric.samples
            if sample.name.endswith("_sum")
        }

    def told(self) -> bytes:
        """The figures in the text format of Prometheus: of all processes where several serve."""
        if FOLDER not in environ:
            return generate_latest(self.registry)
        every = CollectorRegistry()
        MultiProcessCollector(every)  # type: ignore[no-untyped-call]
        return generate_latest(every)
