"""The image of the service: it builds from the locks, holds the serving set alone, and runs without rights."""

import re
import shutil
import subprocess
from pathlib import Path

from tests.proofs import Proof, proof

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


def run(*command: str) -> str:
    """What the command printed; its own words where it fails."""
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{command[0]} exited {done.returncode}: {(done.stderr or done.stdout)[-2000:]}")
    return done.stdout


def inside(image: str, *command: str) -> str:
    """What a command prints in a fresh container, as the image's own user."""
    if ENGINE == "docker":
        return run("docker", "run", "--rm", "--read-only", "--tmpfs", "/tmp", image, *command)
    container = run("buildah", "from", "--pull-never", image).strip()
    try:
        return run("buildah", "run", container, "--", *command)
    finally:
        run("buildah", "rm", container)


def megabytes(image: str) -> float:
    """The image's size in millions of bytes, as the engine tells it: 1.02 GB, 977MB."""
    number, unit = re.findall(r"([\d.]+) ?([MG])B", run(ENGINE, "images", "--format", "{{.Size}}", image))[0]
    return float(number) * (1000 if unit == "G" else 1)


@proof("image.builds", "The Dockerfile builds an image of the serving set alone that runs as a user without rights")
def builds() -> Proof:
    """Build with `make image` (its BUILDER is taken from the environment), then look inside."""
    run("make", "image")
    size = megabytes("pledgescore")
    ours, user, writes_code, writes_data, *extra = inside("pledgescore", "python", "-c", LOOK_INSIDE).split()
    return Proof(
        figure=f"{size:.0f} MB (at most {SIZE_LIMIT} MB)",
        passed=size <= SIZE_LIMIT and user != "0" and (writes_code, writes_data) == ("False", "True") and not extra,
        detail=f"{ours} MB are the product and its packages, the rest is the base image. "
        f"User id {user}; may write its code: {writes_code}, its data: {writes_data}; "
        f"packages beyond the serving set: {', '.join(extra) or 'none'}.",
    )
