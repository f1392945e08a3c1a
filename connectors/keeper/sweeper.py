"""Sweeping beside the looks: one thread, one sweep at a time, tried again after a pause until it succeeds."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import structlog

from connectors.errors import OrphansError
from connectors.keeper import metrics

AGAIN_SECONDS = 30.0

LOG = structlog.get_logger("keeper")


class Sweeper:
    """`run` is what sweeps an epoch, blocking; it answers the rows buried by table and raises OrphansError."""

    def __init__(self, run: Callable[[int], dict[str, int]]) -> None:
        self._run = run
        self._done = 0
        self._not_before = 0.0
        self._thread: threading.Thread | None = None

    def want(self, epoch: int) -> None:
        """Begins to sweep unless this epoch is swept, another sweep goes on, or the last one has failed a moment ago."""
        busy = self._thread is not None and self._thread.is_alive()
        if busy or epoch <= self._done or time.monotonic() < self._not_before:
            return
        self._thread = threading.Thread(target=self._sweep, args=(epoch,), name="sweep", daemon=True)
        self._thread.start()

    def _sweep(self, epoch: int) -> None:
        try:
            buried = self._run(epoch)
        except OrphansError as error:
            metrics.ERRORS.labels("sweep").inc()
            LOG.warning("sweep failed", epoch=epoch, reason=str(error), next_step=error.next_step, again_in=AGAIN_SECONDS)
        except Exception:
            metrics.ERRORS.labels("sweep").inc()
            LOG.exception("sweep failed", epoch=epoch, again_in=AGAIN_SECONDS)
        else:
            self._done = epoch
            for table, rows in buried.items():
                metrics.SWEPT.labels(table).inc(rows)
            LOG.info("swept after the snapshot", epoch=epoch, buried=buried)
            return
        self._not_before = time.monotonic() + AGAIN_SECONDS
