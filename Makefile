# Only python3 (3.11+) and pip are needed: the first target builds .venv by itself. uv is used when it is found.
# `make` lists the targets; `make demo PYTHON=python3.12` picks an interpreter; `make test ARGS="-k masks -x"` narrows.

PYTHON  ?= python3
VENV    := .venv
BIN     := $(VENV)/bin
ROOMS   := catalog policies lineage contracts gateway cli
CODE    := $(ROOMS) tests examples docs
EXTRAS  := dev,example,postgres,serve
ARGS    ?=
WORKERS ?= 2
READY   := $(VENV)/.ready
UV      := $(shell command -v uv 2>/dev/null)

# Compiled modules are kept, whatever the shell says: each process that a test starts would compile everything anew.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup demo test check format lint types pyright imports cover long docs wheel clean

help:  ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(READY)  ## build .venv and install lakeward into it, editable

# Rebuilt when pyproject.toml changes. `--without-pip` and `pip --python` spare ensurepip, which some systems leave out.
$(READY): pyproject.toml
	@$(PYTHON) -c 'import sys; v = sys.version_info; v >= (3, 11) or sys.exit("lakeward needs Python 3.11 or newer; $(PYTHON) is %d.%d. Try: make setup PYTHON=python3.12" % v[:2])'
ifneq ($(UV),)
	test -x $(BIN)/python || uv venv --quiet --python $(PYTHON) $(VENV)
	uv pip install --quiet --python $(BIN)/python --editable '.[$(EXTRAS)]'
else
	test -x $(BIN)/python || $(PYTHON) -m venv --without-pip $(VENV)
	$(PYTHON) -m pip --quiet --disable-pip-version-check --python $(BIN)/python install --editable '.[$(EXTRAS)]'
endif
	@touch $@

demo: $(READY)  ## the whole story on a small lake, in one command
	$(BIN)/lakeward demo

test: $(READY)  ## run the quick tests; ARGS="-k masks -x" goes to pytest
	$(BIN)/python -m pytest -n $(WORKERS) -m "not slow" $(ARGS)

check: lint types imports cover  ## everything CI runs

format: $(READY)  ## rewrite the code in the house format
	$(BIN)/ruff format $(CODE)
	$(BIN)/ruff check --fix $(CODE)

lint: $(READY)
	$(BIN)/ruff format --check $(CODE)
	$(BIN)/ruff check $(CODE)

types: $(READY)
	$(BIN)/mypy

# What an editor shows. Not a gate: it knows less of generated code and compiled libraries than mypy's plugins do.
pyright: $(READY)
	$(BIN)/basedpyright

imports: $(READY)
	$(BIN)/lint-imports

# Together with `make test` under coverage this is `make cover`, without a second run of the quick tests.
long: $(READY)  ## run the long suites alone
	$(BIN)/python -m pytest -n $(WORKERS) -m slow $(ARGS)

cover: $(READY)  ## run every test, the long ones too, with coverage
	$(BIN)/python -m pytest -n $(WORKERS) --cov --cov-report=term-missing $(ARGS)

docs: $(READY)  ## write the pages of docs/reference that come from the code
	$(BIN)/python docs/generate.py

wheel: $(READY)  ## build dist/*.whl and dist/*.tar.gz
	$(BIN)/python -m build

clean:  ## remove what the other targets made
	rm -rf $(VENV) dist .coverage .mypy_cache .pytest_cache .ruff_cache .import_linter_cache
