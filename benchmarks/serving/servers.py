"""The servers that are compared, each on a free port, and what the system tells of their processes while they run."""

import json
import os
import re
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from benchmarks.checkouts import THIS, Checkout
from features.policy import shipped
from models.score.bundle import Bundle, load
from models.score.kind import KindName
from tests.service.made import learned_matrix

HOST = "127.0.0.1"
APPLICANTS, PATENTS, OFFERED = 512, 50, 4
"""Of 50 patents held four are offered: as many as a registration had on average (SIPO, 168 registrations of 2009)."""
INPUTS = Path(__file__).with_name("inputs.py")


@dataclass(frozen=True)
class Server:
    """How a server is started, when it is ready, and what it is asked: bodies sent in turn to a path.

    `processes`: how many answer; `folder`: where it runs.
    """

    name: str
    processes: int
    command: Sequence[str]
    ready: str
    path: str
    bodies: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    folder: Path | None = None

    @contextmanager
    def running(self) -> Iterator["Running"]:
        """The server on a free port, ended afterwards."""
        with socket.socket() as free:
            free.bind((HOST, 0))
            port = free.getsockname()[1]
        process = subprocess.Popen(
            [*self.command, "--port", str(port)],
            env=os.environ | self.environment,
            cwd=self.folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            _wait_for(f"http://{HOST}:{port}{self.ready}", process)
            yield Running(port, process.pid)
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(20)


@dataclass(frozen=True)
class Running:
    """A server that runs: its port, and the process with its children."""

    port: int
    process: int

    def cpu_seconds(self) -> float:
        """The processor time used so far, children that have ended included."""
        ticks = 0
        for folder in self._members():
            with suppress(OSError):
                ticks += sum(map(int, (folder / "stat").read_text().rpartition(")")[2].split()[11:15]))
        return ticks / os.sysconf("SC_CLK_TCK")

    def memory(self, line: str = "VmRSS") -> float:
        """The resident memory in MiB: now, or at its peak (`VmHWM`)."""
        found = 0.0
        for folder in self._members():
            with suppress(OSError, IndexError):
                found += int(re.findall(rf"{line}:\s+(\d+)", (folder / "status").read_text())[0]) / 1024
        return found

    def stages(self) -> dict[str, float]:
        """Of our service: the seconds spent in each stage so far, and how many were assessed, in how many batches."""
        try:
            text = urllib.request.urlopen(f"http://{HOST}:{self.port}/metrics").read().decode()
        except OSError:
            return {}
        found = {n: float(v) for n, v in re.findall(r'pledgescore_stage_seconds_sum\{stage="(\w+)"\} (\S+)', text)}
        found |= {n: float(v) for n, v in re.findall(r"pledgescore_batch_size_(sum|count) (\S+)", text)}
        return found if "sum" in found else {}

    def _members(self) -> Iterator[Path]:
        for folder in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                if os.getpgid(int(folder.name)) == self.process:
                    yield folder


def _wait_for(url: str, process: "subprocess.Popen[bytes]", seconds: float = 180) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end and process.poll() is None:
        try:
            urllib.request.urlopen(url, timeout=2)
        except OSError:
            time.sleep(0.2)
        else:
            return
    raise RuntimeError(f"{url} did not answer")


@dataclass(frozen=True)
class Inputs:
    """What the servers of one kind of answer are made of: the same trees for all, and questions of each commit's own.

    `folders`: by commit, a folder with its `bundle` and a text of `bodies`, one a line; `same`: whether the trees of
    all are the same to the last byte; `bundle`: this commit's.
    """

    kind: KindName
    folders: Mapping[str, Path]
    bundle: Bundle
    same: bool


def made_inputs(checkouts: Sequence[Checkout], kind: KindName, trees: int, folder: Path) -> Inputs:
    """Bundles that learned from one matrix, of features that all commits know, and questions about the same firms."""
    known = [set(checkout.values(INPUTS, "names")) for checkout in checkouts]
    numbers, folders, digests = folder / "numbers.npz", {}, set()
    checkouts[0].values(INPUTS, "usual", numbers, *sorted(set.intersection(*known)))
    for checkout in checkouts:
        own = folders[checkout.name] = folder / checkout.name
        digests |= set(checkout.values(INPUTS, "bundle", own / "bundle", kind, trees, numbers))
        bodies = checkout.values(INPUTS, "bodies", kind, PATENTS, OFFERED, APPLICANTS)
        (own / "bodies").write_text("\n".join(bodies), encoding="utf-8")
    return Inputs(kind, folders, load(folders[THIS.name] / "bundle", shipped()), len(digests) == 1)


def ours(checkout: Checkout, inputs: Inputs, workers: int = 1, query: str = "") -> Server:
    """The service of a commit, started as its README says, on its bundle and a ledger of its own."""
    own = inputs.folders[checkout.name]
    many = ["--workers", str(workers)] if workers > 1 else []
    return Server(
        f"pledgescore {checkout.name}: complete answers",
        workers,
        [checkout.command, "serve", "--without-sign-in", *many],
        "/readyz",
        f"/v1/assessments{query}",
        (own / "bodies").read_text(encoding="utf-8").splitlines(),
        {
            "PLEDGESCORE_BUNDLE": str(own / "bundle"),
            "PLEDGESCORE_DATABASE": f"sqlite:///{own / f'ledger-{workers}.db'}",
        },
        own,
    )


def mlflow(folder: Path, bundle: Bundle, workers: int = 1) -> Server:
    """`mlflow models serve` of the same booster, with the signature that lets missing values in."""
    import lightgbm as lgb
    import mlflow.lightgbm
    import pandas as pd
    from mlflow.models import infer_signature

    columns, rows = _ready_features(bundle)
    signature = infer_signature(pd.DataFrame(np.array(rows, dtype=np.float64), columns=columns), np.zeros(1))
    model = folder / f"mlflow-{workers}"
    booster = lgb.Booster(model_str=bundle.booster.model_to_string())
    mlflow.lightgbm.save_model(booster, model, pip_requirements=["lightgbm"], signature=signature)
    return Server(
        "mlflow models serve: bare score",
        workers,
        [str(THIS.bin / "mlflow"), "models", "serve", "-m", str(model), "--env-manager", "local", "-w", str(workers)],
        "/health",
        "/invocations",
        [json.dumps({"dataframe_split": {"columns": columns, "data": [row]}}) for row in rows],
        {"PATH": f"{THIS.bin}:{os.environ['PATH']}"},  # it starts its web server through a shell, by name
    )


def plain(inputs: Inputs, workers: int = 1) -> Server:
    """The plain application on the same booster."""
    columns, rows = _ready_features(inputs.bundle)
    return Server(
        "plain FastAPI: predict and shap.TreeExplainer",
        workers,
        [str(THIS.bin / "uvicorn"), "--workers", str(workers), "--factory", "benchmarks.serving.plain:made"],
        "/healthz",
        "/explain",
        [json.dumps({"columns": columns, "data": [row]}) for row in rows],
        {"MODEL": str(inputs.folders[THIS.name] / "bundle" / "model.lgb")},
        THIS.root,
    )


def _ready_features(bundle: Bundle) -> tuple[list[str], list[list[float | None]]]:
    """The columns that the trees read, and a row of them for each of so many firms; None is not known."""
    names, matrix = learned_matrix()
    places = [names.index(name) for name in bundle.features]
    rows = [[None if np.isnan(v) else float(v) for v in row] for row in matrix[:APPLICANTS, places]]
    return bundle.booster.feature_name(), rows
