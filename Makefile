# What people do in this project. `make` alone lists it. GNU Make 3.81 or later, any POSIX shell.

VENV := .venv
PEER := benchmarks/peer/node_modules
BIN := $(VENV)/bin
PORT ?= 8000
URL ?= http://127.0.0.1:$(PORT)
# How many processes share the tests.
WORKERS ?= 2
# The first of these that is Python 3.11 or later; `make PYTHON=… install` names another.
PYTHONS := $(if $(PYTHON),"$(PYTHON)",python3.13 python3.12 python3.11 python3)
PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check

.DEFAULT_GOAL := help
.PHONY: help install install-test install-dev run serve worker demo manage test test-embedded lint types \
	mutation-checks check-migrations lint-migrations audit check-schema benchmark-realtime benchmark-analytics benchmark-admin benchmark-load clean broken

help:  ## Show this list
	@awk -F ':.*## ' '/^[a-z.-]+:.*## / { printf "  %-21s%s\n", $$1, $$2 }' Makefile

# --- To use it ---

install: $(VENV)/.installed  ## Make .venv with what the server needs (PYTHON=… chooses the Python)
	@echo "$(VENV) has what the server needs."

run: $(VENV)/.installed  ## Try it out: set everything up, seed a demo, serve on 127.0.0.1 (PORT=8000)
	@exec $(BIN)/python tools/prepare_run.py serve

demo: $(VENV)/.installed  ## Two friends check in live against a running server (PORT=8000 or URL=…)
	@exec $(BIN)/python tools/demo.py --url "$(URL)"

manage: $(VENV)/.installed  ## A management command on the data of `make run`: make manage ARGS="shell"
	@exec $(BIN)/python tools/prepare_run.py manage $(ARGS)

serve: $(VENV)/.installed  ## Production, environment as it is; first: .venv/bin/python manage.py migrate
	@$(BIN)/python manage.py collectstatic --no-input --verbosity 0
	@exec $(BIN)/python -m hucares.serve

worker: $(VENV)/.installed  ## Send mails and do what recurs, beside `make serve` with the same environment
	@exec $(BIN)/python manage.py run_worker

.env:  ## Settings for Docker Compose with fresh secrets, from .env.example; never overwrites
	@umask 077; while IFS= read -r line; do case "$$line" in \
		SECRET_KEY=|JWT_ACCESS_SECRET=|JWT_REFRESH_SECRET=|PIN_PEPPER=|POSTGRES_PASSWORD=) \
			line="$$line$$(head -c 48 /dev/urandom | base64 | tr -d '\n' | tr '+/' '-_')";; \
		esac; printf '%s\n' "$$line"; done <.env.example >.env.draft && mv .env.draft .env
	@echo "Wrote .env; docker compose up reads it."

# --- To work on it ---

test: $(VENV)/.installed-test  ## All tests with coverage, on private PostgreSQL and Redis servers (WORKERS=2)
	$(BIN)/python -m pytest --numprocesses $(WORKERS) --cov --cov-fail-under=90 $(ARGS)

test-embedded: $(VENV)/.installed-test  ## The same tests on the embedded default: SQLite, no Redis
	HUCARES_TEST_EMBEDDED=1 $(BIN)/python -m pytest --numprocesses $(WORKERS) $(ARGS)

mutation-checks: $(VENV)/.installed-test  ## Break the event log and the sockets in a copy, and see the tests notice
	$(BIN)/python tools/mutation_checks.py $(ARGS)

lint: $(VENV)/.installed-dev  ## Style, formatting, and who may import whom
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/lint-imports --no-logo

types: $(VENV)/.installed-dev  ## Static types
	DEBUG=1 $(BIN)/mypy .

check-migrations: $(VENV)/.installed  ## Fail if a model has changed without a migration
	DEBUG=1 $(BIN)/python manage.py makemigrations --check --dry-run

lint-migrations: $(VENV)/.installed-dev  ## Fail if a migration breaks the version before it, which runs on during a rollout
	$(BIN)/python tools/lint_migrations.py

audit: $(VENV)/.installed-dev  ## Report packages with known weaknesses; fails nothing
	@$(BIN)/python tools/audit.py

check-schema: $(VENV)/.installed  ## Fail if the OpenAPI schema has errors or warnings
	DEBUG=1 $(BIN)/python manage.py spectacular --validate --fail-on-warn --file /dev/null

benchmark-realtime: $(VENV)/.installed-test $(PEER)/.installed  ## The sockets beside Socket.io's (ARGS="--quick"); needs Node 20 or later
	$(BIN)/python -m benchmarks.realtime $(ARGS)

benchmark-analytics: $(VENV)/.installed-test  ## What figures cost with ten million check-ins of strangers (ARGS="--rows 100000")
	$(BIN)/python -m benchmarks.analytics $(ARGS)

benchmark-admin: $(VENV)/.installed-test  ## What the admin's pages cost with 100,000 people (ARGS="--people 2000")
	$(BIN)/python -m benchmarks.admin $(ARGS)

benchmark-load: $(VENV)/.installed-test  ## What calls of the API take at a steady rate (ARGS="--rate 100 --servers 3")
	$(BIN)/python -m benchmarks.load $(ARGS)

install-test: $(VENV)/.installed-test  ## Add what the tests need
	@echo "$(VENV) has what the tests need."

install-dev: $(VENV)/.installed-dev  ## Add the linters and the type checker
	@echo "$(VENV) has everything."

clean:  ## Remove .venv and caches; the data in var/ stays
	rm -rf $(VENV) .coverage htmlcov .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# A file marks a finished installation; another marks one that has begun, so that a half-made .venv is made anew.
$(VENV)/.installed: requirements.txt $(shell test -x $(BIN)/python || echo broken)
	@if [ -e $(VENV)/.unfinished ] || ! $(BIN)/python -m pip --version >/dev/null 2>&1; then $(MAKE_VENV); fi
	@echo "Installing requirements.txt …" && touch $(VENV)/.unfinished
	@$(PIP_INSTALL) --requirement requirements.txt
	@rm $(VENV)/.unfinished && touch $@

$(VENV)/.installed-test: requirements-test.txt $(VENV)/.installed
	@echo "Installing requirements-test.txt …"
	@$(PIP_INSTALL) --requirement requirements-test.txt
	@touch $@

$(VENV)/.installed-dev: requirements-dev.txt $(VENV)/.installed-test
	@echo "Installing requirements-dev.txt …"
	@$(PIP_INSTALL) --requirement requirements-dev.txt
	@touch $@

$(PEER)/.installed: benchmarks/peer/package.json benchmarks/peer/package-lock.json
	cd benchmarks/peer && npm ci --no-fund --no-audit
	@touch $@

# A name that is found may still not run (version managers), and Debian's Python comes without venv.
define MAKE_VENV
found=; \
for python in $(PYTHONS); do \
	"$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 || continue; \
	found=$$python; \
	if "$$python" -c 'import ensurepip, venv' >/dev/null 2>&1; then \
		echo "Making $(VENV) with $$("$$python" --version) …"; \
		"$$python" -m venv --clear $(VENV); \
		exit; \
	fi; \
done; \
if [ -n "$$found" ]; then \
	echo "$$found cannot make virtual environments here: run 'apt install python3-venv', then try again." >&2; \
else \
	echo "HuCares needs Python 3.11 or later; none of these is:" $(PYTHONS)". Install it, or name it: PYTHON=…" >&2; \
fi; \
exit 1
endef
