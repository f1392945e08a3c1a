"""Records are handed out as aiokafka has them, with their size, whatever number is asked for at a time."""

import itertools

import pytest
from aiokafka.consumer import fetcher
from aiokafka.record.default_records import DefaultRecordBatchBuilder
from aiokafka.record.memory_records import MemoryRecords
from aiokafka.structs import TopicPartition

from cdc_consumer import records

TP = TopicPartition("cdc.public.items", 3)
EPOCH = [("cdc-epoch", b"1")]


def answer(kind, count=10):
    builder = DefaultRecordBatchBuilder(
        magic=2, compression_type=0, is_transactional=0, producer_id=-1, producer_epoch=-1, base_sequence=-1, batch_size=1_000_000
    )
    for n in range(count):
        builder.append(n, timestamp=1000 + n, key=b"key", value=b"value" if n % 2 else None, headers=EPOCH if n % 3 else [])
    return kind(TP, MemoryRecords(bytes(builder.build())), [], 0, None, None, True, 0)


@pytest.fixture(autouse=True)
def original(monkeypatch):
    """aiokafka's own class; what is installed here stays here."""
    own = fetcher.PartitionRecords
    monkeypatch.setattr(fetcher, "PartitionRecords", own)
    return own if own is not records._Records else own.__base__


def fields(record):
    return record.topic, record.partition, record.offset, record.timestamp, record.key, record.value, tuple(record.headers)


def test_they_say_what_aiokafkas_say_and_how_large_they_are(original):
    records.install()
    found = list(answer(fetcher.PartitionRecords))
    assert [fields(one) for one in found] == [fields(one) for one in answer(original)]
    assert {one.size for one in found if one.value is None} == {3}
    assert {one.size for one in found if one.value is not None} == {8}


@pytest.mark.parametrize("number", [1, 3, 10, 11])
def test_none_is_left_out_or_comes_twice_when_some_are_taken_at_a_time(number):
    taken, made = [], answer(records._Records)
    while some := list(itertools.islice(made, number)):
        taken += some
        assert made.next_fetch_offset == taken[-1].offset + 1
    assert [one.offset for one in taken] == list(range(10))
    assert made.next_fetch_offset == 10


def test_headers_that_are_equal_are_kept_once(monkeypatch):
    monkeypatch.setattr(records, "_seen", {})
    monkeypatch.setattr(records, "MANY", 1)
    assert len({id(one.headers) for one in answer(records._Records) if not one.headers}) == 1
    others = [one.headers for one in answer(records._Records) if one.headers]
    assert others == [tuple(EPOCH)] * 6
    assert len(records._seen) == 1, "bounded where each record has its own"
