"""Another schema, two levels deep, through the whole path: Postgres, Debezium, Kafka, the worker, MongoDB, compared by verify."""

import psycopg
import pytest

from tests.integration.cdc_consumer.capturing import captured, settings, source, until_equal
from tests.schemas import shop

CHANGES = (
    "UPDATE products SET name = upper(name) WHERE sku LIKE 'a%'",  # two levels below orders
    "UPDATE addresses SET city = 'Bergen' WHERE id = 3",
    "UPDATE addresses SET street = (SELECT string_agg(md5(n::text), '') FROM generate_series(1, 3000) n) WHERE id = 3",  # TOASTed
    "UPDATE addresses SET city = 'Voss' WHERE id = 3",  # leaves it unchanged
    "UPDATE customers SET address_id = 1 + id % 5",
    "UPDATE phones SET customer_id = 1 + id % 4",  # children that move between parents
    "UPDATE lines SET order_id = 1 + id % 20 WHERE id % 3 = 0",
    "UPDATE lines SET product_sku = 'B2' WHERE id % 10 = 0",
    "UPDATE categories SET name = name || '!'",  # through a link table, inside an embed
    "DELETE FROM product_categories WHERE category_id = 2",
    "DELETE FROM orders WHERE id % 9 = 0",
    "INSERT INTO lines SELECT 1000 + n, 1, 'é3', n, n FROM generate_series(1, 50) n",
    "UPDATE products SET attributes = '{\"b\": [1, {\"c\": null}]}' WHERE sku = 'B2'",
    "TRUNCATE order_coupons",
    "INSERT INTO order_coupons VALUES (1, 1), (2, 99)",
    "UPDATE orders SET customer_id = NULL WHERE id = 4",
)


@pytest.fixture(scope="module")
def shop_dsn(stack, _migrated_template):  # the template's migrations make the roles
    with source(stack, shop) as dsn:
        yield dsn


@pytest.fixture(scope="module")
def equal(stack, shop_dsn):
    """Waits until verify finds nothing; connector and worker run."""
    names = settings(shop, shop_dsn)
    with captured(stack, names):
        yield lambda: until_equal(stack, shop_dsn, names, shop.DOCUMENTS)


def test_the_second_schema_arrives_and_follows_every_change(equal, shop_dsn):
    report = equal()
    assert {c.collection: c.rows for c in report.collections} == {"products_read": 40, "orders_read": 40}
    with psycopg.connect(shop_dsn, autocommit=True) as connection:
        for change in CHANGES:
            assert connection.execute(change).statusmessage not in ("UPDATE 0", "DELETE 0", "INSERT 0 0")
    equal()


def test_a_new_column_needs_no_restart(equal, shop_dsn):
    with psycopg.connect(shop_dsn, autocommit=True) as connection:
        connection.execute("ALTER TABLE categories ADD COLUMN colour text DEFAULT 'grey'")
        connection.execute("UPDATE categories SET colour = 'blue' WHERE id = 1")
    equal()
