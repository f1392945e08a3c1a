"""Another schema through the whole path: its own database, connector, topics, worker and MongoDB database, on the session's stack."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
import uuid

import psycopg
from confluent_kafka.admin import AdminClient, NewTopic  # type: ignore[attr-defined]

from cdc_consumer.dead_letters.topic import LARGEST, TOPIC
from monitor.verify import Effort, VerifySettings, verify
from stack.settings import ROOT
from tests.databases import clone


@contextlib.contextmanager
def source(stack, schema):
    """The DSN of a database with the schema (a module of tests.schemas) and its rows, ready to be captured."""
    capture = f"""
        CREATE TABLE cdc_heartbeat (id smallint PRIMARY KEY, beat_at timestamptz NOT NULL);
        {"".join(f"ALTER TABLE {table} REPLICA IDENTITY FULL;" for table in (*schema.TABLES, "cdc_heartbeat"))}
        CREATE PUBLICATION other_pub FOR TABLE {", ".join(schema.TABLES)}, cdc_heartbeat;
        GRANT SELECT ON ALL TABLES IN SCHEMA public TO cdc_connector;
        GRANT INSERT, UPDATE ON cdc_heartbeat TO cdc_connector;
    """
    with clone(stack, "template1") as dsn:
        with psycopg.connect(dsn, autocommit=True) as connection:
            connection.execute(schema.DDL + schema.DATA + capture)
        yield dsn


def settings(schema, dsn):
    """The variables under which connector and worker serve it."""
    prefix = f"{schema.__name__.rpartition('.')[2]}{uuid.uuid4().hex[:6]}"
    documents = f"{schema.__name__}:DOCUMENTS"
    return {
        "CONNECT_NAME": prefix,
        "CONNECT_TOPIC_PREFIX": prefix,
        "CONNECT_SLOT": prefix,
        "CONNECT_PUBLICATION": "other_pub",
        "CONNECT_DB_NAME": psycopg.conninfo.conninfo_to_dict(dsn)["dbname"],
        "CONNECT_DOCUMENTS": documents,
        "CDC_TOPIC_PREFIX": prefix,
        "CDC_GROUP": prefix,
        "CDC_WORKER": prefix,
        "CDC_MONGO_DB": prefix,
        "CDC_METRICS_PORT": "0",
        "CDC_DOCUMENTS": documents,
    }


@contextlib.contextmanager
def captured(stack, names):
    """Connector and worker, running."""
    connectors = (sys.executable, "-m", "connectors")
    letters = f"{names['CDC_TOPIC_PREFIX']}.{TOPIC}"
    admin = AdminClient({"bootstrap.servers": stack.env["CDC_BROKER"]})  # has to outlive its answer
    admin.create_topics([NewTopic(letters, 1, 1, config={"max.message.bytes": str(LARGEST)})])[letters].result(20)
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


def compare(stack, dsn, names, documents):
    """What verify says now."""
    where = VerifySettings(postgres_dsn=dsn, mongo_uri=stack.env["CDC_MONGO_URI"], mongo_db=names["CDC_MONGO_DB"])
    return verify(where, documents, Effort(recheck_seconds=0))


def until_equal(stack, dsn, names, documents):
    """What verify says once nothing differs."""
    deadline = time.monotonic() + 90
    while not (report := compare(stack, dsn, names, documents)).ok:
        assert time.monotonic() < deadline, report.to_text()
        time.sleep(0.2)
    return report
