# holofleet: one command per habit. `make help` lists them; the hook and CI call only these.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
ARGS ?=
export UV_PYTHON_DOWNLOADS := never

.PHONY: help setup setup-test demo test quick lint types bench bench-quick lock format clean

help: ## List the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(VENV)/.runtime: requirements/runtime.txt pyproject.toml
	@tools/setup runtime

$(VENV)/.test: requirements/test.txt pyproject.toml
	@tools/setup test

setup: $(VENV)/.runtime ## Install what running needs into .venv

setup-test: $(VENV)/.test ## Install what running and testing need (PostgreSQL and Chromium from Debian, where allowed)

demo: $(VENV)/.runtime ## Serve a sample fleet with simulated headsets until Ctrl-C (ARGS=--once ends after the report)
	@$(BIN)/holofleet demo $(ARGS)

test: $(VENV)/.test ## Set everything up and pass all gates and tests
	@tools/run-tests $(ARGS)

quick: ## Unit and property tests only, in an environment that is already set up
	@$(BIN)/pytest -q tests/unit tests/wire tests/rules tests/properties $(ARGS)

lint: $(VENV)/.test ## Lint, format check, types and import direction
	@tools/run-gates

bench: $(VENV)/.test ## Measure; prints numbers and ratios side by side
	@$(BIN)/python -m bench $(ARGS)

format: $(VENV)/.test ## Rewrite the code in the project's format
	@$(BIN)/ruff format src tests bench && $(BIN)/ruff check --fix src tests bench

lock: ## Lock the dependencies again (hashed, no index address; releases at least 7 days old)
	@tools/lock

clean: ## Remove the environment and all caches
	@rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build dist
