"""Validators on a real MongoDB: what they refuse, and whose word counts when two workers disagree."""

import dataclasses

import pymongo.errors
import pytest

from cdc_consumer import schemas
from cdc_consumer.collections import ensure
from cdc_consumer.readmodel.documents import DOCUMENTS, ITEMS, USERS
from cdc_consumer.readmodel.validator import validator
from cdc_consumer.retry import data_cause, transient_cause
from cdc_consumer.schemas import NewerSchema, agree
from tests.integration.cdc_consumer.applying import read_models
from tests.worlds.market import KEYS, expected, item, link, tag, user
from tests.worlds.world import World

pytestmark = pytest.mark.asyncio
NEWER = dataclasses.replace(ITEMS, schema_version=2)


@pytest.fixture
def world():
    world = World(KEYS)
    world.put("users", user(1, "ann"))
    world.put("tags", tag(1, "red"))
    for number in (1, 2, 3):
        world.put("items", item(number, 1, f"item{number}"))
        world.put("item_tags", link(number, 1))
    return world


async def apply(app, records):
    for record in records:
        await app[0].apply([record])


@pytest.fixture
def pickier(monkeypatch):
    """Another idea of what an item is, for this worker: the owner's name must not be "bob", nor the title "no"."""

    def made(document):
        found = validator(document)
        return {**found, "owner.name": {"$ne": "bob"}, "title": {"$ne": "no"}}

    monkeypatch.setattr(schemas, "validator", made)


async def test_ensure_is_idempotent_and_mends_what_was_changed(app):
    assert not any([await agree(app[1], document) for document in DOCUMENTS])
    await app[1].command({"collMod": "items_read", "validationAction": "warn"})
    assert await agree(app[1], ITEMS)
    assert not await agree(app[1], ITEMS)


@pytest.mark.parametrize(
    "change",
    [
        {"$set": {"price": 1.5}},
        {"$set": {"owner": {"name": "x"}}},
        {"$set": {"unknown": 1}},
        {"$unset": {"title": 1}},
        {"$set": {"tags.0": 1}},
        {"$set": {"schema_version": 2}},
    ],
    ids=str,
)
async def test_a_document_of_another_shape_is_refused_whoever_writes_it(app, world, change):
    await apply(app, world.log)
    assert await read_models(app[1], DOCUMENTS) == expected(world)
    with pytest.raises(pymongo.errors.WriteError) as caught:
        await app[1]["items_read"].update_one({"_id": 1}, change)
    assert data_cause(caught.value) == "schema"


async def test_a_refused_document_parks_its_own_record_and_nobody_elses(app, drawer, world, pickier):
    await ensure(app[1], DOCUMENTS)
    world.put("items", item(2, 1, "no"))
    await app[0].apply(world.log[:1])
    await apply(app, world.log[1:])
    assert [(letter.cause, letter.key) for letter in drawer.letters] == [("schema", b'{"id":2}')]
    assert "items_read 2 was refused: Document failed validation" in drawer.letters[0].message
    found = await read_models(app[1], DOCUMENTS)
    assert set(found["items_read"]) == {1, 2, 3}
    assert found["items_read"][2]["title"] == "item2"  # late, not wrong
    # A refusal because of another row leaves that row's own record alone: only the documents wait.
    world.put("users", user(1, "bob"))
    await apply(app, world.log[-1:])
    assert len(drawer.letters) == 1
    found = await read_models(app[1], DOCUMENTS)
    assert found["users_read"][1]["name"] == "bob"
    assert found["items_read"][1]["owner"]["name"] == "ann"


async def test_a_validator_of_an_older_or_a_foreign_worker_gives_way_while_records_arrive(app, drawer, world):
    older = {"validator": {"$or": [{"$jsonSchema": {"properties": {"schema_version": {"enum": [0]}}}}]}}
    await app[1].command({"collMod": "items_read", **older})
    await app[1].command({"collMod": "users_read", "validator": {"name": 1}})
    await apply(app, world.log)
    assert drawer.letters == []
    assert await read_models(app[1], DOCUMENTS) == expected(world)


async def test_a_newer_worker_is_not_overwritten(app, drawer, world):
    await apply(app, world.log)
    before = await read_models(app[1], DOCUMENTS)
    assert await agree(app[1], NEWER)
    world.put("items", item(1, 1, "changed"))
    with pytest.raises(NewerSchema, match="version 2, this worker declares 1") as caught:
        await apply(app, world.log[-1:])
    assert transient_cause(caught.value) == "newer_schema"  # the worker waits, nothing is acknowledged and nothing parked
    assert drawer.letters == []
    assert await read_models(app[1], DOCUMENTS) == before
    with pytest.raises(NewerSchema):
        await ensure(app[1], DOCUMENTS)


async def test_a_newer_document_counts_where_there_is_no_validator(app):
    await app[1].command({"collMod": "users_read", "validator": {}})
    await app[1]["users_read"].insert_one({"_id": 1, "schema_version": 9})
    with pytest.raises(NewerSchema, match="version 9"):
        await agree(app[1], USERS)
