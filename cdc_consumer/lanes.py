"""What is applied together, and what at the same time. Each partition is a lane.

Records of one key are in one partition, so a lane keeps their order: a row is never behind its own past. A lane is a bounded queue: when
one is full the feeder waits, Faust's buffer fills and fetching stops. Memory in an outage is bounded in bytes, by the transport.

What waits is taken together, of one lane and of all that have nothing at work, as far as it fits into one chunk: MongoDB takes about as
long for one record as for a hundred, and a row, what links to it and what it shows are written to different partitions at one moment.
Apart they would be transactions on one document, which conflict and wait for each other. So what comes is gathered for as long as it has
patience, mostly GATHER, and while something is at work for up to PATIENCE; a backlog, and what comes beside a long fan-out, is applied
side by side (docs/decisions/0019-together.md).

What is at work at the same time is bounded in jobs and in bytes, since a chunk takes about ten times its bytes while it is applied.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Iterable, Sequence
from typing import Final, Generic, TypeVar

from cdc_consumer.lane import WAITING, Lane, Part, Weight
from cdc_consumer.room import Room
from cdc_consumer.sizes import AT_WORK_BYTES, CHUNK, CHUNK_BYTES

T = TypeVar("T")
AT_WORK: Final = 4  # batches at work at the same time: MongoDB has work while the next is decoded; more only conflict
GATHER: Final = 0.005  # seconds that little waits for what was written with it, while nothing is at work: a batch takes some 20 ms
PATIENCE: Final = 0.1  # seconds that little waits for what is at work; about what a few records take on a busy machine
BACKLOG: Final = 1000  # records waiting that are not little
SOON: Final = 0.001  # seconds: what is shorter uvloop takes for now, and it would be asked again and again
CLOSING: Final = 5.0  # seconds; longer than it takes to find out that MongoDB is away, shorter than the supervisor's patience


async def _never(parts: Sequence[object]) -> Sequence[int]:
    return range(len(parts))


class Lanes(Generic[T]):
    """Has the submitted jobs done."""

    def __init__(
        self,
        alone: Callable[[Sequence[T]], Awaitable[None]],
        die: Callable[[BaseException], None],
        jointly: Callable[[Sequence[Sequence[T]]], Awaitable[Sequence[int]]] = _never,
        weigh: Callable[[T], Weight] = lambda _: Weight(1, 0),
        follows: Callable[[T, T], bool] = lambda _earlier, _job: False,
        *,
        patience: Callable[[T], float] = lambda _: GATHER,
        rests: Callable[[T], float] = lambda _: 0.0,
    ) -> None:
        """Jobs of one lane are done by `alone`, which handles its own retries; an exception that leaves either goes to `die`.

        Jobs of several lanes are tried once by `jointly`; it answers which are to be done alone. `follows` tells whether a job can be
        done together with an earlier one, of its lane if there is one; `patience` for how many seconds it may wait for others, `rests`
        for how many more it must, because what belongs to it is to come first. `die` must not return to normal work.
        """
        self._alone, self._jointly, self._die = alone, jointly, die
        self._weigh, self._follows, self._patience = weigh, follows, patience
        self._rests = rests
        self._room = Room(AT_WORK, AT_WORK_BYTES)
        self._lanes: dict[Hashable, Lane[T]] = {}
        self._ready: dict[Lane[T], None] = {}  # those with jobs and nothing at work, in the order in which they became so
        self._tasks: set[asyncio.Task[None]] = set()
        self._begun = 0.0  # when the newest batch was taken up
        self._later: asyncio.TimerHandle | None = None
        self._closing = False

    async def submit(self, lane: Hashable, job: T) -> None:
        """Queue a job; waits while the lane is full."""
        found = self._lanes.setdefault(lane, Lane())
        weight = self._weigh(job)
        await found.put(job, weight)
        if not found.busy:
            self._ready[found] = None
        self._start()

    def reconsider(self) -> None:
        """What waits may have less patience than when it came."""
        self._start()

    def _start(self) -> None:
        while self._ready and not self._closing:
            rests = {lane: self._rests(lane.jobs[0][0]) for lane in self._ready}  # asked once: another thread may change it meanwhile
            if not (self._due(rests.values()) and (batch := self._gather([lane for lane, left in rests.items() if left <= 0]))):
                return
            self._begun = asyncio.get_running_loop().time()
            task = asyncio.create_task(self._run(batch), name="lanes")
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def _due(self, rests: Iterable[float]) -> bool:
        """Whether to begin now, rather than gather more."""
        loop = asyncio.get_running_loop()
        left = min(rests)
        crowded = any(len(lane.jobs) >= WAITING // 2 for lane in self._ready)
        if not crowded and sum(lane.records for lane in self._ready) < BACKLOG:
            due = min(at + self._patience(job) for lane in self._ready for job, _, at in lane.jobs)
            if self._room.inside:
                due = max(due, self._begun + PATIENCE)
            left = max(left, due - loop.time())
        if self._later:
            self._later.cancel()
        self._later = loop.call_later(max(left, SOON), self._start) if left > 0 else None
        return left <= 0

    def _gather(self, rested: Sequence[Lane[T]]) -> list[Part[T]]:
        """The first job of the lane that waits longest, and what can be done with it; nothing while there is no room for it."""
        first, weight, _ = rested[0].jobs[0]
        if not self._room.enter(weight.size):
            return []
        batch, records, size = list[Part[T]](), 0, 0
        for lane in rested:
            part = Part(lane, [], 0)
            while lane.jobs:
                job, weight, _ = lane.jobs[0]
                if batch or part.jobs:  # not the first of all, which has its room
                    fits = records + weight.records <= CHUNK and size + weight.size <= CHUNK_BYTES
                    follows = fits and self._rests(job) <= 0 and self._follows(part.jobs[-1] if part.jobs else first, job)
                    if not (follows and self._room.grow(weight.size)):
                        break
                part.jobs.append(lane.take())
                part.size += weight.size
                records, size = records + weight.records, size + weight.size
            if part.jobs:
                batch.append(part)
                lane.busy = True
                del self._ready[lane]
        return batch

    async def _run(self, batch: list[Part[T]]) -> None:
        try:
            left = batch
            if len(batch) > 1:
                left = [batch[number] for number in await self._jointly([part.jobs for part in batch])]
                for part in batch:
                    if part not in left:
                        self._release(part)
                self._start()
            async with asyncio.TaskGroup() as each:
                for part in left[1:]:
                    each.create_task(self._part(part))
                for part in left[:1]:
                    await self._part(part)
        except BaseException as error:
            if not self._closing:  # else what it was giving back could not be: MongoDB is away, and the job comes again
                self._die(error.exceptions[0] if isinstance(error, BaseExceptionGroup) else error)
            if isinstance(error, asyncio.CancelledError):
                raise
            return
        self._room.leave()
        self._start()

    async def _part(self, part: Part[T]) -> None:
        await self._alone(part.jobs)
        self._release(part)
        self._start()

    def _release(self, part: Part[T]) -> None:
        self._room.shrink(part.size)
        part.lane.busy = False
        if part.lane.jobs:
            self._ready[part.lane] = None

    async def close(self) -> None:
        """Cancel everything and wait until it has ended; jobs not finished are not acknowledged and come again.

        What a job holds outside the process, it gives back when cancelled. After CLOSING seconds the rest is left to itself.
        """
        self._closing = True
        if self._later:
            self._later.cancel()
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=CLOSING)
