# Two commands do everything: `make demo` and `make test`. Nothing outside this folder is touched, except that `make test`
# installs the real servers from the distribution's packages when it runs as root on Debian or Ubuntu, and `make bench` the
# scanners it compares with. TLS stacks that come from PyPI and npm go to .stacks/.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
PACKAGES := tests/servers/packages.txt
FUZZER := $(VENV)/.fuzzer
SECONDS ?= 60

.PHONY: demo test test-fast fuzz check format docs bench servers clean

demo: $(INSTALLED)  ## start an estate of small servers on loopback, scan it, say where the report is
	$(BIN)/tlsassay demo

test: $(INSTALLED) servers  ## every test, real servers included
	$(BIN)/pytest

test-fast: $(INSTALLED)  ## what needs neither real servers nor a browser
	$(BIN)/pytest -m "not real and not browser"

fuzz: $(FUZZER)  ## every codec for SECONDS=60 each; what breaks a promise is kept in .fuzz/crashes/
	$(BIN)/python -m tests.fuzz.run --seconds $(SECONDS)

check: $(INSTALLED)  ## lint, types, generated files
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/python docs/generate.py --check

format: $(INSTALLED)
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

docs: $(INSTALLED)  ## regenerate docs/rules, docs/policies, docs/schema, docs/cli.md, docs/protocols.md
	$(BIN)/python docs/generate.py

bench: $(INSTALLED)  ## connections, CPU and memory side by side with other scanners; writes docs/performance.md
	@sh tests/servers/install.sh bench/packages.txt
	$(BIN)/python -m bench

# constraints.txt pins everything with hashes; the project itself has none, so it is installed in a second step.
$(INSTALLED): pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "tlsassay needs Python 3.11 or newer: make PYTHON=python3.12")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement constraints.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@

$(FUZZER): $(INSTALLED) tests/fuzz/requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement tests/fuzz/requirements.txt
	touch $@

servers:
	@sh tests/servers/install.sh $(PACKAGES)
	@sh tests/servers/stacks/install.sh $(PYTHON)

clean:
	rm -rf $(VENV) .fuzz .stacks .pytest_cache .mypy_cache .ruff_cache .hypothesis dist build *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
