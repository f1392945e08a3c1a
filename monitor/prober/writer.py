"""Writing canaries to Postgres, on a thread of its own.

The writer keeps to its times whatever happens to the rows (an open loop): the canaries take turns, so that in each second every
partition gets one. A turn that passed while Postgres did not answer is left out, not caught up.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import threading
import time
from dataclasses import dataclass
from typing import Final

import psycopg
import structlog

from monitor.prober import bounded
from monitor.prober.canaries import Canaries
from monitor.prober.track import Emission

EVERY: Final = 1.0
"""Seconds between two rows of one canary."""
UPSERT: Final = """
    INSERT INTO cdc_canary AS c (id, seq, emitted_at) VALUES (%s, %s, %s)
    ON CONFLICT (id) DO UPDATE SET seq = greatest(excluded.seq, c.seq + 1), emitted_at = excluded.emitted_at
    RETURNING seq"""

log = structlog.get_logger("prober")


@dataclass
class Writer:
    """One row a second for each canary."""

    canaries: Canaries
    dsn: str
    seconds: float
    """For one answer of Postgres."""
    _connection: bounded.Bounded | None = None

    def run(self, stop: threading.Event) -> None:
        """Until `stop`."""
        ids, turn = self.canaries.ids, 0
        due = time.monotonic()
        while not stop.wait(max(due - time.monotonic(), 0)):
            self.emit(ids[turn % len(ids)])
            self.canaries.overdue(time.monotonic())
            turn, due = turn + 1, due + EVERY / len(ids)
            if (behind := int((time.monotonic() - due) / EVERY * len(ids))) > 0:
                turn, due = turn + behind, due + behind * EVERY / len(ids)

    def emit(self, key: int) -> None:
        """Writes one row, or counts at which stage that failed."""
        try:
            connection = self._connected()
        except psycopg.Error as error:
            self._failed(key, "connect", error)
            return
        wall, sent = time.time_ns() // 1_000_000 / 1000, time.monotonic()
        number = self.canaries.next(key)
        try:
            row = connection.execute(UPSERT, (key, number, dt.datetime.fromtimestamp(wall, dt.UTC))).fetchone()
            self.canaries.sent(key, Emission(int(row[0]) if row else number, wall, sent))
        except psycopg.Error as error:
            unanswered = error.sqlstate is None or connection.closed
            if unanswered:
                self.canaries.sent(key, Emission(number, wall, sent, acknowledged=False))
            self._failed(key, "answer" if unanswered else "write", error)

    def _connected(self) -> bounded.Bounded:
        if self._connection is None or self._connection.closed:
            self._connection = bounded.connect(self.dsn, seconds=self.seconds, name="prober canary")
            log.info("canary writer connected")
        return self._connection

    def _failed(self, key: int, stage: str, error: psycopg.Error) -> None:
        self.canaries.failed(key, stage)
        if self._connection is not None:
            log.warning("canary not written", stage=stage, error=" ".join(str(error).split()))
            with contextlib.suppress(psycopg.Error):
                self._connection.close()
        self._connection = None
