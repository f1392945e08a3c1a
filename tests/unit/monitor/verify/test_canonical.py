import datetime as dt
import uuid
from decimal import Decimal

import pytest
from bson import ObjectId
from bson.binary import Binary
from bson.int64 import Int64

from cdc_consumer.readmodel.declare import Document, Many, One
from cdc_consumer.readmodel.kinds import Kind
from monitor.verify.canonical import from_mongo, from_postgres
from monitor.verify.compare import equal

MOMENT = dt.datetime(2024, 5, 1, 10, tzinfo=dt.UTC)


def same(kind, postgres, mongodb):
    document = Document("d", root="d", fields={"f": kind})
    return equal(from_postgres(document)({"f": postgres}), from_mongo(document)({"_id": 1, "_rev": 1, "f": mongodb, "schema_version": 1}))


@pytest.mark.parametrize(
    ("kind", "postgres", "mongodb"),
    [
        (Kind.RAW, "text", "text"),
        (Kind.RAW, 7, Int64(7)),
        (Kind.RAW, 2**60, Int64(2**60)),
        (Kind.RAW, 3, 3.0),
        (Kind.RAW, 0.1, 0.1),
        (Kind.RAW, "NaN", float("nan")),
        (Kind.RAW, "-Infinity", float("-inf")),
        (Kind.RAW, True, True),
        (Kind.RAW, [1, None, ["a"]], [Int64(1), None, ["a"]]),
        (Kind.DECIMAL, "12.50", Decimal("12.5")),
        (Kind.DECIMAL, "0.00", Decimal("-0")),
        (Kind.DECIMAL, "NaN", Decimal("NaN")),
        (Kind.DECIMAL, "Infinity", Decimal("Infinity")),
        (Kind.DECIMAL, "1234567890123456789012345678901.234", Decimal("1234567890123456789012345678901.234")),
        (Kind.TIMESTAMP_MS, "2024-05-01T12:00:00.123+02:00", MOMENT.replace(microsecond=123_000)),
        (Kind.TIMESTAMP_MS, "2024-05-01T10:00:00", MOMENT),
        (Kind.TEXT_TIME, "2024-05-01", "2024-05-01Z"),
        (Kind.UUID, "00000000-0000-0000-0000-000000000001", uuid.UUID(int=1)),
        (Kind.JSON, '{"b": 1.0, "a": [1, null, "x"]}', {"a": [1, None, "x"], "b": 1.0}),
        (Kind.JSON, "null", None),
        (Kind.JSON, "3", 3),
        (Kind.BYTES, "00ff", b"\x00\xff"),
        (Kind.BYTES, "", b""),
        *((kind, None, None) for kind in Kind),
    ],
)
def test_equal(kind, postgres, mongodb):
    assert same(kind, postgres, mongodb)


@pytest.mark.parametrize(
    ("kind", "postgres", "mongodb"),
    [
        (Kind.RAW, "text", "Text"),
        (Kind.RAW, 1, True),
        (Kind.RAW, [1], [True]),
        (Kind.RAW, 1, "1"),
        (Kind.RAW, None, 0),
        (Kind.RAW, [], None),
        (Kind.RAW, [1, 2], [2, 1]),
        (Kind.RAW, 0.1, 0.2),
        (Kind.RAW, 2**60, float(2**60 + 4096)),
        (Kind.DECIMAL, "12.50", Decimal("12.51")),
        (Kind.DECIMAL, "12.50", 12.5),
        (Kind.DECIMAL, "12.50", "12.50"),
        (Kind.DECIMAL, "12", 12),
        (Kind.DECIMAL, "NaN", Decimal(0)),
        (Kind.TIMESTAMP_MS, "2024-05-01T10:00:00.001Z", MOMENT),
        (Kind.TIMESTAMP_MS, "2024-05-01T10:00:00Z", "2024-05-01T10:00:00Z"),
        (Kind.TIMESTAMP_MS, "infinity", MOMENT),
        (Kind.TEXT_TIME, "2024-05-01", MOMENT),
        (Kind.UUID, "00000000-0000-0000-0000-000000000001", "00000000-0000-0000-0000-000000000001"),
        (Kind.JSON, '{"a": 1}', {"a": 1, "b": None}),
        (Kind.JSON, '{"a": 1}', '{"a": 1}'),
        (Kind.JSON, "1", True),
        (Kind.BYTES, "00", b"\x01"),
        (Kind.BYTES, "00", Binary(b"\x00", 5)),
        (Kind.BYTES, "00", "00"),
    ],
)
def test_different(kind, postgres, mongodb):
    assert not same(kind, postgres, mongodb)


OWNED = Document(
    "d",
    root="d",
    schema_version=4,
    fields={"price": Kind.DECIMAL},
    embeds={
        "one": One("o", key="o_id", fields={"price": Kind.DECIMAL}),
        "many": Many("m", foreign="d_id", fields={"at": Kind.TIMESTAMP_MS}, embeds={"deep": Many("x", foreign="m_id", fields={})}),
    },
)


def test_kinds_reach_into_embeds_and_lists_come_in_order_of_id():
    found = from_postgres(OWNED)(
        {
            "price": "1.0",
            "one": {"id": 3, "price": "2.50"},
            "many": [
                {"id": 10, "at": "2024-05-01T10:00:00Z", "deep": []},
                {"id": 9, "at": None, "deep": [{"id": "b"}, {"id": "B"}, {"id": "é"}]},
            ],
        },
    )
    assert found == {
        "price": Decimal(1),
        "one": {"id": 3, "price": Decimal("2.5")},
        "many": [{"id": 9, "at": None, "deep": [{"id": "B"}, {"id": "b"}, {"id": "é"}]}, {"id": 10, "at": MOMENT, "deep": []}],
        "schema_version": 4,
    }


def test_lists_of_mongodb_are_taken_in_their_own_order():
    found = from_mongo(OWNED)({"_id": 1, "many": [{"id": 2, "at": MOMENT}, {"id": 1, "at": MOMENT}]})
    assert found == {"many": [{"id": 2, "at": MOMENT}, {"id": 1, "at": MOMENT}]}


@pytest.mark.parametrize("value", ["text", 3, [1, "x"], [[1]], {"other": [1.0]}])
def test_an_embed_of_the_wrong_shape_is_kept_to_be_reported(value):
    found = from_mongo(OWNED)({"_id": 1, "one": value, "many": value})
    assert found is not None
    assert found["one"] == value


def test_tombstones_are_absent_and_bookkeeping_is_not_compared():
    assert from_mongo(OWNED)({"_id": 1, "_deleted": True, "price": Decimal(1)}) is None
    assert from_mongo(OWNED)({"_id": 1, "_rev": ObjectId(), "_deleted": False}) == {"_deleted": False}
