"""Where a stack lives and which ports it takes.

`STACK_DIR` (default: .stack of the checkout) holds everything a stack writes. `STACK_PORT_OFFSET` is added to every port
of stack/stack.env, so that several stacks run side by side. A directory remembers its offset and its numbers of workers, brokers
and MongoDB nodes in state.json: `STACK_DIR=/tmp/x make down` needs nothing else.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from stack.errors import StackError

ROOT = Path(__file__).resolve().parent.parent
HOST = "127.0.0.1"
_LAST_PORT = 65535
_MORE = {
    "mongo_nodes": (3, ("MONGO_2", "MONGO_3")),
    "brokers": (3, ("KAFKA_2", "KAFKA_3", "KAFKA_2_METRICS", "KAFKA_3_METRICS", "KAFKA_CONTROLLER_METRICS")),
    "proxies": (1, ("PROXY", "KAFKA_FOR_", "ROUTE_")),
}
"""Beginnings of ports on which somebody listens only when the state says this many."""
OVERRIDABLE = ("ALERT_PROFILE", "RUNBOOK_URL", "DASHBOARD_URL")
"""Values of stack.env that a variable of the same name replaces, in both modes."""


@dataclass(frozen=True)
class State:
    """What a stack's directory remembers. `seed` is "", "started" or "complete"."""

    offset: int = 0
    workers: int = 1
    brokers: int = 1
    mongo_nodes: int = 1
    proxies: int = 0
    seed: str = ""
    resetting: bool = False


@dataclass(frozen=True)
class Settings:
    """One stack: its directory, its remembered state and the values of stack/stack.env."""

    directory: Path
    state: State
    shared: Mapping[str, str]
    root: Path = ROOT

    def port(self, name: str) -> int:
        """The shifted port of `NAME_PORT` in stack.env."""
        return int(self.shared[f"{name}_PORT"]) + self.state.offset

    def worker_port(self, number: int) -> int:
        """Where the worker with this number (1, 2, ...) serves /metrics and /ready."""
        return self.port("WORKER_METRICS") + number - 1

    def ports(self) -> dict[str, int]:
        """Every port this stack listens on, by the name of who listens."""
        few = [ports for what, (needed, ports) in _MORE.items() if getattr(self.state, what) < needed]
        unused = ("WORKER_METRICS", *(port for ports in few for port in ports))
        names = [name.removesuffix("_PORT") for name in self.shared if name.endswith("_PORT") and not name.startswith(unused)]
        # Who has a port for metrics alone is known by its own name; Kafka and Connect have one beside another.
        alone = {name: name if (short := name.removesuffix("_METRICS")) in names else short for name in names}
        found = {alone[name].lower().replace("_", " "): self.port(name) for name in names}
        return found | {f"worker-{number}": self.worker_port(number) for number in range(1, self.state.workers + 1)}

    def remember(self, **changes: Any) -> Settings:
        """These settings with a changed state, written to state.json in one step."""
        state = replace(self.state, **changes)
        self.directory.mkdir(parents=True, exist_ok=True)
        target = self.directory / "state.json"
        scratch = target.with_suffix(".new")
        scratch.write_text(json.dumps(asdict(state), indent=1) + "\n")
        scratch.replace(target)
        return replace(self, state=state)


def parse_env(text: str) -> dict[str, str]:
    """KEY=value lines; comments and blank lines are left out. Values are taken as they are."""
    lines = (line.strip() for line in text.splitlines())
    pairs = (line.split("=", 1) for line in lines if line and not line.startswith("#"))
    return {key.strip(): value.strip() for key, value in pairs}


def _recorded(directory: Path) -> State:
    try:
        return State(**json.loads((directory / "state.json").read_text()))
    except FileNotFoundError:
        return State()
    except (ValueError, TypeError) as error:
        raise StackError(f"{directory}/state.json is not readable: {error}", advice="Delete the file, then: make up") from error


def load(environment: Mapping[str, str] = os.environ) -> Settings:
    """The stack that the environment names. Raises StackError for a port offset that is not usable."""
    directory = Path(environment.get("STACK_DIR") or ROOT / ".stack").absolute()
    state = _recorded(directory)
    shared = parse_env((ROOT / "stack" / "stack.env").read_text())
    shared |= {name: environment[name] for name in OVERRIDABLE if environment.get(name)}
    given = environment.get("STACK_PORT_OFFSET")
    if given:
        highest = max(int(value) for key, value in shared.items() if key.endswith("_PORT"))
        if not given.isdigit() or highest + int(given) > _LAST_PORT:
            raise StackError(f"STACK_PORT_OFFSET={given} is not a number from 0 to {_LAST_PORT - highest}")
        state = replace(state, offset=int(given))
    return Settings(directory, state, shared)
