# `make run` starts Relais, `make test` proves it. Both begin from a bare machine: git, make and Python >= 3.11 with venv.
PYTHON ?= python3
PORT   ?= 8000
DATA   ?= .data
export RELAIS_DATA := $(DATA)

BIN  := .venv/bin
PIP  := $(BIN)/python -m pip --disable-pip-version-check --quiet
WEB  := clients/web
LOCK := $(BIN)/python -m uv pip compile --no-config --no-header --quiet --universal --python-version 3.11 --generate-hashes

.PHONY: run setup test check check-fast bench lock clean

run: .venv/installed-run web
	exec $(BIN)/relais up --demo --port $(PORT)

setup: .venv/installed-dev web

test: setup
	$(BIN)/python -m pytest

check: setup check-fast
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pip check --disable-pip-version-check

check-fast: .venv/installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check --quiet . || true

bench: setup
	$(BIN)/python -m tests.bench

# The lock files carry names, versions and hashes; where to download from is the machine's own affair.
lock: .venv/installed-dev
	$(PIP) install uv
	$(LOCK) pyproject.toml -o locks/run.lock
	$(LOCK) pyproject.toml --group dev -o locks/dev.lock
	$(LOCK) --group node -o locks/node.lock

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache $(WEB)/node_modules $(WEB)/dist

.venv/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Relais needs Python 3.11 or newer")'
	$(PYTHON) -m venv .venv

.venv/installed-run: locks/run.lock pyproject.toml clients/python/pyproject.toml | .venv/bin/python
	@echo "Installing exact versions, checked against their hashes"
	$(PIP) install --require-hashes --no-deps -r locks/run.lock
	$(PIP) install --no-deps --no-build-isolation --no-index -e . -e clients/python
	touch $@

.venv/installed-dev: locks/dev.lock .venv/installed-run
	@echo "Installing the tools for testing"
	$(PIP) install --require-hashes --no-deps -r locks/dev.lock
	touch $@

.PHONY: web
web:
