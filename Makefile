# Everything a contributor runs. `make demo` first, `make test` before a change is sent.
# Written for GNU make 3.81 and any POSIX sh.

SHELL = /bin/sh
VENV = .venv
BIN = $(VENV)/bin
# Two processes: more do not pay on the small machines that tests run on.
PROCESSES = 2

.PHONY: help demo test setup format lint types bench agreement coverage wheel-check clean
.SUFFIXES:

help:
	@echo 'make demo         a short tour on sample leads'
	@echo 'make test         format, lints, types and all tests'
	@echo 'make setup        install everything into $(VENV)'
	@echo 'make format       rewrite the code in the one format'
	@echo 'make lint         check format and lints'
	@echo 'make types        check types'
	@echo 'make agreement    the long comparison of the engines'
	@echo 'make coverage     which lines and branches no test runs'
	@echo 'make bench        time and memory, against the aims'
	@echo 'make wheel-check  build the package and try it in an empty place'
	@echo 'make clean        remove all that make has made'

# The tour needs only what a user installs, so it does not wait for the test tools.
demo: $(VENV)/.core
	@$(BIN)/leadrules demo

# pytest stays last: its summary is the last thing printed.
test: setup lint types
	@$(BIN)/python -m pytest -n $(PROCESSES)

setup: $(VENV)/.dev

format: setup
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

lint: setup
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .

types: setup
	@$(BIN)/mypy

bench: setup
	@# As pip does when it installs: a start is not timed with the compiling of the sources.
	@$(BIN)/python -m compileall -q leadrules
	@$(BIN)/python -m tests.bench.run

agreement: setup
	LEADRULES_EXAMPLES=20000 $(BIN)/python -m pytest -n $(PROCESSES) tests/test_agreement.py

coverage: setup
	@$(BIN)/python -m pytest -n $(PROCESSES) --cov --cov-report=term-missing

# Builds the package, installs it in an empty environment, and runs it there, so that a
# file missing from the package is seen.
wheel-check: $(VENV)/.python
	@set -e; \
	place=$$(mktemp -d); \
	trap 'rm -rf "$$place"' EXIT; \
	trap 'exit 1' HUP INT TERM; \
	$(BIN)/python -m pip --disable-pip-version-check wheel --quiet --no-deps -w "$$place" .; \
	$(BIN)/python -m venv "$$place/venv"; \
	"$$place/venv/bin/python" -m pip --disable-pip-version-check install --quiet "$$place"/leadrules-*.whl; \
	printf '%s\n' 'demo_request +40; score>=60 -> SQL; no_reply 30d -> cold' > "$$place/quickstart.rules"; \
	cd "$$place"; \
	venv/bin/leadrules demo; \
	venv/bin/leadrules check quickstart.rules; \
	venv/bin/leadrules rule LR104; \
	venv/bin/leadrules init made; \
	venv/bin/leadrules check made --report sarif=made.sarif; \
	venv/bin/leadrules test made; \
	venv/bin/leadrules check "$$(venv/bin/python -c \
	  'import leadrules, pathlib; print(pathlib.Path(leadrules.__file__).parent / "rulesets/inbound/inbound.rules")')"; \
	echo 'The package works in an empty environment.'

clean:
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis htmlcov .coverage .coverage.*
	find leadrules tests -name __pycache__ -type d -prune -exec rm -rf {} +

# --- the environment -------------------------------------------------------------------
# Three marks in $(VENV): .python (an empty environment), .core (what a user installs) and
# .dev (the test tools too). A changed pyproject.toml installs again, and nothing else does.

$(VENV)/.dev: $(VENV)/.python pyproject.toml
	@echo 'Installing leadrules and the test tools into $(VENV) ...'
	@$(BIN)/python -m pip --disable-pip-version-check install --quiet -e '.[dev]'
	@touch $(VENV)/.core $@

$(VENV)/.core: $(VENV)/.python pyproject.toml
	@echo 'Installing leadrules into $(VENV) ...'
	@$(BIN)/python -m pip --disable-pip-version-check install --quiet -e .
	@touch $@

# The first Python that is new enough and can make an environment. A command may exist and
# still not run (a version manager's stand-in does that), so each one is tried.
$(VENV)/.python:
	@rm -rf $(VENV); \
	old=; bare=; \
	for python in $(PYTHON) python3 python3.14 python3.13 python3.12 python3.11; do \
	  command -v "$$python" >/dev/null 2>&1 || continue; \
	  version=$$("$$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null) || continue; \
	  if ! "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then \
	    old="$$old $$python ($$version)"; continue; \
	  fi; \
	  if ! "$$python" -c 'import ensurepip, venv' 2>/dev/null; then \
	    bare="$$bare $$python ($$version)"; continue; \
	  fi; \
	  echo "Making $(VENV) with $$python ($$version) ..."; \
	  "$$python" -m venv $(VENV) && touch $@ && exit 0; \
	  rm -rf $(VENV); \
	  echo "$$python could not make $(VENV); its message stands above." >&2; exit 1; \
	done; \
	if [ -n "$$bare" ]; then \
	  echo "Found$$bare, but without pip and venv, so no environment can be made." >&2; \
	  echo "On Debian or Ubuntu: apt install python3-venv. Elsewhere: install the full Python." >&2; \
	elif [ -n "$$old" ]; then \
	  echo "leadrules needs Python 3.11 or newer; found only$$old." >&2; \
	  echo "Install a newer one, or name it: make setup PYTHON=/path/to/python" >&2; \
	else \
	  echo "leadrules needs Python 3.11 or newer; found none." >&2; \
	  echo "Install it, or name it: make setup PYTHON=/path/to/python" >&2; \
	fi; \
	exit 1
