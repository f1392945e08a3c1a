"""Which chunks of which partition are acknowledged, and how far that lets a partition be committed. Pure.

A chunk is known by the offset of its last record. Stock Faust's bookkeeping, per record, commits past unwritten records in
several ways (shared reference, pipeline.md 1.2); this replaces it: committed is the end of the longest acknowledged prefix.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import Generic, TypeVar

P = TypeVar("P", bound=Hashable)  # a (topic, partition)


class Ledger(Generic[P]):
    """Delivered chunks by partition, oldest first."""

    def __init__(self) -> None:
        self._chunks: dict[P, dict[int, int | None]] = {}  # last offset -> bytes while it is not acknowledged, then None
        self._ready: dict[P, int] = {}

    def deliver(self, partition: P, last: int, size: int = 0) -> None:
        """A chunk of `size` bytes that ends with offset `last` has been handed over."""
        self._chunks.setdefault(partition, {})[last] = size

    def acknowledge(self, partition: P, last: int) -> bool:
        """A chunk is applied. False when it is unknown: its partition was revoked meanwhile, and its next owner reads it again."""
        chunks = self._chunks.get(partition)
        if chunks is None or last not in chunks:
            return False
        chunks[last] = None
        while chunks:
            oldest, size = next(iter(chunks.items()))
            if size is not None:
                break
            del chunks[oldest]
            self._ready[partition] = max(oldest + 1, self._ready.get(partition, 0))
        return True

    def ready(self, partition: P) -> int | None:
        """The offset up to which (excluded) everything delivered is acknowledged; None when nothing is."""
        return self._ready.get(partition)

    def partitions(self) -> list[P]:
        """The partitions that have something ready."""
        return list(self._ready)

    def forget(self, partitions: Iterable[P]) -> None:
        """Partitions are revoked: nothing of them may be committed from here any more."""
        for partition in partitions:
            self._chunks.pop(partition, None)
            self._ready.pop(partition, None)

    def in_flight(self) -> int:
        """Chunks delivered and not acknowledged."""
        return sum(size is not None for chunks in self._chunks.values() for size in chunks.values())

    def bytes_in_flight(self) -> int:
        """Bytes of these."""
        return sum(size or 0 for chunks in self._chunks.values() for size in chunks.values())
