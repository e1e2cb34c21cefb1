# The two commands a newcomer needs are `make demo` and `make test`; both build .venv by themselves.
PYTHON ?= python3
BIN := .venv/bin
ARGS ?=
SEEDS ?= 200000
FROM ?= 0

.PHONY: help demo test clients contract-clients contract check format fuzz simulate bench lock messages clean

help:  ## list the commands
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/'

.venv/run.stamp: requirements/prod.txt pyproject.toml tools/bootstrap
	@tools/bootstrap $(PYTHON) requirements/prod.txt
	@touch $@

.venv/dev.stamp: .venv/run.stamp requirements/dev.txt
	@tools/bootstrap $(PYTHON) requirements/dev.txt
	@touch $@

demo: .venv/run.stamp  ## a task, there and back, against a Salesforce org in a box (ARGS=--once ends after the tour)
	@$(BIN)/tandem demo $(ARGS)

test: .venv/dev.stamp  ## install what the tests need and run them all (ARGS=tests/sync narrows them)
	@tools/servers
	@tools/test $(ARGS)

clients: .venv/dev.stamp
	@$(BIN)/python -m tests.contract.prepare

contract-clients: clients  ## let the heavy clients judge orgbox too: sf, tap-salesforce, Airbyte's source, aiosalesforce
	@ORGBOX_CLIENTS=all tools/test tests/contract/test_sf_cli.py tests/contract/test_readers.py

contract: .venv/dev.stamp  ## ask orgbox, or a real org (ORG=its address, ORG_TOKEN=a session), what orgbox takes for granted
	@ORG=$(ORG) ORG_TOKEN=$(ORG_TOKEN) tools/test tests/contract/test_statements.py

check: .venv/dev.stamp  ## format, lint, types, and which way imports may point
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy src
	$(BIN)/lint-imports

format: .venv/dev.stamp  ## let ruff lay the code out
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

fuzz: .venv/dev.stamp  ## send orgbox texts and requests by chance, many more than the tests do (RUNS=200000)
	@FUZZ_QUERIES=$(or $(RUNS),200000) tools/test tests/orgbox/test_fuzz_queries.py
	@FUZZ=$(or $(RUNS),200000) tools/test tests/orgbox/test_fuzz.py tests/orgbox/test_every_request.py

simulate: .venv/dev.stamp  ## prove the engine on fresh seeded histories, all cores (SEEDS=200000 FROM=0)
	$(BIN)/python -m tests.simulation.simulate SEEDS=$(SEEDS) FROM=$(FROM)

bench: .venv/dev.stamp  ## measure Tandem beside other clients, and what it costs (QUICK=1 for a first look)
	benchmarks/peers/install
	$(BIN)/python -m benchmarks.bench QUICK=$(or $(QUICK),0)
	$(BIN)/python -m benchmarks.costs LINKS=$(if $(QUICK),2000,10000)
	$(BIN)/python -m benchmarks.pages
	$(BIN)/python -m benchmarks.orgbox TASKS=$(if $(QUICK),100000,1000000)
	$(BIN)/python -m benchmarks.page

lock: .venv/dev.stamp  ## write requirements/*.txt anew: hashes, no addresses
	tools/pin

messages: .venv/dev.stamp  ## collect and compile the Dutch sentences (needs Debian's gettext)
	cd src/tandem && TANDEM_HOME=../../var ../../$(BIN)/tandem manage makemessages -l nl --no-location --no-obsolete
	cd src/tandem && TANDEM_HOME=../../var ../../$(BIN)/tandem manage compilemessages

clean:  ## forget everything that was built here
	rm -rf .venv var build dist .mypy_cache .ruff_cache .pytest_cache
