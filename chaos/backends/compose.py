"""Containers, through Docker's own command line. No Docker engine runs where this project is tested: see README, With Docker."""

from __future__ import annotations

import dataclasses
import json
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from chaos.backends.base import COMPONENTS, DOWN, FROZEN, UP
from stack.environment import process_env
from stack.errors import StackError
from stack.passwords import Passwords
from stack.settings import ROOT, load

Run = Callable[[Sequence[str]], str]
_SECONDS = 120
_STATES = {"running": UP, "paused": FROZEN}


def docker(arguments: Sequence[str]) -> str:
    """What `docker compose` prints. Raises StackError with its own words."""
    command = ("docker", "compose", "--env-file", "stack/stack.env", *arguments)
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise StackError(f"docker cannot be run: {error}", advice="Without Docker: MODE=local") from error
    if done.returncode:
        raise StackError(f"docker compose {' '.join(arguments)}: {done.stderr.strip()[-300:]}", advice="Is it up? make up MODE=compose")
    return done.stdout


@dataclass(frozen=True)
class Compose:
    """The containers of docker-compose.yml."""

    run: Run = docker
    mode: str = "compose"

    @classmethod
    def here(cls) -> Compose:
        """Raises StackError when no container runs."""
        found = cls()
        if UP not in found.states().values():
            raise StackError("no container of this project runs", advice="Start them: make up MODE=compose")
        return found

    @cached_property
    def _env(self) -> dict[str, str]:
        settings = load({})
        roles = {field.name: "" if field.name == "postgres" else f"{field.name.upper()}_" for field in dataclasses.fields(Passwords)}
        found = {role: settings.shared[f"POSTGRES_{word}PASSWORD"] for role, word in roles.items()}
        env = process_env(settings, Passwords(**found))
        port = settings.port("MONGO")  # the set's member is called by its name inside Docker, which nobody knows outside
        direct = f"mongodb://127.0.0.1:{port}/?directConnection=true"
        return env | dict.fromkeys(("CDC_MONGO_URI", "API_MONGO_URI", "VERIFY_MONGO_URI"), direct)

    @property
    def env(self) -> Mapping[str, str]:
        """See Backend."""
        return self._env

    def crash(self, component: str) -> None:
        """See Backend. Docker takes `docker kill` for a wish that it stays away, so it is started again here."""
        self.run(("kill", "--signal", "KILL", component))
        self.run(("start", component))

    def kill(self, component: str) -> None:
        """See Backend."""
        self._unless(DOWN, component, "kill", "--signal", "KILL")

    def stop(self, component: str) -> None:
        """See Backend."""
        self.run(("stop", component))

    def start(self, component: str) -> None:
        """See Backend."""
        self.run(("start", component))

    def freeze(self, component: str) -> None:
        """See Backend."""
        self._unless(FROZEN, component, "pause")

    def thaw(self, component: str) -> None:
        """See Backend."""
        if self.states().get(component) == FROZEN:
            self.run(("unpause", component))

    def identity(self, component: str) -> str:
        """See Backend."""
        return " ".join(str(row.get("ID", "")) + str(row.get("RunningFor", "")) for row in self._rows() if row["Service"] == component)

    def states(self) -> dict[str, str]:
        """See Backend."""
        found: dict[str, list[str]] = {}
        for row in self._rows():
            found.setdefault(row["Service"], []).append(_STATES.get(row["State"], DOWN))
        return {
            name: FROZEN if FROZEN in states else DOWN if DOWN in states else UP for name, states in found.items() if name in COMPONENTS
        }

    def unready(self) -> list[str]:
        """See Backend."""
        rows = [row for row in self._rows() if row["Service"] in COMPONENTS]
        return [
            f"{row['Service']}: {row['State']} {row['Health']}" for row in rows if (row["State"], row["Health"]) != ("running", "healthy")
        ]

    def _rows(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.run(("ps", "--all", "--format", "json")).splitlines()]

    def _unless(self, state: str, component: str, *command: str) -> None:
        if self.states().get(component) != state:
            self.run((*command, component))
