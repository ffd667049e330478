# Everything a developer, an administrator or a machine does here. `make help` lists it.
# Two environments' worth of packages share .venv: what runs the product (demo, serve, package) and, on top, what tests it.
# A stamp file records what is installed, so a second run costs nothing.

PYTHON ?= python3
VENV   ?= .venv
STAGE  ?= dev
PORT   ?= 8000
N      ?= 2
BIN    := $(VENV)/bin
PY     := $(BIN)/python
PIP    := $(PY) -m pip --disable-pip-version-check
CODE   := $(wildcard app.py chalicelib cli infra local_aws tests bench)

.DEFAULT_GOAL := help
.PHONY: help demo serve test check bench bench-large vectors package deploy fmt tools test-parity compliance clean venv venv-dev requirements

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(VENV)/.local.stamp ## one certificate, end to end, on the local AWS; leaves .local/demo/
	$(PY) -m local_aws.demo

serve: $(VENV)/.local.stamp ## local AWS and API on 127.0.0.1:8000 (PORT=…); writes .local/sandbox.json
	PORT=$(PORT) $(PY) -m local_aws.serve

test: $(VENV)/.dev.stamp ## the whole test suite with branch coverage (N=… workers)
	$(PY) -m pytest -n $(N) --dist loadfile --cov --cov-report=term

check: $(VENV)/.dev.stamp ## lint, format, types, floors, sizes and bans
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy $(CODE)
	$(BIN)/lint-imports --no-cache
	$(PY) -m pytest -q tests/architecture

bench: $(VENV)/.dev.stamp ## measure the paths of docs/ARCHITECTURE.md on this machine
	$(PY) -m bench

bench-large: $(VENV)/.dev.stamp ## the log's figures with a million entries (some minutes)
	ENTRIES=1000000 $(PY) -m bench log

vectors: $(VENV)/.dev.stamp ## regenerate our own test vectors
	$(PY) -m tests.vectors

package: $(VENV)/.dev.stamp ## one CloudFormation template and bundle for STAGE=…
	$(PY) -m infra.package --stage $(STAGE)

deploy: package ## create or update the stack of STAGE=… in the AWS account of the environment
	$(PY) -m infra.deploy --stage $(STAGE)

fmt: $(VENV)/.dev.stamp ## format, and mend what can be mended by machine
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format .

tools: ## install what is not Python: the verifiers of package.json, openssl
	.ci/tools

test-parity: $(VENV)/.dev.stamp ## the AWS-touching tests on a second, independent emulator; writes docs/emulators.md
	$(PY) -m local_aws.parity

compliance: $(VENV)/.dev.stamp ## hold docs/compliance.md to the code and list the open rows
	@$(PY) -m pytest -q tests/architecture/test_compliance.py
	@grep -F '| open |' docs/compliance.md | cut -d'|' -f2-4 || true

requirements: $(VENV)/.dev.stamp ## compile requirements/*.in to exact versions (UPGRADE=--upgrade to move them)
	.ci/requirements $(BIN)/pip-compile $(UPGRADE)

venv: $(VENV)/.local.stamp ## the Python environment of demo and serve

venv-dev: $(VENV)/.dev.stamp ## the Python environment of test and check

clean: ## remove what the targets above made, the environment included
	rm -rf $(VENV) .local build dist node_modules .coverage .coverage.* *.egg-info .import_linter_cache
	rm -rf .pytest_cache .mypy_cache .ruff_cache .hypothesis .chalice/deployments
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# ── the environment ────────────────────────────────────────────────────────────────────────────────────────────────

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "Python 3.11 or later is needed; '$(PYTHON)' is: $$($(PYTHON) --version 2>&1 | head -n 1). Name another: make PYTHON=python3.12 …" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { \
	  rm -rf $(VENV); echo "'$(PYTHON) -m venv' failed; on Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }

$(VENV)/.local.stamp: requirements-local.txt pyproject.toml | $(VENV)/bin/python
	@echo "installing what the demo needs into $(VENV) …"
	@$(PIP) install --quiet -r requirements-local.txt
	@$(PIP) install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev.stamp: requirements-dev.txt $(VENV)/.local.stamp
	@echo "installing what the tests need into $(VENV) …"
	@$(PIP) install --quiet -r requirements-dev.txt
	@touch $@
