# Faster than what? A stack of its own on ports shifted by STACK_PORT_OFFSET (5000), gone afterwards. SCALE=1 writes bench/, less artifacts/bench/.

##@ Benchmarks against the peer connectors

bench: $(READY) ## The worker and the peers on the same topics, interleaved (SCALE=0.1 for a quick look; 45 minutes)
	@SCALE=$(SCALE) REPEATS=$(REPEATS) $(PYTHON) -m bench run $(BENCH)

bench-faults: $(READY) ## mongod killed for 45 s under 400 writes/s, with each of the sinks in turn: what each loses (minutes)
	@SCALE=$(SCALE) $(PYTHON) -m bench faults

.PHONY: bench bench-faults
