# What every other target stands on: the machine's tools and the virtual environment. Included by the Makefile.
VENV := .venv
PYTHON := $(VENV)/bin/python
READY := setup

LOCK := $(PYTHON) -m uv pip compile --quiet --generate-hashes --no-emit-index-url --no-header --python-version 3.11 --universal

##@ Set-up

setup: ## Tools and Python packages, checked and completed; nothing to do costs milliseconds
	@sh stack/setup.sh

doctor: ## Name what this machine lacks and how to install it (JSON=1)
	@sh stack/setup.sh doctor --mode $(MODE) $(if $(JSON),--json)

components: setup ## Fetch the pinned servers (make up does it too) and tell where they lie
	@$(PYTHON) -m stack.components

lock: setup ## Pin anew: requirements*.lock, stack/components/wheels.txt and jars.sha256, after a change of version
	$(LOCK) requirements.in -o requirements.lock
	$(LOCK) requirements-dev.in -o requirements-dev.lock
	@$(PYTHON) -m stack.components.lock

.PHONY: setup doctor components lock
