"""Which partitions are read first when there is much to read. Pure.

A document that is built before the rows it embeds have arrived is built again for each of them. While their topics have a backlog,
those of embedding tables (`routes.embedding`) therefore wait; without a backlog nobody waits. What is applied is the same in any order.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any, Final

BACKLOG: Final = 1000  # records of one partition: a moment's work
UNKNOWN: Final = 3.0  # seconds in which Kafka should have told of every partition; one whose broker is away must not hold up others
LONGEST: Final = 15.0  # seconds; then all have a turn, so that a partition never stands still for the watchdog


class Precedence:
    """Decides for each fetch."""

    def __init__(self, later: Collection[str]) -> None:
        """`later` are the topics that wait."""
        self._later = later
        self._since: float | None = None  # they have been waiting
        self._unknown: float | None = None  # since when a backlog is not known

    def admitted(self, partitions: Collection[Any], backlog: Callable[[Any], int | None], now: float) -> Collection[Any]:
        """Those of the partitions, each with a `topic`, that may be read now.

        `backlog` tells how many records of one are still to be taken; None: nothing is known of it yet.
        """
        if not self._later:
            return partitions
        first = [tp for tp in partitions if tp.topic not in self._later]
        if len(first) in (0, len(partitions)) or not self._waits([backlog(tp) for tp in first], now):
            self._since = None
            return partitions
        if self._since is None:
            self._since = now
        if now - self._since >= LONGEST:
            self._since = now
            return partitions
        return first

    def _waits(self, backlogs: list[int | None], now: float) -> bool:
        if None not in backlogs:
            self._unknown = None
        elif self._unknown is None:
            self._unknown = now
        return (self._unknown is not None and now - self._unknown < UNKNOWN) or any(one is not None and one > BACKLOG for one in backlogs)
