"""Faults at random: which, for how long, and how long it is quiet in between. The same seed gives the same plan."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from chaos.faults.base import Fault, Room

LONGEST, SHORTEST = 15.0, 2.0  # seconds that a fault lasts
QUIET = (3.0, 12.0)
# What a nemesis may do at any time, in any order: each mends itself without a person's decision.
NAMES = tuple(
    f"{verb}-{word}"
    for verb, words in {
        "kill": ("broker", "connect", "worker", "postgres", "mongo", "redis", "api"),
        "freeze": ("broker", "connect", "worker", "postgres", "mongo", "api"),
        "crash": ("broker", "connect", "worker", "postgres", "mongo"),
        "restart": ("worker", "mongo", "broker"),
        "pause": ("connector",),
        "lock-out": ("connector",),
    }.items()
    for word in words
)


@dataclass(frozen=True)
class Turn:
    """One fault: it begins `after` seconds of quiet and lasts `held`."""

    name: str
    after: float
    held: float


def plan(seed: int, seconds: float, names: Sequence[str] = NAMES) -> list[Turn]:
    """Faults that fit into so many seconds, one at a time; at least one."""
    chance = random.Random(seed)  # noqa: S311 - replays a run
    turns, spent = list[Turn](), 0.0
    while True:
        turn = Turn(chance.choice(names), round(chance.uniform(*QUIET), 1), round(chance.uniform(SHORTEST, LONGEST), 1))
        spent += turn.after + turn.held
        if turns and spent > seconds:
            return turns
        turns.append(turn)


@dataclass
class Nemesis:
    """A fault that is a sequence of faults, in a thread of its own. `make` turns a name into a fault, `note` is told what happens."""

    turns: Sequence[Turn]
    make: Callable[[str], Fault]
    note: Callable[[str], None] = lambda _: None
    done: list[str] = field(default_factory=list)
    _stop: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def describe(self) -> str:
        """See Fault."""
        return f"{len(self.turns)} faults at random, one after the other"

    @property
    def seconds(self) -> float:
        """How long the plan takes, when every fault is made and mended at once."""
        return sum(turn.after + turn.held for turn in self.turns)

    def inject(self, room: Room) -> None:
        """See Fault."""
        self._thread = threading.Thread(target=self._run, args=(room,), name="nemesis", daemon=True)
        self._thread.start()

    def effect(self, room: Room) -> str:  # noqa: ARG002 - the protocol's
        """See Fault. The first of them took effect."""
        return self.done[0] if self.done else ""

    def heal(self, room: Room) -> None:
        """See Fault."""
        self._stop.set()
        if self._thread and self._thread is not threading.current_thread():
            self._thread.join(300)
        for name in {turn.name for turn in self.turns}:
            self.make(name).heal(room)

    def _run(self, room: Room) -> None:
        for turn in self.turns:
            if self._stop.wait(turn.after):
                return
            fault = self.make(turn.name)
            try:
                fault.inject(room)
                evidence = self._evidence(fault, room)
                self.done.append(evidence or f"{turn.name} had no effect")
                self.note(f"{turn.name}: {evidence or 'no effect'}")
                self._stop.wait(turn.held)
            except Exception as error:  # noqa: BLE001 - a fault that could not be made is told, and the next one is made
                self.note(f"{turn.name}: {type(error).__name__}: {str(error)[:200]}")
            finally:
                self._mend(fault, room, turn.name)

    @staticmethod
    def _evidence(fault: Fault, room: Room) -> str:
        end = time.monotonic() + 10.0
        while not (found := fault.effect(room)) and time.monotonic() < end:
            time.sleep(0.2)
        return found

    def _mend(self, fault: Fault, room: Room, name: str) -> None:
        for _ in range(5):  # what it needs may still be on its way up
            try:
                fault.heal(room)
            except Exception as error:  # noqa: BLE001 - told, and tried again
                self.note(f"{name}: not mended yet: {type(error).__name__}: {str(error)[:200]}")
                time.sleep(2.0)
            else:
                self.note(f"{name}: mended")
                return
