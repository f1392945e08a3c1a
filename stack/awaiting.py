"""Waiting for a service to serve, with a deadline, a look at its process, and an end that says what to do next."""

from __future__ import annotations

import time

from stack.errors import NotReadyError, StackError
from stack.plan import Watch
from stack.services import Service
from stack.supervision import Supervisor

_INTERVAL_SECONDS = 0.2
_LIVES = 5  # a program that has been started this often while we waited will not come up by itself


def await_service(service: Service, supervisor: Supervisor, watch: Watch) -> str:
    """What the probe found. Raises StackError after the service's deadline, or when its program keeps exiting."""
    end = time.monotonic() + service.seconds
    pids: set[int] = set()
    while True:
        try:
            return service.probe()
        except NotReadyError as error:
            missing = str(error)
        process = supervisor.processes().get(service.program)
        if process is None or process.state in {"STOPPED", "FATAL"}:
            state = process.state if process else "not part of this stack"
            raise _failure(service, supervisor, f"{service.program} is {state}")
        if process.pid:
            pids.add(process.pid)
        if len(pids) >= _LIVES:
            raise _failure(service, supervisor, f"{service.program} keeps exiting")
        if time.monotonic() > end:
            raise _failure(service, supervisor, f"{service.name} does not serve after {service.seconds:.0f} s: {missing}")
        watch.note(missing if process.state == "RUNNING" else f"{process.state.lower()}: {missing}")
        watch.pause(_INTERVAL_SECONDS)


def _failure(service: Service, supervisor: Supervisor, reason: str) -> StackError:
    advice = f"Look at: make logs S={service.program}   then again: make up   (it continues where it stopped)"
    return StackError(reason, advice=advice, log=supervisor.log_of(service.program))
