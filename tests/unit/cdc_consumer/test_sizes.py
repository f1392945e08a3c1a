"""Chunks are bounded in records and bytes, and partitions are served in turn."""

import types

import pytest

from cdc_consumer.fetching import FairThread, Turns
from cdc_consumer.sizes import CHUNK, CHUNK_BYTES, FETCH_BYTES, IN_FLIGHT_BYTES, ask, cut, size_of


def records(*sizes):
    values = {size: b"x" * size for size in sizes}
    return [types.SimpleNamespace(key=b"", value=values[size], size=size, offset=offset) for offset, size in enumerate(sizes)]


def test_chunks_are_cut_at_a_number_of_records():
    assert [len(chunk) for chunk in cut(records(*[10] * (2 * CHUNK + 500)))] == [CHUNK, CHUNK, 500]


def test_chunks_are_cut_at_a_number_of_bytes():
    third = CHUNK_BYTES // 3
    assert [len(chunk) for chunk in cut(records(*[third] * 7))] == [3, 3, 1]


def test_a_record_larger_than_a_chunk_is_one_and_nothing_is_left_out():
    found = records(5, CHUNK_BYTES + 1, 5, 5)
    chunks = list(cut(found))
    assert [len(chunk) for chunk in chunks] == [1, 1, 2]
    assert [record for chunk in chunks for record in chunk] == found
    assert list(cut([])) == []


@pytest.mark.parametrize(("size", "most"), [(100, CHUNK), (200_000, CHUNK_BYTES // 200_000 + 1), (CHUNK_BYTES * 2, 1)])
def test_asking_grows_to_what_fits(size, most):
    taken = 0
    while more := ask(taken, taken * size):
        taken += more
    assert taken <= most
    assert taken >= most * 0.9


def test_whoever_was_served_is_last():
    turns = Turns()
    assert turns.order("abc") == ["a", "b", "c"]
    turns.served("b")
    assert turns.order("abc") == ["c", "a", "b"]
    assert turns.order("ab") == ["a", "b"]


class Fetcher:
    """aiokafka's, with these records for each partition."""

    def __init__(self, have):
        self.have = self._records = have
        self._closed = False
        self._subscriptions = types.SimpleNamespace(fetch_context=lambda: self, reassignment_in_progress=False)

    def __enter__(self):
        pass

    def __exit__(self, *_):
        pass

    async def fetched_records(self, partitions, timeout, max_records):  # noqa: ASYNC109
        found = {}
        for tp in sorted(partitions):
            if max_records and (some := self.have.get(tp, [])[:max_records]):
                self.have[tp] = self.have[tp][len(some) :]
                found[tp] = some
                max_records -= len(some)
        return found


def thread():
    made = object.__new__(FairThread)
    made.__dict__.update(consumer=types.SimpleNamespace(flow_active=True), _turns=Turns())
    return made


async def fetched(made, fetcher, partitions):
    consumer = types.SimpleNamespace(_fetcher=fetcher, _closed=False)
    return await made._fetch_records(consumer, partitions, timeout=1.0, max_records=4 * CHUNK)


@pytest.mark.asyncio
async def test_a_backlog_does_not_hide_a_small_partition_and_all_comes_in_order():
    fetcher = Fetcher({"a": records(*[10] * (3 * CHUNK)), "b": records(*[10] * (3 * CHUNK)), "c": records(10, 10)})
    made = thread()
    seen: dict[str, list[int]] = {"a": [], "b": [], "c": []}
    first = await fetched(made, fetcher, set("abc"))
    assert {tp: len(some) for tp, some in first.items()} == {"a": CHUNK, "b": CHUNK, "c": 2}
    while first:
        for tp, some in first.items():
            seen[tp] += [record.offset for record in some]
        first = await fetched(made, fetcher, set("abc"))
    assert seen == {"a": list(range(3 * CHUNK)), "b": list(range(3 * CHUNK)), "c": [0, 1]}


@pytest.mark.asyncio
async def test_large_records_are_taken_by_bytes():
    have = {tp: records(*[400_000] * 500) for tp in "abcdefgh"}
    found = await fetched(thread(), Fetcher(have), set(have))
    assert sum(size_of(record) for some in found.values() for record in some) < FETCH_BYTES + CHUNK_BYTES < IN_FLIGHT_BYTES
