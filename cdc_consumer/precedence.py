"""Which partitions are read first when there is much to read. Pure.

A document that is built before the rows it embeds have arrived is built again for each of them. While their topics have a backlog,
those of embedding tables (`routes.embedding`) therefore wait; without a backlog nobody waits. What is applied is the same in any order.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any, Final

BACKLOG: Final = 1000  # records of one partition: a moment's work
LONGEST: Final = 15.0  # seconds; then all have a turn, so that a partition never stands still for the watchdog


class Precedence:
    """Decides for each fetch."""

    def __init__(self, later: Collection[str]) -> None:
        """`later` are the topics that wait."""
        self._later = later
        self._since: float | None = None  # they have been waiting

    def admitted(self, partitions: Collection[Any], backlog: Callable[[Any], int], now: float) -> Collection[Any]:
        """Those of the partitions, each with a `topic`, that may be read now. `backlog` tells how many records of one are not read yet."""
        if not self._later:
            return partitions
        first = [tp for tp in partitions if tp.topic not in self._later]
        if len(first) in (0, len(partitions)) or not any(backlog(tp) > BACKLOG for tp in first):
            self._since = None
            return partitions
        if self._since is None:
            self._since = now
        if now - self._since >= LONGEST:
            self._since = now
            return partitions
        return first
