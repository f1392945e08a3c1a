"""Records of several partitions applied at once: the same documents, each written once; what cannot is left to be applied alone."""

import dataclasses
import itertools

import pytest

from cdc_consumer import metrics
from cdc_consumer.dead_letters import parking
from cdc_consumer.readmodel.documents import DOCUMENTS
from tests.integration.cdc_consumer.applying import read_models
from tests.worlds.market import KEYS, expected, item, link, tag, user
from tests.worlds.world import World

pytestmark = pytest.mark.asyncio


@pytest.fixture
def world():
    made = World(KEYS)
    made.put("users", user(1, "ada"))
    for number in (1, 2):
        made.put("tags", tag(number, f"tag {number}"))
    for number in range(1, 6):
        made.put("items", item(number, 1, f"item {number}"))
        for other in (1, 2):
            made.put("item_tags", link(number, other))
    return made


def parts(records):
    """As of one partition a topic, in an order that is not that of the writes."""
    by_topic = itertools.groupby(sorted(records, key=lambda one: one.topic), key=lambda one: one.topic)
    return [(list(some), ()) for _, some in by_topic]


def written():
    return metrics.DOCUMENTS.labels("items_read")._value.get()


async def test_an_item_its_owner_and_its_links_make_one_write_of_its_document(app, world):
    before = written()
    assert await app[0].apply_jointly(parts(world.log)) == []
    assert await read_models(app[1], DOCUMENTS) == expected(world)
    assert written() - before == 5


async def test_only_the_part_with_a_record_to_be_parked_is_left(app, drawer, world):
    some = parts(world.log)
    number = next(i for i, (records, _) in enumerate(some) if records[0].topic.endswith(".items"))
    bad = dataclasses.replace(some[number][0][-1], value=b"broken", key=b'{"id":99}')
    some[number][0].append(bad)
    assert await app[0].apply_jointly(some) == [number]
    assert (await read_models(app[1], DOCUMENTS))["items_read"] == {}
    assert drawer.letters == []
    await app[0].apply(some[number][0])
    assert await read_models(app[1], DOCUMENTS) == expected(world)
    assert [letter.cause for letter in drawer.letters] == ["not_json"]


async def test_what_the_documents_refuse_leaves_every_part(app, drawer, world):
    world.put("items", {**item(6, 1, "six"), "price": "dear"})
    some = parts(world.log)
    assert list(await app[0].apply_jointly(some)) == list(range(len(some)))
    for records, _ in some:
        await app[0].apply(records)
    found = await read_models(app[1], DOCUMENTS)
    assert found["items_read"].keys() == {1, 2, 3, 4, 5}
    assert [letter.cause for letter in drawer.letters] == ["bad_value"]


async def test_others_do_not_wait_for_a_fan_out(app, world, monkeypatch):
    await app[0].apply(world.log)
    start = len(world.log)
    world.put("users", user(1, "lovelace"))
    world.put("tags", tag(3, "new"))
    some = parts(world.log[start:])
    monkeypatch.setattr(parking, "WIDE", 4)
    assert list(await app[0].apply_jointly(some)) == [0, 1]
    for records, _ in some:
        await app[0].apply(records)
    assert await read_models(app[1], DOCUMENTS) == expected(world)
