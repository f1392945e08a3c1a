import uuid
from types import SimpleNamespace

import psycopg
import pytest
from confluent_kafka.admin import AdminClient
from psycopg.conninfo import conninfo_to_dict

from connectors.client import Connect
from connectors.delete import delete
from connectors.settings import ConnectSettings
from connectors.source import PostgresSource
from connectors.wait import Deadline


@pytest.fixture
def own(stack, postgres_dsn, monkeypatch):
    """A connector of this test's own: another database, slot and topics than the running pipeline's. Gone afterwards."""
    name = f"t{uuid.uuid4().hex[:8]}"
    values = stack.env | {
        "CONNECT_NAME": f"cdc-{name}",
        "CONNECT_DB_NAME": str(conninfo_to_dict(postgres_dsn)["dbname"]),
        "CONNECT_TOPIC_PREFIX": name,
        "CONNECT_SLOT": name,
    }
    for key, value in values.items():
        if key.startswith("CONNECT_"):
            monkeypatch.setenv(key, value)
    settings = ConnectSettings()
    connect, source = Connect(settings.url, settings.name), PostgresSource(settings)
    with psycopg.connect(postgres_dsn, autocommit=True) as connection:
        yield SimpleNamespace(
            settings=settings, connect=connect, source=source, sql=connection, broker=stack.env["CDC_BROKER"], topic=f"{name}.public.tags"
        )
        delete(connect, source, settings, slot=True, offsets=True, deadline=Deadline(60))
    admin = AdminClient({"bootstrap.servers": stack.env["CDC_BROKER"]})
    topics = [topic for topic in admin.list_topics(timeout=10).topics if topic.endswith(f".{name}") or topic.startswith(f"{name}.")]
    if topics:  # a connector that never ran has none
        for done in admin.delete_topics(topics, operation_timeout=10).values():
            done.result(timeout=20)
