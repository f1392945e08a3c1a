"""From what was seen to what is done. Pure: the clock and the chance come in as numbers.

- FAILED: restarted after a pause that doubles with every try; after the last try the keeper gives up and says so. The tries count from
  the beginning once it has run for `healthy_seconds`, or when somebody brings it back after the keeper had given up.
- A gap: never restarted. Two looks in a row have to agree, since one look asks several things one after the other. Then the connector is
  halted with the reason in its configuration, and the reason is repeated until a new snapshot is taken.
- PAUSED and STOPPED: somebody asked for that; left alone.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol

from connectors.diagnosis import Diagnosis, Kind

AGREEING_LOOKS = 2
SAY_FIRST, SAY_LONGEST = 5.0, 300.0  # seconds between two repetitions: they double up to the longest


class Limits(Protocol):
    """The part of the settings that decides."""

    restart_tries: int
    restart_first_seconds: float
    restart_longest_seconds: float
    healthy_seconds: float


@dataclass(frozen=True)
class Memory:
    """What the keeper remembers from look to look. Times are monotonic seconds."""

    tries: int = 0
    try_at: float | None = None
    gave_up: bool = False
    running_since: float | None = None
    gaps_seen: int = 0
    gap: str = ""
    say_at: float = 0.0
    say_pause: float = SAY_FIRST


@dataclass(frozen=True)
class Restart:
    """Ask Connect to restart what is FAILED."""

    cause: str
    attempt: int


@dataclass(frozen=True)
class Halt:
    """Stop the connector and write the reason into its configuration."""

    reason: str


@dataclass(frozen=True)
class Shout:
    """Say it, as an error."""

    event: str
    reason: str
    next_step: str


@dataclass(frozen=True)
class Sweep:
    """Bury what the connector's own initial snapshot did not see."""

    epoch: int


Action = Restart | Halt | Shout | Sweep

RECOVER = "Take a new snapshot: make recover. Until then nothing is captured."
MEND = "See its log (make logs S=connect), mend the cause, then: make recover"


def decide(memory: Memory, found: Diagnosis, limits: Limits, now: float, chance: float) -> tuple[Memory, tuple[Action, ...]]:
    """What to remember and what to do. `chance` from 0 to 1 spreads restarts."""
    if found.kind is not Kind.GAP:
        memory = replace(memory, gaps_seen=0, gap="")
    if found.kind is not Kind.STREAMING and found.kind is not Kind.SNAPSHOT:
        memory = replace(memory, running_since=None)
    match found.kind:
        case Kind.GAP:
            return _gap(memory, found, now)
        case Kind.FAILED:
            return _failed(memory, found, limits, now, chance)
        case Kind.STREAMING | Kind.SNAPSHOT:
            memory = _running(memory, limits, now)
            return memory, (Sweep(found.snapshot_epoch),) if found.kind is Kind.STREAMING and found.snapshot_epoch else ()
        case Kind.PAUSED | Kind.STOPPED | Kind.MISSING:
            return Memory(), ()
        case _:
            return memory, ()


def _gap(memory: Memory, found: Diagnosis, now: float) -> tuple[Memory, tuple[Action, ...]]:
    memory = replace(memory, gaps_seen=memory.gaps_seen + 1, try_at=None)
    if memory.gaps_seen < AGREEING_LOOKS:
        return replace(memory, say_at=now, say_pause=SAY_FIRST), ()
    memory = replace(memory, gap=found.reason)
    memory, said = _say(memory, "changes are missing", found.reason, RECOVER, now)
    return memory, (Halt(found.reason), *said)


def _failed(memory: Memory, found: Diagnosis, limits: Limits, now: float, chance: float) -> tuple[Memory, tuple[Action, ...]]:
    if memory.tries >= limits.restart_tries:
        if not memory.gave_up:
            memory = replace(memory, gave_up=True, say_at=now, say_pause=SAY_FIRST)
        return _say(memory, "gave up restarting", found.reason, MEND, now)
    if memory.try_at is None:
        pause = min(limits.restart_longest_seconds, limits.restart_first_seconds * 2**memory.tries)
        return replace(memory, try_at=now + pause * (0.5 + chance / 2)), ()
    if now < memory.try_at:
        return memory, ()
    return replace(memory, tries=memory.tries + 1, try_at=None), (Restart(found.cause, memory.tries + 1),)


def _running(memory: Memory, limits: Limits, now: float) -> Memory:
    if memory.gave_up:
        return Memory(running_since=now)
    since = memory.running_since if memory.running_since is not None else now
    if now - since >= limits.healthy_seconds:
        return Memory(running_since=since)
    return replace(memory, running_since=since, try_at=None)


def _say(memory: Memory, event: str, reason: str, next_step: str, now: float) -> tuple[Memory, tuple[Action, ...]]:
    if now < memory.say_at:
        return memory, ()
    pause = memory.say_pause
    return replace(memory, say_at=now + pause, say_pause=min(SAY_LONGEST, pause * 2)), (Shout(event, reason, next_step),)
