# What one does with this repository, each in one command. `make` alone lists them.
# Needs GNU make, git and Python 3.11 or newer; everything else goes into .venv, from the lock files, hash by hash.

SHELL := /bin/sh
MAKEFLAGS += --no-builtin-rules --no-print-directory
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PYTHON ?= # a Python to use instead of the first one found that is new enough
FLAGS ?= # further options for generate.py
TESTFLAGS ?= # further options for pytest
PORT ?= 8000

PY := .venv/bin/python
PIP_INSTALL := $(PY) -m pip install -qq --no-input --disable-pip-version-check --progress-bar off --require-hashes
UV_COMPILE := .venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header
WEB := tests/web/node_modules/.package-lock.json
CODE := $(wildcard generate.py groundswell sandbox benchmarks tests)
SCRIPTS := .ci/run .ci/history .ci/later-version .ci/scorecard .ci/summary .ci/quiet .ci/release .ci/propose .ci/git.sh

.PHONY: help demo test site check serve docs calibrate lint fresh lock clean

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# --- Using it --------------------------------------------------------------------------------------------------------

demo: .venv/dev ## the whole job on invented projects, without a network or a token; fills site/
	@$(PY) -m sandbox.demo

test: .venv/dev $(if $(shell command -v npm),$(WEB)) ## all tests; what needs a program that is not there is left out, and named
	@$(PY) -m pytest -n auto --dist loadfile --no-loadscope-reorder $(TESTFLAGS)

site: .venv/run ## the whole job on projects.yaml, live; takes GITHUB_TOKEN from the environment; fills history/ and site/
	@$(PY) generate.py $(FLAGS)

check: .venv/run ## look for mistakes in projects.yaml, and at nothing else
	@$(PY) generate.py check $(FLAGS)

serve: $(PY) ## show site/ at http://127.0.0.1:8000/ (another port: make serve PORT=8001)
	@if [ ! -f site/index.html ]; then \
		echo "There is no site yet. Make one with \`make demo\` or \`make site\`." >&2; exit 1; fi
	@echo "site/ is at http://127.0.0.1:$(PORT)/ until Ctrl-C"
	@$(PY) -m http.server --bind 127.0.0.1 --directory site $(PORT)

# --- Working on it ---------------------------------------------------------------------------------------------------

docs: .venv/run ## write docs/metrics.md, projects.schema.json and sandbox/projects.yaml anew from the code
	@$(PY) generate.py docs
	@$(PY) -m sandbox.tracker

calibrate: .venv/dev ## how often the intervals hold the truth: writes docs/calibration.md anew, in some minutes
	@$(PY) -m benchmarks.calibration

lint: .venv/dev ## style, types, workflows and shell scripts
	@status=0; \
	.venv/bin/ruff check --quiet . || status=1; \
	.venv/bin/ruff format --quiet --check . || status=1; \
	.venv/bin/mypy --no-error-summary || status=1; \
	.venv/bin/check-jsonschema --quiet --builtin-schema vendor.github-workflows .github/workflows/*.yml || status=1; \
	.venv/bin/check-jsonschema --quiet --builtin-schema vendor.github-actions action.yml || status=1; \
	.venv/bin/check-jsonschema --quiet --builtin-schema vendor.dependabot .github/dependabot.yml || status=1; \
	.venv/bin/check-jsonschema --quiet --builtin-schema vendor.github-issue-forms .github/ISSUE_TEMPLATE/project.yml || status=1; \
	.venv/bin/actionlint -shellcheck .venv/bin/shellcheck -pyflakes= .github/workflows/*.yml || status=1; \
	.venv/bin/zizmor --quiet --no-progress --offline --pedantic .github action.yml || status=1; \
	.venv/bin/shellcheck --external-sources $(SCRIPTS) || status=1; \
	[ $$status = 0 ] && echo "Style, types, workflows and scripts are as they should be." || exit 1

fresh: .venv/dev .venv/uv ## check that lock files, schema and generated docs match what they are made from
	@$(PY) generate.py docs --check
	@fresh=$$(mktemp -d) && trap 'rm -rf "$$fresh"' EXIT && cp requirements.txt requirements-dev.txt "$$fresh" && \
	$(UV_COMPILE) pyproject.toml --output-file "$$fresh/requirements.txt" && \
	$(UV_COMPILE) pyproject.toml --group dev --constraint requirements.txt --output-file "$$fresh/requirements-dev.txt" && \
	for file in requirements.txt requirements-dev.txt; do \
		diff -u $$file "$$fresh/$$file" || { echo "$$file does not fit pyproject.toml. Mend it with \`make lock\`." >&2; exit 1; }; \
	done
	@echo "Lock files, schema and generated docs are fresh."

lock: .venv/uv ## write the lock files anew for every system (newest versions: make lock UPGRADE=1)
	@$(UV_COMPILE) $(if $(UPGRADE),--upgrade) pyproject.toml --output-file requirements.txt
	@$(UV_COMPILE) $(if $(UPGRADE),--upgrade) pyproject.toml --group dev --constraint requirements.txt \
		--output-file requirements-dev.txt
	@echo "requirements.txt and requirements-dev.txt are written."

clean: ## remove everything that can be made again: .venv, site/, build/, caches (history/ stays)
	@rm -rf .venv tests/web/node_modules site build .mypy_cache .pytest_cache .ruff_cache
	@find $(CODE) -name __pycache__ -type d -prune -exec rm -rf {} +

# --- The virtual environment: .venv/run, .venv/dev and .venv/uv are made when the packages of a lock file are in ------

# An environment whose Python is no longer there (removed, or the folder was moved) is made anew.
$(shell [ -x $(PY) ] || rm -rf .venv)

.venv/run: requirements.txt $(PY)
	@echo "Installing what requirements.txt lists into .venv"
	@$(PIP_INSTALL) -r $< || { $(say_install); exit 1; }
	@touch $@

.venv/dev: requirements-dev.txt .venv/run
	@echo "Installing what requirements-dev.txt adds"
	@$(PIP_INSTALL) -r $< || { $(say_install); exit 1; }
	@touch $@

$(WEB): tests/web/package-lock.json
	@echo "Installing what tests/web/package-lock.json lists"
	@npm ci --prefix tests/web --ignore-scripts --no-audit --no-fund --silent || { $(say_install); exit 1; }
	@touch $@

.venv/uv: .ci/requirements.txt $(PY)
	@$(PIP_INSTALL) -r $< || { $(say_install); exit 1; }
	@touch $@

$(PY):
	@for name in $(or $(PYTHON),python3 python3.14 python3.13 python3.12 python3.11); do \
		if "$$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then \
			"$$name" -m venv --clear .venv && exit 0; \
			echo "$$name could not make a virtual environment. On Debian and Ubuntu: apt install python3-venv" >&2; \
			exit 1; \
		fi; \
	done; \
	echo "Groundswell needs Python 3.11 or newer; $(or $(PYTHON),python3) is $$($(or $(PYTHON),python3) --version 2>&1 | tail -n 1)." >&2; \
	echo "Install a newer one, or say where it is: make PYTHON=/path/to/python3.12 $(MAKECMDGOALS)" >&2; \
	exit 1

say_install = echo "The packages could not be installed. Is there a network? Then give the same command again; \
	after a change of Python, \`make clean\` first." >&2
