"""Every kind of record, applied to a real MongoDB."""

import dataclasses

import pytest
import pytest_asyncio

from cdc_consumer.readmodel.documents import DOCUMENTS
from cdc_consumer.toast import UNAVAILABLE
from cdc_consumer.version import Version
from tests.events import FakeRecord, record
from tests.integration.cdc_consumer.applying import applying, read_models, sweeping
from tests.worlds.market import KEYS, expected, item, link, tag, user
from tests.worlds.world import World

pytestmark = pytest.mark.asyncio


@pytest_asyncio.fixture
async def app(mongo_uri, mongo_db):
    async with applying(mongo_uri, mongo_db, DOCUMENTS) as pair:
        yield pair


@pytest.fixture
def world():
    world = World(KEYS)
    world.put("users", user(1, "ann"))
    world.put("users", user(2, "bob"))
    for n in (1, 2, 3):
        world.put("tags", tag(n, f"tag{n}"))
        world.put("items", item(n, 1, f"item{n}"))
        world.put("item_tags", link(n, n))
    return world


async def apply_all(app, world, start=0):
    for one in world.log[start:]:
        await app[0].apply([one])
    return await read_models(app[1], DOCUMENTS)


async def test_creates_updates_and_deletes_make_joined_documents(app, world):
    world.put("users", user(1, "anna"))
    world.put("items", item(1, 2, "moved"))
    world.delete("item_tags", 2, 2)
    world.put("item_tags", link(2, 3))
    world.delete("items", 3)
    assert await apply_all(app, world) == expected(world)


async def test_one_chunk_with_everything_is_the_same_as_one_record_at_a_time(app, world):
    by_topic: dict[str, list[FakeRecord]] = {}
    for one in world.log:
        by_topic.setdefault(one.topic, []).append(one)
    for records in by_topic.values():
        await app[0].apply(records)
    assert await read_models(app[1], DOCUMENTS) == expected(world)


async def test_a_child_that_moves_twice_in_one_chunk_refreshes_every_parent(app, world):
    await apply_all(app, world)
    start = len(world.log)
    world.delete("item_tags", 1, 1)
    world.put("item_tags", link(2, 1))
    world.delete("item_tags", 2, 1)
    world.put("item_tags", link(3, 1))
    await app[0].apply(world.log[start:])
    assert await read_models(app[1], DOCUMENTS) == expected(world)


async def test_a_rename_reaches_every_item_of_the_owner(app, world):
    await apply_all(app, world)
    for number in range(10, 2510):
        world.put("items", item(number, 2, "many"))
    await app[0].apply(world.log[-2500:])
    start = len(world.log)
    world.put("users", user(2, "bert"))
    assert await apply_all(app, world, start) == expected(world)


async def test_a_tombstone_after_a_delete_changes_nothing(app, world):
    world.delete("items", 3)
    found = await apply_all(app, world)
    await app[0].apply([dataclasses.replace(world.log[-1], value=None)])
    assert await read_models(app[1], DOCUMENTS) == found == expected(world)


async def test_snapshot_rows_and_the_stream_that_follows(app, world):
    for one in world.snapshot():
        await app[0].apply([one])
    start = len(world.log)
    world.put("users", user(1, "anna"))
    world.delete("item_tags", 1, 1)
    assert await apply_all(app, world, start) == expected(world)


async def test_a_snapshot_of_a_new_epoch_finds_what_moved_unseen(app, world):
    """Its rows have no before image: what they replace is read, so that the old parent is refreshed too."""
    await apply_all(app, world)
    world.put("items", item(1, 2, "moved unseen"))
    world.epoch = 2
    for one in world.snapshot():
        await app[0].apply([one])
    assert await read_models(app[1], DOCUMENTS) == expected(world)


@pytest.mark.parametrize("table", ["items", "item_tags", "tags"])
async def test_truncate_empties_a_table_and_what_shows_it(app, world, table):
    await apply_all(app, world)
    start = len(world.log)
    world.truncate(table)
    assert await apply_all(app, world, start) == expected(world)


async def test_a_row_below_the_floor_of_a_truncate_stays_dead(app, world):
    """TRUNCATE comes on one partition; a late row of another one must not come back."""
    late = record("items", "c", key={"id": 99}, after=item(99, 1, "late"), lsn=5, commit=2)
    world.truncate("items")
    await apply_all(app, world)
    await app[0].apply([late])
    world.put("items", item(5, 1, "after"))
    await app[0].apply(world.log[-1:])
    assert await read_models(app[1], DOCUMENTS) == expected(world)


async def test_a_deleted_row_does_not_come_back_with_an_old_record(app, world):
    world.delete("items", 3)
    await apply_all(app, world)
    assert await apply_all(app, world) == expected(world)


async def test_an_unchanged_toast_value_is_kept_from_the_mirror(app, world):
    await apply_all(app, world)
    await app[0].apply([record("items", "u", key={"id": 1}, after=item(1, 1, "a"), before=item(1, 1, "a"), lsn=9000, commit=8999)])
    without = {**item(1, 2, "b"), "price": UNAVAILABLE}
    await app[0].apply([record("items", "u", key={"id": 1}, after=without, lsn=9100, commit=9001)])
    world.put("items", item(1, 2, "b"))
    assert await read_models(app[1], DOCUMENTS) == expected(world)
    assert UNAVAILABLE not in str(await app[1].mirror_items.find_one({"_id": 1}))


async def test_a_new_column_appears_in_the_mirror(app, world):
    world.put("items", {**item(1, 1, "wide"), "colour": "red"})
    await apply_all(app, world)
    row = await app[1].mirror_items.find_one({"_id": 1})
    assert row is not None
    assert row["colour"] == "red"


async def test_a_child_before_its_parents_is_completed_by_them(app, world):
    for one in reversed(world.log):
        await app[0].apply([one])
    assert await read_models(app[1], DOCUMENTS) == expected(world)


@pytest.mark.parametrize("again", ["initial", "incremental"])
async def test_rows_deleted_in_a_gap_disappear_after_a_snapshot_and_stay_away(app, world, mongo_uri, mongo_db, again):
    await apply_all(app, world)
    old = list(world.log)
    with world.gap():
        world.delete("items", 2)
        world.delete("item_tags", 1, 1)
        world.put("tags", tag(3, "renamed"))
    start = len(world.log)
    floors = world.snapshot_again() if again == "initial" else {}
    for table in sorted(world.missed):
        floors |= world.snapshot_incrementally(table)
    assert await apply_all(app, world, start) != expected(world)
    async with sweeping(mongo_uri, mongo_db, DOCUMENTS) as sweep:
        buried = {table: await sweep(table, floor, ()) for table, floor in floors.items()}
        assert (buried["items"], buried["item_tags"], sum(buried.values())) == (1, 1, 2)
        assert await read_models(app[1], DOCUMENTS) == expected(world)
        assert sum([await sweep(table, floor, ()) for table, floor in floors.items()]) == 0
    for one in old:
        await app[0].apply([one])
    assert await read_models(app[1], DOCUMENTS) == expected(world)


async def test_a_sweep_leaves_parked_keys_alone(app, world, mongo_uri, mongo_db):
    await apply_all(app, world)
    async with sweeping(mongo_uri, mongo_db, DOCUMENTS) as sweep:
        assert await sweep("items", Version(world.epoch + 1, 0, 0), {1, 3}) == 1
    assert (await read_models(app[1], DOCUMENTS))["items_read"].keys() == {1, 3}
    assert {table: Version.from_bson(d["swept"]) for d in await app[1]["cdc_floors"].find().to_list() for table in [d["_id"]]} == {
        "items": Version(world.epoch + 1, 0, 0)
    }
