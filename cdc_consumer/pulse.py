"""What the event loop tells the watchdog: which waits an outage explains, and which work is under way.

Written by the event loop, read by the watchdog's thread; single operations on a dict are atomic.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from cdc_consumer import metrics

FRESH: Final = 60.0  # seconds: an attempt fails within 20 s when MongoDB does not answer, and the next begins within 2 s
LONG: Final = 10.0  # seconds after which a chunk at work is a long one: a large fan-out


class Pulse:
    """Waits by what waits (a partition, "prepare", "kafka"), and the chunks at work."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._waits: dict[str, tuple[str, float]] = {}
        self._work: dict[int, float] = {}

    def waits(self, what: str, cause: str) -> None:
        """An attempt failed for a cause that passes by itself; there will be another one."""
        before = self._waits.get(what)
        self._waits[what] = cause, self._clock()
        metrics.PAUSED.labels(cause).set(1)
        if before:
            self._clear(before[0])

    def goes_on(self, what: str) -> None:
        """It succeeded, or is not wanted any more."""
        if before := self._waits.pop(what, None):
            self._clear(before[0])

    def _clear(self, cause: str) -> None:
        if all(cause != other for other, _ in list(self._waits.values())):
            metrics.PAUSED.labels(cause).set(0)

    def begins(self, chunk: int) -> None:
        """A chunk is taken up."""
        self._work[chunk] = self._clock()

    def ends(self, chunk: int) -> None:
        """And laid down."""
        self._work.pop(chunk, None)

    def excuse(self) -> str | None:
        """The cause for which something waits; None when nothing does, or when its last attempt is long ago: then nobody tries any more."""
        now = self._clock()
        return next((cause for cause, at in list(self._waits.values()) if now - at < FRESH), None)

    def long_work(self) -> bool:
        """Whether a chunk has been at work for long."""
        now = self._clock()
        return any(now - since > LONG for since in list(self._work.values()))
