"""Records that can never be applied are parked, in order, and block nothing but their own key."""

import contextlib
import dataclasses
from unittest import mock

import orjson
import pytest
import pytest_asyncio
from pymongo.errors import AutoReconnect

from cdc_consumer.dead_letters.letter import DeadLetter
from cdc_consumer.dead_letters.owned import Owned
from cdc_consumer.dead_letters.parked import Parked
from cdc_consumer.dead_letters.parking import CircuitOpen
from cdc_consumer.dead_letters.replay import discard, replay
from cdc_consumer.readmodel.documents import DOCUMENTS
from tests.events import record
from tests.integration.cdc_consumer.applying import read_models
from tests.worlds.market import KEYS, expected, item, user
from tests.worlds.world import World

pytestmark = pytest.mark.asyncio
LARGE = "x" * (16 * 1024 * 1024)


@pytest.fixture
def world():
    world = World(KEYS)
    world.put("users", user(1, "ann"))
    for number in range(1, 41):
        world.put("items", item(number, 1, f"item{number}"))
    return world


def of(number, **columns):
    return record("items", "c", key={"id": number}, after={**item(number, 1, "odd"), **columns}, lsn=9000, commit=8000, offset=1000)


def changed(**source):
    """A record whose source block says something else."""
    bad = of(99)
    envelope = orjson.loads(bad.value)
    envelope["source"] |= source
    return dataclasses.replace(bad, value=orjson.dumps(envelope))


def deep(levels):
    return [deep(levels - 1)] if levels else []


BAD = {
    "not_json": dataclasses.replace(of(99), value=b"\x00 not json"),
    "unknown_operation": dataclasses.replace(of(99), value=b'{"op": "z", "source": {}}'),
    "missing_key": dataclasses.replace(of(99), key=None),
    "bad_source": dataclasses.replace(of(99), headers=()),
    "bad_value": of(99, price="dear"),
    "too_large": of(99, description=LARGE),
    "bad_value, digits": of(99, price="1" * 60),
    "bad_value, microseconds": of(99, created_at="2024-05-01T10:00:00.000001Z"),
    "bad_value, type": of(99, title=7),
    "refused": of(99, extra=deep(200)),
    "not_bson": of(99, extra=2**63),
    "reserved_column": of(99, _deleted=True),
    "unknown_table": changed(table="tags"),
    "unknown_table, schema": changed(schema="private"),
    "other_envelope, wrapped": dataclasses.replace(of(99), value=b'{"schema": {}, "payload": {"op": "c"}}'),
    "other_envelope, version": changed(version="4.0.0.Final"),
    "other_envelope, connector": changed(connector="mysql"),
}


@pytest.mark.parametrize("cause", BAD)
async def test_a_bad_record_is_parked_with_its_bytes_and_its_cause_and_the_rest_arrives(app, drawer, world, cause):
    bad = BAD[cause]
    await app[0].apply([*world.log[:1]])
    await app[0].apply([*world.log[1:20], bad, *world.log[20:]])
    assert await read_models(app[1], DOCUMENTS) == expected(world)
    (letter,) = drawer.letters
    named = (cause.partition(",")[0], bad.key, bad.value, tuple(bad.headers))
    assert (letter.cause, letter.key, letter.value, letter.headers) == named
    assert letter.attempts >= 1
    assert letter.message
    assert (letter.topic, letter.partition, letter.offset) == ("cdc.public.items", 0, 1000)
    again = DeadLetter.from_message(letter.key, letter.value, letter.to_headers(), 0)
    assert dataclasses.replace(again, place=-1) == letter


async def test_later_records_of_the_key_park_behind_it_in_order_and_other_keys_do_not(app, drawer, world):
    bad = dataclasses.replace(world.log[5], value=b"broken", offset=2000)  # of item 5
    await app[0].apply(world.log[:5])
    await app[0].apply([bad, *world.log[6:20]])
    start = len(world.log)
    world.put("items", item(5, 1, "later"))
    world.put("items", item(6, 1, "goes on"))
    await app[0].apply(world.log[start:])
    assert [(letter.cause, letter.offset) for letter in drawer.letters] == [("not_json", 2000), ("behind", start)]
    found = await read_models(app[1], DOCUMENTS)
    assert found["items_read"][6]["title"] == "goes on"
    assert 5 not in found["items_read"]


async def test_when_most_of_a_chunk_is_bad_nothing_is_parked(app, drawer, world):
    broken = [dataclasses.replace(one, value=b"broken") for one in world.log[1:30]]
    with pytest.raises(CircuitOpen, match="29 of 40"):
        await app[0].apply([*broken, *world.log[30:]])
    assert drawer.letters == []


class TestReplay:
    """`dead-letters replay` and `discard`."""

    @pytest_asyncio.fixture
    async def parked(self, app, drawer, world):
        """Item 5 is parked with a broken record and two good ones behind it."""
        await app[0].apply(world.log)
        start = len(world.log)
        world.put("items", item(5, 1, "second"))
        world.put("items", item(5, 1, "third"))
        broken = dataclasses.replace(world.log[start], value=b"broken", offset=start)
        await app[0].apply([broken, world.log[start], world.log[start + 1]])
        assert [letter.cause for letter in drawer.letters] == ["not_json", "behind", "behind"]
        return Parked(app[1])

    @staticmethod
    def reader(drawer):
        async def read():
            return [dataclasses.replace(letter, place=n) for n, letter in enumerate(drawer.letters)]

        return read

    async def test_replay_stops_at_what_still_cannot_be_applied(self, app, drawer, parked):
        (lane,) = await parked.lanes("cdc.public.items")
        outcome = await replay(lane, self.reader(drawer), app[0].apply_changes, parked)
        assert (outcome.done, outcome.left, outcome.free) == (0, 3, False)
        assert "not_json" in outcome.error
        assert await parked.lanes("cdc.public.items") == {lane}

    async def test_after_the_broken_one_is_discarded_the_rest_is_replayed_and_the_key_goes_free(self, app, drawer, parked, world):
        (lane,) = await parked.lanes("cdc.public.items")
        read = self.reader(drawer)
        await parked.settle((await read())[:1], "discarded")
        outcome = await replay(lane, read, app[0].apply_changes, parked)
        assert (outcome.done, outcome.left, outcome.free) == (2, 0, True)
        assert await parked.lanes("cdc.public.items") == set()
        assert await read_models(app[1], DOCUMENTS) == expected(world)
        again = await replay(lane, read, app[0].apply_changes, parked)
        assert (again.done, again.free) == (0, True)

    async def test_a_key_is_not_let_go_while_a_record_parks_behind_it(self, parked):
        (lane,) = await parked.lanes("cdc.public.items")
        assert not await parked.release(lane, 2)
        assert await parked.release(lane, 3)

    async def test_discard_lets_everything_go(self, drawer, parked):
        (lane,) = await parked.lanes("cdc.public.items")
        letters = await self.reader(drawer)()
        let_go = mock.AsyncMock()
        outcome = await discard(lane, letters, parked, let_go)
        assert (outcome.done, outcome.free) == (3, True)
        assert [change.after["title"] for change in let_go.call_args.args[0]] == ["second", "third"]
        assert await parked.settled() == {0, 1, 2}


async def test_a_topic_without_parked_keys_is_asked_about_once_until_something_may_have_changed(app, monkeypatch):
    owned, topic = Owned(app[1]), "cdc.public.items"
    owned.enter(7)
    asked = mock.Mock(wraps=owned._keys.find)
    monkeypatch.setattr(owned._keys, "find", asked, raising=False)
    assert await owned.lanes(topic) == await owned.lanes(topic) == set()
    assert asked.call_count == 1
    letter = DeadLetter.of(BAD["bad_value"], "bad_value", "dear", 1)
    await owned.add([letter])
    assert await owned.lanes(topic, "other") == await owned.lanes(topic, "other") == {letter.lane}
    await Parked(app[1]).release(letter.lane or "", 1)
    assert await owned.lanes(topic) == await owned.lanes(topic) == set()
    await Parked(app[1]).add([letter])  # another worker, which owns the partition next
    owned.enter(7)
    assert await owned.lanes(topic) == set()
    owned.enter(1)  # the group was made anew: generations begin again
    assert await owned.lanes(topic) == {letter.lane}


@pytest.mark.parametrize("lost", [False, True], ids=["written", "answer lost"])
async def test_an_answer_that_was_overtaken_is_not_kept(app, monkeypatch, lost):
    owned = Owned(app[1])
    letter = DeadLetter.of(BAD["bad_value"], "bad_value", "dear", 1)
    lanes, add = Parked.lanes, Parked.add

    async def slow(self, *topics):
        found = await lanes(self, *topics)
        with contextlib.suppress(AutoReconnect):
            await owned.add([letter])
        return found

    async def written(self, letters):
        await add(self, letters)
        if lost:
            raise AutoReconnect("the answer is lost")

    monkeypatch.setattr(Parked, "lanes", slow)
    monkeypatch.setattr(Parked, "add", written)
    assert await owned.lanes(letter.topic) == set()
    monkeypatch.undo()
    assert await owned.lanes(letter.topic) == {letter.lane}
