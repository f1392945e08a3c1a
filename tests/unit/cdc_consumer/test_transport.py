"""The chunk consumer over a Kafka made by hand: what is fetched is delivered or read again, never passed over."""

import asyncio
import types
from collections import defaultdict
from typing import Any
from unittest import mock

import pytest
from aiokafka.structs import TopicPartition
from faust.types.tuples import TP

from cdc_consumer import metrics, transport
from cdc_consumer.ledger import Ledger
from cdc_consumer.transport import ChunkConsumer

PARTITION = TP("cdc.public.items", 0)


def record(offset, size=1):
    return types.SimpleNamespace(offset=offset, key=b"", value=b"x" * size, size=size)


class Kafka:
    """One partition with 40 records and a read position, as aiokafka keeps it; the test says when things happen."""

    def __init__(self):
        self.position = 0
        self.committed = None
        self.fetches = 0
        self.delivered = []
        self.on_fetch = {}  # number of the fetch -> what happens while it is under way

    def consumer(self):
        """A ChunkConsumer without Faust's services around it."""
        consumer: Any = object.__new__(ChunkConsumer)
        stopped = types.SimpleNamespace(is_set=lambda: self.position >= 40 or self.fetches > 20)
        thread = types.SimpleNamespace(seek_to_beginning=self.seek_to_beginning)
        app = types.SimpleNamespace(consumer_generation_id=1, should_stop=False)
        consumer.__dict__.update(
            ledger=Ledger(),
            _dropped=False,
            _room=asyncio.Event(),
            _stopped=stopped,
            _thread=thread,
            app=app,
            transport=types.SimpleNamespace(app=app),
            _read_offset=defaultdict(lambda: None),
            _committed_offset=defaultdict(lambda: None),
            _unacked_messages=set(),
            flow_active=True,
            suspend_flow=asyncio.Event(),
            can_resume_flow=asyncio.Event(),
            callback=self.callback,
            assignment=lambda: {PARTITION},
            sleep=self.sleep,
            wait=self.wait,
            wait_first=self.wait_first,
            perform_seek=self.perform_seek,
            _wait_next_records=self.fetch,
        )
        self.it = consumer
        return consumer

    async def callback(self, message):
        self.delivered.append([record.offset for record in message.value])
        self.it.ack(message)

    async def fetch(self, _timeout):
        self.fetches += 1
        records = [record(offset) for offset in range(self.position, min(40, self.position + 10))]
        self.position += len(records)
        self.on_fetch.get(self.fetches, lambda: None)()
        return ({PARTITION: records} if records else {}), None

    async def perform_seek(self):
        if self.committed:  # aiokafka leaves a partition without a committed offset where it is
            self.position = self.committed
        self.it._read_offset[PARTITION] = self.committed
        self.it._committed_offset[PARTITION] = self.committed

    async def seek_to_beginning(self, *partitions):
        assert partitions == (PARTITION,)
        assert all(isinstance(one, TopicPartition) for one in partitions)  # as aiokafka, which refuses Faust's own, equal as it is
        self.position = 0

    async def wait(self, _event):
        self.it.flow_active = True
        self.it.suspend_flow.clear()

    async def sleep(self, *_):
        await asyncio.sleep(0)

    async def wait_first(self, *coroutines):
        tasks = [asyncio.ensure_future(one) for one in coroutines]
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in tasks:
            task.cancel()

    def rebalance(self):
        self.it.app.consumer_generation_id += 1
        self.it.ledger.forget([PARTITION])

    def suspend(self):
        self.it.flow_active = False
        self.it.suspend_flow.set()

    async def run(self):
        consumer = self.consumer()
        await asyncio.wait_for(consumer._drain_messages(types.SimpleNamespace(_stopped=consumer._stopped)), 10)
        return consumer


def every_offset(kafka):
    return sorted({offset for chunk in kafka.delivered for offset in chunk})


@pytest.mark.asyncio
@pytest.mark.parametrize("committed", [None, 10])
@pytest.mark.parametrize("what", ["suspend", "rebalance"])
async def test_what_is_fetched_during_a_rebalance_is_read_again(what, committed):
    kafka = Kafka()
    kafka.committed = committed
    kafka.position = committed or 0
    kafka.on_fetch[2] = getattr(kafka, what)
    consumer = await kafka.run()
    assert every_offset(kafka) == list(range(committed or 0, 40))
    assert consumer._new_offset(PARTITION) == 40


@pytest.mark.asyncio
async def test_an_acknowledgement_of_an_older_generation_counts_for_nothing():
    kafka = Kafka()
    kafka.position = 30
    consumer = kafka.consumer()
    consumer.ledger.deliver(PARTITION, 39)
    message = mock.Mock(tp=PARTITION, offset=39, generation_id=0, acked=False)
    assert not consumer.ack(message)
    assert consumer._new_offset(PARTITION) is None


@pytest.mark.asyncio
async def test_a_topic_made_anew_is_read_from_its_beginning():
    kafka = Kafka()
    consumer = kafka.consumer()
    consumer._read_offset[PARTITION] = consumer._committed_offset[PARTITION] = 500
    await consumer._deliver(PARTITION, [record(offset) for offset in range(3)], 1)
    assert kafka.delivered == [[0, 1, 2]]
    assert consumer._new_offset(PARTITION) == 3


@pytest.mark.asyncio
async def test_records_that_kafka_deleted_unread_are_counted():
    kafka = Kafka()
    consumer = kafka.consumer()
    consumer._read_offset[PARTITION] = 5
    counter = metrics.MISSED_OFFSETS.labels(PARTITION.topic)
    before = counter._value.get()
    await consumer._deliver(PARTITION, [record(9)], 1)
    assert counter._value.get() - before == 4


@pytest.mark.asyncio
async def test_a_service_that_crashes_ends_the_worker_unless_it_stops_anyway(monkeypatch):
    deaths: list[BaseException] = []
    monkeypatch.setattr(transport, "die", deaths.append)
    monkeypatch.setattr(transport.AiokafkaConsumer, "crash", mock.AsyncMock())  # type: ignore[attr-defined]
    consumer = Kafka().consumer()
    await consumer.crash(RuntimeError("refused"))
    consumer.app.should_stop = True
    await consumer.crash(RuntimeError("while stopping"))
    assert [str(death) for death in deaths] == ["refused"]


@pytest.mark.asyncio
async def test_bytes_in_flight_are_bounded_and_an_acknowledgement_makes_room(monkeypatch):
    monkeypatch.setattr(transport, "IN_FLIGHT_BYTES", 25)
    kafka = Kafka()
    consumer = kafka.consumer()
    consumer.callback = callback = mock.AsyncMock()
    delivering = [asyncio.create_task(consumer._deliver(PARTITION, [record(n, 10)], 1)) for n in range(3)]
    await asyncio.wait(delivering, timeout=0.1)
    assert callback.await_count == 2
    consumer.ack(callback.await_args_list[0].args[0])
    assert await asyncio.wait_for(asyncio.gather(*delivering), 5) == [True] * 3
    assert consumer.ledger.bytes_in_flight() == 20


@pytest.mark.asyncio
async def test_a_rebalance_ends_the_wait_for_room(monkeypatch):
    monkeypatch.setattr(transport, "IN_FLIGHT_BYTES", 5)
    kafka = Kafka()
    consumer = kafka.consumer()
    consumer.callback = mock.AsyncMock()
    assert await consumer._deliver(PARTITION, [record(0, 10)], 1)  # a chunk alone is taken, whatever its size
    waiting = asyncio.create_task(consumer._deliver(PARTITION, [record(1, 10)], 1))
    await asyncio.wait([waiting], timeout=0.1)
    assert not waiting.done()
    kafka.suspend()
    assert await asyncio.wait_for(waiting, 5) is False
