"""From a component's answer to samples: what the answer does not say is not there."""

import pytest

from connectors.client import Status
from monitor.prober.connector import connector_samples
from monitor.prober.replica_set import member_samples
from monitor.prober.slot import server_samples, slot_samples


def values(samples):
    return {(sample.family.name, *sample.labels): sample.value for sample in samples}


def test_a_slot():
    found = values(slot_samples((True, "extended", 100, 50, None)))
    assert found["cdc_slot_present",] == found["cdc_slot_active",] == 1
    assert found["cdc_slot_wal_status", "extended"] == 1
    assert sum(value for name, value in found.items() if name[0] == "cdc_slot_wal_status") == 1
    assert (found["cdc_slot_wal_retained_bytes",], found["cdc_slot_wal_unconfirmed_bytes",]) == (100, 50)
    assert ("cdc_slot_safe_wal_bytes",) not in found


def test_a_lost_slot_holds_back_nothing_that_is_known():
    found = values(slot_samples((False, "lost", None, None, None)))
    assert found.keys() == {("cdc_slot_present",), ("cdc_slot_active",)} | {
        ("cdc_slot_wal_status", status) for status in ("reserved", "extended", "unreserved", "lost")
    }


def test_no_slot():
    assert values(slot_samples(None)) == {("cdc_slot_present",): 0}


@pytest.mark.parametrize(("limit", "shown"), [(1024, {("cdc_slot_wal_limit_bytes",)}), (-1024 * 1024, set()), (None, set())])
def test_no_limit_is_no_number(limit, shown):
    assert values(server_samples((limit, None))).keys() - {("cdc_source_oldest_transaction_seconds",)} == shown


def test_a_connector():
    found = values(connector_samples(Status("RUNNING", ("RUNNING", "FAILED"), "trace")))
    assert {name[1] for name, value in found.items() if name[0] == "cdc_connector_state" and value} == {"running"}
    assert (found["cdc_connector_tasks", "running"], found["cdc_connector_tasks", "failed"]) == (1, 1)
    found = values(connector_samples(None))
    assert {name[1] for name, value in found.items() if value} == {"missing"}


def test_members():
    members = [{"name": "a", "stateStr": "SECONDARY"}, {"name": "b", "stateStr": "(not reachable/healthy)"}]
    found = values(member_samples({"members": members}))
    assert found["cdc_mongo_primary",] == 0
    assert (found["cdc_mongo_member_state", "a", "secondary"], found["cdc_mongo_member_state", "b", "down"]) == (1, 1)
