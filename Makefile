# What people type. `make help` prints the list.
SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

# Any Python from 3.11 on: `PYTHON=python3.13 make demo`.
PYTHON ?= python3
BIN := .venv/bin
INSTALL := $(BIN)/python -m pip install --quiet --quiet --disable-pip-version-check --no-input --require-hashes -r
SOURCES := $(wildcard config/locale/*/LC_MESSAGES/django.po)
CATALOGUES := $(SOURCES:.po=.mo)
CODE := accounts casework config manage.py

.PHONY: help demo test check check-lint check-types check-imports check-deployment bench lock translations clean

help: ## print this list
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 24

demo: .venv/runtime.stamp $(CATALOGUES) ## install, load sample data, run on 127.0.0.1 (PORT=8123 DATA_DIR=/some/where)
	@# `exec`, so that no shell stands between make and the demonstration when it is told to stop.
	@exec env TEMOIN_INSECURE_LOCAL=1 TEMOIN_DEMO=1 $(BIN)/python manage.py serve --demo

test: .venv/development.stamp $(CATALOGUES) ## the whole suite (ARGS='-k word' narrows it)
	$(BIN)/pytest -n 2 $(ARGS)

check: check-lint check-types check-imports check-deployment ## lint, format, types, import contracts, migrations, deployment

check-lint: .venv/development.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

check-types: .venv/development.stamp
	$(BIN)/mypy $(CODE)

check-imports: .venv/development.stamp
	$(BIN)/lint-imports

check-deployment: .venv/development.stamp $(CATALOGUES)
	$(BIN)/python .ci/check_deployment.py

bench: .venv/development.stamp $(CATALOGUES) ## measure; one table here, one JSON in artefacts/bench.json
	@mkdir -p artefacts
	@$(BIN)/python -m tests.bench --json artefacts/bench.json

LOCK := $(BIN)/pip-compile --quiet --generate-hashes --strip-extras --allow-unsafe --no-header \
	--no-emit-index-url --no-emit-find-links --no-emit-trusted-host
lock: .venv/development.stamp ## write both lock files anew (ARGS=--upgrade raises versions)
	cd requirements && ../$(LOCK) $(ARGS) --output-file development.lock development.in
	cd requirements && ../$(LOCK) --constraint development.lock --output-file runtime.lock runtime.in

translations: .venv/runtime.stamp $(CATALOGUES) ## compile the message catalogues

%.mo: %.po | .venv/runtime.stamp
	@$(BIN)/pybabel --quiet compile --domain django --input-file $< --output-file $@

clean: ## remove what was made here, but never data (var/) and never the lock files
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache artefacts staticfiles
	rm -f $(CATALOGUES)
	find accounts casework config tests -name __pycache__ -type d -prune -exec rm -rf {} +

# The stamps are made anew when a lock file changes; a stamp is written last, so a broken install is tried again.
.venv/python.stamp:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		echo "Témoin needs Python 3.11 or newer; '$(PYTHON)' is $$($(PYTHON) --version 2>&1 | head -n 1)." >&2; \
		echo "Name another one: PYTHON=python3.12 make $(MAKECMDGOALS)" >&2; exit 1; }
	@$(PYTHON) -m venv .venv || { \
		echo "Python cannot make .venv. On Debian or Ubuntu: apt install python3-venv" >&2; rm -rf .venv; exit 1; }
	@touch $@

.venv/runtime.stamp: requirements/runtime.lock .venv/python.stamp
	@echo "Installing what Témoin needs into .venv (a minute or two the first time) …"
	@$(INSTALL) requirements/runtime.lock
	@touch $@

.venv/development.stamp: requirements/development.lock .venv/python.stamp
	@echo "Installing what the tests need into .venv …"
	@$(INSTALL) requirements/development.lock
	@touch .venv/runtime.stamp $@
