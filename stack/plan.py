"""Steps that need each other, run as early as their needs allow.

A step starts when every step it needs is done; independent ones run beside each other. The first failure cancels the
others (they see it at their next `Watch.pause`) and is raised when all of them have stopped.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Protocol

from stack.errors import CancelledError


class Report(Protocol):
    """Where progress goes."""

    def started(self, step: str) -> None:
        """A step began."""

    def note(self, step: str, text: str) -> None:
        """What a running step is busy with or waiting for."""

    def finished(self, step: str, text: str) -> None:
        """A step is done, with what it found or did."""


@dataclass(frozen=True)
class Watch:
    """What a running step is given: a way to say what it waits for, and to wait without outliving a cancellation."""

    step: str
    report: Report
    stop: threading.Event

    def note(self, text: str) -> None:
        """Says what the step is busy with."""
        self.report.note(self.step, text)

    def pause(self, seconds: float) -> None:
        """Waits. Raises CancelledError once the whole plan is to stop."""
        if self.stop.wait(seconds):
            raise CancelledError


@dataclass(frozen=True)
class Step:
    """One thing to do; `run` answers what to tell the user, and an empty text to tell nothing."""

    name: str
    run: Callable[[Watch], str]
    needs: tuple[str, ...] = ()


def execute(steps: Sequence[Step], report: Report) -> None:
    """Runs the steps. Raises what the first failing one raised, or ValueError for needs that cannot be met."""
    known = {step.name for step in steps}
    for step in steps:
        if unknown := set(step.needs) - known:
            raise ValueError(f"{step.name} needs {', '.join(sorted(unknown))}, which is no step")
    stop = threading.Event()
    with ThreadPoolExecutor(max_workers=max(1, len(steps)), thread_name_prefix="stack") as pool:
        try:
            _drive(list(steps), pool, report, stop)
        finally:
            stop.set()  # also on Ctrl-C: the pool's end waits for the steps, which stop at their next pause


def _drive(waiting: list[Step], pool: ThreadPoolExecutor, report: Report, stop: threading.Event) -> None:
    done: set[str] = set()
    running: dict[Future[None], str] = {}

    def work(step: Step) -> None:
        report.started(step.name)
        report.finished(step.name, step.run(Watch(step.name, report, stop)))

    while waiting or running:
        ready = [step for step in waiting if done.issuperset(step.needs)]
        if not ready and not running:
            raise ValueError(f"these steps need each other: {', '.join(step.name for step in waiting)}")
        for step in ready:
            waiting.remove(step)
            running[pool.submit(work, step)] = step.name
        finished, _ = wait(running, return_when=FIRST_COMPLETED)
        for future in finished:
            done.add(running.pop(future))
            future.result()
