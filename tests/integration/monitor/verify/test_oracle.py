"""The generated SQL against SQL written by hand."""

import psycopg
import pytest

from cdc_consumer.readmodel.declare import Document
from cdc_consumer.readmodel.kinds import Kind
from monitor.verify import postgres
from monitor.verify.keys import UnsupportedKeyError
from monitor.verify.postgres import PostgresSide
from tests.databases import clone


def in_order(value):
    """Lists of objects in ascending order of id: the generated SQL leaves the order open."""
    if isinstance(value, dict):
        return {name: in_order(part) for name, part in value.items()}
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return sorted((in_order(part) for part in value), key=lambda part: part["id"])
    return value


@pytest.fixture
def sides(schema):
    with postgres.connect(schema.dsn) as connection:
        yield {document.collection: PostgresSide(connection, document) for document in schema.documents}


def test_every_document_is_what_sql_written_by_hand_says(schema, sides):
    for name, side in sides.items():
        wanted = {key: in_order(body) for key, body in schema.connection.execute(schema.by_hand[name]).fetchall()}
        statement = side._statements.first_page
        found = {key: in_order(body) for key, body in side._connection.execute(statement, {"size": 10_000}).fetchall()}
        assert found == wanted
        assert len(found) >= 30


def test_pages_hold_every_key_once_in_the_order_mongodb_keeps(sides):
    for side in sides.values():
        whole = list(side.page(None, 10_000))
        assert whole == sorted(whole)
        pages, after = [], None
        while page := side.page(after, 7):
            pages += page
            after = pages[-1]
        assert pages == whole
        assert side.count() == len(whole)


def test_by_keys_gives_the_same_documents(sides):
    for side in sides.values():
        page = side.page(None, 25)
        assert side.documents([*page, "nobody", 10**17, None, 2**70 if side.key.bson == "string" else 10**18]) == page
        assert side.documents([]) == {}


def test_writing_is_impossible(sides):
    side = next(iter(sides.values()))
    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        side._connection.execute("CREATE TABLE x ()")


@pytest.fixture
def odd(stack):
    with clone(stack, "template1") as dsn, postgres.connect(dsn) as connection:
        connection.execute("SET default_transaction_read_only = off")
        yield connection


def test_any_name_any_width_and_no_rows(odd):
    """More columns than a function takes arguments, and names that need quotes and hold a %."""
    columns = [f'Col "{number}%s {{}}' for number in range(120)]
    listed = ", ".join(psycopg.sql.Identifier(name).as_string() + " integer DEFAULT 1" for name in columns)
    odd.execute(f'CREATE TABLE "My Table%" ("Key" uuid PRIMARY KEY, {listed})')
    document = Document("wide_read", root="My Table%", id="Key", fields=dict.fromkeys(columns, Kind.RAW))
    side = PostgresSide(odd, document)
    assert side.page(None, 5) == {}
    odd.execute('INSERT INTO "My Table%" ("Key") VALUES (\'00000000-0000-0000-0000-00000000000b\')')
    key = "00000000-0000-0000-0000-00000000000b"
    assert side.page(None, 5) == side.documents([key]) == {key: dict.fromkeys(columns, 1) | {"schema_version": 1}}
    assert side.page(key, 5) == {}


def test_a_key_without_a_common_order_is_refused(odd):
    odd.execute("CREATE TABLE t (id date PRIMARY KEY)")
    with pytest.raises(UnsupportedKeyError, match="date"):
        PostgresSide(odd, Document("t_read", root="t", fields={}))


def test_a_missing_table_or_key_is_an_error(odd):
    with pytest.raises(psycopg.errors.UndefinedTable):
        PostgresSide(odd, Document("t_read", root="nothing", fields={}))
    odd.execute("CREATE TABLE u (key bigint)")
    with pytest.raises(psycopg.errors.UndefinedColumn):
        PostgresSide(odd, Document("u_read", root="u", fields={}))
