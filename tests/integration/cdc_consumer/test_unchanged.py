"""Snapshot rows that say what is in the mirror already: their own document is written again, those that show them are not.

Every history in which they must not be taken for unchanged ends as SQL says.
"""

import pytest
import pytest_asyncio

from cdc_consumer import crash_points
from cdc_consumer.readmodel.documents import DOCUMENTS
from tests.integration.cdc_consumer.applying import applying, read_models
from tests.worlds.market import KEYS, expected, item, link, tag, user
from tests.worlds.world import World

pytestmark = pytest.mark.asyncio


class CrashError(Exception):
    """The process died at a crash point."""


@pytest.fixture
def world():
    world = World(KEYS)
    world.put("users", user(1, "ann"))
    world.put("tags", tag(1, "green"))
    world.put("items", item(1, 1, "lamp"))
    world.put("item_tags", link(1, 1))
    return world


@pytest_asyncio.fixture
async def app(mongo_uri, mongo_db, world):
    async with applying(mongo_uri, mongo_db, DOCUMENTS) as (applier, db):
        for one in world.log:
            await applier.apply([one])
        yield applier, db


@pytest.fixture
def dies(monkeypatch):
    """Apply records by a worker that dies between the mirror and the documents."""

    async def die(reached):
        if reached == "after_mirror":
            raise CrashError

    async def apply(applier, records):
        with monkeypatch.context() as armed:
            armed.setattr(crash_points, "armed", die)
            with pytest.raises(CrashError):
                await applier.apply(records)

    return apply


def read_again(world, table):
    """The records of an incremental snapshot of one table."""
    start = len(world.log)
    world.snapshot_incrementally(table)
    return world.log[start:]


async def rev(db, collection, key):
    return (await db[collection].find_one({"_id": key}))["_rev"]


@pytest.mark.parametrize("table", ["users", "tags", "item_tags"])
async def test_what_only_shows_an_unchanged_row_is_not_written(app, world, table):
    applier, db = app
    before = await rev(db, "items_read", 1)
    await applier.apply(read_again(world, table))
    assert await rev(db, "items_read", 1) == before


@pytest.mark.parametrize(("table", "collection"), [("users", "users_read"), ("items", "items_read")])
async def test_an_unchanged_rows_own_document_is_mended(app, world, table, collection):
    applier, db = app
    await db[collection].delete_one({"_id": 1})
    await applier.apply(read_again(world, table))
    assert await read_models(db, DOCUMENTS) == expected(world)


@pytest.mark.parametrize("table", ["users", "items", "tags", "item_tags"])
async def test_every_table_read_again_mends_everything(app, world, table):
    """A change was mirrored, its worker died, and its record is gone from Kafka."""
    applier, db = app
    await db.drop_collection("items_read")
    await db.drop_collection("users_read")
    for one in (table, *(KEYS.keys() - {table})):
        await applier.apply(read_again(world, one))
    assert await read_models(db, DOCUMENTS) == expected(world)


async def test_the_version_of_an_unchanged_row_is_raised(app, world):
    applier, db = app
    before = (await db.mirror_tags.find_one({"_id": 1}))["_v"]
    await applier.apply(read_again(world, "tags"))
    assert (await db.mirror_tags.find_one({"_id": 1}))["_v"]["l"] > before["l"]


async def test_a_snapshot_row_that_was_mirrored_and_comes_again_is_not_unchanged(app, world, dies):
    applier, db = app
    with world.gap():
        world.put("tags", tag(1, "blue"))
    records = read_again(world, "tags")
    await dies(applier, records)
    await applier.apply(records)
    assert await read_models(db, DOCUMENTS) == expected(world)


async def test_nor_is_it_together_with_a_second_one(app, world, dies):
    applier, db = app
    with world.gap():
        world.put("tags", tag(1, "blue"))
    first = read_again(world, "tags")
    await dies(applier, first)
    await applier.apply([*first, *read_again(world, "tags")])
    assert await read_models(db, DOCUMENTS) == expected(world)


async def test_a_change_whose_worker_died_is_shown_when_its_record_comes_again_after_the_snapshot(app, world, dies):
    applier, db = app
    world.put("tags", tag(1, "blue"))
    change = world.log[-1:]
    await dies(applier, change)
    await applier.apply(read_again(world, "tags"))
    await applier.apply(change)
    assert await read_models(db, DOCUMENTS) == expected(world)


async def test_a_place_that_was_kept_is_not_forgotten(app, world, dies):
    """An item moved unseen, its worker died: the row keeps the place it had, and the next snapshot row says the same."""
    applier, db = app
    with world.gap():
        world.put("items", item(1, 2, "lamp"))
        world.put("users", user(2, "bob"))
    await applier.apply(read_again(world, "users"))
    await dies(applier, read_again(world, "items"))
    await applier.apply(read_again(world, "items"))
    assert await read_models(db, DOCUMENTS) == expected(world)
    assert "_was" not in await db.mirror_items.find_one({"_id": 1})
