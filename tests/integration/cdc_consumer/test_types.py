"""Every type through the whole path, as declared, and compared by verify; what Debezium loses is named, not passed over."""

import psycopg
import pytest

from stack.probes import mongo_client
from tests.integration.cdc_consumer.capturing import captured, compare, settings, source, until_equal
from tests.schemas import types
from tests.waiting import eventually


@pytest.fixture(scope="module")
def dsn(stack, _migrated_template):
    with source(stack, types) as made:
        yield made


@pytest.fixture(scope="module")
def names(stack, dsn):
    found = settings(types, dsn)
    with captured(stack, found):
        yield found


@pytest.fixture
def sql(dsn):
    with psycopg.connect(dsn, autocommit=True) as connection:
        yield connection.execute


@pytest.fixture
def equal(stack, dsn, names):
    return lambda: until_equal(stack, dsn, names, types.EXACT)


def test_every_type_arrives_by_snapshot_and_follows_inserts_updates_and_deletes(equal, sql, stack, names):
    assert {c.collection: c.rows for c in equal().collections} == {"types_read": types.ROWS, "big_read": 2, "big_if_full_read": 2}
    columns = ", ".join(f'"{name}"' for name in types.COLUMNS)
    for turn in range(types.ROWS):
        sql(f"INSERT INTO types VALUES ({100 + turn}, 1, {types.row(turn)})")
        sql(f"UPDATE types SET ({columns}) = ROW ({types.row(turn + 1)}) WHERE id = {turn}")
    sql(f"INSERT INTO types VALUES (200, 1, {', '.join(['NULL'] * len(types.COLUMNS))}), (201, 1, {types.row(0)})")
    equal()
    sql("UPDATE types SET beside = beside + 1")
    sql("DELETE FROM types WHERE id % 3 = 0")
    sql(f"INSERT INTO types VALUES (0, 2, {types.row(2)})")  # deleted, and there again
    equal()
    with mongo_client(stack.env["CDC_MONGO_URI"]) as client:
        kept = client[names["CDC_MONGO_DB"]]["types_read"]
        assert kept.count_documents({"digits": types._LONG, "digits34": {"$type": "decimal"}, "schema_version": 1}) > 0
        assert kept.find_one({"_id": 201, "_deleted": True}) is not None


def test_toasted_values_that_an_update_leaves_alone_stay(equal, sql):
    sql("UPDATE big SET beside = 1 WHERE id = 1; UPDATE big_if_full SET beside = 1 WHERE id = 1")
    equal()
    sql("ALTER TABLE big REPLICA IDENTITY DEFAULT")
    sql("UPDATE big SET beside = 2")
    sql("UPDATE big SET megabyte = 'short' WHERE id = 1")
    equal()
    sql("DELETE FROM big WHERE id = 2")
    equal()


def test_what_debezium_loses_is_named(stack, dsn, names):
    lost = types.DOCUMENTS[-1:]

    def arrived():
        (found,) = compare(stack, dsn, names, lost).collections
        return found if found.documents == len(types.LOST) else None  # all, and row 9, but the parked one

    found = eventually(arrived, seconds=60, what="the rows that lose something")
    said = {finding.key: (finding.verdict, [one.path.partition("[")[0] for one in finding.differences]) for finding in found.findings}
    for key, (column, _) in types.LOST.items():
        verdict, places = said.pop(key)
        assert verdict == ("missing" if column == "texts" else "different")
        assert set(places) == (set() if column == "texts" else {column})
    assert said == {}
