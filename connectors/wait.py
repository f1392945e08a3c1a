"""Waiting for Connect, with a deadline."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from connectors.client import Connect, Status
from connectors.errors import ConnectBusyError, ConnectorFailedError, ConnectorMissingError

T = TypeVar("T")

POLL_SECONDS = 0.1
SILENT_SECONDS = 2.0
TRACE_LINES = 6
HEARD_SECONDS = 3.0


class Deadline:
    """The time a whole command may take; tells `say` what it waits for once that takes long."""

    def __init__(self, seconds: float, say: Callable[[str], None] = lambda _: None) -> None:
        self.seconds = seconds
        self._start = time.monotonic()
        self._say = say
        self._said = ""

    def passed(self) -> bool:
        """Whether it is over."""
        return time.monotonic() - self._start >= self.seconds

    def pause(self, waits_for: str) -> None:
        """One short step between two looks."""
        if waits_for != self._said and time.monotonic() - self._start > SILENT_SECONDS:
            self._said = waits_for
            self._say(f"waiting for {waits_for}")
        time.sleep(POLL_SECONDS)


def when_idle(action: Callable[[], T], deadline: Deadline) -> T:
    """The action's result; tries again while Connect is busy (rebalancing) and the deadline allows."""
    while True:
        try:
            return action()
        except ConnectBusyError:
            if deadline.passed():
                raise
            deadline.pause("Connect, which is rebalancing")


def wait_state(connect: Connect, wanted: str, deadline: Deadline) -> None:
    """Waits until connector and tasks are in one state (a STOPPED connector has no tasks). Raises ConnectorFailedError at the deadline."""
    while True:
        status = status_or_none(connect, deadline)
        if status and {status.connector, *status.tasks} == {wanted} and bool(status.tasks) is (wanted != "STOPPED"):
            return
        if deadline.passed():
            raise late(connect.name, wanted, status, deadline)
        deadline.pause(f"{connect.name} to be {wanted}: {describe(status)}")


def wait_left(connect: Connect, state: str, deadline: Deadline) -> None:
    """Waits until connector or task has left a state, HEARD_SECONDS at most.

    Connect acts first and hears of it later: just after a restart its status still is the one from before. A restart quicker than one look
    is not seen at all.
    """
    until = time.monotonic() + HEARD_SECONDS
    while time.monotonic() < until and not deadline.passed():
        status = status_or_none(connect, deadline)
        if status is None or {status.connector, *status.tasks} != {state}:
            return
        deadline.pause(f"{connect.name} to leave {state}")


def status_or_none(connect: Connect, deadline: Deadline) -> Status | None:
    """The status; None just after the connector was made, when Connect has written none yet."""
    try:
        return when_idle(connect.status, deadline)
    except ConnectorMissingError:
        return None


def describe(status: Status | None) -> str:
    """The states in words."""
    return f"connector {status.connector}, task {', '.join(status.tasks) or 'none'}" if status else "no status"


def late(name: str, wanted: str, status: Status | None, deadline: Deadline) -> ConnectorFailedError:
    """The error at the deadline."""
    return ConnectorFailedError(
        f"{name} is not {wanted} after {deadline.seconds:g} s: {describe(status)}.",
        "It may still come: `python -m connectors status`; its log is `make logs S=connect`.",
    )


def failure(name: str, status: Status) -> ConnectorFailedError:
    """The error for a FAILED connector, with the causes in Connect's own words."""
    lines = [line.strip() for line in status.trace.splitlines() if line and not line.lstrip().startswith(("at ", "..."))]
    reason = "\n  ".join(lines[:TRACE_LINES]) or "Connect gave no reason."
    return ConnectorFailedError(
        f"{name} is FAILED:\n  {reason}",
        "Mend the cause, then run `python -m connectors register` again; the whole log is `make logs S=connect`.",
    )
