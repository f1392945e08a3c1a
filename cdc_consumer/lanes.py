"""Chunks of one partition one after the other, of different partitions side by side.

Records of one key are in one partition, so a lane keeps their order: a row is never behind its own past. Lanes are short queues: when
one is full the feeder waits, Faust's buffer fills and fetching stops; that is what bounds the memory in an outage.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Final, Generic, TypeVar

T = TypeVar("T")
WAITING: Final = 1  # chunks queued in a lane behind the one at work
AT_WORK: Final = 2  # chunks applied at the same time: MongoDB has work while the next is decoded; more only take memory and conflict


class Lanes(Generic[T]):
    """Runs `work` for each submitted job."""

    def __init__(self, work: Callable[[T], Awaitable[None]], die: Callable[[BaseException], None]) -> None:
        """`work` handles its own retries; an exception that leaves it is given to `die`, which must not return to normal work."""
        self._work = work
        self._die = die
        self._slots = asyncio.Semaphore(AT_WORK)
        self._queues: dict[Hashable, asyncio.Queue[T]] = {}
        self._tasks: list[asyncio.Task[None]] = []

    async def submit(self, lane: Hashable, job: T) -> None:
        """Queue a job; waits while the lane is full."""
        queue = self._queues.get(lane)
        if queue is None:
            queue = self._queues[lane] = asyncio.Queue(WAITING)
            self._tasks.append(asyncio.create_task(self._run(queue), name=f"lane {lane}"))
        await queue.put(job)

    async def _run(self, queue: asyncio.Queue[T]) -> None:
        while True:
            job = await queue.get()
            try:
                async with self._slots:
                    await self._work(job)
            except asyncio.CancelledError:
                raise
            except BaseException as error:  # noqa: BLE001 - whatever it is, it must not be taken for success
                self._die(error)
                return

    def close(self) -> None:
        """Cancel everything; jobs not finished are not acknowledged and come again."""
        for task in self._tasks:
            task.cancel()
