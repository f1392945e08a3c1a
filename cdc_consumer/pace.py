"""How often Kafka is asked. While drafts show readers all that comes, every two seconds; else as soon as the last answer is here.

aiokafka and Faust take about 2 ms of the interpreter for an answer of one record and for one of fifty, and what is fetched is applied
together (docs/decisions/0024-tail.md). The drafts' tail, which has a reader of its own, knows what waits in Kafka: it says when all of it
is shown, and when something has come that must not wait.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from typing import Any, Final

from aiokafka.consumer import consumer
from aiokafka.consumer.fetcher import Fetcher

CALM: Final = 2.0  # seconds between an answer with records and the next request, while readers see all that comes...
BUSY: Final = 0.5  # ...and when more wait than
ENOUGH: Final = 250  # records


class Pace:
    """When the next request may go. Asked in Kafka's thread, told from any."""

    def __init__(self) -> None:
        self._calm = False
        self._many = False
        self._hurried = False
        self._found = 0.0  # when records came last, monotonic
        self._wake: Callable[[], None] = lambda: None

    def attach(self, wake: Callable[[], None]) -> None:
        """`wake` has whoever waits for `left` ask again."""
        self._wake = wake

    @property
    def between(self) -> float:
        """Seconds from an answer with records to the next request, while readers see all that comes."""
        return BUSY if self._many else CALM

    def calm(self, waiting: int) -> None:
        """Readers see what comes, until `hurry` is called; so many records wait to be confirmed."""
        self._calm = True
        many, self._many = self._many, waiting > ENOUGH
        if self._many and not many:
            self._wake()

    def rush(self) -> None:
        """They do not: what comes is wanted at once, until `calm` is called."""
        self._calm = False
        self._wake()

    def hurry(self) -> None:
        """Something waits in Kafka that readers do not see: one request is to go at once."""
        self._hurried = True
        self._wake()

    def left(self) -> float:
        """Seconds until a request may go; one that may goes now."""
        if self._calm and not self._hurried and (left := self._found + self.between - time.monotonic()) > 0:
            return left
        self._hurried = False  # before it goes: what comes while it is under way may not be in its answer
        return 0.0

    def found(self) -> None:
        """An answer had records."""
        self._found = time.monotonic()


class PacedFetcher(Fetcher):  # type: ignore[misc]
    """aiokafka's fetcher, which asks at the pace that it is given."""

    pace: Pace | None = None

    def keep(self, pace: Pace) -> None:
        """Ask at this pace. To be called in the thread of the loop."""
        self.pace = pace
        pace.attach(self._again)

    def _again(self) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed
            self._loop.call_soon_threadsafe(lambda: self._notify(self._wait_consume_future))

    def _get_actions_per_node(self, assignment: Any) -> Any:
        requests, resets, timeout, *others = super()._get_actions_per_node(assignment)
        if requests and self.pace and (left := self.pace.left()) and not self._more(assignment):
            requests, timeout = [], min(timeout, left)
        return requests, resets, timeout, *others

    def _more(self, assignment: Any) -> bool:
        """Whether the last answer did not hold all that there was."""
        states = (assignment.state_value(tp) for tp in assignment.tps if tp not in self._records)
        return any(state.has_valid_position and state.highwater is not None and state.highwater > state.position for state in states)

    async def _proc_fetch_request(self, *args: Any) -> Any:
        found = await super()._proc_fetch_request(*args)
        if found and self.pace:
            self.pace.found()
        return found


def install() -> None:
    """Have aiokafka's consumers of this process fetch with it."""
    consumer.Fetcher = PacedFetcher
