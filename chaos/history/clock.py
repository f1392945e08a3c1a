"""The one clock of an experiment."""

from __future__ import annotations

import time


class Clock:
    """Seconds since 1970 that never go backwards: wall time at the start, monotonic time since."""

    def __init__(self) -> None:
        self._offset = time.time() - time.monotonic()

    def now(self) -> float:
        """Seconds since 1970."""
        return time.monotonic() + self._offset

    def at(self, monotonic: float) -> float:
        """A reading of `time.monotonic()` on this clock."""
        return monotonic + self._offset
