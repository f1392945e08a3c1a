"""A worker that stands still without knowing it is ended by its watchdog, and one that is told to stop ends; the next goes on."""

import time
import uuid

import psycopg
import pytest
from confluent_kafka import Consumer, TopicPartition

from cdc_consumer.crash_points import ACTIONS
from cdc_consumer.offsets import GroupOffsets
from cdc_consumer.readmodel.documents import DOCUMENTS
from cdc_consumer.readmodel.routes import captured_tables
from stack.probes import mongo_client
from tests.e2e.api import until
from tests.e2e.outage.faults import frozen, serves_again
from tests.e2e.workers import worker

SECONDS = 60
DIED = 70  # the exit code of `death`
STOPS = 25  # seconds: `death.STOPPING`, and what a busy machine adds


@pytest.mark.parametrize("action", sorted({"hang", "block"} & ACTIONS.keys()))
def test_a_worker_that_stands_still_is_ended_and_the_next_one_goes_on(stack, action):
    name = f"stalled_{uuid.uuid4().hex[:8]}"
    own = {"CDC_GROUP": name, "CDC_MONGO_DB": name, "CDC_WORKER": name}
    begin_at_the_end(stack, name)  # of what all the other tests have written
    write_items(stack, name)
    with worker(stack, {**own, "CDC_WATCHDOG_SECONDS": "5", "CDC_CRASH_AT": f"after_fetch:1:{action}"}) as stalled:
        assert stalled.wait(SECONDS) == DIED
    with worker(stack, own):
        until_shown(stack, name)


def test_a_worker_that_is_told_to_stop_while_kafka_does_not_answer_ends_by_itself(stack):
    name = f"stopped_{uuid.uuid4().hex[:8]}"
    begin_at_the_end(stack, name)
    with worker(stack, {"CDC_GROUP": name, "CDC_MONGO_DB": name, "CDC_WORKER": name}) as told:
        write_items(stack, name)
        until_shown(stack, name)
        with frozen(stack, "kafka"):
            time.sleep(3)  # what is shown is confirmed, and its offsets are to be committed
            told.terminate()
            assert told.wait(STOPS) == DIED
        serves_again(stack, "kafka")
        serves_again(stack, "connector")


def write_items(stack, name):
    """Fifty items of an owner of that name."""
    with psycopg.connect(stack.env["VERIFY_POSTGRES_DSN"], autocommit=True) as connection:
        connection.execute(
            "WITH owner AS (INSERT INTO users (name, email) VALUES (%s, %s) RETURNING id)"
            " INSERT INTO items (owner_id, title, price) SELECT owner.id, %s, 1 FROM owner, generate_series(1, 50)",
            [name, name, f"after the end {name}"],
        )


def until_shown(stack, name):
    """All of them are in the database of that name."""
    with mongo_client(stack.env["CDC_MONGO_URI"]) as client:
        items = client[name]["items_read"]
        until(lambda: items.count_documents({"title": f"after the end {name}", "owner.name": name}), lambda found: found == 50)


def begin_at_the_end(stack, group):
    """Commit the ends of all topics for a group that has not begun."""
    offsets = GroupOffsets(stack.env["CDC_BROKER"], group)
    ends = offsets.ends([f"cdc.public.{table}" for table in captured_tables(DOCUMENTS)])
    offsets.close()
    consumer = Consumer({"bootstrap.servers": stack.env["CDC_BROKER"], "group.id": group, "enable.auto.commit": False})
    consumer.commit(offsets=[TopicPartition(topic, number, end) for (topic, number), end in ends.items()], asynchronous=False)
    consumer.close()
