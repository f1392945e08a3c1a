"""Whether everything that was committed in Postgres before a moment has been applied.

A document that differs is not wrong while its row may still be on the way, and in an outage that takes as long as the outage. So:

1. every partition's canary shows a row sent after the moment: Debezium reads one log in one order, so by then all that was
   committed before is in Kafka;
2. the ends of all topics are noted; 3. the group has acknowledged everything before them.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from monitor.prober.kafka import Place
from monitor.prober.lag import Offsets


@dataclass(frozen=True)
class Evidence:
    """What is known of the pipeline's progress."""

    canaries_since: Callable[[float], bool]
    """Whether every canary shows a row sent after this moment (seconds since 1970)."""
    offsets: Callable[[], Offsets | None]


@dataclass
class Barrier:
    """Begins now; asked from time to time."""

    evidence: Evidence
    since: float = field(default_factory=time.time)
    _captured: float | None = None
    _goal: Mapping[Place, int] | None = None

    def passed(self) -> bool:
        """Whether all that was committed before the beginning is applied."""
        if self._captured is None:
            if not self.evidence.canaries_since(self.since):
                return False
            self._captured = time.monotonic()
        offsets = self.evidence.offsets()
        if offsets is None or offsets.asked < self._captured:
            return False
        if self._goal is None:
            self._goal = offsets.ends
            return False
        return offsets.reached(self._goal)
