"""What drafts show of rows beside their root, owners and tags, and for how long documents wait for them; on a real MongoDB."""

import pytest

from cdc_consumer.envelope import decode
from cdc_consumer.readmodel.documents import DOCUMENTS
from cdc_consumer.version import Version
from tests.integration.cdc_consumer.applying import letting_go, sweeping
from tests.integration.cdc_consumer.early_worker import deep
from tests.worlds.market import expected, item, link, tag, user

pytestmark = pytest.mark.asyncio
NAMED = {"users": user, "tags": tag}


async def drafted_with(worker, table, *names, **more):
    """A new item with its tag is shown with the newest name of its owner or its tag; nothing is applied."""
    renamed = [worker.chunk((table, NAMED[table](1, name) | more)) for name in names]
    items, links = worker.chunk(("items", item(1, 1, "lamp"))), worker.chunk(("item_tags", link(1, 1)))
    await worker.offer(*renamed, items, links)
    assert await worker.shown() == expected(worker.world)["items_read"]
    return renamed, items, links


@pytest.mark.parametrize("table", NAMED)
async def test_a_document_does_not_go_back_to_an_older_name_that_is_applied_before_the_one_it_shows(worker, table):
    renamed, items, links = await drafted_with(worker, table, "anna", "annabel")
    for chunk in (items, links, *renamed):  # as another worker does after this one was killed
        await worker.apply(chunk)
        assert await worker.shown() == expected(worker.world)["items_read"]
    assert await worker.confirmed()


async def test_a_name_that_comes_again_does_not_take_the_newer_one_back(worker):
    older, newer = (worker.chunk(("users", user(1, name))) for name in ("anna", "annabel"))
    items = worker.chunk(("items", item(1, 1, "lamp")))
    await worker.offer(newer, older, items)
    assert await worker.shown() == expected(worker.world)["items_read"]


async def test_a_changed_title_is_not_shown_beside_an_owner_of_another_time(worker):
    """Between the two states that are drafted the item has another owner: a change that nobody has drafted."""
    renamed, items, links = await drafted_with(worker, "users", "anna")
    other, moved = worker.chunk(("users", user(2, "bob"))), worker.chunk(("items", item(1, 2, "lamp")))
    await worker.apply(other, links)
    worker.anew()
    await worker.offer(changed := worker.chunk(("items", item(1, 2, "lantern"))))
    assert (await worker.shown())[1]["title"] == "lamp"
    for chunk in (items, moved, changed):
        await worker.apply(chunk)
    await worker.apply(*renamed)
    assert await worker.shown() == expected(worker.world)["items_read"]
    assert await worker.confirmed()


async def test_a_link_that_was_shown_and_removed_does_not_come_back(worker):
    items, links = worker.chunk(("items", item(1, 1, "lamp"))), worker.chunk(("item_tags", link(1, 1)))
    worker.world.delete("item_tags", 1, 1)
    removed = worker.chunk()
    await worker.offer(items, links, removed)
    await worker.offer(again := worker.chunk(("items", item(1, 1, "lantern"))))
    assert await worker.shown() == expected(worker.world)["items_read"]
    for chunk in (links, items, again, removed):
        await worker.apply(chunk)
        assert await worker.shown() == expected(worker.world)["items_read"]
    assert await worker.confirmed()


@pytest.mark.parametrize("jointly", [False, True], ids=["before", "with-its-record-that-comes-again"])
async def test_nothing_waits_for_the_name_of_a_tag_that_was_taken_away(worker, jointly):
    renamed, items, links = await drafted_with(worker, "tags", "lime")
    await worker.apply(links)
    worker.world.delete("item_tags", 1, 1)
    await worker.apply(worker.chunk())
    await worker.apply(items, *([links] if jointly else ()))
    assert await worker.shown() == expected(worker.world)["items_read"]
    assert await worker.confirmed()
    await worker.apply(*renamed)
    assert await worker.shown() == expected(worker.world)["items_read"]


async def test_nothing_waits_for_the_name_of_an_owner_who_is_not_the_owner_any_more(worker):
    renamed, items, links = await drafted_with(worker, "users", "anna")
    await worker.apply(worker.chunk(("users", user(2, "bob"))))
    await worker.apply(items, worker.chunk(("items", item(1, 2, "lamp"))))
    await worker.apply(links)
    assert await worker.shown() == expected(worker.world)["items_read"]
    await worker.apply(*renamed)
    assert await worker.shown() == expected(worker.world)["items_read"]
    assert await worker.confirmed()


@pytest.mark.parametrize("table", NAMED)
async def test_a_document_that_waits_for_a_name_that_is_parked_is_written_without_it(worker, table):
    renamed, items, links = await drafted_with(worker, table, "anna", extra=deep(200))
    await worker.apply(items, links)
    assert not await worker.confirmed()
    await worker.alone(*renamed)
    assert await worker.db.cdc_parked.count_documents({}) == 1
    shown = (await worker.shown())[1]
    assert (shown["owner"]["name"], shown["tags"]) == ("ann", [{"id": 1, "name": "green"}])
    assert await worker.confirmed()


@pytest.mark.parametrize("mirrored", [False, True], ids=["root-waits", "root-mirrored"])
@pytest.mark.parametrize("table", NAMED)
async def test_nothing_waits_for_a_name_that_was_discarded(worker, mongo_uri, mongo_db, table, mirrored):
    renamed, items, links = await drafted_with(worker, table, "anna", extra=deep(200))
    if mirrored:
        await worker.apply(items, links)
    else:
        await worker.alone(*renamed)
    changes = [change for chunk in renamed for record in chunk.value if (change := decode(record))]
    await worker.db.cdc_parked.delete_many({})
    async with letting_go(mongo_uri, mongo_db, DOCUMENTS) as let_go:
        await let_go(changes)
    await worker.apply(items, links)
    shown = (await worker.shown())[1]
    assert (shown["owner"]["name"], shown["tags"]) == ("ann", [{"id": 1, "name": "green"}])
    assert await worker.confirmed()


async def test_a_key_that_mongodb_does_not_take_is_parked_and_no_more(worker):
    await worker.alone(worker.chunk(("users", user(2**63, "eve"))))
    assert await worker.db.cdc_parked.count_documents({}) == 1


@pytest.mark.parametrize("table", NAMED)
async def test_a_sweep_writes_what_waits_for_a_name_whose_record_never_comes(worker, mongo_uri, mongo_db, table):
    _, items, links = await drafted_with(worker, table, "anna", "annabel")
    await worker.apply(items, links)
    assert not await worker.confirmed()
    async with sweeping(mongo_uri, mongo_db, DOCUMENTS) as sweep:
        await sweep(table, Version(9, 0, 0), {1})
    shown = (await worker.shown())[1]
    assert (shown["owner"]["name"], shown["tags"]) == ("ann", [{"id": 1, "name": "green"}])
    assert await worker.confirmed()
