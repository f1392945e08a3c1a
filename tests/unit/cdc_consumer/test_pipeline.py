"""From delivered chunks to their acknowledgement, without Kafka and MongoDB."""

import asyncio
import types
from typing import Any
from unittest import mock

import pytest
from pymongo.errors import AutoReconnect

from cdc_consumer.app import _whole
from cdc_consumer.dead_letters.parking import _by_fetch
from cdc_consumer.lane import Weight
from cdc_consumer.pipeline import Pipeline, follows, weight
from cdc_consumer.sizes import AT_WORK_BYTES, CHUNK, CHUNK_BYTES


def message(first, count, *, generation=1, at=0.0, tp="topic-0"):
    value = [types.SimpleNamespace(offset=first + n) for n in range(count)]
    return types.SimpleNamespace(
        value=value, offset=first + count - 1, generation_id=generation, serialized_value_size=10, timestamp=at, tp=tp
    )


@pytest.mark.parametrize(
    ("other", "fits"),
    [
        (message(2, 1), True),
        (message(2, 1, generation=2), False),
        (message(0, 1), False),
        (message(0, 1, tp="topic-1"), True),
        (message(0, 1, tp="topic-1", generation=2), False),
    ],
    ids=["next", "other-generation", "offsets-went-back", "other-partition", "other-partition-and-generation"],
)
def test_chunks_of_one_assignment_are_applied_together_in_order(other, fits):
    assert follows(message(0, 2), other) is fits


def pipeline(events, generation=1, jointly: Any = ()):
    made: Any = object.__new__(Pipeline)

    async def apply(records, fetched):
        await asyncio.sleep(0)
        events.append(("apply", [record.offset for record in records], fetched))

    consumer = types.SimpleNamespace(
        app=types.SimpleNamespace(consumer_generation_id=generation),
        ledger=types.SimpleNamespace(in_flight=lambda: 0),
        ack=lambda one: events.append(("ack", one.offset)),
    )

    async def apply_jointly(parts):
        events.append(("jointly", [[record.offset for record in records] for records, _ in parts]))
        if isinstance(jointly, Exception):
            raise jointly
        return jointly

    parking = types.SimpleNamespace(apply=apply, apply_jointly=apply_jointly)
    made.__dict__.update(_consumer=lambda: consumer, _parking=parking, _open=set())
    made.__dict__.update(_pulse=mock.Mock(), _parked=mock.Mock(), board=mock.Mock())
    return made


@pytest.mark.asyncio
async def test_each_chunk_is_acknowledged_once_all_are_applied():
    events: list[Any] = []
    await pipeline(events)._handle([message(0, 2, at=1.0), message(2, 1, at=2.0)])
    assert events == [("apply", [0, 1, 2], [(1, 1.0), (2, 2.0)]), ("ack", 1), ("ack", 2)]


@pytest.mark.asyncio
async def test_chunks_of_a_revoked_assignment_are_neither_applied_nor_acknowledged():
    events: list[Any] = []
    await pipeline(events, generation=2)._handle([message(0, 2), message(2, 1)])
    assert events == []


PARTS = [[message(0, 2), message(2, 1)], [message(7, 1, tp="topic-1")]]


@pytest.mark.asyncio
async def test_chunks_of_several_partitions_are_acknowledged_once_all_are_applied():
    events: list[Any] = []
    assert await pipeline(events)._jointly(PARTS) == ()
    assert events == [("jointly", [[0, 1, 2], [7]]), ("ack", 1), ("ack", 2), ("ack", 7)]


@pytest.mark.asyncio
@pytest.mark.parametrize("jointly", [range(2), AutoReconnect("away")], ids=["refused", "passing"])
async def test_chunks_that_could_not_be_applied_jointly_are_not_acknowledged(jointly):
    events: list[Any] = []
    assert list(await pipeline(events, jointly=jointly)._jointly(PARTS)) == [0, 1]
    assert [what for what, _ in events] == ["jointly"]


@pytest.mark.asyncio
async def test_a_part_that_is_left_over_is_not_acknowledged():
    events: list[Any] = []
    assert await pipeline(events, jointly=[0])._jointly(PARTS) == [0]
    assert events == [("jointly", [[0, 1, 2], [7]]), ("ack", 7)]


@pytest.mark.asyncio
async def test_an_error_that_does_not_pass_is_not_swallowed():
    with pytest.raises(RuntimeError):
        await pipeline([], jointly=RuntimeError("a bug"))._jointly(PARTS)


@pytest.mark.asyncio
async def test_chunks_of_several_partitions_of_a_revoked_assignment_are_dropped():
    events: list[Any] = []
    assert await pipeline(events, generation=2)._jointly(PARTS) == ()
    assert events == []


def test_each_record_has_the_time_at_which_it_was_fetched():
    records: Any = [(types.SimpleNamespace(offset=offset), None) for offset in (0, 1, 4, 5)]
    found = [([one.offset for one, _ in some], at) for some, at in _by_fetch(records, [(1, 1.0), (3, 2.0), (4, 3.0), (9, 4.0)])]
    assert found == [([0, 1], 1.0), ([4], 3.0), ([5], 4.0)]


@pytest.mark.asyncio
async def test_what_closes_is_not_cut_short_by_cancelling():
    ended = asyncio.Event()

    async def close():
        await asyncio.sleep(0.05)
        ended.set()

    task = asyncio.create_task(_whole(close()))
    for _ in range(3):
        await asyncio.sleep(0)
        task.cancel()
    await asyncio.wait_for(task, 5)
    assert ended.is_set()


@pytest.mark.asyncio
async def test_what_is_known_of_parked_keys_is_known_of_one_assignment():
    made = pipeline([], generation=2)
    await made._handle([message(0, 2, generation=2)])
    await made._jointly([[message(2, 1, generation=2)], [message(0, 1, generation=2, tp="topic-1")]])
    assert made._parked.enter.call_args_list == [mock.call(2), mock.call(2)]


def test_of_the_smallest_records_no_more_chunks_are_at_work_than_of_others():
    small = message(0, CHUNK)
    assert AT_WORK_BYTES // weight(small).size == AT_WORK_BYTES // CHUNK_BYTES
    small.serialized_value_size = CHUNK_BYTES
    assert weight(small) == Weight(CHUNK, CHUNK_BYTES)
