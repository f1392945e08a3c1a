"""Taking one component away and giving it back: killed and kept down, or frozen."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from stack.errors import NotReadyError
from stack.services import services
from stack.settings import load
from tests.session_stack import SessionStack
from tests.waiting import eventually


def family(pid: int) -> list[int]:
    """A process and all that descend from it; Postgres' backends are no process group of their postmaster."""
    parents: dict[int, int] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            parents[int(stat.parent.name)] = int(stat.read_text().rpartition(")")[2].split()[1])
    found = [pid]
    for parent in found:
        found += [child for child, its in parents.items() if its == parent]
    return found


@contextlib.contextmanager
def stopped(stack: SessionStack, program: str) -> Iterator[None]:
    """SIGKILL, and down until the block ends."""
    stack.supervisor.kill_program(program)
    try:
        yield
    finally:
        stack.supervisor.start_program(program)


@contextlib.contextmanager
def frozen(stack: SessionStack, program: str) -> Iterator[None]:
    """SIGSTOP: connections stay open and nobody answers."""
    pids = family(stack.supervisor.processes()[program].pid)
    try:
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        yield
    finally:
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)


FAULTS: dict[str, Any] = {"stop": stopped, "freeze": frozen}


def serves_again(stack: SessionStack, service: str, seconds: float = 90) -> None:
    """Wait until the service's own probe is content."""

    probe = next(one.probe for one in services(load(stack.place), stack.env) if one.name == service)

    def ready() -> bool:
        try:
            probe()
        except NotReadyError:
            return False
        return True

    eventually(ready, seconds=seconds, what=f"{service} serves")
