import datetime as dt
from decimal import Decimal

import pytest

from cdc_consumer.readmodel.build import Related, build
from cdc_consumer.readmodel.documents import ITEMS

ROW = {
    "_id": 7,
    "_v": {},
    "id": 7,
    "owner_id": 3,
    "title": "lamp",
    "description": None,
    "price": "12.50",
    "status": "active",
    "created_at": "2026-11-22T10:00:00.123Z",
    "updated_at": "2026-11-22T10:00:00Z",
}
RELATED = {
    "owner": Related({3: {"_id": 3, "id": 3, "name": "Ann", "email": "ann@example.org"}}),
    "tags": Related({1: {"_id": 1, "name": "red"}, 2: {"_id": 2, "name": "blue"}}, {7: [2, 1]}),
}


def test_a_document_is_its_row_with_owner_and_tags():
    moment = dt.datetime(2026, 11, 22, 10, tzinfo=dt.UTC)
    assert build(ITEMS, ROW, RELATED) == {
        "_id": 7,
        "title": "lamp",
        "description": None,
        "price": Decimal("12.50"),
        "status": "active",
        "created_at": moment.replace(microsecond=123_000),
        "updated_at": moment,
        "owner": {"id": 3, "name": "Ann", "email": "ann@example.org"},
        "tags": [{"id": 1, "name": "red"}, {"id": 2, "name": "blue"}],
        "schema_version": 1,
    }


def test_parents_and_children_that_have_not_arrived_are_their_ids_alone():
    document = build(ITEMS, ROW, {"tags": Related({}, {7: [2]})})
    assert document["owner"] == {"id": 3}
    assert document["tags"] == [{"id": 2}]


def test_a_deleted_child_counts_as_not_there():
    related = {**RELATED, "owner": Related({3: {"_id": 3, "name": "Ann", "_deleted": True}})}
    assert build(ITEMS, ROW, related)["owner"] == {"id": 3}


def test_a_value_of_another_kind_is_named():
    with pytest.raises(ValueError, match=r"column price.*expensive"):
        build(ITEMS, {**ROW, "price": "expensive"}, RELATED)
