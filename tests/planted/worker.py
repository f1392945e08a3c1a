"""`python -m tests.planted.worker`: a worker with the bug PLANTED_BUG.

PLANTED_STOP=30 makes it stop itself (SIGSTOP) after so many chunks, with chunks in its hands that it has not written yet and without an
open transaction: a zombie that wakes when the test says so. PLANTED_STRETCH=0.3 makes every transaction up to so many seconds longer,
between its reads and its writes.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal

from cdc_consumer import crash_points
from cdc_consumer.__main__ import main
from tests.planted.bugs import BUGS

HOLD_SECONDS = 1.0  # so that every lane has something in its hands


class Stop:
    """Counts chunks; from a number on it lets those at work finish, holds the others, and stops the process."""

    def __init__(self, after: int) -> None:
        self.left = after
        self.at_work = 0
        self.awake = asyncio.Event()
        self.stopping: asyncio.Task[None] | None = None

    async def reached(self, name: str) -> None:
        if name == "before_acknowledge":
            self.at_work -= 1
        if name != "after_fetch":
            return
        self.left -= 1
        if self.left < 0 and not self.awake.is_set():
            self.stopping = self.stopping or asyncio.create_task(self._stop())
            await self.awake.wait()
        self.at_work += 1

    async def _stop(self) -> None:
        await asyncio.sleep(HOLD_SECONDS)
        while self.at_work:  # noqa: ASYNC110 - lanes come and go
            await asyncio.sleep(0.01)
        os.kill(os.getpid(), signal.SIGSTOP)
        self.awake.set()


def arm() -> None:
    """As the variables say."""
    stop, stretch = Stop(int(os.environ.get("PLANTED_STOP", str(10**9)))), float(os.environ.get("PLANTED_STRETCH", "0"))

    async def reached(name: str) -> None:
        await stop.reached(name)
        if stretch and name == "inside_materialise":
            await asyncio.sleep(random.uniform(0, stretch))

    if {"PLANTED_STOP", "PLANTED_STRETCH"} & os.environ.keys():
        crash_points.armed = reached


if __name__ == "__main__":
    with BUGS[os.environ["PLANTED_BUG"]]():
        arm()
        main(["worker"])
