# Two commands: `make demo` shows what frontrow does, `make test` checks that it does it.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# Empty is no: without bytecode on disk every command that a test starts would compile all it imports, some two seconds.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: demo test lint types suite docs clean

demo: $(VENV)/.base
	$(BIN)/frontrow demo --output demo

# Types are checked beside the tests, which now and then wait for something.
test: lint
	$(MAKE) --no-print-directory --jobs 2 types suite

suite: $(VENV)/.compiled
	$(BIN)/python -m pytest

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.dev
	$(BIN)/mypy

docs: $(VENV)/.dev
	$(BIN)/python -m frontrow.cli.reference docs/cli.md

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

# One process compiles what the tests import, while types are checked; three would each compile all of it.
$(VENV)/.compiled: $(VENV)/.dev
	-$(BIN)/python -m pytest --collect-only -q -n 0 >/dev/null 2>&1
	touch $@

$(VENV)/.base: $(VENV)/bin/python pyproject.toml
	$(BIN)/pip install --quiet --editable .
	touch $@

$(VENV)/.dev: $(VENV)/bin/python pyproject.toml
	# One release of torch, so that every run tests the same one; left to itself, pip may fetch gigabytes for a GPU.
	# Bytecode is made of what is imported, when it is: most of these packages never are.
	$(BIN)/pip install --quiet --no-compile 'torch==2.13.0'
	$(BIN)/pip install --quiet --no-compile --editable '.[dev]'
	touch $@ $(VENV)/.base

clean:
	rm -rf $(VENV) demo build dist
