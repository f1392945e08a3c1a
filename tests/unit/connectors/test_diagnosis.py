import pytest

from connectors.client import Status
from connectors.diagnosis import Kind, Look, diagnose
from connectors.marks import GAP_KEY, SNAPSHOT_KEY
from connectors.settings import ConnectSettings
from connectors.template import EPOCH_KEY
from tests.unit.connectors.fake_connect import slot

IN_USE = slot()
RUNNING = Status("RUNNING", ("RUNNING",), "")
STREAMED, IN_SNAPSHOT = [{"lsn": 5}], [{"lsn": 5, "snapshot": "INITIAL", "snapshot_completed": False}]
CONFIG = {"table.include.list": "public.items,public.users", EPOCH_KEY: "9", SNAPSHOT_KEY: "8"}
PUBLISHED = {"items": True, "users": True}
TRACE = "DebeziumException: no\n\tat a.b\nCaused by: X: first\n\tat c.d\nCaused by: Y: the cause\n"


def found(*, config=CONFIG, status=RUNNING, offsets=STREAMED, at=IN_USE, published=PUBLISHED):
    return diagnose(Look(config, status, offsets, at, published), ConnectSettings())


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ({}, Kind.STREAMING),
        ({"config": None}, Kind.MISSING),
        ({"status": None}, Kind.STARTING),
        ({"status": Status("RUNNING", (), "")}, Kind.STARTING),
        ({"offsets": []}, Kind.STARTING),
        ({"at": slot(active=False, confirmed=5)}, Kind.STARTING),
        ({"offsets": IN_SNAPSHOT, "at": None}, Kind.SNAPSHOT),
        ({"status": Status("PAUSED", ("PAUSED",), "")}, Kind.PAUSED),
        ({"status": Status("STOPPED", (), "")}, Kind.STOPPED),
        ({"status": Status("RUNNING", ("FAILED",), TRACE)}, Kind.FAILED),
        ({"status": Status("FAILED", (), TRACE)}, Kind.FAILED),
    ],
)
def test_states(change, kind):
    assert found(**change).kind is kind


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"at": None}, "is gone"),
        ({"at": slot(wal_status="lost")}, "is lost"),
        ({"at": slot(wal_status="lost"), "offsets": []}, "is lost"),
        ({"at": slot(active=False, confirmed=6)}, "made anew or advanced"),
        ({"published": {"users": True}}, "does not hold items"),
        ({"config": CONFIG | {GAP_KEY: "noted before"}}, "noted before"),
    ],
)
@pytest.mark.parametrize("status", [RUNNING, Status("STOPPED", (), ""), Status("RUNNING", ("FAILED",), TRACE)])
def test_a_gap_is_a_gap_whatever_the_state(change, reason, status):
    diagnosis = found(status=status, **change)
    assert diagnosis.kind is Kind.GAP
    assert reason in diagnosis.reason


def test_what_failed_is_told_from_its_cause():
    diagnosis = found(status=Status("RUNNING", ("FAILED",), TRACE))
    assert (diagnosis.cause, diagnosis.reason) == ("task", "The task is FAILED: Caused by: Y: the cause")


def test_epochs_come_from_the_configuration():
    assert (found().epoch, found().snapshot_epoch) == (9, 8)


def test_an_unpublished_table_is_no_gap_before_anything_streamed():
    assert found(offsets=IN_SNAPSHOT, published={}).kind is Kind.SNAPSHOT
