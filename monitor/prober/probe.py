"""One component, asked again and again on a thread of its own: none of them can delay or blind another."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import structlog

from monitor.prober import metrics
from monitor.prober.board import Board, Sample

log = structlog.get_logger("prober")


@dataclass
class Probe:
    """`look` answers samples, or raises whatever kept it from knowing; each of its waits is bounded."""

    name: str
    look: Callable[[], Iterable[Sample]]
    interval: float
    """Seconds from one look to the next."""
    target: str = ""
    """The component whose answer this is, for cdc_probe_*; "" for a look at several."""
    patience: float = 0.0
    """What is seen stays as long on the board as if this were the interval, where a single look may take longer than that."""
    _failing: bool = False

    def run(self, board: Board, stop: threading.Event) -> None:
        """Until `stop`."""
        due = time.monotonic()
        while not stop.wait(max(due - time.monotonic(), 0)):
            self.once(board)
            due = max(due + self.interval, time.monotonic())

    def once(self, board: Board) -> None:
        """One look. What was seen before stays on the board until it is too old."""
        start = time.monotonic()
        try:
            found = tuple(self.look())
        except Exception as error:  # noqa: BLE001 - whatever it is, the component did not answer; this thread must go on
            metrics.ERRORS.labels(self.name).inc()
            if not self._failing:
                log.warning("no answer", probe=self.name, error=f"{type(error).__name__}: {' '.join(str(error).split())[:300]}")
            self._failing = True
        else:
            if self._failing:
                log.info("answers again", probe=self.name)
            self._failing = False
            board.put(self.name, found, max(self.interval, self.patience))
        if self.target:
            self._tell(time.monotonic() - start)

    def _tell(self, seconds: float) -> None:
        metrics.SECONDS.labels(self.target).observe(seconds)
        metrics.UP.labels(self.target).set(not self._failing)
        if not self._failing:
            metrics.LAST_SUCCESS.labels(self.target).set_to_current_time()
