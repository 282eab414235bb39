# `make score` and `make test` need nothing but Python 3.11+ and a package index.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Quiet twice: older pips warn that lxml lacks an extra which it has under a newer spelling.
PIP := $(BIN)/python -m pip install -qq --disable-pip-version-check --constraint requirements.lock

.PHONY: score test check unit train bench speed fuzz separation serve load clients audit lock picture clean

score: $(VENV)/.installed ## judge the comments of the five example pages
	@$(BIN)/moderation score seeds/ --format table

test: check unit ## every check and test

check: $(VENV)/.installed-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

unit: $(VENV)/.installed-dev
	$(BIN)/pytest --numprocesses auto --maxprocesses 4 --dist loadfile

train: $(VENV)/.installed ## retrain models/news from the corpora (a few minutes)
	$(BIN)/moderation train --output models/news --force

bench: $(VENV)/.installed ## measure the shipped model beside its peers
	$(BIN)/python benchmarks/quality.py --transfer

speed: $(VENV)/.installed-bench ## measure how fast scoring is beside its peers (about six minutes)
	$(BIN)/python benchmarks/speed.py

fuzz: $(VENV)/.installed-fuzz ## try a million inputs on every reader (about two hours)
	$(BIN)/python benchmarks/fuzz.py

separation: $(VENV)/.installed ## measure how comments are separated, beside trafilatura
	$(BIN)/python benchmarks/separation.py

serve: $(VENV)/.installed-dev ## start the service on this machine
	$(BIN)/moderation serve --decisions decisions.db

load: $(VENV)/.installed-dev ## measure the service under load (a minute; needs wrk)
	$(BIN)/python benchmarks/service.py

clients: $(VENV)/.installed-dev ## try npm clients of the Perspective API (needs node and npm)
	$(BIN)/python benchmarks/clients.py

audit: $(VENV)/.installed-dev ## look for known vulnerabilities of what the lock names
	$(BIN)/python .ci/audit.py

lock: $(VENV)/.installed-dev ## pin the newest versions of everything
	$(PIP) uv
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --all-extras --upgrade \
		--no-header --output-file requirements.lock pyproject.toml

picture: $(VENV)/.installed ## draw docs/score.svg as it stands in the README
	$(BIN)/python docs/picture.py

clean:
	rm -rf $(VENV) dist

# hatchling comes first, pinned like the rest, so that building takes nothing unpinned from outside.
$(VENV)/.installed: requirements.lock pyproject.toml hatch_build.py
	$(PYTHON) -m venv $(VENV)
	$(PIP) hatchling
	$(PIP) --no-build-isolation --editable .
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed
	$(PIP) --no-build-isolation --editable '.[dev]'
	@touch $@

$(VENV)/.installed-bench: $(VENV)/.installed
	$(PIP) --no-build-isolation --editable '.[bench]'
	@touch $@

$(VENV)/.installed-fuzz: $(VENV)/.installed
	$(PIP) --no-build-isolation --editable '.[fuzz]'
	@touch $@
