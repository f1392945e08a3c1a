"""Whatever keeps a letter from its topic is waited for, and never ends the worker."""

import pytest
from confluent_kafka import KafkaError, KafkaException

from cdc_consumer.dead_letters.letter import DeadLetter
from cdc_consumer.dead_letters.topic import NotParked, Outbox
from tests.events import record

pytestmark = pytest.mark.asyncio


class Producer:
    def __init__(self, error):
        self.error = error

    def produce(self, *_, **__):
        raise self.error


@pytest.mark.parametrize(
    "error", [KafkaException(KafkaError(KafkaError._UNKNOWN_TOPIC)), BufferError("queue full")], ids=["topic", "queue"]
)
async def test_a_letter_that_cannot_even_be_queued_is_not_parked(error):
    outbox = Outbox("127.0.0.1:9", "cdc.dead-letters")
    outbox._producer = Producer(error)  # type: ignore[assignment]
    letter = DeadLetter.of(record("items", "c", key={"id": 1}, after={"id": 1}), "bad_value", "", 1)
    with pytest.raises(NotParked, match=r"cdc\.dead-letters"):
        await outbox.send([letter])
