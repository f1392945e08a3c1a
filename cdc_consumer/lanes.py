"""Chunks of one partition one after the other, of different partitions side by side.

Records of one key are in one partition, so a lane keeps their order: a row is never behind its own past. Lanes are short queues: when
one is full the feeder waits, Faust's buffer fills and fetching stops; that is what bounds the memory in an outage.

What is at work at the same time is bounded in jobs and in bytes, since a chunk takes about ten times its bytes while it is applied: two
large chunks of a backlog, or several small ones.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Hashable
from typing import Final, Generic, TypeVar

from cdc_consumer.sizes import AT_WORK_BYTES

T = TypeVar("T")
WAITING: Final = 1  # chunks queued in a lane behind the one at work
AT_WORK: Final = 4  # chunks applied at the same time, while they are small: MongoDB has work while the next is decoded; more only conflict
CLOSING: Final = 5.0  # seconds; longer than it takes to find out that MongoDB is away, shorter than the supervisor's patience


class Room:
    """Lets jobs in, in the order in which they ask, while there are few of them and they are small together; one alone always fits."""

    def __init__(self, jobs: int, size: int) -> None:
        self._jobs, self._size = jobs, size  # that still fit; the bytes are below 0 while a large one is alone
        self._inside = 0
        self._waiting: deque[tuple[int, asyncio.Future[None]]] = deque()

    async def enter(self, size: int) -> None:
        """Wait for room; `leave` gives it back."""
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((size, turn))
        self._let_in()
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self.leave(size)
            raise

    def leave(self, size: int) -> None:
        """The job is done."""
        self._jobs, self._size = self._jobs + 1, self._size + size
        self._inside -= 1
        self._let_in()

    def _let_in(self) -> None:
        while self._waiting and self._jobs:
            size, turn = self._waiting[0]
            if turn.cancelled():
                self._waiting.popleft()
                continue
            if self._inside and size > self._size:
                return
            self._waiting.popleft()
            self._inside += 1
            self._jobs, self._size = self._jobs - 1, self._size - size
            turn.set_result(None)


class Lanes(Generic[T]):
    """Runs `work` for each submitted job."""

    def __init__(
        self, work: Callable[[T], Awaitable[None]], die: Callable[[BaseException], None], weigh: Callable[[T], int] = lambda _: 0
    ) -> None:
        """`work` handles its own retries; an exception that leaves it is given to `die`, which must not return to normal work.

        `weigh` tells the bytes of a job.
        """
        self._work = work
        self._die = die
        self._weigh = weigh
        self._room = Room(AT_WORK, AT_WORK_BYTES)
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
                size = self._weigh(job)
                await self._room.enter(size)
                try:
                    await self._work(job)
                finally:
                    self._room.leave(size)
            except asyncio.CancelledError:
                raise
            except BaseException as error:  # noqa: BLE001 - whatever it is, it must not be taken for success
                self._die(error)
                return

    async def close(self) -> None:
        """Cancel everything and wait until it has ended; jobs not finished are not acknowledged and come again.

        What a job holds outside the process, it gives back when cancelled. After CLOSING seconds the rest is left to itself.
        """
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=CLOSING)
