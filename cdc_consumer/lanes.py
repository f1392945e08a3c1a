"""Chunks of one partition one after the other, of different partitions side by side.

Records of one key are in one partition, so a lane keeps their order: a row is never behind its own past. A lane is a bounded queue: when
one is full the feeder waits, Faust's buffer fills and fetching stops. Memory in an outage is bounded in bytes, by the transport.

What waited in a lane while the one before it was at work is taken together, as far as it fits into one chunk: a chunk costs MongoDB
about the same whether it holds one record or a hundred, so a worker that fell behind in small bites catches up in large ones.

What is at work at the same time is bounded in jobs and in bytes, since a chunk takes about ten times its bytes while it is applied: two
large chunks of a backlog, or several small ones.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Hashable, Sequence
from typing import Final, Generic, TypeVar

from cdc_consumer.room import Room
from cdc_consumer.sizes import AT_WORK_BYTES

T = TypeVar("T")
WAITING: Final = 64  # chunks queued in a lane behind the ones at work
AT_WORK: Final = 4  # lanes at work at the same time, while it is little: MongoDB has work while the next is decoded; more only conflict
CLOSING: Final = 5.0  # seconds; longer than it takes to find out that MongoDB is away, shorter than the supervisor's patience


class Lane(Generic[T]):
    """A bounded queue whose first job can be looked at. One task puts, one takes."""

    def __init__(self) -> None:
        self.jobs: deque[T] = deque()
        self._space = asyncio.Semaphore(WAITING)
        self._there = asyncio.Event()

    async def put(self, job: T) -> None:
        """Queue a job; waits while there is no space."""
        await self._space.acquire()
        self.jobs.append(job)
        self._there.set()

    async def first(self) -> T:
        """Wait for a job and look at it."""
        await self._there.wait()
        return self.jobs[0]

    def take(self) -> T:
        """The first job, which is there."""
        job = self.jobs.popleft()
        self._space.release()
        if not self.jobs:
            self._there.clear()
        return job


class Lanes(Generic[T]):
    """Runs `work` for the submitted jobs."""

    def __init__(
        self,
        work: Callable[[Sequence[T]], Awaitable[None]],
        die: Callable[[BaseException], None],
        weigh: Callable[[T], int] = lambda _: 0,
        fits: Callable[[Sequence[T], T], bool] = lambda _taken, _job: False,
    ) -> None:
        """`work` handles its own retries; an exception that leaves it is given to `die`, which must not return to normal work.

        `weigh` tells the bytes of a job, `fits` whether one can be done together with those taken before it.
        """
        self._work = work
        self._die = die
        self._weigh = weigh
        self._fits = fits
        self._room = Room(AT_WORK, AT_WORK_BYTES)
        self._lanes: dict[Hashable, Lane[T]] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._closing = False

    async def submit(self, lane: Hashable, job: T) -> None:
        """Queue a job; waits while the lane is full."""
        found = self._lanes.get(lane)
        if found is None:
            found = self._lanes[lane] = Lane()
            self._tasks.append(asyncio.create_task(self._run(found), name=f"lane {lane}"))
        await found.put(job)

    async def _run(self, lane: Lane[T]) -> None:
        while True:
            try:
                size = self._weigh(await lane.first())
                await self._room.enter(size)
                try:
                    jobs = [lane.take()]
                    while lane.jobs and self._fits(jobs, lane.jobs[0]) and self._room.grow(more := self._weigh(lane.jobs[0])):
                        jobs.append(lane.take())
                        size += more
                    await self._work(jobs)
                finally:
                    self._room.leave(size)
            except asyncio.CancelledError:
                raise
            except BaseException as error:  # noqa: BLE001 - whatever it is, it must not be taken for success
                if not self._closing:  # else what it was giving back could not be: MongoDB is away, and the job comes again
                    self._die(error)
                return

    async def close(self) -> None:
        """Cancel everything and wait until it has ended; jobs not finished are not acknowledged and come again.

        What a job holds outside the process, it gives back when cancelled. After CLOSING seconds the rest is left to itself.
        """
        self._closing = True
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=CLOSING)
