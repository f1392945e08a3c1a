"""For each guard the shortest history that needs it: right with the guard, wrong without.

`test_planted.py` finds such histories at random (`make simulate-planted`); these are the ones a person would tell.
"""

import asyncio
import contextlib

import pytest

from cdc_consumer import materialise, mirror
from cdc_consumer.readmodel.documents import DOCUMENTS
from tests.integration.cdc_consumer.applying import applying, empty, read_models, sweeping
from tests.simulation import simulator as sim
from tests.simulation.drafting import LateDrafts, nothing_gets_old
from tests.simulation.planted import BUGS
from tests.worlds.market import KEYS, expected, item, link, tag, user
from tests.worlds.world import World

USERS, ITEMS = "users", "items"


def partition(simulator, table):
    """The partition of `table` that holds records: these histories use one row a table."""
    simulator.publish()
    return next(name for name in simulator.names if name[0] == table and simulator.logs[name])


async def arrive(simulator, table):
    """Fetch everything of a table that is not read yet, and apply it."""
    name = partition(simulator, table)
    await simulator.fetch(name, 10)
    await simulator.land(len(simulator.flights) - 1)


async def overtaken(simulator, world, older, newer):
    """The older state of a user is fetched and lands after the newer one: its partition went on elsewhere."""
    world.put(USERS, user(1, older))
    name = partition(simulator, USERS)
    await simulator.fetch(name, 1)
    simulator.rebalance(name)
    world.put(USERS, user(1, newer))
    await arrive(simulator, USERS)
    await simulator.land(0)


async def late_zombie(simulator, world):
    """no_version_guard: what lands late is an insert."""
    await overtaken(simulator, world, "a", "b")


async def late_update(simulator, world):
    """no_comparison: what lands late is an update, which does not collide with what is there."""
    world.put(USERS, user(1, "a"))
    await arrive(simulator, USERS)
    await overtaken(simulator, world, "b", "c")


async def zombie_after_delete(simulator, world):
    """no_tombstone: the row is gone when its insert lands once more."""
    world.put(ITEMS, item(1, 1, "x"))
    name = partition(simulator, ITEMS)
    await simulator.fetch(name, 1)
    simulator.rebalance(name)
    world.delete(ITEMS, 1)
    await arrive(simulator, ITEMS)
    await simulator.land(0)


async def second_chunk_first(simulator, world):
    """no_order_of_acknowledgements: a later chunk is done, then the commit timer fires."""
    world.put(USERS, user(1, "a"))
    world.put(USERS, user(1, "b"))
    name = partition(simulator, USERS)
    await simulator.fetch(name, 1)
    await simulator.fetch(name, 1)
    await simulator.land(1)
    simulator.commit(simulator.owner[name])


async def rename_beside_insert(simulator, world):
    """mirror_inside_transaction: an owner is renamed while an item of his is new; neither snapshot sees the other."""
    world.put(USERS, user(1, "a"))
    await arrive(simulator, USERS)
    world.put(USERS, user(1, "b"))
    await simulator.fetch(partition(simulator, USERS), 1)
    await simulator.step(0)
    world.put(ITEMS, item(1, 1, "x"))
    await arrive(simulator, ITEMS)
    await simulator.land(0)


async def there_and_back(simulator, world):
    """no_always_write: an owner a -> b -> a while a transaction holds b; the item never changed, so nothing conflicts."""
    world.put(USERS, user(1, "a"))
    await arrive(simulator, USERS)
    world.put(ITEMS, item(1, 1, "x"))
    await arrive(simulator, ITEMS)
    world.put(USERS, user(1, "b"))
    world.put(USERS, user(1, "a"))
    name = partition(simulator, USERS)
    await simulator.fetch(name, 1)
    for _ in ("after_mirror", "the user's own document", "inside_materialise"):
        await simulator.step(0)
    await simulator.fetch(name, 1)
    await simulator.land(1)
    await simulator.land(0)


async def deleted_in_a_gap(simulator, world):
    """no_sweep: the row is deleted while nobody captures; the next snapshot says nothing of it."""
    world.put(USERS, user(1, "a"))
    world.put(USERS, user(2, "b"))
    await arrive(simulator, USERS)
    with world.gap():
        world.delete(USERS, 1)
    simulator.floors.update(world.snapshot_again())
    simulator.publish()


async def old_record_after_the_sweep(simulator, world):
    """no_floor: what a sweep removed comes back with a record of the time before, when nothing of the row is left to compare with."""
    world.put(USERS, user(1, "a"))
    await simulator.fetch(partition(simulator, USERS), 1)
    simulator.rebalance(partition(simulator, USERS))
    with world.gap():
        world.delete(USERS, 1)
    simulator.floors.update(world.snapshot_again())
    simulator.committed[partition(simulator, USERS)] = simulator.read[partition(simulator, USERS)] = 1  # Kafka has deleted the record


async def snapshot_row_twice(simulator, world):
    """what_was_mirrored_is_unchanged: a worker dies between the mirror and the documents of a snapshot row."""
    world.put(USERS, user(1, "a"))
    world.put(ITEMS, item(1, 1, "x"))
    await arrive(simulator, USERS)
    await arrive(simulator, ITEMS)
    simulator.commit(simulator.owner[partition(simulator, USERS)])
    with world.gap():
        world.put(USERS, user(1, "b"))
    world.snapshot_incrementally(USERS)
    name = partition(simulator, USERS)
    await simulator.fetch(name, 1)
    await simulator.step(0)
    await simulator.crash(simulator.owner[name])


async def late_draft(simulator, world):
    """drafts_over_anything: the command that shows a row arrives when the row has changed since."""
    world.put(USERS, user(1, "a"))
    simulator.offer(partition(simulator, USERS), 1)
    world.put(USERS, user(1, "b"))
    await arrive(simulator, USERS)
    await arrive(simulator, USERS)


async def drafted_with_its_tag(simulator, world):
    """One worker has drafted a new item with its tag; the commands are on their way, item and link wait to be applied."""
    simulator.owner = dict.fromkeys(simulator.names, 0)
    for table, row in ((USERS, user(1, "a")), ("tags", tag(1, "p")), (ITEMS, item(1, 1, "x")), ("item_tags", link(1, 1))):
        world.put(table, row)
        simulator.offer(partition(simulator, table), 1)
        await arrive(simulator, table) if table in {USERS, "tags"} else None


async def late_completion(simulator, world):
    """drafts_over_what_is_confirmed: a new item was drafted with its tag; the tag is taken away before the command arrives."""
    await drafted_with_its_tag(simulator, world)
    await arrive(simulator, ITEMS)
    await arrive(simulator, "item_tags")
    world.delete("item_tags", 1, 1)
    await arrive(simulator, "item_tags")


async def kept_draft(simulator, world):
    """drafts_are_kept: an item was drafted with its tag, and both are applied one after the other; then its owner is renamed."""
    await drafted_with_its_tag(simulator, world)
    await simulator.land_drafts()
    await arrive(simulator, ITEMS)
    await arrive(simulator, "item_tags")
    world.put(USERS, user(1, "b"))
    await arrive(simulator, USERS)


HISTORIES = {
    "no_version_guard": late_zombie,
    "no_comparison": late_update,
    "no_tombstone": zombie_after_delete,
    "no_order_of_acknowledgements": second_chunk_first,
    "mirror_inside_transaction": rename_beside_insert,
    "no_always_write": there_and_back,
    "what_was_mirrored_is_unchanged": snapshot_row_twice,
    "no_sweep": deleted_in_a_gap,
    "no_floor": old_record_after_the_sweep,
    "drafts_over_anything": late_draft,
    "drafts_over_what_is_confirmed": late_completion,
    "drafts_are_kept": kept_draft,
}


def tell(uri, name, history):
    """Play a history and compare with SQL."""

    async def main():
        drafting = LateDrafts(DOCUMENTS)
        async with applying(uri, name, DOCUMENTS) as (applier, db), sweeping(uri, name, DOCUMENTS) as sweep:
            drafting.db = db
            await empty(db)
            world = World(KEYS)
            simulator = sim.Simulator(world, applier.apply, sweep, drafting=drafting)
            sim.arm()
            try:
                await history(simulator, world)
                await simulator.drain(zombies_last=True)
                await simulator.land_drafts()
            finally:
                sim.disarm()
                with contextlib.suppress(BaseException):
                    await simulator.close()
            assert await read_models(db, DOCUMENTS) == expected(world)

    with nothing_gets_old():
        asyncio.run(main())


@pytest.fixture(params=["few", "many"])
def _way(request, monkeypatch):
    """Of a few rows, or of a large chunk: versions compared in a transaction, absent documents inserted."""
    if request.param == "many":
        monkeypatch.setattr(mirror, "MANY", 1)
        monkeypatch.setattr(materialise, "ASKED", 1)


def test_every_guard_has_its_history():
    assert HISTORIES.keys() == BUGS.keys()


@pytest.mark.usefixtures("_way")
@pytest.mark.parametrize("guard", HISTORIES)
def test_the_history_ends_well_with_the_guard(guard, mongo_uri, mongo_db):
    tell(mongo_uri, mongo_db, HISTORIES[guard])


@pytest.mark.usefixtures("_way")
@pytest.mark.parametrize("guard", HISTORIES)
def test_the_history_ends_badly_without_the_guard(guard, mongo_uri, mongo_db):
    with BUGS[guard](), pytest.raises(AssertionError):
        tell(mongo_uri, mongo_db, HISTORIES[guard])
