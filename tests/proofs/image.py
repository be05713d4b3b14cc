"""The image of the service: it builds from the locks, holds the serving set alone, and runs without rights."""

import json
import re
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

from fastapi.testclient import TestClient

from service.edge.settings import Settings
from service.web.app import create_app
from tests.proofs import Proof, proof
from tests.service.made import applicant, make_bundle

ROOT = Path(__file__).parents[2]
ENGINE = "buildah" if shutil.which("buildah") else "docker"
SIZE_LIMIT = 900
"""Megabytes. What the serving set needs (Polars, LightGBM with SciPy, MLflow's slim form) over a slim Debian."""

LOOK_INSIDE = """
import importlib.util as find, os, pathlib
import alembic, lightgbm, mlflow, polars, pledgescore
extra = [name for name in ("pandas", "shap", "matplotlib", "sklearn", "pip") if find.find_spec(name)]
ours = sum(file.lstat().st_size for file in pathlib.Path("/opt/venv").rglob("*"))
print(ours // 10**6, os.getuid(), os.access("/opt/venv", os.W_OK), os.access("/data", os.W_OK), *extra)
"""

ASK_INSIDE = """
import json, os, signal, socket, subprocess, sys, time, urllib.request as web
with socket.socket() as free:
    free.bind(("127.0.0.1", 0))
    port = free.getsockname()[1]
def told(path, question=None):
    with web.urlopen(f"http://127.0.0.1:{port}{path}", question, timeout=60) as answer:
        return json.load(answer)
subprocess.run(["pledgescore", "keys", "init"], stdout=sys.stderr, check=True)
began = time.monotonic()
served = subprocess.Popen(["pledgescore", "serve", "--without-sign-in", "--port", str(port)], stdout=sys.stderr)
try:
    while True:
        try:
            told("/readyz")
            break
        except OSError:
            if served.poll() is not None or time.monotonic() - began > 60:
                sys.exit("the service did not come up")
            time.sleep(0.05)
    ready, keys = time.monotonic() - began, told("/readyz")["keys"]
    answer = told("/v1/assessments?include=all", sys.argv[1].encode())
    again = told("/v1/assessments/" + answer["id"] + "?include=all")
finally:
    served.send_signal(signal.SIGTERM)
    served.wait(30)
verified = subprocess.run(["pledgescore", "ledger", "verify"], stdout=sys.stderr).returncode == 0
found = {"ready": ready, "keys": keys, "answer": answer, "again": again, "verified": verified}
print(json.dumps({"user": os.getuid(), "folder": os.environ["PLEDGESCORE_KEYS"], **found}))
"""
"""Run inside the image: make keys, serve, ask once, read the entry back, stop, verify the ledger."""


def run(*command: str) -> str:
    """What the command printed; its own words where it fails."""
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{command[0]} exited {done.returncode}: {(done.stderr or done.stdout)[-2000:]}")
    return done.stdout


@cache
def build() -> None:
    """Make the image, once for all proofs; BUILDER is taken from the environment."""
    run("make", "image")


def inside(image: str, *command: str, bundle: Path | None = None) -> str:
    """What a command prints in a fresh container, as the image's own user; the bundle folder lies at /bundle."""
    mounts = ("--volume", f"{bundle}:/bundle:ro") if bundle else ()
    if ENGINE == "docker":
        return run("docker", "run", "--rm", "--read-only", "--tmpfs", "/tmp", *mounts, image, *command)
    container = run("buildah", "from", "--pull-never", image).strip()
    try:
        return run("buildah", "run", *mounts, container, "--", *command)
    finally:
        run("buildah", "rm", container)


def megabytes(image: str) -> float:
    """The image's size in millions of bytes, as the engine tells it: 1.02 GB, 977MB."""
    number, unit = re.findall(r"([\d.]+) ?([MG])B", run(ENGINE, "images", "--format", "{{.Size}}", image))[0]
    return float(number) * (1000 if unit == "G" else 1)


@proof("image.builds", "The Dockerfile builds an image of the serving set alone that runs as a user without rights")
def builds() -> Proof:
    """Build with `make image`, then look inside."""
    build()
    size = megabytes("pledgescore")
    ours, user, writes_code, writes_data, *extra = inside("pledgescore", "python", "-c", LOOK_INSIDE).split()
    return Proof(
        figure=f"{size:.0f} MB (at most {SIZE_LIMIT} MB)",
        passed=size <= SIZE_LIMIT and user != "0" and (writes_code, writes_data) == ("False", "True") and not extra,
        detail=f"{ours} MB are the product and its packages, the rest is the base image. "
        f"User id {user}; may write its code: {writes_code}, its data: {writes_data}; "
        f"packages beyond the serving set: {', '.join(extra) or 'none'}.",
    )


def asked_here(bundle: Path, question: dict[str, Any]) -> dict[str, Any]:
    """What the work tree answers to the question, without an image."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(database=f"sqlite:///{folder}/ledger.db", bundles=(bundle,), sign_in="none")
        with TestClient(create_app(settings)) as client:
            return dict(client.post("/v1/assessments?include=all", json=question).raise_for_status().json())


@proof("image.answers", "The image answers and records an assessment from a mounted bundle, as a user without rights")
def answers() -> Proof:
    """Build, serve a small bundle, ask over HTTP inside, and compare with the answer of the work tree."""
    build()
    question = applicant(1, patents=50)
    with tempfile.TemporaryDirectory() as folder:
        bundle = Path(folder) / "bundle"
        make_bundle(bundle)
        Path(folder).chmod(0o755)
        told = json.loads(inside("pledgescore", "python", "-c", ASK_INSIDE, json.dumps(question), bundle=bundle))
        here = asked_here(bundle, question)
    same = [told["answer"][part] for part in ("pd", "points", "reasons")] == [
        here[part] for part in ("pd", "points", "reasons")
    ]
    apart = told["keys"] == {"signing": "file", "apart_from_ledger": True}
    return Proof(
        figure=f"answered after {told['ready']:.1f} s of starting, PD {told['answer']['pd']['value']:.6f}, "
        f"{'equal' if same else 'NOT equal'} to the work tree's",
        passed=same
        and apart
        and told["user"] != 0
        and told["verified"]
        and told["again"]["id"] == told["answer"]["id"],
        detail=f"User id {told['user']}; {len(told['answer']['reasons'])} reasons; keys lie in {told['folder']}, "
        f"{'apart from' if apart else 'WITH'} the ledger; the entry is read back and the "
        f"ledger {'verifies' if told['verified'] else 'does NOT verify'}.",
    )
