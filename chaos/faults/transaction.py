"""A transaction that stays open: nothing is late, but the slot cannot move on and Postgres' log grows."""

from __future__ import annotations

import psycopg

from chaos.faults.base import Room

_NAME = "chaos-long-transaction"


class LongTransaction:
    """Holds a transaction id and does nothing."""

    def __init__(self) -> None:
        self._connection: psycopg.Connection[tuple[object, ...]] | None = None

    def describe(self) -> str:
        """See Fault."""
        return "keep a transaction open: the slot holds back the log since its beginning"

    def inject(self, room: Room) -> None:
        """See Fault."""
        self._connection = psycopg.connect(room.backend.env["VERIFY_POSTGRES_DSN"], connect_timeout=5, application_name=_NAME)
        self._connection.execute("SELECT pg_current_xact_id()")

    def effect(self, room: Room) -> str:
        """See Fault."""
        found = room.sql("SELECT backend_xid::text FROM pg_stat_activity WHERE application_name = %s AND backend_xid IS NOT NULL", _NAME)
        return f"transaction {found[0][0]} is open" if found else ""

    def heal(self, room: Room) -> None:
        """See Fault."""
        room.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = %s", _NAME)
        if self._connection:
            self._connection.close()
            self._connection = None
