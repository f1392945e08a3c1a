"""MongoDB takes no writes although it is up: fsyncLock, as a backup tool leaves it behind."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from pymongo import MongoClient
from pymongo.errors import OperationFailure

from chaos.faults.base import Room

_ILLEGAL = 20  # MongoDB's answer to fsyncUnlock when nothing is locked
_MOST = 10  # locks of one on top of the other


@contextlib.contextmanager
def _admin(room: Room) -> Iterator[Any]:
    with MongoClient[dict[str, Any]](room.backend.env["VERIFY_MONGO_URI"], timeoutMS=20_000, appname="chaos") as client:
        yield client.admin


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
            locked = admin.command("currentOp").get("fsyncLock")
        return "MongoDB says that it is locked" if locked else ""

    def heal(self, room: Room) -> None:
        """See Fault. Locks are counted: each is undone."""
        with _admin(room) as admin:
            for _ in range(_MOST):
                try:
                    if not admin.command("fsyncUnlock")["lockCount"]:
                        return
                except OperationFailure as error:
                    if error.code == _ILLEGAL:
                        return
                    raise
