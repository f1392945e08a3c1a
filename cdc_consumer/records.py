"""Kafka's records as the worker holds them: what is used of aiokafka's, with their size, made for half its price.

aiokafka makes a frozen dataclass of twelve fields of each record, one Python call after the other: 2.1 µs against 1.1
(docs/decisions/0021-looked-at.md).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import msgspec
from aiokafka.consumer import fetcher

from cdc_consumer.envelope import Headers

MANY: Final = 1000  # different ones; where each record has its own they are not worth keeping
_seen: Final[dict[Headers, Headers]] = {}


class Fetched(msgspec.Struct, gc=False):
    """A record as it came, see `envelope.Record`."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: Headers
    size: int  # bytes of key and value


class _Records(fetcher.PartitionRecords):  # type: ignore[misc]
    """aiokafka's answer of one partition."""

    def __iter__(self) -> Iterator[Any]:
        return iter(self._records_iterator or ())  # itself, not one Python call more for each record

    def _consumer_record(self, tp: Any, record: Any) -> Fetched:
        key, value = record.key, record.value
        size = len(key or b"") + len(value or b"")
        return Fetched(tp.topic, tp.partition, record.offset, record.timestamp, key, value, once(tuple(record.headers)), size)


def once(headers: Headers) -> Headers:
    """Headers that are equal, as those of nearly all records are, kept once: they take a third of the memory of a small record."""
    if (known := _seen.get(headers)) is not None:
        return known
    if len(_seen) < MANY:
        _seen[headers] = headers
    return headers


def install() -> None:
    """Have aiokafka hand out records of this kind, in this process. They pass no deserializer, and Faust has none."""
    fetcher.PartitionRecords = _Records
