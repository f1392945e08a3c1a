"""Kafka's thread hands over what it fetched at once, and gives way.

aiokafka thinks about its next request before it wakes who waits for records. And the thread and the event loop share one interpreter: the
thread would go on with that request, and the loop, which has been told and could begin with what came, would wait for its turn. That was
1 ms of the 8 that a row took from here until readers saw it (docs/decisions/0023-handing-over.md).
"""

from __future__ import annotations

import threading
from typing import Any, Final

from aiokafka.consumer import consumer
from aiokafka.consumer.fetcher import Fetcher
from mode.threads import MethodQueue

LONGEST: Final = 0.006  # seconds that Kafka's thread waits; what comes in them is asked for later


class Turn:
    """Whose turn it is. Kafka's thread gives way, the event loop says when it may go on."""

    def __init__(self) -> None:
        self._done = threading.Event()
        self._handed = False

    def hand(self) -> None:
        """Something was fetched and will be handed over before this thread does anything else."""
        self._done.clear()
        self._handed = True

    def done(self) -> None:
        """Readers have what was handed over, or need not wait for it."""
        self._done.set()

    def give_way(self) -> None:
        """Wait, after something was handed over."""
        if self._handed:
            self._handed = False
            self._done.wait(LONGEST)


class HandingQueue(MethodQueue):  # type: ignore[misc]
    """The calls that the event loop makes in Kafka's thread."""

    def __init__(self, turn: Turn, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._turn = turn

    async def _process_enqueued(self, p: Any) -> Any:
        promise = await super()._process_enqueued(p)
        self._turn.give_way()
        return promise


class _Prompt(Fetcher):  # type: ignore[misc]
    """aiokafka's fetcher."""

    async def _proc_fetch_request(self, *args: Any) -> Any:
        found = await super()._proc_fetch_request(*args)
        if found:
            for waiter in self._fetch_waiters:
                self._notify(waiter)
        return found


def install() -> None:
    """Have aiokafka's consumers of this process wake who waits before anything else."""
    consumer.Fetcher = _Prompt
