"""The servers that are compared, each one process on a free port, and what the system tells of it while it runs."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from models.score.bundle import Bundle
from models.score.kind import KindName
from tests.service.made import learned_matrix, offering

HOST = "127.0.0.1"
APPLICANTS, PATENTS, OFFERED = 512, 50, 4
"""Of 50 patents held four are offered: as many as a registration had on average (SIPO, 168 registrations of 2009)."""
BESIDE = Path(sys.executable).parent


@dataclass(frozen=True)
class Server:
    """How a server is started, when it is ready, and what it is asked: bodies sent in turn to a path."""

    name: str
    command: Sequence[str]
    ready: str
    path: str
    bodies: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)

    @contextmanager
    def running(self) -> Iterator["Running"]:
        """The server on a free port, ended afterwards."""
        with socket.socket() as free:
            free.bind((HOST, 0))
            port = free.getsockname()[1]
        process = subprocess.Popen(
            [*self.command, "--port", str(port)],
            env=os.environ | self.environment,
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
        """The processor time used so far."""
        ticks = 0
        for folder in self._members():
            with suppress(OSError):
                ticks += sum(map(int, (folder / "stat").read_text().rpartition(")")[2].split()[11:13]))
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


def ours(
    folder: Path, kind: KindName, patents: int = PATENTS, offered: int = OFFERED, applicants: int = APPLICANTS
) -> Server:
    """Our service, started as the README says, on the bundle in the folder."""
    asked = (offering(seed, patents, offered, kind=kind) for seed in range(applicants))
    return Server(
        f"pledgescore: complete assessments, {kind}",
        [sys.executable, "-m", "pledgescore", "serve", "--without-sign-in"],
        "/readyz",
        "/v1/assessments",
        [json.dumps(applicant, ensure_ascii=False) for applicant in asked],
        {
            "PLEDGESCORE_BUNDLE": str(folder / "bundle"),
            "PLEDGESCORE_DATABASE": f"sqlite:///{folder / 'ledger.db'}",
        },
    )


def mlflow(folder: Path, bundle: Bundle) -> Server:
    """`mlflow models serve` of the same booster, one worker, with the signature that lets missing values in."""
    import mlflow.lightgbm
    import pandas as pd
    from mlflow.models import infer_signature

    columns, rows = _ready_features(bundle)
    signature = infer_signature(pd.DataFrame(learned_matrix()[1], columns=columns), np.zeros(1))
    model = folder / "mlflow"
    mlflow.lightgbm.save_model(bundle.booster, model, pip_requirements=["lightgbm"], signature=signature)
    return Server(
        "mlflow models serve: bare score",
        [f"{BESIDE}/mlflow", "models", "serve", "-m", str(model), "--env-manager", "local", "-w", "1"],
        "/health",
        "/invocations",
        [json.dumps({"dataframe_split": {"columns": columns, "data": [row]}}) for row in rows],
        {"PATH": f"{BESIDE}:{os.environ['PATH']}"},  # it starts its web server through a shell, by name
    )


def plain(folder: Path, bundle: Bundle) -> Server:
    """The plain application on the same booster."""
    columns, rows = _ready_features(bundle)
    return Server(
        "plain FastAPI: predict and shap.TreeExplainer",
        [sys.executable, "-m", "uvicorn", "--factory", "benchmarks.serving.plain:made"],
        "/healthz",
        "/explain",
        [json.dumps({"columns": columns, "data": [row]}) for row in rows],
        {"MODEL": str(folder / "bundle" / "model.lgb")},
    )


def _ready_features(bundle: Bundle) -> tuple[list[str], list[list[float | None]]]:
    matrix = learned_matrix()[1][:APPLICANTS]
    return bundle.booster.feature_name(), [[None if np.isnan(v) else float(v) for v in row] for row in matrix]
