"""Rows that come without a before image: what they replace is found, and not forgotten in a crash."""

import pytest
import pytest_asyncio

from cdc_consumer import crash_points
from cdc_consumer.readmodel.declare import Document, Many
from cdc_consumer.readmodel.documents import DOCUMENTS
from cdc_consumer.readmodel.kinds import Kind
from tests.events import record
from tests.integration.cdc_consumer.applying import Drawer, applying, read_models
from tests.worlds.market import KEYS, expected, item, user
from tests.worlds.world import World

pytestmark = pytest.mark.asyncio
ORDERS = (
    Document("orders_read", root="orders", fields={"name": Kind.RAW}, embeds={"lines": Many("lines", foreign="order_id", fields={})}),
)


class CrashError(Exception):
    """The process died at a crash point."""


@pytest_asyncio.fixture
async def orders(mongo_uri, mongo_db):
    async with applying(mongo_uri, mongo_db, ORDERS) as (applier, db):
        for order in (1, 2, 3):
            await applier.apply([record("orders", "c", key={"id": order}, after={"id": order, "name": f"order {order}"})])
        await applier.apply([line(1, "c")])
        yield applier, db


def line(order, op, **version):
    return record("lines", op, key={"id": 7}, after={"id": 7, "order_id": order}, **{"lsn": 200, "commit": 150, **version})


MOVES = {
    "a snapshot of a new epoch": lambda order: line(order, "r", epoch=2, snapshot="true"),
    "an incremental snapshot": lambda order: line(order, "r", snapshot="incremental", lsn=300, commit=250),
    "an update without before image": lambda order: line(order, "u", lsn=300, commit=250),
}


async def holders(db):
    return [order["_id"] async for order in db.orders_read.find({"lines.id": 7})]


@pytest.mark.parametrize("move", MOVES.values(), ids=MOVES)
@pytest.mark.parametrize("point", ["none", "after_mirror", "inside_materialise"])
async def test_the_old_parent_lets_go_also_when_the_worker_dies_in_between(orders, monkeypatch, move, point):
    applier, db = orders

    async def die(reached):
        if reached == point:
            raise CrashError

    monkeypatch.setattr(crash_points, "armed", die)
    if point != "none":
        with pytest.raises(CrashError):
            await applier.apply([move(2)])
        assert await holders(db) == [1]
    monkeypatch.setattr(crash_points, "armed", None)
    await applier.apply([move(2)])
    assert await holders(db) == [2]
    assert await db.mirror_lines.count_documents({"_was": {"$exists": True}}) == 0


async def test_a_crash_and_then_a_newer_move_forgets_neither_place(orders, monkeypatch):
    applier, db = orders

    async def die(reached):
        if reached == "after_mirror":
            raise CrashError

    monkeypatch.setattr(crash_points, "armed", die)
    with pytest.raises(CrashError):
        await applier.apply([line(2, "u", lsn=300, commit=250)])
    monkeypatch.setattr(crash_points, "armed", None)
    await applier.apply([line(3, "u", lsn=400, commit=350)])
    assert await holders(db) == [3]


async def test_a_bad_row_spoils_no_document_but_its_own_and_parks_nobody_else(mongo_uri, mongo_db):
    drawer = Drawer()
    async with applying(mongo_uri, mongo_db, DOCUMENTS, drawer) as (applier, db):
        world = World(KEYS)
        world.put("users", user(1, "ann"))
        for number in (1, 2, 3):
            world.put("items", item(number, 1, f"item{number}"))
        await applier.apply(world.log[:1])
        await applier.apply(world.log[1:])
        wide = {**item(2, 1, "wide"), "price": "9" * 40}
        await applier.apply([record("items", "u", key={"id": 2}, before=item(2, 1, "item2"), after=wide, lsn=5000, commit=4000)])
        assert [(letter.topic, letter.cause) for letter in drawer.letters] == [("cdc.public.items", "bad_value")]
        start = len(world.log)
        world.put("users", user(1, "anna"))
        await applier.apply(world.log[start:])
        assert len(drawer.letters) == 1
        found, wanted = await read_models(db, DOCUMENTS), expected(world)
        assert found["users_read"] == wanted["users_read"]
        assert {k: found["items_read"][k] for k in (1, 3)} == {k: wanted["items_read"][k] for k in (1, 3)}
