"""`status` and `wait`: what supervisor says of each program beside what its probe finds; the two can differ."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass

from stack.columns import columns
from stack.errors import NotReadyError, StackError
from stack.handle import Stack
from stack.services import Service
from stack.supervision import Process


@dataclass(frozen=True)
class Status:
    """One service. `uptime` is in seconds; `detail` is what the probe found, or what is missing."""

    service: str
    program: str
    state: str
    pid: int
    uptime: int
    ready: bool
    detail: str
    url: str


def statuses(stack: Stack) -> list[Status]:
    """Every service, probed beside each other. Raises StackError if supervisord does not answer."""
    processes = stack.supervisor.processes()
    found = stack.services()
    with ThreadPoolExecutor(max_workers=len(found)) as pool:
        return list(pool.map(lambda service: _status(service, processes.get(service.program)), found))


def _status(service: Service, process: Process | None) -> Status:
    state, pid, uptime = (process.state, process.pid, process.uptime) if process else ("UNKNOWN", 0, 0)
    try:
        ready, detail = True, service.probe()
    except NotReadyError as error:
        ready, detail = False, str(error)
    return Status(service.name, service.program, state, pid, uptime, ready, detail, service.url)


def as_rows(found: list[Status]) -> list[dict[str, object]]:
    """For `--json`."""
    return [asdict(status) for status in found]


def as_table(found: list[Status]) -> str:
    """For people."""
    header = ("service", "ready", "process", "pid", "up", "where", "detail")
    rows = [
        (
            status.service,
            "yes" if status.ready else "NO",
            status.state,
            str(status.pid or "-"),
            str(dt.timedelta(seconds=status.uptime)),
            status.url,
            status.detail,
        )
        for status in found
    ]
    return columns(header, rows)


def await_ready(stack: Stack, seconds: float, note: Callable[[str], None]) -> None:
    """Returns when every service is ready. Raises StackError after `seconds`, naming those that are not."""
    end = time.monotonic() + seconds
    while late := [status for status in statuses(stack) if not status.ready]:
        text = "; ".join(f"{status.service}: {status.detail}" for status in late)
        if time.monotonic() > end:
            first = late[0].program
            raise StackError(
                f"not ready after {seconds:.0f} s: {text}", advice=f"Look at: make logs S={first}", log=stack.supervisor.log_of(first)
            )
        note(text)
        time.sleep(0.3)
