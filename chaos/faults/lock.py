"""MongoDB takes no writes although it is up: fsyncLock, as a backup tool leaves it behind."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from pymongo import MongoClient

from chaos.faults.base import Room

_MOST = 10  # locks of one on top of the other


@contextlib.contextmanager
def _admin(room: Room) -> Iterator[Any]:
    with MongoClient[dict[str, Any]](room.backend.env["VERIFY_MONGO_URI"], timeoutMS=20_000, appname="chaos") as client:
        yield client.admin


def _locked(admin: Any) -> bool:
    return bool(admin.command("currentOp").get("fsyncLock"))


class LockWrites:
    """Every write waits, for as long as the lock is held."""

    def describe(self) -> str:
        """See Fault."""
        return "lock MongoDB against writes (fsyncLock): it is up, and every write waits"

    def inject(self, room: Room) -> None:
        """See Fault."""
        with _admin(room) as admin:
            admin.command("fsync", lock=True)

    def effect(self, room: Room) -> str:
        """See Fault."""
        with _admin(room) as admin:
            return "MongoDB says that it is locked" if _locked(admin) else ""

    def heal(self, room: Room) -> None:
        """See Fault. Locks are counted: each is undone."""
        with _admin(room) as admin:
            for _ in range(_MOST):
                if not _locked(admin):
                    return
                admin.command("fsyncUnlock")
