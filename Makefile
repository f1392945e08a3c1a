# The commands of the project. `make` alone lists them.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

MODE ?= local
include stack/setup.mk

# Words of the command line that choose or size a stack travel to it as environment variables.
export STACK_DIR STACK_PORT_OFFSET SEED_USERS SEED_ITEMS SEED_TAGS ALERT_PROFILE RUNBOOK_URL DASHBOARD_URL

STACK := $(PYTHON) -m stack
EXEC := $(STACK) exec --
# How `make seed`, `make verify` and `make recover` reach the pipeline of either mode.
RUN_SEED = $(if $(filter compose,$(MODE)),$(COMPOSE) run --rm seed,$(EXEC) python scripts/seed.py $(SEEDING))
RUN_WATCH = $(if $(filter compose,$(MODE)),$(PYTHON),$(EXEC) python) -m monitor.watch $(if $(ONCE),--once) $(if $(JSON),--json)
RUN_VERIFY = $(if $(filter compose,$(MODE)),$(COMPOSE) run --rm verify,$(EXEC) python -m monitor.verify)
RUN_RECOVER = $(if $(filter compose,$(MODE)),$(COMPOSE) run --rm --no-deps keeper,$(EXEC)) python -m connectors recover $(confirmed)
RUN_ALERTS = $(if $(filter compose,$(MODE)),$(PYTHON),$(EXEC) python) -m monitor.alerts
COMPOSE := docker compose --env-file stack/stack.env
SEEDING := --users $(or $(SEED_USERS),2000) --items $(or $(SEED_ITEMS),20000) --tags $(or $(SEED_TAGS),50)
confirmed := $(if $(filter 1 yes true,$(YES)),--yes)

ifeq ($(filter $(MODE),local compose),)
$(error MODE=$(MODE) is not known: MODE=local (processes of this machine) or MODE=compose (Docker))
endif

##@ The pipeline (MODE=local: processes of this machine; MODE=compose: Docker)

ifeq ($(MODE),local)

up: $(READY) ## Start everything, wait until every seeded row is in MongoDB (WORKERS=2 SEED_ITEMS=20000 BROKERS=3 MONGO_NODES=3 PROXIES=1)
	@$(STACK) up $(if $(WORKERS),--workers $(WORKERS)) $(if $(BROKERS),--brokers $(BROKERS)) $(if $(MONGO_NODES),--mongo-nodes $(MONGO_NODES)) $(if $(PROXIES),--proxies $(PROXIES))

down: $(READY) ## Stop everything that `make up` started; data stays
	@$(STACK) down

status: $(READY) ## What runs, and whether it serves
	@$(STACK) status

wait: $(READY) ## Wait until everything serves
	@$(STACK) wait

urls: $(READY) ## What runs where
	@$(STACK) urls

logs: $(READY) ## Ends of the logs (S=worker for one, F=1 to follow, N=100 lines)
	@$(STACK) logs $(S) $(if $(N),--lines $(N)) $(if $(F),--follow)

restart: $(READY) ## Restart one program and wait until all is well again: make restart S=kafka
	@$(if $(S),,echo "Say which: make restart S=kafka   (make status lists them)" >&2; exit 2)
	@$(STACK) restart $(S)

reset: $(READY) ## Stop the stack and delete its data (asks; YES=1 does not)
	@$(STACK) reset $(confirmed)

reset-all: $(READY) ## New schema, empty MongoDB, new rows, while workers and API go on (asks; YES=1 does not)
	@$(STACK) reset-all $(confirmed)

else

docker:
	@docker compose version >/dev/null 2>&1 || { \
	  echo "MODE=compose needs Docker with the compose plugin, and there is none on this machine." >&2; \
	  echo "Without Docker the same pipeline runs as local processes: make up" >&2; exit 1; }

up: docker
	@$(if $(filter-out 0 1,$(BROKERS) $(MONGO_NODES))$(filter-out 0,$(PROXIES)),\
	  echo "BROKERS=3, MONGO_NODES=3 and PROXIES=1 are for local mode: make up BROKERS=3" >&2; exit 2)
	$(COMPOSE) up --build --detach --wait $(if $(WORKERS),--scale worker=$(WORKERS))
	$(COMPOSE) ps
down: docker
	$(COMPOSE) down
status: docker
	$(COMPOSE) ps
wait: docker
	$(COMPOSE) up --no-recreate --detach --wait
urls: docker
	$(COMPOSE) ps --format 'table {{.Service}}\t{{.Ports}}'
logs: docker
	$(COMPOSE) logs --tail $(or $(N),100) $(if $(F),--follow) $(S)
restart: docker
	@$(if $(S),,echo "Say which: make restart S=kafka MODE=compose" >&2; exit 2)
	$(COMPOSE) restart $(S)
	$(COMPOSE) up --no-recreate --detach --wait
reset: docker
	@$(if $(confirmed),,echo "This deletes all data of the compose stack. Say so: make reset MODE=compose YES=1" >&2; exit 1)
	$(COMPOSE) down --volumes
reset-all:
	@echo "reset-all works on the local stack; with Docker: make reset MODE=compose YES=1, then make up MODE=compose" >&2; exit 1
.PHONY: docker

endif

##@ Data

seed: $(READY) ## Add rows (SEED_USERS=2000 SEED_ITEMS=20000 SEED_TAGS=50)
	@$(RUN_SEED)

verify: $(READY) ## Compare Postgres with MongoDB, document by document
	@$(RUN_VERIFY)

snapshot: $(READY) ## Read tables again while capture goes on, remove what is gone (TABLE=items WHERE="id < 9"; all tables without)
	@$(EXEC) python -m connectors snapshot $(if $(TABLE),--table $(TABLE)) $(if $(WHERE),--where "$(WHERE)")

watch: $(READY) ## Freshness, lag, roundtrip and states in the terminal, live (ONCE=1, JSON=1)
	@$(RUN_WATCH)
recover: $(READY) ## Find out what is wrong with capture and bring it back complete (asks before a new snapshot; YES=1 does not)
	@$(RUN_RECOVER)

dashboards: $(READY) ## Write grafana/dashboards/*.json anew from grafana/source
	@$(PYTHON) -m grafana.source

evidence: $(READY) ## Explain every query of the API, check the plans, write docs/EVIDENCE.md
	@$(EXEC) python -m api.evidence

clean-mongo: $(READY) ## Empty the mirrors and documents in MongoDB (asks; YES=1 does not)
	@$(EXEC) python scripts/clean_mongo.py $(confirmed)

migrate: $(READY) ## Bring the schema of the running Postgres to the newest version
	@$(EXEC) python -m alembic upgrade head

alerts: $(READY) ## Alerts that fire now, each with the first thing to do (JSON=1); fails if one does, or if nobody can know
	@$(RUN_ALERTS) $(if $(JSON),--json)

ask: $(READY) ## What Prometheus answers: make ask Q='cdc:freshness_seconds'
	@$(if $(Q),,echo "Say what: make ask Q='cdc:freshness_seconds'" >&2; exit 2)
	@$(RUN_ALERTS).ask '$(Q)'

##@ Work on the project

test: $(READY) ## Run the tests; real stacks on their own ports are started as needed (T=tests/unit)
	@$(PYTHON) -m stack.components >/dev/null
	@$(PYTHON) -m stack.doctor --tools --tests --quiet --install || true
	@$(PYTHON) -m pytest $(or $(T),tests)

test-unit: $(READY) ## Run only the tests that need no process
	@$(PYTHON) -m pytest tests/unit

lint: $(READY) ## Style, types, which room may import which, Prometheus' configuration
	@$(PYTHON) -m ruff check .
	@$(PYTHON) -m ruff format --check .
	@$(PYTHON) -m mypy .
	@$(VENV)/bin/lint-imports
	@$(PYTHON) -m stack.lint

rules: $(READY) ## Write the alerting rules of both profiles from monitor/alerts/rules
	@$(PYTHON) -m monitor.alerts.rules

help: ## This list
	@awk 'BEGIN { FS = ":.*## "; print "Usage: make TARGET [NAME=value ...]" } \
	  /^##@ / { printf "\n%s\n", substr($$0, 5) } \
	  /^[a-zA-Z_-]+:.*## / { printf "  %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

simulate: $(READY) ## Random schedules of two workers against SQL (SEED=1 SCHEDULES=1000); a failing seed replays exactly
	@SCHEDULES=$(or $(SCHEDULES),1000) $(PYTHON) -m pytest tests/simulation/test_schedules.py tests/simulation/test_many.py --timeout 3600 --hypothesis-seed=$(or $(SEED),1)

simulate-planted: $(READY) ## The same with each guard removed in turn: must find a wrong document (minutes)
	@$(PYTHON) -m pytest -m long tests/simulation/test_planted.py --hypothesis-seed=$(or $(SEED),1)

crash-matrix: $(READY) ## kill -9 at every crash point in every phase, then compare with SQL (minutes)
	@$(PYTHON) -m pytest -m long tests/e2e/test_crash_matrix.py

outages: $(READY) ## A component away for long under load, on a stack of its own (MINUTES=10 RATE=400 FAULTS=mongo-stop,kafka-freeze,...)
	@MINUTES=$(or $(MINUTES),10) RATE=$(or $(RATE),400) FAULTS=$(or $(FAULTS),mongo-stop) $(PYTHON) -m pytest -s -m long tests/e2e/test_outages.py

alert-matrix: $(READY) ## kill -9 and stop each component in turn: which alerts are shown, and after how long (COMPONENTS=kafka,worker; half an hour)
	@COMPONENTS=$(COMPONENTS) $(PYTHON) -m pytest -s -m long tests/e2e/test_dead_components.py

large-rows: $(READY) ## Many rows of 200 kB in one transaction: time and memory (LARGE_ROWS=2000)
	@LARGE_ROWS=$(or $(LARGE_ROWS),2000) $(PYTHON) -m pytest -s -m long tests/e2e/test_large_rows.py

roundtrip-check: $(READY) ## The prober's roundtrip against an independent measurement, on a stack of its own (minutes)
	@$(PYTHON) -m pytest -m long -s tests/e2e/test_roundtrip.py

panels-check: $(READY) ## Each expression of each panel gives data under load, on a stack of its own (RATE=200; minutes)
	@PANELS_RATE=$(or $(RATE),200) $(PYTHON) -m pytest -s tests/integration/grafana

source-faults: $(READY) ## kill, stop and cut off Postgres, Connect and the slot; then compare with SQL (minutes)
	@NOTICED_SECONDS=10 $(PYTHON) -m pytest -s -m "long or not long" tests/e2e/test_source_faults.py

metrics-cost: $(READY) ## What counting costs the worker: the same chunks with all metrics and with none, in turn
	@$(PYTHON) -m pytest -m long -s tests/integration/cdc_consumer/test_metrics_cost.py
include chaos/chaos.mk
include bench/bench.mk

# Every target is a command, none a file.
.PHONY: $(shell sed -nE 's/^([a-z-]+):.*/\1/p' $(MAKEFILE_LIST))
