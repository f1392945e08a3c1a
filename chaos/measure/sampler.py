"""Twice a second: how late, how much waits, what runs, what fires."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from chaos.backends import Backend
from chaos.backends.base import DOWN, UP
from chaos.faults.base import Room
from chaos.faults.connector import state
from chaos.history.book import Book
from chaos.history.clock import Clock
from chaos.history.records import Sample
from chaos.measure.polled import Polled
from chaos.measure.sources import Backlog, Prometheus, Slot

EVERY = 0.5


def connector_state(backend: Backend) -> str:
    """Up only when the connector and its task are RUNNING. Raises LookupError when Connect does not say."""
    found = state(Room(backend))
    if not found:
        raise LookupError("Connect does not answer")
    return UP if found == "RUNNING" else DOWN


@dataclass
class Sampler:
    """A thread; `lag` says how long the oldest acknowledged write has been waiting, and how many wait."""

    backend: Backend
    book: Book
    clock: Clock
    lag: Callable[[], tuple[float, int]]
    _stop: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def __post_init__(self) -> None:
        env = self.backend.env
        prometheus = Prometheus(env)
        self.wal = Polled("slot", Slot(env).wal)
        self.records = Polled("kafka", Backlog(env).records)
        self.states = Polled("processes", self.backend.states, 0.5)
        self.connector = Polled("connector", lambda: connector_state(self.backend))
        self.alerts = Polled("alerts", prometheus.alerts)
        self.freshness = Polled("freshness", prometheus.freshness)

    @property
    def _polled(self) -> tuple[Polled[int] | Polled[str] | Polled[float] | Polled[dict[str, str]] | Polled[tuple[str, ...]], ...]:
        return (self.wal, self.records, self.states, self.connector, self.alerts, self.freshness)

    def start(self) -> None:
        """Begin to sample."""
        for polled in self._polled:
            polled.start()
        self._thread = threading.Thread(target=self._run, name="sampler", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Sample no more."""
        self._stop.set()
        for polled in self._polled:
            polled.stop()
        if self._thread:
            self._thread.join(5)

    def _run(self) -> None:
        while not self._stop.is_set():
            self.book.write(self.sample())
            self._stop.wait(EVERY)

    def sample(self) -> Sample:
        """How things are now."""
        lag, waiting = self.lag()
        states = dict(self.states.value or {})
        if (connector := self.connector.value) is not None:
            states["connector"] = connector
        return Sample(
            self.clock.now(), lag, waiting, self.records.value, self.wal.value, states, self.alerts.value or (), self.freshness.value
        )
