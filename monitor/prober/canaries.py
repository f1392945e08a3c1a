"""The canaries of all partitions: what the writer and the reader share. One clock: this process's."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field

from monitor.prober import metrics
from monitor.prober.track import Emission, Sighting, Track


@dataclass
class Canaries:
    """Tracks by id; the canary of partition n has the n-th id."""

    ids: Sequence[int]
    lost_after: float
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _tracks: dict[int, Track] = field(default_factory=dict)
    _names: dict[int, str] = field(default_factory=dict)
    _applied: dict[int, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._tracks = {key: Track() for key in self.ids}
        self._names = {key: str(partition) for partition, key in enumerate(self.ids)}
        metrics.canaries(tuple(self._names.values()))

    def next(self, key: int) -> int:
        """The number to write next."""
        with self._lock:
            return self._tracks[key].next()

    def sent(self, key: int, emission: Emission) -> None:
        """A row was sent and, if it says so, acknowledged."""
        name = self._names[key]
        with self._lock:
            if emission.acknowledged:
                metrics.EMITTED.labels(name).inc()
                metrics.LAST_EMITTED.labels(name).set(emission.wall)
            self._count(name, self._tracks[key].sent(emission))

    def failed(self, key: int, stage: str) -> None:
        """A row could not be written."""
        metrics.FAILED.labels(self._names[key], stage).inc()

    def sighted(self, key: int, sighting: Sighting) -> None:
        """MongoDB showed a document."""
        name = self._names[key]
        with self._lock:
            arrivals, oddity = self._tracks[key].sighted(sighting)
            self._count(name, arrivals)
            self._applied[key] = sighting.wall
        metrics.LAST_APPLIED.labels(name).set(sighting.wall)
        if oddity == "duplicate":
            metrics.DUPLICATES.labels(name).inc()
        elif oddity == "reordered":
            metrics.REORDERED.labels(name).inc()

    def _count(self, name: str, arrivals: Sequence[tuple[Emission, float]]) -> None:
        for emission, seconds in arrivals:
            if emission.acknowledged:
                metrics.ROUNDTRIP.labels(name).observe(seconds)
            if emission.lost:
                metrics.LATE.labels(name).inc()

    def overdue(self, now: float) -> None:
        """Counts what is lost by now."""
        with self._lock:
            for key, track in self._tracks.items():
                metrics.LOST.labels(self._names[key]).inc(track.overdue(now, self.lost_after))

    def arrived(self) -> bool:
        """Whether a row of this process has been seen in every partition."""
        with self._lock:
            return all(track.arrived for track in self._tracks.values())

    def applied_since(self, wall: float) -> bool:
        """Whether every partition shows a row that was sent after this moment (seconds since 1970)."""
        with self._lock:
            return len(self._applied) == len(self._tracks) and min(self._applied.values()) > wall
