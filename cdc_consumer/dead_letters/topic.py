"""The dead-letter topic: one partition, so that its order is the order of parking; kept for ever."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from typing import Final, cast

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, Producer, TopicPartition

from cdc_consumer.dead_letters.letter import DeadLetter

TOPIC: Final = "dead-letters"  # after the prefix: cdc.dead-letters
SECONDS: Final = 15.0  # for Kafka to acknowledge; then the chunk backs off and tries again
LARGEST: Final = 64 * 1024 * 1024  # bytes of a record; larger than what a source topic takes


class NotParked(Exception):  # noqa: N818 - says what happened
    """Kafka did not acknowledge a dead letter in time. Passes by itself when Kafka is back."""


class Outbox:
    """Writes letters, acknowledged by all in-sync replicas."""

    def __init__(self, broker: str, topic: str) -> None:
        self._topic = topic
        self._producer = Producer(
            {
                "bootstrap.servers": broker,
                "acks": "all",
                "enable.idempotence": True,
                "message.timeout.ms": int(SECONDS * 1000),
                "message.max.bytes": LARGEST,
                "compression.type": "lz4",
            }
        )

    async def send(self, letters: Sequence[DeadLetter]) -> None:
        """Write the letters in order and wait for the acknowledgement. Raises NotParked."""
        await asyncio.to_thread(self._send, letters)

    def _send(self, letters: Sequence[DeadLetter]) -> None:
        failures: list[KafkaError] = []

        def delivered(error: KafkaError | None, _: Message) -> None:
            if error:
                failures.append(error)

        try:
            for letter in letters:
                self._producer.produce(
                    self._topic, key=letter.key, value=letter.value, headers=letter.to_headers(), partition=0, on_delivery=delivered
                )
                self._producer.poll(0)
        except (KafkaException, BufferError) as error:  # the topic is not there, or nothing was sent for so long that the queue is full
            raise NotParked(f"{self._topic}: {error}") from error
        waiting = self._producer.flush(SECONDS)
        if waiting or failures:
            raise NotParked(f"{waiting + len(failures)} of {len(letters)} not acknowledged: {failures[:1] or 'timed out'}")


def read_all(broker: str, topic: str) -> list[DeadLetter]:
    """Every letter on the topic, oldest first; none when there is no topic yet.

    Raises KafkaException when Kafka does not answer within SECONDS.
    """
    consumer = Consumer({"bootstrap.servers": broker, "group.id": "cdc-dead-letters-cli", "enable.auto.commit": False})
    try:
        if topic not in consumer.list_topics(timeout=SECONDS).topics:
            return []
        low, high = consumer.get_watermark_offsets(TopicPartition(topic, 0), timeout=SECONDS)
        consumer.assign([TopicPartition(topic, 0, low)])
        letters: list[DeadLetter] = []
        position, deadline = low, time.monotonic() + SECONDS
        while position < high:
            message = consumer.poll(1.0)
            if message is not None and message.error() is None:
                letters.append(_letter(message))
                position, deadline = (message.offset() or 0) + 1, time.monotonic() + SECONDS
            elif time.monotonic() > deadline:
                raise KafkaException(KafkaError(KafkaError._TIMED_OUT, f"no answer from {broker} for {SECONDS:.0f} s"))  # noqa: SLF001
        return letters
    finally:
        consumer.close()


def _letter(message: Message) -> DeadLetter:
    headers = cast("list[tuple[str, bytes | None]]", message.headers())  # the type also allows what is only written
    return DeadLetter.from_message(_bytes(message.key()), _bytes(message.value()), headers, message.offset() or 0)


def _bytes(data: str | bytes | None) -> bytes | None:
    return data.encode() if isinstance(data, str) else data
