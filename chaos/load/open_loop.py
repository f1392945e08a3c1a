"""An open loop: requests are sent when the schedule says, not when the last one was answered.

A client that waits for its answer before it sends the next request sends nothing while the server hangs, and so never measures the
hanging (coordinated omission). Here every latency counts from the moment at which the request was due. At most AT_ONCE writes are on
their way, so that a server that falls behind is not buried; who has waited longer than a client's patience is written down as not served.
"""

from __future__ import annotations

import asyncio
import math
import random
import threading
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

import httpx2

from chaos.history.book import Book
from chaos.history.clock import Clock
from chaos.history.records import Outcome, Write
from chaos.load import client
from chaos.load.world import World

MOST = 400  # requests that are due and not answered
AT_ONCE = 10  # writes on their way: as many as the API keeps connections to Postgres
RAMP_SECONDS = 3.0  # a cold server gets its first requests one by one


@dataclass
class OpenLoop:
    """A thread with writers and readers. `told` is called with every write that was acknowledged."""

    url: str
    world: World
    book: Book
    clock: Clock
    rate: float  # writes a second
    read_rate: float  # reads a second, shared by the readers
    told: Callable[[Write], None]
    readers: int = 2
    _stop: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin."""
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), name="load", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Send nothing more and wait for the answers that are due. Harmless when it does not run."""
        self._stop.set()
        if self._thread:
            self._thread.join(2 * client.SECONDS)

    async def _run(self) -> None:
        async with client.connect(self.url, MOST) as http, asyncio.TaskGroup() as group:
            chances = [random.Random(f"{self.world.tokens.run} {n}") for n in range(self.readers)]  # noqa: S311 - a schedule, no secret
            slots = asyncio.Semaphore(AT_ONCE)
            group.create_task(self._pace(self.rate, lambda due: self._write(http, slots, due)))
            for number, chance in enumerate(chances):
                group.create_task(self._pace(self.read_rate / self.readers, self._reader(http, f"reader-{number}", chance)))

    async def _pace(self, rate: float, send: Callable[[float], Coroutine[Any, Any, None]]) -> None:
        """Call `send` with each due time of the schedule, as a task of its own, until the end; then wait for all of them."""
        begin, number, tasks = self.clock.now(), 0, set[asyncio.Task[None]]()
        while not self._stop.is_set() and rate > 0:
            due = begin + schedule(number, rate)
            await asyncio.sleep(max(0.0, due - self.clock.now()))
            number += 1
            task = asyncio.create_task(send(due))
            tasks.add(task)
            task.add_done_callback(tasks.discard)
            if len(tasks) >= MOST:
                await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        if tasks:
            await asyncio.wait(tasks)

    async def _write(self, http: httpx2.AsyncClient, slots: asyncio.Semaphore, due: float) -> None:
        async with slots:
            planned = self.world.next()
            if self._impatient(due):
                done = client.not_sent(self.clock, planned, due)
            else:
                done = await client.write(http, self.clock, planned, due)
            self.world.done(planned, done.outcome, done.key)
        self.book.write(done)
        if done.outcome is Outcome.OK:
            self.told(done)

    def _impatient(self, due: float) -> bool:
        return self.clock.now() - due > client.SECONDS

    def _reader(self, http: httpx2.AsyncClient, name: str, chance: random.Random) -> Callable[[float], Coroutine[Any, Any, None]]:
        turn = asyncio.Lock()  # one read after the other: what a client sees has an order

        async def send(due: float) -> None:
            async with turn:
                places = self.world.places
                if not places:
                    return
                if self._impatient(due):
                    return
                recent = places[-60:] if chance.random() < 0.7 else places
                self.book.write(await client.read(http, self.clock, name, chance.choice(recent), due))

        return send


def schedule(number: int, rate: float) -> float:
    """When, in seconds after the beginning, the request of this number (0, 1, ...) is due: the rate grows evenly to its full height."""
    ramped = rate * RAMP_SECONDS / 2
    return math.sqrt(2 * RAMP_SECONDS * number / rate) if number < ramped else RAMP_SECONDS + (number - ramped) / rate
