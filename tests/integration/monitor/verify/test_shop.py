"""Corruption at any depth of the second schema is found."""

import uuid
from decimal import Decimal

import pytest

from tests.integration.monitor.verify.asking import change, findings, first, shop

THERE = ["object", "string", "int", "long", "double", "decimal", "bool", "binData"]
"""Types of a value that is there; an empty list or null is not."""


@shop
@pytest.mark.parametrize(
    ("place", "value"),
    [
        ("customer.address.city", "Elsewhere"),
        ("customer.address", None),
        ("customer.phones.0.number", "0"),
        ("customer.vip", 1),
        ("lines.0.product.name", "x"),
        ("lines.0.product.categories.0.name", "x"),
        ("lines.0.quantity", 100),
        ("lines.0.price", Decimal("0.01")),
        ("coupons.0.discount", Decimal(99)),
        ("reference", str(uuid.UUID(int=1))),
        ("ships_on", "2024-05-09Z"),
        ("picked_at", "01:00:00Z"),
        ("lead_time", "P0Y0M0DT0H0M1S"),
        ("rating", 0.5),
        ("labels", []),
        ("status", "lost"),
    ],
)
def test_a_wrong_value_at_any_depth(world, place, value):
    key = first(world, "orders_read", {place: {"$type": THERE}})["_id"]
    change(world, "orders_read", key, **{place: value})
    found = findings(world)
    assert list(found) == [("orders_read", key)]
    verdict, places = found["orders_read", key]
    assert verdict == "different"
    shown = place.replace(".0", "[0]")
    assert all(path.startswith(shown) for path in places)
    assert places


@shop
@pytest.mark.parametrize(("field", "value"), [("attributes", {"a": [1]}), ("picture", b"\x00"), ("weight", Decimal("3.3")), ("name", None)])
def test_text_keys_and_their_own_schema_version(world, field, value):
    change(world, "products_read", "é10", **{field: value})
    world.db.products_read.insert_one({"_id": "0 first", "schema_version": 3})
    world.db.products_read.insert_one({"_id": "é\U0001f600 last", "schema_version": 3})
    found = findings(world)
    assert {key: verdict for (_, key), (verdict, _) in found.items()} == {
        "é10": "different",
        "0 first": "extra",
        "é\U0001f600 last": "extra",
    }
    assert list(found["products_read", "é10"][1]) == [field]
