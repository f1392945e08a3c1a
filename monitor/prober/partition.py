"""Which partition Kafka Connect sends a key to: murmur2 of the key's bytes, as Kafka's Java producer computes it. Pure."""

from __future__ import annotations

from typing import Final

_SEED: Final = 0x9747B28C
_M: Final = 0x5BD1E995
_32: Final = 0xFFFFFFFF
_POSITIVE: Final = 0x7FFFFFFF
_MOST: Final = 32_767
"""The largest id: the column is a smallint."""


def murmur2(data: bytes) -> int:
    """The hash as an unsigned 32-bit number (org.apache.kafka.common.utils.Utils.murmur2)."""
    h = (_SEED ^ len(data)) & _32
    whole = len(data) & ~3
    for at in range(0, whole, 4):
        k = int.from_bytes(data[at : at + 4], "little") * _M & _32
        k = (k ^ k >> 24) * _M & _32
        h = (h * _M & _32) ^ k
    if rest := data[whole:]:
        h = (h ^ int.from_bytes(rest, "little")) * _M & _32
    h = (h ^ h >> 13) * _M & _32
    return h ^ h >> 15


def partition_of(key: bytes, partitions: int) -> int:
    """The partition of a key."""
    return (murmur2(key) & _POSITIVE) % partitions


def canary_key(id: int) -> bytes:  # noqa: A002 - the column's name
    """The key of a canary's records, as Connect's JsonConverter writes it without a schema."""
    return b'{"id":%d}' % id


def canary_ids(partitions: int) -> tuple[int, ...]:
    """For each partition the smallest id whose records go there. Raises ValueError when a smallint has none for some partition."""
    found: dict[int, int] = {}
    for number in range(_MOST + 1):
        found.setdefault(partition_of(canary_key(number), partitions), number)
        if len(found) == partitions:
            return tuple(found[partition] for partition in range(partitions))
    raise ValueError(f"no ids for all of {partitions} partitions")
