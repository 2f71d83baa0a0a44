# One command from a fresh clone: `make run` shows it working, `make test` is the whole gate.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

BIN := .venv/bin
DEV := .venv/.made
CLOUD := .local/venv-cloud/.made
SAM := .local/venv-sam/.made
CHECKOV := .local/venv-checkov/.made
AUDIT := .local/venv-audit/.made

# The first Python 3.13 that can make an environment; `make PYTHON=/path/to/python3.13 ...` names another.
PYTHON = $(shell for each in python3.13 python3 python "$$(uv python find 3.13 2>/dev/null)" $(HOME)/.pyenv/versions/3.13*/bin/python; do \
	"$$each" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info[:2] != (3, 13))' 2>/dev/null && command -v "$$each" && break; done)

# Every tool keeps its notes in .local, so that the work tree stays as git knows it.
export RUFF_CACHE_DIR := $(CURDIR)/.local/ruff
export HYPOTHESIS_STORAGE_DIRECTORY := $(CURDIR)/.local/hypothesis
export SAM_CLI_TELEMETRY := 0
export __SAM_CLI_APP_DIR := $(CURDIR)/.local/sam
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export UV_NO_PROGRESS := 1

LOCKS := layers/common/requirements requirements/dev requirements/cloud requirements/sam requirements/checkov requirements/audit
PYTEST := $(BIN)/python -m pytest -q
TIERS := $(foreach tier,unit sandbox contract integration simulation,$(if $(shell find tests/$(tier) -name 'test_*.py' 2>/dev/null),test-$(tier)))
E2E := $(if $(shell find tests/e2e -name 'test_*.py' 2>/dev/null),e2e)
STAGES := format-check lint types imports $(TIERS) template $(E2E)

##@ Try it
run: environments  ## show Crossdock at work: the local cloud, a DEAR and a warehouse, orders going through
	@$(BIN)/python -m sandbox.run

up: environments  ## start the local cloud, build and deploy the template to it
	@$(BIN)/python -m sandbox.cloud up

down: $(DEV)  ## stop the local cloud; its state is kept
	@$(BIN)/python -m sandbox.cloud down

sandbox: $(DEV)  ## serve the DEAR and the warehouse to try things against
	@$(BIN)/python -m sandbox

##@ Check it
test: $(DEV) $(CLOUD) $(SAM) $(CHECKOV)  ## everything below, stopping at the first failure
	@total=$$SECONDS; for stage in $(STAGES); do \
		began=$$SECONDS; printf '\n── %s\n' "$$stage"; \
		$(MAKE) "$$stage" || { printf '\n✗ %s failed after %s s. Again alone: make %s\n' "$$stage" $$((SECONDS - began)) "$$stage"; exit 1; }; \
		printf '   %s s\n' $$((SECONDS - began)); \
	done; printf '\n✓ all of it passed in %s s: %s\n' $$((SECONDS - total)) '$(STAGES)'

format: $(DEV)  ## write the code in the one format
	@$(BIN)/ruff check --quiet --fix --select I . ; $(BIN)/ruff format .

format-check: $(DEV)  ## is the code in the one format?
	@$(BIN)/ruff format --check .

lint: $(DEV)  ## ruff's rules
	@$(BIN)/ruff check .

types: $(DEV)  ## mypy, strict
	@$(BIN)/mypy

imports: $(DEV)  ## who may import whom
	@PYTHONPATH=functions $(BIN)/lint-imports --cache-dir .local/imports

unit: test-unit  ## steps, domain and adapters, through fakes
contract: test-contract  ## our clients and servers against the written contracts
integration: test-integration  ## the store and the clients against real servers on this machine

test-%: $(DEV)
	@$(PYTEST) -n 2 tests/$*

template: $(SAM) $(CHECKOV)  ## the SAM template: valid, linted, scanned, and tested as CloudFormation sees it
	@.local/venv-sam/bin/cfn-lint && echo 'cfn-lint: nothing to say'
	@.local/venv-sam/bin/sam validate --lint --template template.yaml --region us-east-1
	@.local/venv-checkov/bin/checkov --config-file .checkov.yaml | grep -v '^$$'
	@$(PYTEST) -n 2 tests/template

simulate: $(DEV)  ## whole workflows with faults, judged from outside: SEEDS=200, or SEED=7 again
	@PYTHONPATH=functions $(BIN)/python -m simulation $(if $(SEED),--seed $(SEED),--seeds $(or $(SEEDS),200)) $(if $(FIRST),--first $(FIRST)) $(if $(TRACE),--trace)

mutants: $(DEV)  ## break the product on purpose, and see the simulation notice: ONLY=name for one
	@PYTHONPATH=functions $(BIN)/python -m simulation.mutants $(if $(ONLY),--only $(ONLY))

drill: environments  ## kill the deployed stack's processes while 100 sales go through, and audit: SEED=7, SALES=100
	@$(BIN)/python -m sandbox.drill $(if $(SEED),--seed $(SEED)) $(if $(SALES),--sales $(SALES))

bench: $(DEV)  ## count what it costs: DEAR calls, DynamoDB requests; JSON=1 prints JSON
	@PYTHONPATH=functions $(BIN)/python -m bench $(if $(JSON),--json)

load: environments  ## 5,000 pushes at a deployed stack on a local cloud of its own: PUSHES=500 for fewer
	@PYTHONPATH=functions $(BIN)/python -m bench.load $(if $(PUSHES),--pushes $(PUSHES))

e2e: $(CLOUD) $(SAM)  ## the deployed stack on a local cloud of its own
	@$(PYTEST) tests/e2e

audit: $(AUDIT)  ## known faults of everything that is pinned, as the public advisories tell; they must be reached, so it is not in `make test`
	@for name in $(LOCKS); do echo "· $$name.txt"; \
		.local/venv-audit/bin/pip-audit --strict --progress-spinner off --disable-pip --require-hashes -r $$name.txt \
		|| { echo 'Mend what is listed above. Was nothing found, or not reached? Then the advisories are out of reach here.'; exit 1; }; done

##@ Keep it
environments: $(DEV) $(CLOUD) $(SAM)  ## make the environments that running needs
	@:

lock: $(DEV)  ## pin the requirements again; UPGRADE=1 takes the newest
	@for name in $(LOCKS); do \
		echo "· $$name.txt"; \
		$(BIN)/uv pip compile -q --universal --python-version 3.13 --generate-hashes --no-annotate --no-header \
			--no-emit-index-url --no-emit-find-links $(if $(UPGRADE),--upgrade) \
			$$([ $$name = requirements/dev ] && echo '--constraint layers/common/requirements.txt') \
			$$name.in --output-file $$name.txt || exit 1; \
	done

clean:  ## remove builds and caches; the environments and the local cloud's state stay
	@rm -rf .aws-sam .local/build .local/build-cache .local/build.log .local/ruff .local/mypy .local/hypothesis .local/imports .local/coverage*
	@find . -name __pycache__ -type d -not -path './.venv/*' -not -path './.local/*' -prune -exec rm -rf {} +

help:
	@awk 'BEGIN {FS = ":.*##"} /^##@/ {printf "\n%s\n", substr($$0, 5)} /^[a-z0-9-]+:.*##/ {printf "  make %-14s%s\n", $$1, $$2}' Makefile; echo

.PHONY: run up down sandbox test format format-check lint types imports unit contract integration template simulate mutants drill bench load e2e audit environments lock clean help

# --- Environments: each is made again when its lock changes ---

# $(call made,folder,commands): one line on the screen; all of it in a log that is shown on failure.
define made
	@mkdir -p .local; printf '· %-20s ' '$(1)'; began=$$SECONDS; log=.local/$(notdir $(1)).log; \
	if { $(2); } > $$log 2>&1 < /dev/null; then touch $(1)/.made; printf 'ready in %s s\n' $$((SECONDS - began)); \
	else printf 'failed:\n\n'; cat $$log; exit 1; fi
endef

# uv is quick; where it cannot reach the packages (it reads none of pip's settings), pip does the same.
# $(call installed,folder,what)
installed = { $(BIN)/uv pip install --python $(1)/bin/python $(2) || $(BIN)/python -m pip --python $(1)/bin/python install $(2); }

$(DEV): requirements/dev.txt pyproject.toml
	@[ -n "$(PYTHON)" ] || { printf '%s\n' \
		'Python 3.13 with its venv module is needed, and none was found.' \
		'  Debian, Ubuntu:  apt install python3.13 python3.13-venv' \
		'  macOS:           brew install python@3.13' \
		'  anywhere:        uv python install 3.13, or pyenv install 3.13' \
		'If it is installed out of sight: make PYTHON=/path/to/python3.13 ...'; exit 1; }
	$(call made,.venv,"$(PYTHON)" -m venv .venv \
		&& awk '/^[^ ]/ {wanted = /^uv==/} wanted' requirements/dev.txt > .local/uv.txt \
		&& { $(BIN)/python -m pip install --require-hashes -r .local/uv.txt || true; } \
		&& $(call installed,.venv,--require-hashes -r requirements/dev.txt) \
		&& $(call installed,.venv,--no-deps -e .))

.local/venv-%/.made: requirements/%.txt | $(DEV)
	$(call made,.local/venv-$*,$(BIN)/python -m venv --clear --without-pip .local/venv-$* \
		&& $(call installed,.local/venv-$*,--require-hashes -r $<))
