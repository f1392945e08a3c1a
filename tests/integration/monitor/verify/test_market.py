"""Every sort of corruption of the project's own documents is found, and nothing else."""

import datetime as dt
import uuid
from decimal import Decimal

import pytest
from bson import ObjectId

from monitor.verify import Effort
from monitor.verify.compare import ABSENT
from tests.integration.monitor.verify.asking import change, findings, first, market


@market
@pytest.mark.parametrize(
    ("field", "value", "postgres"),
    [
        ("title", "x", None),
        ("description", ABSENT, None),
        ("price", Decimal("0.00"), None),
        ("price", 12.5, None),
        ("price", "12.50", None),
        ("created_at", dt.datetime(2020, 1, 1, tzinfo=dt.UTC), None),
        ("updated_at", "2024-01-01T00:00:00Z", None),
        ("schema_version", 2, 1),
        ("more", None, ABSENT),
        ("owner.name", "x", None),
        ("owner", None, None),
        ("tags", None, None),
    ],
)
def test_a_wrong_field(world, field, value, postgres):
    key = first(world, "items_read", {"price": {"$ne": Decimal("12.5")}, "description": {"$ne": None}})["_id"]
    if value is ABSENT:
        world.db.items_read.update_one({"_id": key}, {"$unset": {field: 1}})
    else:
        change(world, "items_read", key, **{field: value})
    found = findings(world)
    assert list(found) == [("items_read", key)]
    verdict, places = found["items_read", key]
    assert verdict == "different"
    assert list(places) == [field]
    assert places[field][1] == value
    if postgres is not None:
        assert places[field][0] == postgres


@market
def test_missing_documents_and_a_wrong_tombstone(world):
    for key in (1, 77, 200):
        world.db.items_read.delete_one({"_id": key})
    world.db.users_read.replace_one({"_id": 4}, {"_id": 4, "_deleted": True, "_rev": ObjectId()})
    assert findings(world) == {
        ("users_read", 4): ("missing", {}),
        ("items_read", 1): ("missing", {}),
        ("items_read", 77): ("missing", {}),
        ("items_read", 200): ("missing", {}),
    }


@market
def test_extra_documents_before_between_beyond_and_of_another_type(world):
    with world.connection.transaction(force_rollback=False):
        world.connection.execute("DELETE FROM items WHERE id = 50")
    try:
        strange = [-1, 0, 201, 10**12, 2**62, "7", uuid.uuid4(), ObjectId(), 7.5, True, dt.datetime(2020, 1, 1, tzinfo=dt.UTC)]
        world.db.items_read.insert_many([{"_id": key, "title": "x"} for key in strange])
        found = findings(world, Effort(recheck_seconds=0, chunk=9, limit_report=100))
        assert {key for _, key in found} == {50, *strange}
        assert {verdict for verdict, _ in found.values()} == {"extra"}
    finally:
        world.connection.execute(
            "INSERT INTO items (id, owner_id, title, price, created_at, updated_at) SELECT 50, 1, 'again', 1, now(), now()"
        )


@market
def test_a_resurrected_tombstone(world):
    """Dead in SQL, dead in MongoDB; then it lives again."""
    assert world.db.items_read.update_one({"_id": 999_999}, {"$unset": {"_deleted": 1}}).modified_count == 1
    assert findings(world) == {("items_read", 999_999): ("extra", {})}


@market
def test_the_order_of_tags_and_a_wrong_tag(world):
    item = first(world, "items_read", {"tags.2": {"$exists": True}})
    one, two, *others = item["tags"]
    change(world, "items_read", item["_id"], tags=[two, one, *others])
    verdict, places = findings(world)["items_read", item["_id"]]
    assert (verdict, list(places)) == ("different", ["tags[0].id", "tags[0].name", "tags[1].id", "tags[1].name"])
    change(world, "items_read", item["_id"], tags=item["tags"][:-1])
    assert findings(world)["items_read", item["_id"]] == ("different", {f"tags[{len(others) + 1}]": (item["tags"][-1], ABSENT)})
    change(world, "items_read", item["_id"], tags=[*item["tags"], {"id": 999}])
    assert findings(world)["items_read", item["_id"]] == ("different", {f"tags[{len(others) + 2}]": (ABSENT, {"id": 999})})
    change(world, "items_read", item["_id"], tags=item["tags"])
    assert findings(world) == {}


@market
def test_the_wrong_owner(world):
    item = first(world, "items_read", {"owner.id": {"$ne": 1}})
    other = first(world, "items_read", {"owner.id": {"$ne": item["owner"]["id"]}})
    change(world, "items_read", item["_id"], owner=other["owner"])
    verdict, places = findings(world)["items_read", item["_id"]]
    assert (verdict, list(places)) == ("different", ["owner.id", "owner.name", "owner.email"])
    change(world, "items_read", item["_id"], owner={"id": item["owner"]["id"]})
    assert list(findings(world)["items_read", item["_id"]][1]) == ["owner.name", "owner.email"]


@market
def test_trailing_zeros_are_no_difference(world):
    item = first(world, "items_read", {})
    change(world, "items_read", item["_id"], price=item["price"] * Decimal("1.000"))
    assert findings(world) == {}
