"""How much is taken at a time: bounds in records and in bytes. Pure.

Records may have 200 bytes or 16 MiB; memory is bounded by bytes, and MongoDB's cost per command asks for many small records at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from operator import attrgetter
from typing import Any, Final

CHUNK: Final = 5000  # records: a backlog writes a row that changed often once a chunk, so larger chunks catch up faster (decision 0013)
CHUNK_BYTES: Final = 4 * 1024 * 1024  # of keys and values; about ten times that while it is decoded and written
AT_WORK_BYTES: Final = 2 * CHUNK_BYTES  # of the chunks that are applied at the same time: one is decoded while MongoDB writes the other
FETCH_BYTES: Final = 2 * 1024 * 1024  # taken from aiokafka in one go
IN_FLIGHT_BYTES: Final = 8 * 1024 * 1024  # delivered and not acknowledged; an outage of MongoDB fills this and no more
_GROWTH: Final = 8


size_of: Final[Callable[[Any], int]] = attrgetter("size")  # bytes of a record's key and value


def cut(records: Sequence[Any]) -> Iterator[Sequence[Any]]:
    """Chunks of at most CHUNK records and CHUNK_BYTES, in order; a record that is larger is a chunk by itself."""
    if len(records) <= CHUNK and sum(map(size_of, records)) <= CHUNK_BYTES:  # nearly always, and a quarter of the price
        if records:
            yield records
        return
    start, size = 0, 0
    for i, record in enumerate(records):
        more = size_of(record)
        if i > start and (i - start == CHUNK or size + more > CHUNK_BYTES):
            yield records[start:i]
            start, size = i, 0
        size += more
    if start < len(records):
        yield records[start:]


def ask(taken: int, size: int) -> int:
    """How many records to ask for when `taken` records of `size` bytes fill a part of a chunk; 0 when it is full.

    One at first, since nothing is known of their size; then as many as fit at the size seen, and no more than eight times as many.
    """
    if taken == 0:
        return 1
    room = CHUNK_BYTES - size
    return max(0, min(CHUNK - taken, taken * _GROWTH, room * taken // max(size, 1)))
