# Break it. `make chaos-list` names the experiments: chaos-kill-broker, chaos-freeze-mongo, ... each a target of the pattern below.
CHAOS = $(PYTHON) -m chaos --mode $(MODE)
chaos_options = $(if $(DURATION),--duration $(DURATION)) $(if $(RATE),--rate $(RATE)) $(if $(SEED),--seed $(SEED)) $(if $(PHASE),--phase $(PHASE)) $(if $(ALERTS),--alerts)

##@ Break it (each needs a running pipeline and leaves a healthy one)

chaos-list: $(READY) ## Every experiment, each a target: make chaos-kill-broker (DURATION=20 RATE=15 SEED=1 PHASE=stream|snapshot)
	@$(CHAOS) list

chaos-%: $(READY)
	@$(CHAOS) run $* $(chaos_options)

chaos-all: $(READY) ## Every experiment, one after the other (ALERTS=1: each until its alerts must have fired; an hour)
	@$(CHAOS) all $(chaos_options)

chaos-random: $(READY) ## Faults at random for a while; a seed replays exactly (SEED=1 MINUTES=5)
	@$(CHAOS) random --minutes $(or $(MINUTES),5) --seed $(or $(SEED),1) $(if $(RATE),--rate $(RATE))

chaos-heal: $(READY) ## Mend everything that an experiment may have left behind
	@$(CHAOS) heal

# Fourteen processes, five of them JVMs: at 15 writes/s they need all of two cores before anything is broken.
chaos-sets: $(READY) ## Every experiment on three brokers and on three MongoDB nodes, on a stack of its own (RATE=8; twenty minutes)
	@RATE=$(or $(RATE),8) $(PYTHON) -m pytest -m long -s tests/e2e/test_chaos_sets.py

chaos-networks: $(READY) ## Every experiment on connections, on a stack of its own (half an hour)
	@$(PYTHON) -m pytest -m long -s tests/e2e/test_chaos_networks.py

chaos-planted: $(READY) ## Workers with a bug in them must be called FAIL, the product PASS (minutes)
	@$(PYTHON) -m pytest -m "long or not long" tests/e2e/test_planted_bugs.py
