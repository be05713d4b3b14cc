# Every target makes the environment itself; a bare machine needs python3 (3.11 or later, with venv), git and make.
.DEFAULT_GOAL := help
PYTHON ?= python3
BUILDER ?= docker build --tag
BIN := .venv/bin
READY := .venv/.ready

# Commands and tests start many processes; without its cache Python would compile every module anew in each of them.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help env demo screenshots test check prove lock wheel image

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

env: $(READY) ## make .venv from the hashed locks

$(READY): pyproject.toml requirements-build.lock requirements-dev.lock requirements-bare.lock .ci/bare hatch_build.py models/shap/kernel.c
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo 'Python 3.11 or later is needed: make env PYTHON=python3.11'; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || { echo 'Python has no venv: on Debian or Ubuntu, apt-get install python3-venv'; exit 1; }
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-build.lock
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements-dev.lock
	@.ci/bare
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-build-isolation --no-deps --editable .
	@touch $@

demo: env ## a pledge loan assessed, on a synthetic world made here
	@$(BIN)/pledgescore demo

screenshots: env ## take docs/screenshots/ of the demonstration's pages, which make demo made; ONLY=name
	@$(BIN)/python -m tests.screenshots $(ONLY)

test: env ## run the tests on all cores; ARGS go to pytest
	@$(BIN)/python -m pytest -n auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder $(ARGS)

check: env ## lint, format, types and who may import whom
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo

prove: env ## run the long proofs, or ONLY=id, and write docs/proof.md
	@$(BIN)/python -m tests.proofs $(ONLY)

lock: env ## remake the locks from pyproject.toml; UPGRADE=--upgrade takes newer versions
	@.ci/lock $(UPGRADE)

wheel: env ## build the wheel, and try it in an environment of its own
	@.ci/wheel

image: ## build the image of the service; BUILDER=… is any command that takes a tag and a folder
	@$(BUILDER) pledgescore .
