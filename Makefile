# Each target does its own set-up on a fresh machine: Python 3.11, 3.12 or 3.13, gcc, git and make are enough.
PYTHON ?= python3
VENV ?= .venv
PORT ?= 7860
BIN = $(VENV)/bin
READY = $(VENV)/.ready

.PHONY: help demo test serve lint clean

help:
	@echo "make demo    build a dataset, run two stand-in models, judge, score, report and rank them"
	@echo "make test    every test, the linter and the type checker"
	@echo "make serve   the leaderboard with the demo's data, in a browser (PORT=7860)"
	@echo "make lint    the linter and the type checker alone"
	@echo "make clean   remove the environment and what the demo made"

demo: $(READY)
	$(BIN)/realunify demo

test: lint
	$(BIN)/python -m pytest -n 2 --dist loadfile

serve: $(READY)
	$(BIN)/realunify demo --serve --port $(PORT)

lint: $(READY)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

clean:
	rm -rf $(VENV) demo

# Plain pip with the constraints file: it finds a CPU build of torch where the index or a local file offers one.
$(READY): pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt torch
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[all,dev]"
	touch $(READY)
