"""Postgres: the replication slot, the log it holds back, and the oldest transaction, which holds back the slot."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import psycopg

from monitor.prober import bounded
from monitor.prober.board import Family, Sample

STATUSES: Final = ("reserved", "extended", "unreserved", "lost")

PRESENT: Final = Family("cdc_slot_present", "Whether the replication slot is there")
ACTIVE: Final = Family("cdc_slot_active", "Whether Debezium is connected to the slot")
STATUS: Final = Family("cdc_slot_wal_status", "State of the slot's log: 1 for the one that holds", ("status",))
RETAINED: Final = Family("cdc_slot_wal_retained_bytes", "Log that Postgres keeps for the slot (from restart_lsn)")
UNCONFIRMED: Final = Family("cdc_slot_wal_unconfirmed_bytes", "Log that Debezium has not confirmed (from confirmed_flush_lsn)")
SAFE: Final = Family("cdc_slot_safe_wal_bytes", "Log that may still be written before the slot is in danger")
LIMIT: Final = Family("cdc_slot_wal_limit_bytes", "max_slot_wal_keep_size; absent when there is no limit")
OLDEST: Final = Family("cdc_source_oldest_transaction_seconds", "Age of the oldest open or prepared transaction; 0 when there is none")

SLOT: Final = """
    SELECT active, wal_status, pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn),
        pg_wal_lsn_diff(pg_current_wal_lsn(), confirmed_flush_lsn), safe_wal_size
    FROM pg_replication_slots WHERE slot_name = %s"""
SERVER: Final = """
    SELECT (SELECT setting::bigint * 1024 * 1024 FROM pg_settings WHERE name = 'max_slot_wal_keep_size'),
        greatest(0, extract(epoch FROM clock_timestamp() - least(
            (SELECT min(xact_start) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()),
            (SELECT min(prepared) FROM pg_prepared_xacts))))"""


@dataclass
class SlotProbe:
    """Keeps a connection; a broken one is replaced at the next look."""

    dsn: str
    slot: str
    seconds: float
    _connection: bounded.Bounded | None = None

    def look(self) -> list[Sample]:
        """Raises psycopg.Error."""
        if self._connection is None or self._connection.closed:
            self._connection = bounded.connect(self.dsn, seconds=self.seconds, options=f"-c statement_timeout={self.seconds:g}s")
        try:
            slot = self._connection.execute(SLOT, (self.slot,)).fetchone()
            server = self._connection.execute(SERVER).fetchone()
        except psycopg.Error:
            self._connection.close()
            raise
        return [*slot_samples(slot), *server_samples(server or (None, None))]


def slot_samples(row: tuple[bool, str | None, int | None, int | None, int | None] | None) -> Iterator[Sample]:
    """From a row of SLOT; None when there is no slot. A NULL is not known."""
    yield PRESENT.of(row is not None)
    if row is None:
        return
    active, status, *sizes = row
    yield ACTIVE.of(active)
    if status is not None:
        yield from STATUS.one_hot(STATUSES, status)
    for family, size in zip((RETAINED, UNCONFIRMED, SAFE), sizes, strict=True):
        if size is not None:
            yield family.of(float(size))


def server_samples(row: tuple[int | None, float | None]) -> Iterator[Sample]:
    """From a row of SERVER."""
    limit, oldest = row
    if limit is not None and limit >= 0:
        yield LIMIT.of(limit)
    yield OLDEST.of(float(oldest or 0))
