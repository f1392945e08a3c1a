"""Local processes. Ids come from the stack's own supervisor, never from a search by name."""

from __future__ import annotations

import os
import signal
from collections.abc import Mapping
from dataclasses import dataclass

from chaos.backends import processes
from chaos.backends.base import COMPONENTS, DOWN, FROZEN, UP
from stack.handle import Stack, existing
from stack.status import statuses
from stack.supervision import Process

_RUNNING = {"RUNNING", "STARTING"}


@dataclass(frozen=True)
class Local:
    """The stack of STACK_DIR."""

    stack: Stack
    mode: str = "local"

    @classmethod
    def here(cls) -> Local:
        """The stack that the environment names. Raises StackError when it does not run."""
        stack = existing()
        stack.require_running()
        return cls(stack)

    @property
    def env(self) -> Mapping[str, str]:
        """See Backend."""
        return self.stack.env

    def programs(self, component: str) -> list[Process]:
        """The supervised processes behind a component."""
        found = self.stack.supervisor.processes()
        return [process for name, process in sorted(found.items()) if component in (name, name.rpartition("-")[0])]

    def crash(self, component: str) -> None:
        """See Backend."""
        for process in self.programs(component):
            if process.pid:
                os.kill(process.pid, signal.SIGKILL)

    def kill(self, component: str) -> None:
        """See Backend."""
        for process in self.programs(component):
            self.stack.supervisor.kill_program(process.name)

    def stop(self, component: str) -> None:
        """See Backend."""
        for process in self.programs(component):
            self.stack.supervisor.stop_program(process.name)

    def start(self, component: str) -> None:
        """See Backend."""
        for process in self.programs(component):
            if process.state == "STOPPING":
                self.stack.supervisor.await_end(process.name)
            self.stack.supervisor.start_program(process.name)

    def freeze(self, component: str) -> None:
        """See Backend."""
        for process in self.programs(component):
            if process.pid:
                processes.send(process.pid, signal.SIGSTOP)

    def thaw(self, component: str) -> None:
        """See Backend."""
        for process in self.programs(component):
            if process.pid:
                processes.send(process.pid, signal.SIGCONT)

    def identity(self, component: str) -> str:
        """See Backend."""
        return " ".join(f"pid {process.pid}" for process in self.programs(component))

    def states(self) -> dict[str, str]:
        """See Backend."""
        found = self.stack.supervisor.processes()
        by_name = {name: [p for n, p in found.items() if name in (n, n.rpartition("-")[0])] for name in COMPONENTS}
        return {name: self._state(those) for name, those in by_name.items() if those}

    def _state(self, found: list[Process]) -> str:
        if any(process.pid and processes.stopped(process.pid) for process in found):
            return FROZEN
        return UP if all(process.state in _RUNNING for process in found) else DOWN

    def unready(self) -> list[str]:
        """See Backend."""
        return [f"{status.service}: {status.detail}" for status in statuses(self.stack) if not status.ready]
