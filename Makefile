# Everything a person or a CI server does with Accord. Needs only make and Python 3.11 or newer; no target needs root.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

# The lock is compiled for 3.11; a Python without ensurepip cannot make a virtual environment.
PYTHON ?= $(firstword $(foreach name,python3.11 python3 python3.12 python3.13 python3.14,$(shell \
	$(name) -c 'import sys, ensurepip, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && command -v $(name))))
UV_VERSION := 0.13.9
BIN := .venv/bin
SEEDS ?= 200
UV := $(BIN)/uv
# What ended badly leaves its stack up to be looked at; `make down` stops it.
BROWSER := $(BIN)/python -m pytest tests/browser -rs
export PYTHONPATH := $(CURDIR)/include

.PHONY: help
help: ## Show the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: setup
setup: .venv/installed ## Make .venv from the hashed lock; does nothing when the lock is the same

$(UV):
	@test -n "$(PYTHON)" || { echo "No Python 3.11 or newer with ensurepip found (Debian: apt-get install python3-venv)"; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)

# uv, because the pip of a fresh Python 3.11 stumbles over the extra in `celery[redis]` when hashes are required.
.venv/installed: requirements-dev.txt pyproject.toml | $(UV)
	$(UV) pip install --quiet --python $(BIN)/python --require-hashes -r requirements-dev.txt
	$(UV) pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e .
	@touch $@

.PHONY: demo
demo: setup ## Two simulated CRMs, an import by backfill and a sync, on this machine; leaves the Airflow UI up
	$(BIN)/python -m accord.demo

.PHONY: celery
celery: setup ## The same import in the layout of several machines: Redis and two Celery workers; ends with everything stopped
	$(BIN)/python -m accord.demo --layout celery --down

.PHONY: up
up: setup ## Airflow with your own connections (AIRFLOW_CONN_* of the environment, or of the UI)
	$(BIN)/python -m accord.local up

.PHONY: down
down: ## Stop everything that demo, celery or up started; the data stays in var/
	@test ! -x $(BIN)/python || $(BIN)/python -m accord.local down

.PHONY: status
status: ## Show what runs
	@$(BIN)/python -m accord.local status

.PHONY: logs
logs: ## Follow the logs of everything that runs
	@tail -n 20 -F $$($(BIN)/python -m accord.local logs)

.PHONY: test
test: test-unit test-stack ## Everything that CI runs

.PHONY: test-unit
test-unit: setup ## Tests of rooms, worlds, integration and DAGs, without a running Airflow
	$(BIN)/python -m pytest -n 2 --maxschedchunk 4

.PHONY: worlds
worlds: setup ## Random worlds decided and run the whole way, SEEDS of them; every decision must happen and nothing else
	ACCORD_WORLD_SEEDS=$(SEEDS) $(BIN)/python -m pytest -n 2 --maxschedchunk 4 tests/integration/test_worlds_whole.py

.PHONY: test-stack
test-stack: setup ## A small demo end to end: beside the scheduler, again on the same CRMs, then over two Celery workers
	@$(MAKE) --silent down
	$(BIN)/python -m accord.demo --accounts 200 --months 2
	$(BIN)/python -m accord.demo --accounts 200 --months 2 --down
	$(BIN)/python -m accord.demo --accounts 200 --months 2 --layout celery --down

.PHONY: test-browser
test-browser: setup ## The console in a real Chromium, every button of it, against a small demo of its own
	@$(MAKE) --silent down
	$(BROWSER)

.PHONY: test-kill
test-kill: setup ## The demo on a stack of its own while tasks, a worker, the scheduler and Postgres die by kill -9; many minutes
	$(BIN)/python -m pytest tests/kills -rs -s

.PHONY: chromium
chromium: ## Install Debian's Chromium for test-browser and screenshots, where root asks and it is missing
	@command -v chromium chromium-browser google-chrome >/dev/null && exit 0; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  timeout 600 sh -c "apt-get update && apt-get install --yes --no-install-recommends chromium" >/dev/null 2>&1 \
	    || echo "Chromium could not be installed: the tests in a browser are skipped."; \
	else echo "No Chromium: the tests in a browser are skipped (Debian: apt-get install chromium)."; fi

.PHONY: screenshots
screenshots: setup ## Pictures of the console for the documentation, of the demo that is up
	PYTHONPATH=$(PYTHONPATH):tests $(BIN)/python -m browser.pictures

.PHONY: check
check: setup ## Format, lint, types, import rules and the table of the rules, without changing anything
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/lint-imports
	PYTHONPATH=tests $(BIN)/python -m traceability --check

.PHONY: fix
fix: setup ## Format, mend what the linter can mend, and make docs/rules.md anew
	$(BIN)/ruff check --fix
	$(BIN)/ruff format
	PYTHONPATH=tests $(BIN)/python -m traceability

.PHONY: rules
rules: setup ## Make docs/rules.md and docs/faults.md from their lists, the code, the tests and the worlds
	PYTHONPATH=tests $(BIN)/python -m traceability

.PHONY: mutants
mutants: setup ## Plant bugs in a copy, one at a time, and see the tests of each rule notice; writes docs/mutants.md
	PYTHONPATH=$(PYTHONPATH):tests $(BIN)/python -m mutants

.PHONY: score
score: setup ## Change the rules everywhere in small ways and count what the tests miss; writes docs/mutation.md; SAMPLE=300 for a draw
	PYTHONPATH=$(PYTHONPATH):tests $(BIN)/python -m mutants.score $(if $(SAMPLE),--sample $(SAMPLE))

.PHONY: soak
soak: setup ## People, faults, kills and overlapping runs by chance for SOAK_MINUTES=60; SEED=n repeats one
	PYTHONPATH=$(PYTHONPATH):tests $(BIN)/python -m machine

.PHONY: soak-big
soak-big: setup ## A load of RECORDS=100000 a side, killed at ten places by chance (SEED), beside the same one undisturbed
	PYTHONPATH=$(PYTHONPATH):tests $(BIN)/python -m machine.big --records $(or $(RECORDS),100000) --seed $(or $(SEED),1)

.PHONY: undo-import
undo-import: setup ## The demo's import of ACCOUNTS=5000 undone run by run; fails where a record is not as it was
	PYTHONPATH=$(PYTHONPATH):tests $(BIN)/python -m machine.undo_import --accounts $(or $(ACCOUNTS),5000)

.PHONY: bad-designs
bad-designs: setup ## Put designs that lose or double data in the place of ours, and see each caught by its oracle
	PYTHONPATH=$(PYTHONPATH):tests $(BIN)/python -m bad_designs

.PHONY: bench
bench: setup ## Calls, speed and memory against their floors, side by side
	$(BIN)/python -m accord.bench

.PHONY: lock
lock: $(UV) ## Make the hashed locks anew from requirements*.in
	$(UV) pip compile --quiet --python-version 3.11 --generate-hashes requirements.in -o requirements.txt
	$(UV) pip compile --quiet --python-version 3.11 --generate-hashes requirements-dev.in -c requirements.txt \
		-o requirements-dev.txt
