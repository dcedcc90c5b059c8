# One word per task. Each target makes the virtual environment it needs; only Python 3.11+ and make are assumed.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed
WORKERS ?= 3
SECONDS ?= 60

.PHONY: help setup demo test check bench proof attacks fuzz soak clean

help: ## what each word does
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/'

$(STAMP): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $(STAMP)

setup: $(STAMP) ## make the virtual environment and install the project in it

demo: setup ## a gateway and a simulated partner on this machine (ARGS=--no-serve exits when done)
	$(BIN)/sarhad demo $(ARGS)

test: setup ## the whole test suite
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder $(ARGS)

check: setup ## format, lint and types, on code and tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

bench: setup ## ratios against something runnable beside them
	$(BIN)/python -m benchmarks $(ARGS)

proof: setup ## counts of real messages and the matrix of damages (SAMPLES=folder of real messages)
	$(BIN)/python -m tests.proof $(if $(SAMPLES),--samples $(SAMPLES)) $(ARGS)

attacks: setup ## the table of attacks on a running partner port, each with what came of it (ARGS=--failures)
	$(BIN)/python -m tests.attacks $(ARGS)

fuzz: setup ## mutated messages through the whole reading path (SECONDS=60 for each format)
	SARHAD_FUZZ_SECONDS=$(SECONDS) $(BIN)/python -m pytest -p no:xdist tests/fuzz $(ARGS)

soak: setup ## the long campaigns: full-size property tests and kill runs
	SARHAD_SOAK=1 $(BIN)/python -m pytest -n $(WORKERS) $(ARGS)

clean: ## remove what set-up and runs have made
	rm -rf $(VENV) build *.egg-info .sarhad .mypy_cache .ruff_cache .pytest_cache .hypothesis
