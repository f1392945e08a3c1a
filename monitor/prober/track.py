"""What is known of one canary: which rows are on their way, and what MongoDB showed last. Pure.

A row is known again by its number and its time (`seq`, `emitted_at` to the millisecond), for a number alone may be of another life:
of an earlier prober, or of a database that was restored.

- The worker may coalesce two updates of a row, and MongoDB may come back after minutes: seeing a row means that every older one of
  the same canary has arrived as well, at that moment at the latest.
- A row whose write got no answer may or may not be there. It is never counted as emitted or lost; seeing it proves the older ones.
- A row that is not seen in time is lost, once. When it, or a newer one, is seen afterwards it is late: its time is measured all the same.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field

REMEMBERED = 4 * 3600
"""Rows on their way; with one a second hours of an outage. Older ones stay counted as lost."""


@dataclass
class Emission:
    """A row that was sent. Times in seconds: `sent` of the monotonic clock, `wall` since 1970, cut to the millisecond."""

    seq: int
    wall: float
    sent: float
    acknowledged: bool = True
    lost: bool = False


@dataclass(frozen=True)
class Sighting:
    """The document at one moment. `rev` changes with each write of the document."""

    seq: int
    wall: float
    rev: object
    at: float
    """When the answer was there, monotonic."""


@dataclass
class Track:
    """One canary."""

    top: int = 0
    """The largest number known anywhere."""
    flying: deque[Emission] = field(default_factory=lambda: deque(maxlen=REMEMBERED))
    seen: Sighting | None = None
    arrived: bool = False
    """Whether a row of this life was seen."""
    rev: object = None
    """Of the document at the last look."""

    def next(self) -> int:
        """The number to write next."""
        return self.top + 1

    def sent(self, emission: Emission) -> list[tuple[Emission, float]]:
        """A row was sent, whether or not the answer came; what has arrived, with its seconds: it may have been seen before the answer."""
        self.top = max(self.top, emission.seq)
        self.flying.append(emission)
        return list(self._arrivals())

    def sighted(self, sighting: Sighting) -> tuple[list[tuple[Emission, float]], str]:
        """What has arrived with this look, and whether it is a "duplicate" or "reordered" (else "")."""
        if sighting.rev == self.rev:
            return [], ""  # the first sight of a state is the moment that counts
        before, self.rev = self.seen, sighting.rev
        self.top = max(self.top, sighting.seq)
        row = (sighting.seq, sighting.wall)
        if before is not None and row == (before.seq, before.wall):
            return [], "duplicate"
        if before is not None and row < (before.seq, before.wall):
            return [], "reordered"
        self.seen = sighting
        return list(self._arrivals()), ""

    def _arrivals(self) -> Iterator[tuple[Emission, float]]:
        seen = self.seen
        if seen is None or not any((e.seq, e.wall) == (seen.seq, seen.wall) for e in self.flying):
            return
        self.arrived = True
        while self.flying and self.flying[0].seq <= seen.seq:
            emission = self.flying.popleft()
            yield emission, max(seen.at - emission.sent, 0.0)

    def overdue(self, now: float, limit: float) -> int:
        """How many rows are lost now that were not before; `limit` in seconds."""
        found = 0
        for emission in self.flying:
            if now - emission.sent < limit:
                break
            if emission.acknowledged and not emission.lost:
                emission.lost = True
                found += 1
        return found
