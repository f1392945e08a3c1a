"""Deleted stays deleted: after a rewind to the beginning, and where Kafka lost the deletes before anybody had read them."""

import json
import uuid

import psycopg
import pytest
from confluent_kafka import ConsumerGroupTopicPartitions, TopicPartition
from confluent_kafka.admin import AdminClient, OffsetSpec  # type: ignore[attr-defined]  # its stubs forget it

from monitor.verify import Effort, VerifySettings, verify
from tests.e2e.api import until

TABLES = ("users", "items", "tags", "item_tags")


@pytest.fixture(scope="module")
def seeded(stack):
    stack.exec("python", "scripts/seed.py", "--users", "100", "--items", "1500", "--tags", "20", "--seed", "5")
    return stack.env["VERIFY_POSTGRES_DSN"]


@pytest.fixture
def admin(stack):
    return AdminClient({"bootstrap.servers": stack.env["CDC_BROKER"]})


def report(stack, seconds=60):
    settings = VerifySettings(
        postgres_dsn=stack.env["VERIFY_POSTGRES_DSN"], mongo_uri=stack.env["CDC_MONGO_URI"], mongo_db=stack.env["CDC_MONGO_DB"]
    )
    return verify(settings, effort=Effort(recheck_seconds=seconds))


def places(stack):
    partitions = int(stack.env["CONNECT_PARTITIONS"])
    return [TopicPartition(f"{stack.env['CDC_TOPIC_PREFIX']}.public.{table}", n) for table in TABLES for n in range(partitions)]


def ends(admin, stack):
    asked = admin.list_offsets(dict.fromkeys(places(stack), OffsetSpec.latest()))
    return {(place.topic, place.partition): future.result(20).offset for place, future in asked.items()}


def committed(admin, stack):
    group = ConsumerGroupTopicPartitions(stack.env["CDC_GROUP"], places(stack))
    (future,) = admin.list_consumer_group_offsets([group]).values()
    return {(p.topic, p.partition): max(0, p.offset) for p in future.result(20).topic_partitions}


def groups_members(admin, stack):
    (future,) = admin.describe_consumer_groups([stack.env["CDC_GROUP"]]).values()
    return len(future.result(20).members)


def set_offsets(admin, stack, offsets):
    to = [TopicPartition(topic, number, offset) for (topic, number), offset in offsets.items()]
    (future,) = admin.alter_consumer_group_offsets([ConsumerGroupTopicPartitions(stack.env["CDC_GROUP"], to)]).values()
    future.result(20)


@pytest.mark.timeout(240)
def test_a_rewind_to_the_beginning_changes_nothing(stack, seeded, admin):
    with psycopg.connect(seeded, autocommit=True) as connection:
        connection.execute("DELETE FROM items WHERE id % 7 = 0")
        connection.execute("UPDATE users SET name = name || '!' WHERE id % 9 = 0")
    assert report(stack).ok
    until(lambda: committed(admin, stack), lambda found: found == ends(admin, stack))
    stack.supervisor.stop_program("worker-1")
    until(lambda: groups_members(admin, stack), lambda members: members == 0)
    set_offsets(admin, stack, dict.fromkeys(ends(admin, stack), 0))
    wanted = ends(admin, stack)
    stack.supervisor.start_program("worker-1")
    until(lambda: committed(admin, stack), lambda found: found == wanted)
    assert report(stack).ok


@pytest.mark.timeout(240)
def test_what_kafka_lost_unread_is_repaired_by_a_snapshot(stack, seeded, admin):
    assert report(stack).ok
    stack.supervisor.stop_program("worker-1")
    before = ends(admin, stack)
    with psycopg.connect(seeded, autocommit=True) as connection:
        gone = connection.execute("DELETE FROM items WHERE id % 11 = 3 RETURNING id").fetchall()
        connection.execute("UPDATE items SET title = 'changed unseen' WHERE id % 11 = 4")
        connection.execute("INSERT INTO users (name, email) VALUES ('unseen', %s)", [f"{uuid.uuid4()}@example.org"])
    assert gone
    wanted = until(lambda: ends(admin, stack), lambda found: sum(found.values()) >= sum(before.values()) + 2 * len(gone))
    for future in admin.delete_records([TopicPartition(topic, number, offset) for (topic, number), offset in wanted.items()]).values():
        future.result(20)
    stack.supervisor.start_program("worker-1")
    assert not report(stack, seconds=0).ok

    answer = json.loads(stack.exec("python", "-m", "connectors", "snapshot", "--json", "--timeout", "120", timeout=150).stdout)
    assert answer["buried"]["items"] >= len(gone)
    assert report(stack).ok
