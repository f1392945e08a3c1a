"""What the probes saw last, for /metrics: only as long as it is fresh. What nobody knows any more is absent, never 0."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

STALE_AFTER = 3
"""Intervals."""


@dataclass(frozen=True)
class Sample:
    """One value of a gauge; `labels` are the values of its family's labels, in order."""

    family: Family
    labels: tuple[str, ...]
    value: float


@dataclass(frozen=True)
class Family:
    """A gauge of the probes."""

    name: str
    text: str
    labels: tuple[str, ...] = ()

    def of(self, value: float, *labels: str) -> Sample:
        """A value of it."""
        return Sample(self, labels, float(value))

    def one_hot(self, states: Iterable[str], state: str, *labels: str) -> list[Sample]:
        """1 for the state that holds and 0 for every other one; the state is the last label. An unknown state is shown too."""
        return [self.of(known == state, *labels, known) for known in dict.fromkeys((*states, state))]


@dataclass(eq=False)  # prometheus_client keeps collectors in a dictionary
class Board(Collector):
    """Samples by the probe that took them. Threads put and Prometheus collects."""

    clock: Callable[[], float] = time.monotonic
    _found: dict[str, tuple[float, tuple[Sample, ...]]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def put(self, probe: str, samples: Iterable[Sample], interval: float) -> None:
        """Replaces all that this probe showed; gone after STALE_AFTER intervals (seconds) unless put again."""
        found = tuple(samples)
        with self._lock:
            self._found[probe] = (self.clock() + STALE_AFTER * interval, found)

    def fresh(self) -> list[Sample]:
        """What may be shown now."""
        now = self.clock()
        with self._lock:
            return [sample for until, samples in self._found.values() if now < until for sample in samples]

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """For prometheus_client."""
        families: dict[Family, GaugeMetricFamily] = {}
        for sample in self.fresh():
            family = sample.family
            if family not in families:
                families[family] = GaugeMetricFamily(family.name, family.text, labels=family.labels)
            families[family].add_metric(sample.labels, sample.value)
        yield from families.values()

    def describe(self) -> list[GaugeMetricFamily]:
        """Nothing is known when it is registered."""
        return []
