# congvu: `make run` to see it, `make test` to prove it. `make help` lists the rest.
SHELL := /bin/sh
BIN := .venv/bin
.DEFAULT_GOAL := help
.PHONY: help setup run demo-monitoring test lint types arch unit bench crash fuzz reference preview lock clean system-packages

help: ## This list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 24

.venv/.run: requirements.lock pyproject.toml tools/setup.sh
	@tools/setup.sh requirements.lock $@

.venv/.dev: requirements-dev.lock pyproject.toml tools/setup.sh
	@tools/setup.sh requirements-dev.lock $@
	@touch .venv/.run

.venv/.fuzz: requirements-fuzz.lock pyproject.toml tools/setup.sh
	@tools/setup.sh requirements-fuzz.lock $@
	@touch .venv/.run .venv/.dev

setup: .venv/.run ## Make .venv with .venv/bin/congvu

run: .venv/.run ## Start the daemon on its embedded database, fed by the demo province
	@exec $(BIN)/congvu demo

demo-monitoring: .venv/.run ## Eight weeks around Tết in minutes, with Prometheus and Alertmanager: which alerts fire
	@exec $(BIN)/congvu demo --story --state var/story

system-packages: ## Add the system packages that tests use (says what it adds)
	@tools/system-packages.sh

test: .venv/.dev system-packages lint types arch unit ## Install what tests need, run all of them

lint: .venv/.dev ## ruff
	$(BIN)/ruff check monitor tests bench grafana
	$(BIN)/ruff format --check monitor tests bench grafana

types: .venv/.dev ## mypy, strict
	$(BIN)/mypy

arch: .venv/.dev ## The dependency rule between rooms
	$(BIN)/lint-imports

# Three workers for two processors: many tests wait for a daemon's clock. Rooms in their order: by
# number of tests the longest files, which have few, would come last. Hundreds of processes of congvu
# start: what one of them has compiled serves the others.
unit: export PYTHONDONTWRITEBYTECODE :=
unit: .venv/.dev ## pytest
	$(BIN)/pytest -n 3 --dist loadfile --no-loadscope-reorder

bench: .venv/.dev system-packages ## Measure intake, verification and end to end beside public peers
	$(BIN)/python -m bench

crash: .venv/.dev ## Kill the daemon and its database 200 times each under load, a log's reader 100 times
	CONGVU_CRASH_ROUNDS=200 $(BIN)/pytest -s -p no:cacheprovider --timeout=0 tests/daemon/test_crash.py
	CONGVU_CRASH_ROUNDS=100 $(BIN)/pytest -s -p no:cacheprovider --timeout=0 tests/activity/test_activity_crash.py

FUZZ_SECONDS ?= 1800
fuzz: .venv/.fuzz ## Fuzz every format (FUZZ_SECONDS each), then 10,000 malformed mails through the daemon
	$(BIN)/python -m tests.fuzz all --seconds $(FUZZ_SECONDS)
	CONGVU_HOSTILE_ITEMS=10000 $(BIN)/pytest -s --timeout=0 tests/daemon/test_hostile_input.py

reference: .venv/.dev ## Make the reference pages and dashboards that come from the code
	$(BIN)/python -m tests.support.reference
	$(BIN)/python -m grafana

PROMETHEUS ?= http://127.0.0.1:9090
PREVIEW ?=
preview: .venv/.dev ## Pictures of the dashboards into docs/pictures (needs node and chromium; PROMETHEUS, POSTGRES, PREVIEW=options)
	$(BIN)/python -m grafana.preview --prometheus $(PROMETHEUS) $(if $(POSTGRES),--postgres "$(POSTGRES)") $(PREVIEW) grafana/dashboards/*.json

lock: ## Renew the lock files (needs uv on PATH)
	uv pip compile -q --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11 --extra build pyproject.toml -o requirements.lock
	uv pip compile -q --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11 --extra build --extra dev pyproject.toml -o requirements-dev.lock
	uv pip compile -q --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11 --extra build --extra dev --extra fuzz pyproject.toml -o requirements-fuzz.lock

clean: ## Remove .venv, caches and the demo's state
	rm -rf .venv var .mypy_cache .ruff_cache .pytest_cache build *.egg-info
