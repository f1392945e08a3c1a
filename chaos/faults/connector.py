"""What can happen to the connector inside a Connect that is well."""

from __future__ import annotations

import time

from chaos.faults.base import Room
from connectors.client import Connect
from connectors.errors import CommandError

_SECONDS = 30.0
_START_SECONDS = 90.0  # Connect on a busy machine


def client(room: Room) -> Connect:
    """The connector's client."""
    return Connect(room.backend.env["CONNECT_URL"], room.backend.env["CONNECT_NAME"], timeout=5.0)


def state(room: Room) -> str:
    """The worst of the states of the connector and its tasks, in Connect's words; "" when Connect does not answer."""
    try:
        status = client(room).status()
    except CommandError:
        return ""
    found = {status.connector, *status.tasks}
    return next((name for name in ("FAILED", "STOPPED", "PAUSED", "UNASSIGNED", "RESTARTING") if name in found), "RUNNING")


def await_connect(room: Room) -> None:
    """Returns once Connect answers; after a minute and a half in any case, and whoever asks it next says what is wrong."""
    end = time.monotonic() + _START_SECONDS
    while time.monotonic() < end:
        try:
            client(room).config()
        except CommandError:
            time.sleep(0.5)
        else:
            return


class Pause:
    """Somebody paused the connector."""

    def describe(self) -> str:
        """See Fault."""
        return "pause the connector; Postgres keeps the log"

    def inject(self, room: Room) -> None:
        """See Fault."""
        client(room).pause()
        end = time.monotonic() + _SECONDS
        while state(room) != "PAUSED" and time.monotonic() < end:
            time.sleep(0.2)

    def effect(self, room: Room) -> str:
        """See Fault."""
        return "the connector is PAUSED" if state(room) == "PAUSED" else ""

    def heal(self, room: Room) -> None:
        """See Fault."""
        if state(room) in {"PAUSED", "STOPPED"}:
            client(room).resume()


class Lockout:
    """The connector's role may not log in any more, and its connections are cut: what a wrong rotation of passwords looks like."""

    def describe(self) -> str:
        """See Fault."""
        return "lock the connector's role out of Postgres and cut its connections"

    def inject(self, room: Room) -> None:
        """See Fault."""
        room.sql(f"ALTER ROLE {room.backend.env['CONNECT_DB_USER']} NOLOGIN")
        self._cut(room)

    def _cut(self, room: Room) -> None:
        room.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = %s", room.backend.env["CONNECT_DB_USER"])

    def effect(self, room: Room) -> str:
        """See Fault."""
        self._cut(room)
        (row,) = room.sql("SELECT NOT rolcanlogin FROM pg_roles WHERE rolname = %s", room.backend.env["CONNECT_DB_USER"])
        active = room.sql("SELECT active FROM pg_replication_slots WHERE slot_name = %s", room.backend.env["CONNECT_SLOT"])
        return "the role is locked and the slot is not in use" if row[0] and active == [(False,)] else ""

    def heal(self, room: Room) -> None:
        """See Fault. A task that gave up is restarted: Connect itself never does."""
        room.sql(f"ALTER ROLE {room.backend.env['CONNECT_DB_USER']} LOGIN")
        if state(room) == "FAILED":
            client(room).restart(only_failed=True)


class Delete:
    """Somebody deleted the connector; its slot and its offsets stay."""

    def describe(self) -> str:
        """See Fault."""
        return "delete the connector; its slot and offsets stay"

    def inject(self, room: Room) -> None:
        """See Fault."""
        client(room).delete()

    def effect(self, room: Room) -> str:
        """See Fault."""
        try:
            return "" if client(room).config() else "the connector is not registered"
        except CommandError:
            return ""

    def heal(self, room: Room) -> None:
        """See Fault."""
        await_connect(room)
        if self.effect(room):
            room.command("connectors", "register", "--timeout", "90")
