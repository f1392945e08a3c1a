"""What readers see before it is confirmed, on a real MongoDB."""

import asyncio
import dataclasses
import types

import pytest
import pytest_asyncio

from cdc_consumer.dead_letters.parking import Parking
from cdc_consumer.drafts import publish
from cdc_consumer.drafts.publish import CONFIRM, Publisher
from cdc_consumer.lanes import GATHER
from cdc_consumer.mongo import connect, database
from cdc_consumer.readmodel.documents import DOCUMENTS
from tests.integration.cdc_consumer.applying import applying, read_models
from tests.worlds.market import KEYS, expected, item, link, tag, user
from tests.worlds.world import World

pytestmark = pytest.mark.asyncio


class Worker:
    """What stands behind Kafka: chunks are offered, and applied when the test says so."""

    parking: Parking

    def __init__(self, world, db):
        self.world, self.db, self.taken, self.clear = world, db, 0, True
        self.publisher = Publisher(db, DOCUMENTS, lambda *_: self.clear)

    def chunk(self, *rows):
        """Rows written to one table, as a chunk."""
        for table, row in rows:
            self.world.put(table, row)
        records, self.taken = self.world.log[self.taken :], len(self.world.log)
        tp = types.SimpleNamespace(topic=records[0].topic, partition=0)
        return types.SimpleNamespace(value=records, serialized_value_size=100, generation_id=1, tp=tp)

    async def offer(self, *chunks):
        for chunk in chunks:
            self.publisher.offer(chunk)
        await asyncio.sleep(2 * publish.TOGETHER)
        while self.publisher._tasks:
            await asyncio.wait(self.publisher._tasks)

    async def apply(self, *chunks):
        self.publisher.begin(chunks)
        await self.parking.apply_jointly([(chunk.value, ()) for chunk in chunks])
        self.publisher.end(chunks)

    async def shown(self, collection="items_read"):
        return (await read_models(self.db, DOCUMENTS))[collection]


@pytest_asyncio.fixture
async def worker(mongo_uri, mongo_db):
    async with applying(mongo_uri, mongo_db, DOCUMENTS) as (parking, db):
        made = Worker(World(KEYS), db)
        made.parking = parking
        for row in (("users", user(1, "ann")), ("tags", tag(1, "green"))):
            await made.apply(made.chunk(row))
        yield made
        await made.publisher.close()


async def test_readers_see_a_new_item_with_its_tags_before_it_is_applied_and_the_same_after_it(worker):
    chunks = worker.chunk(("items", item(1, 1, "lamp"))), worker.chunk(("item_tags", link(1, 1)))
    await worker.offer(*chunks)
    assert await worker.shown() == expected(worker.world)["items_read"]
    assert await worker.db.mirror_items.count_documents({}) == 0
    assert worker.publisher.patience(chunks[0]) == worker.publisher.patience(chunks[1]) == CONFIRM
    await worker.apply(*chunks)
    assert await worker.shown() == expected(worker.world)["items_read"]


async def test_a_changed_item_is_shown_and_keeps_what_it_embeds(worker):
    chunks = worker.chunk(("items", item(1, 1, "lamp"))), worker.chunk(("item_tags", link(1, 1)))
    await worker.apply(*chunks)
    await worker.offer(worker.chunk(("items", item(1, 1, "lantern"))))
    assert (await worker.shown())[1]["title"] == "lantern"
    assert await worker.shown() == expected(worker.world)["items_read"]


async def test_a_link_that_comes_after_its_item_was_drafted_completes_it(worker):
    items = worker.chunk(("items", item(1, 1, "lamp")))
    await worker.offer(items)
    assert (await worker.shown())[1]["tags"] == []
    await worker.offer(worker.chunk(("item_tags", link(1, 1))))
    assert await worker.shown() == expected(worker.world)["items_read"]


async def test_nothing_is_shown_of_what_waits_behind_a_parked_key(worker):
    worker.clear = False
    chunk = worker.chunk(("items", item(1, 1, "lamp")))
    await worker.offer(chunk)
    assert await worker.shown() == {}
    assert worker.publisher.patience(chunk) == GATHER


async def test_nothing_is_shown_while_a_chunk_cannot_be_applied(worker, monkeypatch):
    await worker.offer(worker.chunk(("users", user(2, "bob"))))
    monkeypatch.setattr(publish, "STUCK", 0.0)
    await worker.offer(worker.chunk(("users", user(3, "cid"))))
    assert (await worker.shown("users_read")).keys() == {1, 2}


async def test_a_removed_document_stays_removed_whatever_comes_late(worker):
    chunk = worker.chunk(("items", item(1, 1, "lamp")))
    worker.world.delete("items", 1)
    await worker.apply(chunk, worker.chunk())
    await worker.offer(chunk)
    assert await worker.shown() == {}


async def test_when_mongodb_is_away_nothing_is_raised_and_drafts_rest(worker, monkeypatch):
    monkeypatch.setattr(publish, "TIMEOUT", 0.1)
    away = connect("mongodb://127.0.0.1:1/?serverSelectionTimeoutMS=100")
    worker.publisher = Publisher(database(away, "away"), DOCUMENTS, lambda *_: True)
    await worker.offer(worker.chunk(("users", user(2, "bob"))))
    await worker.offer(worker.chunk(("users", user(3, "cid"))))
    assert len(worker.publisher._waiting) == 1
    await away.close()


async def test_nothing_is_left_of_drafts_that_are_applied(worker):
    chunks = worker.chunk(("items", item(1, 1, "lamp"))), worker.chunk(("item_tags", link(1, 1)))
    await worker.offer(*chunks)
    await worker.apply(*chunks)
    kept = worker.publisher
    assert [kept._waiting, kept._whole, kept._gathered, kept._drafts._drafts, kept._drafts._open] == [{}, set(), {}, {}, {}]


async def test_a_chunk_that_is_applied_at_once_is_drafted_beside_it(worker):
    chunk = worker.chunk(("items", item(1, 1, "lamp")))
    worker.publisher.offer(chunk)
    worker.publisher.begin([chunk])
    await asyncio.wait(worker.publisher._tasks)
    assert await worker.shown() == expected(worker.world)["items_read"]


async def test_an_owner_that_was_not_seen_lately_is_read(worker):
    worker.publisher = Publisher(worker.db, DOCUMENTS, lambda *_: True)
    await worker.offer(worker.chunk(("items", item(1, 1, "lamp"))))
    assert await worker.shown() == expected(worker.world)["items_read"]


@pytest.mark.parametrize("value", [b"no json", b'{"op": "c"}'], ids=["no-json", "no-envelope"])
async def test_after_a_record_that_is_parked_nothing_is_shown_for_a_while(worker, value):
    bad = worker.chunk(("items", item(1, 1, "lamp")))
    bad.value[0] = dataclasses.replace(bad.value[0], value=value)
    await worker.offer(bad)
    await worker.offer(worker.chunk(("items", item(1, 1, "lantern"))))
    assert await worker.shown() == {}


async def test_values_that_cannot_be_shown_stop_drafts_and_nothing_else(worker):
    chunk = worker.chunk(("items", item(1, 1, "lamp") | {"price": "much"}))
    await worker.offer(chunk)
    worker.publisher.begin([chunk])
    worker.publisher.end([chunk])
    assert await worker.shown() == {}
