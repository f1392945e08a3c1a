"""The incremental snapshot by signal: what is asked, what is told meanwhile, and when it is over."""

import json

import pytest

from connectors.errors import CommandError, ConnectorFailedError, SourceMismatchError
from connectors.notifications import Notification, parse
from connectors.snapshot import Reader, check_tables, signal_data
from connectors.wait import Deadline
from tests.unit.connectors.fake_connect import slot

TABLES = ("items", "users")


class Told:
    """Notifications of the snapshot that was signalled last; what stands in `script` is told, then nothing more."""

    def __init__(self, source, script):
        self.source = source
        self.script = list(script)

    def next(self, _seconds):
        if not self.script:
            return None
        kind, data = self.script.pop(0)
        return Notification(list(self.source.signals)[-1], kind, data)


@pytest.fixture
def reader(fake, source, connect):
    fake.config = {"transforms.epoch.value.literal": "7"}
    fake.state = "RUNNING"
    fake.offsets = [{"lsn_proc": 500}]
    source.tables["cdc_signal"] = True
    source.found = slot()
    source.position = 400
    return lambda script, seconds=5: Reader(connect, source, Told(source, script), Deadline(seconds), print)


WELL = [
    ("STARTED", {}),
    ("IN_PROGRESS", {"current_collection_in_progress": "public.items", "chunk_index": "1", "total_chunks": "3"}),
    ("TABLE_SCAN_COMPLETED", {"scanned_collection": "public.items", "total_rows_scanned": "20000", "status": "SUCCEEDED"}),
    ("TABLE_SCAN_COMPLETED", {"scanned_collection": "public.users", "total_rows_scanned": "0", "status": "EMPTY"}),
    ("COMPLETED", {}),
]


def test_a_snapshot_is_taken_and_its_signal_forgotten(reader, source, capsys):
    taken = reader(WELL).take(TABLES, None)
    assert (taken.tables, taken.epoch, taken.lsn) == (TABLES, 7, 400)
    assert capsys.readouterr().out.splitlines() == [
        "snapshot started",
        "public.items: chunk 1 of 3",
        "public.items: 20,000 rows read",
        "public.users: 0 rows read",
        "snapshot completed",
    ]
    assert list(source.signals.values()) == [("execute-snapshot", signal_data(TABLES, None))]
    assert source.forgotten == list(source.signals)


@pytest.mark.parametrize(
    "offset", [{"lsn_proc": 399}, {"lsn_proc": 500, "incremental_snapshot_primary_key": "aced"}, {}], ids=["before", "under way", "none"]
)
def test_it_is_not_over_before_connect_has_recorded_its_end(reader, fake, offset):
    fake.offsets = [offset] if offset else []
    with pytest.raises(CommandError, match="not recorded the end"):
        reader(WELL, seconds=0.3).take(TABLES, None)


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ([("TABLE_SCAN_COMPLETED", {"scanned_collection": "public.items", "status": "SQL_EXCEPTION"})], "public.items: SQL_EXCEPTION"),
        ([("STARTED", {}), ("ABORTED", {})], "aborted"),
    ],
)
def test_a_snapshot_that_ends_badly_is_an_error(reader, source, script, words):
    with pytest.raises(ConnectorFailedError, match=words):
        reader(script).take(TABLES, None)
    assert source.forgotten


def test_a_snapshot_that_does_not_end_says_what_goes_on(reader):
    with pytest.raises(CommandError, match=r"not ended after 0.3 s.*goes on"):
        reader([("STARTED", {})], seconds=0.3).take(TABLES, None)


def test_another_ones_notifications_are_passed_over(reader, monkeypatch):
    made = reader([("STARTED", {}), ("COMPLETED", {})], seconds=0.3)
    monkeypatch.setattr(made.notifications, "next", lambda _: Notification("another", "COMPLETED", {}))
    with pytest.raises(CommandError, match="not begun"):
        made.take(TABLES, None)


def test_a_connector_that_does_not_capture_is_told_before_anything_is_signalled(reader, fake, source):
    fake.state = "PAUSED"
    with pytest.raises(ConnectorFailedError, match="PAUSED"):
        reader(WELL).take(TABLES, None)
    fake.state = "RUNNING"
    del source.tables["cdc_signal"]
    with pytest.raises(SourceMismatchError, match="cdc_signal"):
        reader(WELL).take(TABLES, None)
    assert not source.signals


def test_tables_are_checked_before_they_are_asked_for():
    assert check_tables([], TABLES, None) == TABLES
    assert check_tables(["users", "users"], TABLES, None) == ("users",)
    with pytest.raises(SourceMismatchError, match="nope"):
        check_tables(["users", "nope"], TABLES, None)
    for asked in ([], ["users", "items"]):
        with pytest.raises(SourceMismatchError, match="one table"):
            check_tables(asked, TABLES, "id < 3")
    condition = json.loads(signal_data(["users"], "id < 3"))["additional-conditions"]
    assert condition == [{"data-collection": "public.users", "filter": "id < 3"}]


@pytest.mark.parametrize("value", [None, b"", b"no json", b"[]", b'{"id": "1"}', b'{"id": "1", "type": "X", "aggregate_type": "Other"}'])
def test_what_is_no_notification_of_an_incremental_snapshot_is_none(value):
    assert parse(value) is None
