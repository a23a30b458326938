.PHONY: help run test test-postgres check bench bench-quick bench-page soak

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

bench:  ## Measure every goal of speed and size on both databases, in about an hour, part by part; results in build/bench
	@python3 dev.py bench

bench-quick:  ## The same with less, on files only, in three minutes
	@python3 dev.py bench --quick --again

bench-page:  ## Write the figures of the last full run into docs/PERFORMANCE.md
	@python3 dev.py bench --page

soak:  ## Ten minutes of mixed load on each database: what grows, gets slower or fails; series in build/bench
	@python3 dev.py bench --only soak
