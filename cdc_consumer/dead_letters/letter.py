"""A dead letter and its form on the topic. Pure.

Key, value and headers of the message are the original record's, byte for byte; what is known about it travels in further headers.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from cdc_consumer.envelope import Record

PREFIX: Final = "cdc-dead-"
BEHIND: Final = "behind"  # the cause of a record that waits because an earlier one of its key is parked
_MESSAGE_LENGTH: Final = 2000  # characters of an error's text that are kept


@dataclass(frozen=True)
class DeadLetter:
    """An original record, and why and when it was set aside. Is itself a `Record`, so that it can be applied again."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...]
    cause: str
    message: str
    attempts: int
    at: float  # seconds since 1970
    place: int = -1  # its own offset on the dead-letter topic; -1 before it has one

    @property
    def timestamp(self) -> int:
        """When Kafka took the original is not kept."""
        return 0

    @classmethod
    def of(cls, record: Record, cause: str, message: str, attempts: int) -> DeadLetter:
        """A record, set aside now."""
        headers = tuple(record.headers)
        text = message[:_MESSAGE_LENGTH]
        return cls(record.topic, record.partition, record.offset, record.key, record.value, headers, cause, text, attempts, time.time())

    def to_headers(self) -> list[tuple[str, str | bytes | None]]:
        """The original headers and this letter's own."""
        own = {
            "topic": self.topic,
            "partition": self.partition,
            "offset": self.offset,
            "cause": self.cause,
            "message": self.message,
            "attempts": self.attempts,
            "at": self.at,
        }
        return [*self.headers, *((PREFIX + name, str(value).encode()) for name, value in own.items())]

    @classmethod
    def from_message(
        cls, key: bytes | None, value: bytes | None, headers: Sequence[tuple[str, bytes | None]] | None, place: int
    ) -> DeadLetter:
        """The opposite of `to_headers`. Raises KeyError or ValueError for a message that is not a dead letter."""
        own = {name.removeprefix(PREFIX): (value or b"").decode() for name, value in headers or () if name.startswith(PREFIX)}
        original = tuple((name, value or b"") for name, value in headers or () if not name.startswith(PREFIX))
        return cls(
            own["topic"],
            int(own["partition"]),
            int(own["offset"]),
            key,
            value,
            original,
            own["cause"],
            own["message"],
            int(own["attempts"]),
            float(own["at"]),
            place,
        )

    @property
    def lane(self) -> str | None:
        """What must stay in order: the topic and key; None for a record without key, which waits for nobody."""
        return lane_of(self.topic, self.key)


def lane_of(topic: str, key: bytes | None) -> str | None:
    """The name under which a key is parked."""
    return None if key is None else f"{topic} {key.decode('utf-8', 'backslashreplace')}"
