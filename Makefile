.PHONY: help run test test-postgres check bench bench-quick

help:  ## List these commands
	@grep -hE '^[a-z-]+:.*##' Makefile | sed -E 's/:.*## /\t/' | expand -t 14

run:  ## Set up what is missing, then serve a demo agency at http://127.0.0.1:8000
	@python3 dev.py run

test:  ## Set up what is missing, then run every test, browser tests last
	@python3 dev.py test

test-postgres:  ## Run the tests of storage on a PostgreSQL server that comes with the packages
	@python3 -c "import dev; dev.prepare()"
	@.venv/bin/pytest -n auto --dist worksteal -m postgres

check:  ## Format, lint, types and import rules
	@python3 dev.py check

bench:  ## Measure every goal of speed and size beside a baseline, in half an hour; results in build/bench
	@python3 dev.py bench

bench-quick:  ## The same with less, in three minutes
	@python3 dev.py bench --quick
