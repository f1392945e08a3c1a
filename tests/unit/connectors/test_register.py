import pytest

from connectors.errors import ConnectorFailedError, SourceMismatchError
from connectors.marks import GAP_KEY, SNAPSHOT_KEY
from connectors.register import register
from connectors.template import EPOCH_KEY
from connectors.wait import Deadline
from tests.unit.connectors.fake_connect import slot


@pytest.fixture
def run(connect, source, settings):
    def call(epoch=None, timeout=5.0, say=lambda _: None):
        return register(connect, source, settings, epoch=epoch, deadline=Deadline(timeout, say))

    return call


def changes(fake):
    return [(method, path.rpartition("/")[2]) for method, path in fake.requests if method != "GET"]


def test_a_new_connector_is_looked_at_before_it_runs(run, fake):
    done = run(epoch=9)
    assert (done.action, done.phase, done.epoch, done.note) == ("created", "streaming", 9, None)
    assert changes(fake) == [("POST", "connectors"), ("PUT", "config"), ("PUT", "resume")]
    assert (fake.config[EPOCH_KEY], fake.config[SNAPSHOT_KEY]) == ("9", "9")


def test_one_that_goes_on_from_a_position_is_not_marked_as_a_snapshot(run, fake, source):
    # Sweeping after it would bury every row that is there.
    fake.offsets, source.found = [{"lsn": 1}], slot(active=False)
    assert run(epoch=9).action == "created"
    assert SNAPSHOT_KEY not in fake.config
    assert run(epoch=10).action == "updated"
    assert SNAPSHOT_KEY not in fake.config


def test_a_larger_epoch_while_streaming_keeps_the_mark_of_the_snapshot(run, fake):
    run(epoch=9)
    fake.offsets = [{"lsn": 1}]
    run(epoch=10)
    assert (fake.config[EPOCH_KEY], fake.config[SNAPSHOT_KEY]) == ("10", "9")


def test_a_connector_whose_offsets_were_deleted_gets_a_new_epoch(run, fake, connect):
    # Its snapshot would lose against everything streamed in the old one.
    run(epoch=9)
    connect.stop()
    assert run().epoch > 9
    assert fake.config[SNAPSHOT_KEY] == fake.config[EPOCH_KEY]


def test_a_connector_with_a_gap_is_not_run(run, fake):
    run(epoch=9)
    fake.config[GAP_KEY] = "rows are missing"
    with pytest.raises(SourceMismatchError, match="rows are missing") as caught:
        run()
    assert "make recover" in caught.value.next_step


def test_registering_again_changes_nothing_and_keeps_the_epoch(run, fake):
    run(epoch=9)
    fake.offsets = [{"lsn": 1}]
    fake.requests.clear()
    done = run()
    assert (done.action, done.phase, done.epoch) == ("unchanged", "streaming", 9)
    assert changes(fake) == []


def test_another_configuration_goes_in_while_the_connector_is_stopped(run, fake):
    run(epoch=9)
    fake.config["poll.interval.ms"] = "500"
    fake.requests.clear()
    assert run().action == "updated"
    assert changes(fake) == [("PUT", "stop"), ("PUT", "config"), ("PUT", "resume")]
    assert fake.config["poll.interval.ms"] == "10"


def test_a_stopped_connector_is_resumed(run, fake, connect):
    run()
    connect.stop()
    assert run().action == "resumed"
    assert fake.state == "RUNNING"


def test_a_failed_connector_is_restarted(run, fake, connect, source):
    run()
    fake.fail_with = "org.postgresql.util.PSQLException: no\n\tat somewhere"
    source.found = slot(active=False)
    restart = connect.restart

    def mend(*, only_failed):
        fake.fail_with = ""
        restart(only_failed=only_failed)

    connect.restart = mend
    assert run().action == "restarted"


def test_what_failed_is_said_in_connects_words_without_the_java_frames(run, fake):
    fake.fail_with = "ConnectException: cannot\n\tat a.b\n\tat c.d\nCaused by: PSQLException: role has no REPLICATION\n\t... 3 more"
    with pytest.raises(ConnectorFailedError) as caught:
        run(timeout=0.3)
    assert "ConnectException: cannot\n  Caused by: PSQLException: role has no REPLICATION" in str(caught.value)
    assert "at a.b" not in str(caught.value)


def test_running_is_not_enough_when_the_slot_is_not_in_use(run, fake, source):
    source.streams = False
    fake.offsets = [{"lsn": 1}]
    source.found = slot(active=False)
    with pytest.raises(ConnectorFailedError, match=r"not capturing after 0\.3 s: connector RUNNING"):
        run(timeout=0.3)


def test_a_long_snapshot_is_no_failure(run, source):
    source.streams = False
    assert run(timeout=0.3).phase == "snapshot"


def test_a_rebalance_is_waited_for(run, fake):
    fake.busy = 2
    assert run().action == "created"


def test_a_position_without_a_slot_stops_before_anything_runs(run, fake):
    fake.offsets = [{"lsn": 1}]
    with pytest.raises(SourceMismatchError, match="is gone"):
        run()
    assert fake.state == "STOPPED"
    with pytest.raises(SourceMismatchError, match="is gone"):
        run()


def test_a_left_over_slot_is_told(run, source):
    source.found = slot(active=False)
    assert "snapshot is taken again" in run().note


def test_an_unpublished_table_stops_before_connect_is_asked(run, fake, source):
    del source.tables["tags"]
    with pytest.raises(SourceMismatchError, match="tags"):
        run()
    assert fake.requests == []


def test_a_long_wait_says_what_it_waits_for(run, source):
    source.streams = False
    said: list[str] = []
    run(timeout=2.5, say=said.append)
    assert said == ["waiting for cdc-postgres to capture: connector RUNNING, task RUNNING, slot not in use yet"]
