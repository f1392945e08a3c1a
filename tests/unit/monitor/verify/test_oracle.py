"""The statements as text; that they are right is tested on a real Postgres."""

import pytest

from cdc_consumer.readmodel.declare import Document, Many, One
from cdc_consumer.readmodel.kinds import Kind
from monitor.verify.keys import key_type
from monitor.verify.oracle import statements


def text(document, sql_type="bigint"):
    made = statements(document, key_type(sql_type))
    return tuple(part.as_string() for part in (made.first_page, made.next_page, made.by_keys))


def test_pages_and_keys():
    first, after, keys = text(Document("d", root="t", fields={"a": Kind.RAW}))
    body = 'SELECT "t0"."id" AS id, (SELECT to_jsonb(o) FROM (SELECT "t0"."a" AS "a") AS o) AS document FROM "t" AS "t0"'
    assert first == f'{body} ORDER BY "t0"."id" LIMIT %(size)s'
    assert after == f'{body} WHERE "t0"."id" > %(after)s ORDER BY "t0"."id" LIMIT %(size)s'
    assert keys == f'{body} WHERE "t0"."id" = ANY(%(keys)s::text[]::bigint[])'


def test_text_keys_are_walked_in_the_order_mongodb_keeps():
    _, after, _ = text(Document("d", root="t", fields={}, id="sku"), "text")
    assert after.endswith('WHERE "t0"."sku" COLLATE "C" > %(after)s ORDER BY "t0"."sku" COLLATE "C" LIMIT %(size)s')


@pytest.mark.parametrize(
    ("kind", "written"),
    [
        (Kind.DECIMAL, '"t0"."a"::numeric::text'),
        (Kind.DECIMAL_TEXT, '"t0"."a"::text'),
        (Kind.JSON, '"t0"."a"::text'),
        (Kind.BYTES, 'encode("t0"."a", \'hex\')'),
        (Kind.TIMESTAMP_MS, '"t0"."a"'),
    ],
)
def test_kinds_are_written_without_loss(kind, written):
    assert f'SELECT {written} AS "a"' in text(Document("d", root="t", fields={"a": kind}))[0]


def test_every_table_of_a_tree_has_a_name_of_its_own():
    leaf = One("people", key="boss_id", fields={"name": Kind.RAW})
    tree = Document(
        "d",
        root="people",
        fields={},
        embeds={
            "boss": One("people", key="boss_id", fields={}, embeds={"boss": leaf}),
            "staff": Many("people", foreign="boss_id", fields={}),
        },
    )
    statement = text(tree)[0]
    for number in range(4):
        assert statement.count(f'AS "t{number}"') == 1
