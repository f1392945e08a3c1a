"""A new version of the worker reads a table that the one before did not: its records come, without an operator and without a wait."""

from __future__ import annotations

import contextlib
import re
import uuid

import pytest

from stack.probes import mongo_client
from tests.e2e.api import until
from tests.e2e.workers import worker

BEFORE = {"CDC_DOCUMENTS": "cdc_consumer.readmodel.documents:FOR_CLIENTS"}
AFTER = {"CDC_DOCUMENTS": "cdc_consumer.readmodel.documents:DOCUMENTS"}  # with the prober's canaries


@pytest.fixture
def own(stack):
    """Settings of a group and a database of its own."""
    name = f"upgrade_{uuid.uuid4().hex[:8]}"
    with mongo_client(stack.env["CDC_MONGO_URI"]) as client:
        yield {"CDC_GROUP": name, "CDC_MONGO_DB": name}, client[name]
        client.drop_database(name)


def rebalances(stack, group):
    """How often Kafka has shared the group's partitions anew."""
    return max(map(int, re.findall(rf"Stabilized group {group} generation (\d+)", (stack.directory / "log" / "kafka.log").read_text())))


def canaries(database):
    return database.canary_read.count_documents({})


def test_a_worker_that_is_restarted_with_one_more_table_reads_it(stack, own):
    settings, database = own
    with worker(stack, {**settings, **BEFORE, "CDC_WORKER": "only"}):
        pass  # a static member: for Kafka it is still there when the next one comes
    with worker(stack, {**settings, **AFTER, "CDC_WORKER": "only"}):
        until(lambda: canaries(database), bool)


def test_workers_that_are_replaced_one_by_one_read_it_from_the_first_on(stack, own):
    settings, database = own
    with contextlib.ExitStack() as old:
        old.enter_context(worker(stack, {**settings, **BEFORE, "CDC_WORKER": "second"}))
        with worker(stack, {**settings, **BEFORE, "CDC_WORKER": "first"}):
            pass
        with worker(stack, {**settings, **AFTER, "CDC_WORKER": "first"}):
            until(lambda: canaries(database), bool)
            old.close()
            with worker(stack, {**settings, **AFTER, "CDC_WORKER": "second"}) as process:
                assert process.poll() is None
                until(lambda: canaries(database) == 4, bool)
    assert rebalances(stack, settings["CDC_GROUP"]) <= 6  # one for each worker that came, and what two that meet may add
