"""What can happen to the primary of three MongoDB nodes: it steps down, or it goes. See stack/members.py."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from pymongo import MongoClient
from pymongo.errors import PyMongoError

from chaos.backends import Backend, Local
from chaos.faults.base import Room, SkippedError
from chaos.faults.process import Freeze, Kill
from stack import members

COMPONENT = "mongo"
_AWAY_SECONDS = 20  # that a primary which stepped down does not stand for election


def lacks_members(backend: Backend) -> str:
    """What this pipeline would need; empty when it has three MongoDB nodes."""
    three = isinstance(backend, Local) and backend.stack.settings.state.mongo_nodes > 1
    return "" if three else "needs a replica set of three: make reset, then make up MONGO_NODES=3 (local mode)"


def _client(room: Room) -> MongoClient[dict[str, Any]]:
    return MongoClient(room.backend.env["VERIFY_MONGO_URI"], timeoutMS=15_000, serverSelectionTimeoutMS=3000, appname="chaos")


def primary(room: Room) -> str:
    """host:port of the primary, as it says itself; empty when there is none."""
    try:
        with _client(room) as client:
            return str(client.admin.command("hello").get("primary") or "")
    except PyMongoError:
        return ""


def program(room: Room, address: str) -> str:
    """The program behind a member. Raises SkippedError unless there are three."""
    if (lacking := lacks_members(room.backend)) or not isinstance(room.backend, Local):
        raise SkippedError(lacking)
    settings = room.backend.stack.settings
    return {members.address(settings, member): member.name for member in members.members(settings)}[address]


@dataclass(frozen=True)
class StepDown:
    """Somebody asks the primary to step down, as an upgrade does."""

    _before: list[str] = field(default_factory=list, compare=False)

    def describe(self) -> str:
        """See Fault."""
        return "let MongoDB's primary step down (replSetStepDown)"

    def inject(self, room: Room) -> None:
        """See Fault."""
        self._before[:] = [primary(room)]
        program(room, self._before[0])
        with _client(room) as client:
            client.admin.command("replSetStepDown", _AWAY_SECONDS, secondaryCatchUpPeriodSecs=10)

    def effect(self, room: Room) -> str:
        """See Fault."""
        now = primary(room)
        return f"{self._before[0]} was primary, {now} is" if self._before and now not in {"", self._before[0]} else ""

    def heal(self, room: Room) -> None:
        """See Fault. There is nothing to mend."""


@dataclass(frozen=True)
class PrimaryGone(StepDown):
    """The primary is killed, or frozen; the other two elect one of them."""

    frozen: bool = False

    def describe(self) -> str:
        """See Fault."""
        return f"{'freeze (SIGSTOP)' if self.frozen else 'kill -9'} MongoDB's primary; two others have its data"

    def inject(self, room: Room) -> None:
        """See Fault."""
        self._before[:] = [primary(room)]
        name = program(room, self._before[0])
        room.backend.freeze(name) if self.frozen else room.backend.kill(name)

    def heal(self, room: Room) -> None:
        """See Fault."""
        Freeze(COMPONENT).heal(room)
        Kill(COMPONENT).heal(room)


@dataclass(frozen=True)
class NoMajority:
    """Two of three nodes are killed: the third may not be primary, and nothing that the majority had may be lost."""

    def describe(self) -> str:
        """See Fault."""
        return "kill -9 two of three MongoDB nodes, the primary among them"

    def inject(self, room: Room) -> None:
        """See Fault."""
        first = program(room, primary(room))
        second = next(name for name in ("mongo-1", "mongo-2") if name != first)
        for name in (first, second):
            room.backend.kill(name)

    def effect(self, room: Room) -> str:
        """See Fault."""
        down = room.backend.states().get(COMPONENT) == "down"
        return "MongoDB has no primary" if down and not primary(room) else ""

    def heal(self, room: Room) -> None:
        """See Fault."""
        Kill(COMPONENT).heal(room)
