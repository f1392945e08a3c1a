"""Another schema, two levels deep, through the whole path: Postgres, Debezium, Kafka, the worker, MongoDB, compared by verify."""

import contextlib
import os
import signal
import subprocess
import sys
import time
import uuid

import psycopg
import pytest

from monitor.verify import Effort, VerifySettings, verify
from stack.settings import ROOT
from tests.databases import clone
from tests.schemas import shop

CAPTURE = f"""
CREATE TABLE cdc_heartbeat (id smallint PRIMARY KEY, beat_at timestamptz NOT NULL);
{"".join(f"ALTER TABLE {table} REPLICA IDENTITY FULL;" for table in (*shop.TABLES, "cdc_heartbeat"))}
CREATE PUBLICATION shop_pub FOR TABLE {", ".join(shop.TABLES)}, cdc_heartbeat;
GRANT SELECT ON ALL TABLES IN SCHEMA public TO cdc_connector;
GRANT INSERT, UPDATE ON cdc_heartbeat TO cdc_connector;
"""
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
pytestmark = pytest.mark.usefixtures("captured")


@pytest.fixture(scope="module")
def shop_dsn(stack, _migrated_template):  # the template's migrations make the roles
    with clone(stack, "template1") as dsn:
        with psycopg.connect(dsn, autocommit=True) as connection:
            connection.execute(shop.DDL + shop.DATA + CAPTURE)
        yield dsn


@pytest.fixture(scope="module")
def names(stack, shop_dsn):
    prefix = f"shop{uuid.uuid4().hex[:6]}"
    documents = "tests.schemas.shop:DOCUMENTS"
    return {
        "CONNECT_NAME": prefix,
        "CONNECT_TOPIC_PREFIX": prefix,
        "CONNECT_SLOT": prefix,
        "CONNECT_PUBLICATION": "shop_pub",
        "CONNECT_DB_NAME": psycopg.conninfo.conninfo_to_dict(shop_dsn)["dbname"],
        "CONNECT_DOCUMENTS": documents,
        "CDC_TOPIC_PREFIX": prefix,
        "CDC_GROUP": prefix,
        "CDC_WORKER": prefix,
        "CDC_MONGO_DB": prefix,
        "CDC_METRICS_PORT": "0",
        "CDC_DOCUMENTS": documents,
    }


@pytest.fixture(scope="module")
def captured(stack, names):
    """Connector and worker of the second schema, running."""
    connectors = (sys.executable, "-m", "connectors")
    stack.exec(*connectors, "register", env=names)
    environment = {**os.environ, **stack.env, **names}
    worker = subprocess.Popen((sys.executable, "-m", "cdc_consumer", "worker"), cwd=ROOT, env=environment)
    try:
        yield
    finally:
        worker.send_signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            worker.wait(10)
        worker.kill()
        worker.wait(10)
        stack.exec(*connectors, "delete", "--slot", "--offsets", env=names)


def differences(stack, dsn, names):
    settings = VerifySettings(postgres_dsn=dsn, mongo_uri=stack.env["CDC_MONGO_URI"], mongo_db=names["CDC_MONGO_DB"])
    return verify(settings, shop.DOCUMENTS, Effort(recheck_seconds=0))


def until_equal(stack, dsn, names):
    deadline = time.monotonic() + 90
    while not (report := differences(stack, dsn, names)).ok:
        assert time.monotonic() < deadline, report
    return report


def test_the_second_schema_arrives_and_follows_every_change(stack, shop_dsn, names):
    report = until_equal(stack, shop_dsn, names)
    assert {c.collection: c.rows for c in report.collections} == {"products_read": 40, "orders_read": 40}
    with psycopg.connect(shop_dsn, autocommit=True) as connection:
        for change in CHANGES:
            assert connection.execute(change).statusmessage not in ("UPDATE 0", "DELETE 0", "INSERT 0 0")
    until_equal(stack, shop_dsn, names)


def test_a_new_column_needs_no_restart(stack, shop_dsn, names):
    with psycopg.connect(shop_dsn, autocommit=True) as connection:
        connection.execute("ALTER TABLE categories ADD COLUMN colour text DEFAULT 'grey'")
        connection.execute("UPDATE categories SET colour = 'blue' WHERE id = 1")
    until_equal(stack, shop_dsn, names)
