"""What can happen to a process: killed, stopped, frozen, crashed, restarted."""

from __future__ import annotations

from dataclasses import dataclass, field

from chaos.backends.base import DOWN, FROZEN, UP
from chaos.faults.base import Room, SkippedError


def present(room: Room, component: str) -> None:
    """Raises SkippedError when this pipeline has no such component."""
    if component not in room.backend.states():
        raise SkippedError(f"this pipeline has no {component}")


@dataclass(frozen=True)
class Kill:
    """SIGKILL, and it stays away."""

    component: str

    def describe(self) -> str:
        """See Fault."""
        return f"kill -9 {self.component}; it stays away"

    def inject(self, room: Room) -> None:
        """See Fault."""
        present(room, self.component)
        room.backend.kill(self.component)

    def effect(self, room: Room) -> str:
        """See Fault."""
        return f"{self.component} is down" if room.backend.states().get(self.component) == DOWN else ""

    def heal(self, room: Room) -> None:
        """See Fault."""
        if room.backend.states().get(self.component) == DOWN:
            room.backend.start(self.component)


@dataclass(frozen=True)
class Stop(Kill):
    """An orderly stop."""

    def describe(self) -> str:
        """See Fault."""
        return f"stop {self.component} in order; it stays away"

    def inject(self, room: Room) -> None:
        """See Fault."""
        present(room, self.component)
        room.backend.stop(self.component)


@dataclass(frozen=True)
class Freeze:
    """SIGSTOP: connections stay open, and nothing answers."""

    component: str

    def describe(self) -> str:
        """See Fault."""
        return f"freeze {self.component} (SIGSTOP): its connections stay open and nothing answers"

    def inject(self, room: Room) -> None:
        """See Fault."""
        present(room, self.component)
        room.backend.freeze(self.component)

    def effect(self, room: Room) -> str:
        """See Fault."""
        return f"{self.component} is frozen" if room.backend.states().get(self.component) == FROZEN else ""

    def heal(self, room: Room) -> None:
        """See Fault."""
        if room.backend.states().get(self.component) == FROZEN:
            room.backend.thaw(self.component)


@dataclass(frozen=True)
class Crash:
    """SIGKILL, and the supervisor starts it again at once. The same process in another life shows that it took effect."""

    component: str
    _before: list[str] = field(default_factory=list, compare=False)

    def describe(self) -> str:
        """See Fault."""
        return f"kill -9 {self.component}; its supervisor starts it again"

    def inject(self, room: Room) -> None:
        """See Fault."""
        present(room, self.component)
        self._before[:] = [room.backend.identity(self.component)]
        room.backend.crash(self.component)

    def effect(self, room: Room) -> str:
        """See Fault."""
        now = room.backend.identity(self.component)
        return f"{self.component}: {self._before[0]}, then {now}" if self._before and now != self._before[0] else ""

    def heal(self, room: Room) -> None:
        """See Fault. The supervisor does it; only one that it has given up has to be started."""
        if room.backend.states().get(self.component) not in {UP, None}:
            room.backend.start(self.component)


@dataclass(frozen=True)
class Restart(Crash):
    """Stopped in order and started again."""

    def describe(self) -> str:
        """See Fault."""
        return f"stop {self.component} in order and start it again"

    def inject(self, room: Room) -> None:
        """See Fault."""
        present(room, self.component)
        self._before[:] = [room.backend.identity(self.component)]
        room.backend.stop(self.component)
        room.backend.start(self.component)
