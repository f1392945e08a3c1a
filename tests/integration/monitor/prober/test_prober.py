"""The stack's own prober, while everything is well and while each component in turn is frozen."""

import json
import time
from typing import Any

import pytest
from confluent_kafka import Consumer, TopicPartition

from monitor.prober.partition import canary_ids
from stack.probes import mongo_client
from tests.integration.monitor.prober.seeing import APPLIED, oldest, scrape
from tests.waiting import eventually

NOTICED, BACK = 10, 60
"""Seconds: until it must be told that a component is away, and until everything must be well again."""

# Program -> the target that is down, and what nobody can know then.
FROZEN = {
    "mongo": ("mongo", "cdc_mongo_primary"),
    "connect": ("connect", "cdc_connector_state"),
    "kafka": ("kafka", "cdc_consumer_lag_records"),
    "postgres": ("postgres", "cdc_slot_active"),
    "worker-1": ("worker", None),
}


def test_a_canary_arrives_in_every_partition(stack):
    now = time.time()
    eventually(lambda: oldest(stack) > now, seconds=30, what="a new row in every partition")
    found = scrape(stack)
    assert {labels["canary"] for labels, _ in found.all(APPLIED)} == {"0", "1", "2", "3"}
    assert all(found.one("cdc_canary_roundtrip_seconds_count", canary=str(n)) for n in range(4))
    with mongo_client(stack.env["CDC_MONGO_URI"]) as client:
        ids = {document["_id"] for document in client[stack.env["CDC_MONGO_DB"]].canary_read.find({}, {"_id": 1})}
    assert set(canary_ids(4)) <= ids


# Computed from the key; this is what Connect's producer really did.
def test_each_canary_is_in_its_partition_of_the_topic(stack):
    topic = f"{stack.env['CDC_TOPIC_PREFIX']}.public.cdc_canary"
    consumer = Consumer({"bootstrap.servers": stack.env["CDC_BROKER"], "group.id": "canary-test", "enable.auto.commit": False})
    found: dict[int, set[Any]] = {}
    try:
        consumer.assign([TopicPartition(topic, number, 0) for number in range(4)])
        deadline = time.monotonic() + 30
        while set(found) != {0, 1, 2, 3}:
            assert time.monotonic() < deadline, found
            for message in consumer.consume(100, timeout=1):
                assert not message.error()
                found.setdefault(message.partition() or 0, set()).add(json.loads(message.key() or b"")["id"])
    finally:
        consumer.close()
    own = canary_ids(4)
    assert {number: ids & set(own) for number, ids in found.items()} == {number: {own[number]} for number in range(4)}


def test_everything_is_told_while_all_is_well(stack):
    eventually(lambda: scrape(stack).all("cdc_dead_letters_waiting"), seconds=30, what="a look at the dead letters")
    everything = {"postgres", "kafka", "connect", "mongo", "worker", "api", "redis", "prometheus"}
    # Prometheus starts after the first canary has arrived.
    eventually(
        lambda: {labels["target"] for labels, value in scrape(stack).all("cdc_probe_up") if value} == everything,
        seconds=30,
        what="every component up",
    )
    found = scrape(stack)
    assert found.state("cdc_connector_state") == "running"
    assert found.state("cdc_mongo_member_state") == "primary"
    assert (found.one("cdc_slot_present"), found.one("cdc_slot_active"), found.one("cdc_mongo_primary")) == (1, 1, 1)
    assert found.one("cdc_slot_wal_limit_bytes") == 8192 * 2**20
    assert found.one("cdc_consumer_group_members") == 1
    assert {labels["partition"] for labels, _ in found.all("cdc_consumer_lag_records")} == {"0", "1", "2", "3"}
    for name in (
        "cdc_slot_wal_retained_bytes",
        "cdc_slot_wal_unconfirmed_bytes",
        "cdc_slot_safe_wal_bytes",
        "cdc_mongo_oplog_window_seconds",
    ):
        assert (found.one(name) or 0) >= 0
        assert found.all(name)


@pytest.mark.parametrize("program", FROZEN)
def test_a_frozen_component_is_told_within_seconds_and_nothing_is_lost(stack, program):
    target, unknown = FROZEN[program]
    before = scrape(stack)
    pid = stack.status()["prober"]["pid"]
    # Postgres is stopped: a signal reaches its first process alone, and those that serve connections would go on.
    postgres = program == "postgres"
    stack.supervisor.stop_program(program) if postgres else stack.supervisor.signal_program(program, "STOP")
    try:
        eventually(
            lambda: (now := scrape(stack)).one("cdc_probe_up", target=target) == 0 and not (unknown and now.all(unknown)),
            seconds=NOTICED,
            what=f"{target} down and {unknown} unknown",
        )
        others = {labels["target"] for labels, value in scrape(stack).all("cdc_probe_up") if value}
        assert others >= {"redis", "prometheus"}, "one that hangs blinds none of the others"
    finally:
        stack.supervisor.start_program(program) if postgres else stack.supervisor.signal_program(program, "CONT")
    back = time.time()
    eventually(lambda: scrape(stack).one("cdc_probe_up", target=target) == 1, seconds=BACK, what=f"{target} up")
    eventually(lambda: oldest(stack) > back, seconds=BACK, what="new rows in every partition")
    after = scrape(stack)
    assert unknown is None or after.all(unknown)
    assert stack.status()["prober"]["pid"] == pid
    assert after.all("cdc_canary_lost_total") == before.all("cdc_canary_lost_total")


def test_numbers_go_on_when_the_prober_is_killed(stack):
    before = stack.status()["prober"]["pid"]

    def top():
        with mongo_client(stack.env["CDC_MONGO_URI"]) as client:
            return max(document["seq"] for document in client[stack.env["CDC_MONGO_DB"]].canary_read.find())

    was = top()
    stack.supervisor.signal_program("prober", "KILL")
    eventually(lambda: (row := stack.status()["prober"])["ready"] and row["pid"] != before, seconds=60, what="the prober ready again")
    assert top() > was
    found = scrape(stack)
    assert all(value == 0 for _, value in found.all("cdc_canary_reordered_total"))
    assert all(value > 0 for _, value in found.all("cdc_canary_emitted_total"))
