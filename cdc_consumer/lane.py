"""A partition's queue, and what is taken of it."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

T = TypeVar("T")
WAITING: Final = 64  # jobs queued in a lane behind the ones at work


@dataclass(frozen=True)
class Weight:
    """Records and bytes of a job."""

    records: int
    size: int


class Lane(Generic[T]):
    """A bounded queue. One task puts."""

    def __init__(self) -> None:
        self.jobs: deque[tuple[T, Weight, float]] = deque()  # and when each came, by the loop's clock
        self.records = 0  # queued
        self.busy = False
        self._space = asyncio.Semaphore(WAITING)

    async def put(self, job: T, weight: Weight) -> None:
        """Queue a job; waits while there is no space."""
        await self._space.acquire()
        self.jobs.append((job, weight, asyncio.get_running_loop().time()))
        self.records += weight.records

    def take(self) -> T:
        """The first job, which is there."""
        job, weight, _ = self.jobs.popleft()
        self.records -= weight.records
        self._space.release()
        return job


@dataclass(slots=True, eq=False)
class Part(Generic[T]):
    """What a batch takes of one lane."""

    lane: Lane[T]
    jobs: list[T]
    size: int
