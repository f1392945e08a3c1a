"""The replication slot is dropped: the log since then is gone for the connector, and only a new snapshot can close the gap."""

from __future__ import annotations

import time

import psycopg

from chaos.faults.base import Room, SkippedError
from chaos.faults.connector import state
from stack.errors import StackError

_SECONDS = 20.0


class DropSlot:
    """Somebody dropped the slot, or a failover lost it."""

    def describe(self) -> str:
        """See Fault."""
        return "drop the replication slot in use; mended by `python -m connectors recover` (a new snapshot)"

    def inject(self, room: Room) -> None:
        """See Fault."""
        try:
            room.command("connectors", "recover", "--help", seconds=60)
        except StackError as error:
            raise SkippedError(
                "this checkout has no `python -m connectors recover`, without which a dropped slot cannot be mended"
            ) from error
        slot, end = room.backend.env["CONNECT_SLOT"], time.monotonic() + _SECONDS
        while room.sql("SELECT 1 FROM pg_replication_slots WHERE slot_name = %s", slot):
            if time.monotonic() > end:
                raise StackError("the slot could not be dropped", advice="Look at: python -m stack exec -- python -m connectors status")
            try:  # the connector takes it again within a second
                room.sql("SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE slot_name = %s AND active", slot)
                room.sql("SELECT pg_drop_replication_slot(%s)", slot)
            except psycopg.errors.ObjectInUse:
                time.sleep(0.01)

    def effect(self, room: Room) -> str:
        """See Fault. Whoever makes a new slot in its place has not closed the gap."""
        found = room.sql("SELECT 1 FROM pg_replication_slots WHERE slot_name = %s", room.backend.env["CONNECT_SLOT"])
        return "" if found else "the slot is gone"

    def heal(self, room: Room) -> None:
        """See Fault."""
        missing = not room.sql("SELECT 1 FROM pg_replication_slots WHERE slot_name = %s", room.backend.env["CONNECT_SLOT"])
        if missing or state(room) == "FAILED":
            room.command("connectors", "recover", "--yes", "--timeout", "240", seconds=300)
