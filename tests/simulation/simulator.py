"""Two workers in one process, stopped at every crash point, moved one step at a time.

The workers run the product's own code: `ChunkApplier` for a chunk and `Ledger` for what may be committed. The simulator plays Kafka
(partitioned logs, committed offsets, ownership) and decides who moves. Only one worker moves at a time, so a schedule replays exactly.
"""

from __future__ import annotations

import asyncio
import contextvars
import zlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from cdc_consumer import crash_points
from cdc_consumer.ledger import Ledger
from cdc_consumer.version import Version
from tests.events import FakeRecord
from tests.worlds.world import World

PARTITIONS = 2  # a topic
IN_FLIGHT = 2  # chunks of one partition at once: more than the product's lanes allow, so that acknowledgements come out of order
DEADLINE = 30.0

Partition = tuple[str, int]


class Killed(BaseException):
    """The worker is gone, as after SIGKILL."""


@dataclass(frozen=True)
class Part:
    """What a flight has of one partition: its records from `first` on, fetched in this generation."""

    partition: Partition
    generation: int
    first: int
    records: list[FakeRecord]

    @property
    def last(self) -> int:
        """The offset of its last record."""
        return self.first + len(self.records) - 1


@dataclass(eq=False)
class Flight:
    """A chunk of one partition, or of several, being applied by a worker."""

    worker: int
    parts: list[Part]
    moved: asyncio.Event = field(default_factory=asyncio.Event)
    go: asyncio.Event = field(default_factory=asyncio.Event)
    killed: bool = False
    task: asyncio.Task[None] | None = None


_flight: contextvars.ContextVar[Flight | None] = contextvars.ContextVar("flight", default=None)


async def gate(_: str) -> None:
    """The armed crash point: wait for the simulator."""
    flight = _flight.get()
    if flight is None:
        return
    flight.go.clear()
    flight.moved.set()
    await flight.go.wait()
    if flight.killed:
        raise Killed


class Drafting(Protocol):
    """What the workers show before they apply it."""

    def offer(self, worker: int, part: Part) -> None:
        """A chunk was fetched and waits."""

    def begin(self, worker: int, part: Part) -> None:
        """It is being applied, or was dropped."""

    def end(self, worker: int, part: Part) -> None:
        """It is applied, or was dropped."""

    def crash(self, worker: int) -> None:
        """A worker forgets everything; its commands under way still arrive."""

    async def land(self, number: int) -> bool:
        """One of the commands under way arrives; whether any was."""


class Simulator:
    """Kafka and the scheduler for two workers."""

    def __init__(
        self,
        world: World,
        apply: Callable[[list[Any]], Awaitable[None]],
        sweep: Callable[[str, Version, tuple[()]], Awaitable[Any]] | None = None,
        jointly: Callable[[list[Any]], Awaitable[Sequence[int]]] | None = None,
        drafting: Drafting | None = None,
    ) -> None:
        self.world = world
        self._apply = apply
        self._sweep = sweep
        self._jointly = jointly
        self.floors: dict[str, Version] = {}  # of snapshots whose orphans are not removed yet
        self._taken = 0
        self.logs: dict[Partition, list[FakeRecord]] = {(t, p): [] for t in sorted(world.keys) for p in range(PARTITIONS)}
        self.names = list(self.logs)
        self.owner = {name: i % 2 for i, name in enumerate(self.names)}
        self.committed = dict.fromkeys(self.names, 0)
        self.applied: dict[Partition, set[int]] = {name: set() for name in self.names}
        self.read = dict.fromkeys(self.names, 0)
        self.generation = dict.fromkeys(self.names, 0)
        self.ledgers: tuple[Ledger[Partition], Ledger[Partition]] = (Ledger(), Ledger())
        self.flights: list[Flight] = []
        self.waiting: dict[Partition, list[Part]] = {name: [] for name in self.names}  # fetched, and not taken up yet
        self.drafting = drafting

    def publish(self) -> None:
        """Move what the world has logged into the partitions, by key, as the connector does."""
        for one in self.world.log[self._taken :]:
            number = zlib.crc32(one.key) % PARTITIONS if one.key else 0
            self.logs[one.topic.removeprefix("cdc.public."), number].append(one)
        self._taken = len(self.world.log)

    async def fetch(self, name: Partition, size: int) -> None:
        """The owner of a partition fetches a chunk and begins with it."""
        await self._begin(self.owner[name], self._fetched(name, size))

    async def gather(self, worker: int, size: int) -> None:
        """A worker takes up to `size` records of each of its partitions, and begins with all of them at once."""
        await self._begin(worker, [part for name in self.names if self.owner[name] == worker for part in self._fetched(name, size)])

    def offer(self, name: Partition, size: int) -> None:
        """The owner of a partition fetches a chunk, drafts what it shows, and lets it wait."""
        if self.drafting and len(self.waiting[name]) < IN_FLIGHT:
            for part in self._read(name, size):
                self.read[name] = part.last + 1
                self.waiting[name].append(part)
                self.drafting.offer(self.owner[name], part)

    def _fetched(self, name: Partition, size: int) -> list[Part]:
        mine = [p for f in self.flights for p in f.parts if p.partition == name and p.generation == self.generation[name]]
        if len(mine) >= IN_FLIGHT:
            return []
        return [self.waiting[name].pop(0)] if self.waiting[name] else self._read(name, size)

    def _read(self, name: Partition, size: int) -> list[Part]:
        start, generation = self.read[name], self.generation[name]
        records = self.logs[name][start : start + size]
        return [Part(name, generation, start, records)] if records else []

    async def _begin(self, worker: int, parts: list[Part]) -> None:
        if not parts:
            return
        flight = Flight(worker, parts)
        for part in parts:
            self.ledgers[worker].deliver(part.partition, part.last)
            self.read[part.partition] = max(self.read[part.partition], part.last + 1)
            if self.drafting:
                self.drafting.begin(worker, part)
        self.flights.append(flight)
        context = contextvars.copy_context()
        context.run(_flight.set, flight)
        flight.task = asyncio.get_running_loop().create_task(self._fly(flight), context=context)
        await self._until_still(flight)

    async def step(self, number: int) -> None:
        """Let one of the chunks in flight go on to its next point."""
        if self.flights:
            flight = self.flights[number % len(self.flights)]
            flight.moved.clear()
            flight.go.set()
            await self._until_still(flight)

    async def crash(self, worker: int) -> None:
        """Kill a worker; its partitions are read again from what was committed."""
        for flight in [f for f in self.flights if f.worker == worker]:
            flight.killed = True
            flight.moved.clear()
            flight.go.set()
            await self._until_still(flight)
        for name in self.names:
            if self.owner[name] == worker:
                self._revoke(name)
        if self.drafting:
            self.drafting.crash(worker)

    def rebalance(self, name: Partition) -> None:
        """Give a partition to the other worker; chunks in flight go on as zombies."""
        self._revoke(name)
        self.owner[name] = 1 - self.owner[name]

    def commit(self, worker: int) -> None:
        """The commit timer of a worker fires."""
        ledger = self.ledgers[worker]
        for name in ledger.partitions():
            ready = ledger.ready(name) or 0
            unwritten = [offset for offset in range(ready) if offset not in self.applied[name]]
            assert not unwritten, f"offset {ready} of {name} committed while {unwritten} are not written"
            self.committed[name] = max(self.committed[name], ready)

    def redeliver(self, name: Partition, back: int) -> None:
        """The partition is read again from an earlier offset, as after a rewind."""
        self._revoke(name)
        self.committed[name] = self.read[name] = max(0, self.committed[name] - back)

    async def land(self, number: int) -> None:
        """Let one of the chunks in flight go on to its end."""
        if self.flights:
            flight = self.flights[number % len(self.flights)]
            while flight in self.flights:
                await self.step(self.flights.index(flight))

    async def land_draft(self, number: int) -> None:
        """Let one of the drafts under way reach MongoDB."""
        if self.drafting:
            await self.drafting.land(number)

    async def land_drafts(self) -> None:
        """Let all of them, however late they are."""
        while self.drafting and await self.drafting.land(0):
            pass

    async def drain(self, *, zombies_last: bool) -> None:
        """Let everything in flight land, apply what is left of every partition and sweep; zombies land before or after that."""
        await self._land_all(lambda flight: not (zombies_last and self._is_zombie(flight)))
        for name in self.names:
            while self.waiting[name] or self.read[name] < len(self.logs[name]):
                await self.fetch(name, 5)
                await self._land_all(lambda flight: not self._is_zombie(flight))
        while self.floors and self._sweep:
            await self._sweep(*self.floors.popitem(), ())
        await self._land_all(lambda _: True)

    def _is_zombie(self, flight: Flight) -> bool:
        return all(part.generation != self.generation[part.partition] for part in flight.parts)

    async def _land_all(self, wanted: Callable[[Flight], bool]) -> None:
        while found := [i for i, flight in enumerate(self.flights) if wanted(flight)]:
            await self.land(found[0])

    async def close(self) -> None:
        """End whatever still flies."""
        for worker in (0, 1):
            await self.crash(worker)

    def _revoke(self, name: Partition) -> None:
        self.ledgers[self.owner[name]].forget([name])
        self.generation[name] += 1
        self.read[name] = self.committed[name]
        for part in self.waiting[name]:
            if self.drafting:
                self.drafting.begin(self.owner[name], part)
                self.drafting.end(self.owner[name], part)
        self.waiting[name].clear()

    async def _fly(self, flight: Flight) -> None:
        try:
            left: Sequence[int] = range(len(flight.parts))
            if self._jointly and len(left) > 1:
                left = await self._jointly([(part.records, ()) for part in flight.parts])
            for number in left:
                await self._apply(flight.parts[number].records)
            for part in flight.parts:
                self.applied[part.partition].update(range(part.first, part.last + 1))
                if part.generation == self.generation[part.partition]:
                    self.ledgers[flight.worker].acknowledge(part.partition, part.last)
        except Killed:
            pass
        finally:
            for part in flight.parts:
                if self.drafting:
                    self.drafting.end(flight.worker, part)
            self.flights.remove(flight)
            flight.moved.set()

    async def _until_still(self, flight: Flight) -> None:
        await asyncio.wait_for(flight.moved.wait(), DEADLINE)
        if flight not in self.flights and flight.task:
            await flight.task  # raises what the worker raised


def arm() -> None:
    """Stop workers at every crash point."""
    crash_points.armed = gate


def disarm() -> None:
    """Back to normal."""
    crash_points.armed = None
