"""The replication slot is dropped: the log since then is gone for the connector, and only a new snapshot can close the gap."""

from __future__ import annotations

import time

import psycopg

from chaos.faults.base import Room
from chaos.faults.connector import await_connect
from stack.errors import StackError

_SECONDS = 20.0


class DropSlot:
    """Somebody dropped the slot, or a failover lost it."""

    def __init__(self) -> None:
        self._dropped = False

    def describe(self) -> str:
        """See Fault."""
        return "drop the replication slot in use; mended by `python -m connectors recover` (a new snapshot)"

    def inject(self, room: Room) -> None:
        """See Fault."""
        slot, end = room.backend.env["CONNECT_SLOT"], time.monotonic() + _SECONDS
        while room.sql("SELECT 1 FROM pg_replication_slots WHERE slot_name = %s", slot):
            if time.monotonic() > end:
                raise StackError("the slot could not be dropped", advice="Look at: python -m stack exec -- python -m connectors status")
            try:  # the connector takes it again within a second
                room.sql("SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE slot_name = %s AND active", slot)
                room.sql("SELECT pg_drop_replication_slot(%s)", slot)
            except psycopg.errors.ObjectInUse:
                time.sleep(0.01)
            else:
                self._dropped = True
                return

    def effect(self, room: Room) -> str:
        """See Fault. Whoever makes a new slot in its place has not closed the gap."""
        if not room.sql("SELECT 1 FROM pg_replication_slots WHERE slot_name = %s", room.backend.env["CONNECT_SLOT"]):
            return "the slot is gone"
        return "the slot was dropped, and somebody made a new one" if self._dropped else ""

    def heal(self, room: Room) -> None:
        """See Fault. `recover` finds out by itself whether anything was missed; Connect has to answer."""
        await_connect(room)
        room.command("connectors", "recover", "--yes", "--timeout", "240", seconds=300)
