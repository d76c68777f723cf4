# `make demo` and `make test` need Python 3.11 or newer, git, gcc and make; everything else is fetched into .venv.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo test lint types check verify clean

demo: $(VENV)/.installed
	$(BIN)/wigner run runs/quickstart.toml --plot --force

test: $(VENV)/.installed-dev lint types
	$(BIN)/python -m pytest -n auto

lint: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.installed-dev
	$(BIN)/mypy

verify: $(VENV)/.installed
	$(BIN)/wigner verify --jobs 2 runs/

$(VENV)/.installed: setup.cfg pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e .
	touch $@

$(VENV)/.installed-dev: setup.cfg pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e ".[dev]"
	touch $(VENV)/.installed $@

clean:
	rm -rf $(VENV) results build dist *.egg-info
