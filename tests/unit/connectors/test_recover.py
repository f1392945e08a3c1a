import contextlib
import itertools
import threading

import pytest

from connectors import again, cli
from connectors import recover as recovery
from connectors.errors import CommandError, ConnectorFailedError, ConnectorMissingError, NotAgreedError
from connectors.marks import GAP_KEY
from connectors.recover import Recovery
from connectors.register import register
from connectors.template import EPOCH_KEY
from connectors.wait import Deadline
from tests.unit.connectors.fake_connect import slot

STREAMED = [{"lsn": 5}]


class KilledError(Exception):
    pass


@pytest.fixture
def recover(connect, source, settings):
    def call(*, agree=True, sweep=lambda _: {"items": 2}, seconds=5.0, connect=connect):
        return Recovery(connect, source, settings, lambda _: agree, sweep, lambda _: None).run(Deadline(seconds))

    return call


@pytest.fixture
def running(connect, source, settings, fake):
    """A connector that streams in epoch 9; once it is made anew it streams again after its snapshot."""
    register(connect, source, settings, epoch=9, deadline=Deadline(5))
    fake.offsets = STREAMED
    fake.offsets_when_running = STREAMED
    return fake


@pytest.fixture
def impatient(monkeypatch):
    for name in ("RESTART_SECONDS", "LOOK_SECONDS"):
        monkeypatch.setattr(recovery, name, 0.0)


def test_nothing_wrong_changes_nothing(recover, running):
    running.requests.clear()
    done = recover()
    assert done.done == ["removed 2 rows deleted meanwhile"]
    assert {method for method, _ in running.requests} == {"GET"}


@pytest.mark.parametrize("state", ["PAUSED", "STOPPED"])
def test_what_was_paused_is_resumed(recover, running, source, state):
    running.state = state
    source.follow(running)
    assert recover().done[0] == "resumed the connector, epoch 9"


def test_a_connect_that_does_not_know_it_for_a_moment_is_asked_again(recover, running, source, connect):
    running.state = "PAUSED"
    source.follow(running)
    offsets, denials = connect.offsets, iter([None, ConnectorMissingError("404", "")])

    def denying():
        if error := next(denials, None):
            raise error
        return offsets()

    connect.offsets = denying
    assert recover().done[0] == "resumed the connector, epoch 9"


def test_what_failed_is_restarted(recover, running, connect, impatient):
    running.fail_with = "boom"
    restart = connect.restart

    def mend(*, only_failed):
        running.fail_with = ""
        restart(only_failed=only_failed)

    connect.restart = mend
    assert recover(sweep=lambda _: {}).done == ["restarted what was FAILED"]


def test_what_stays_failed_is_said(recover, running, impatient):
    running.fail_with = "Caused by: no password"
    with pytest.raises(ConnectorFailedError, match="no password"):
        recover()
    assert running.offsets == STREAMED


def test_a_task_that_runs_for_a_moment_is_not_believed(recover, running, connect, monkeypatch):
    monkeypatch.setattr(recovery, "RESTART_SECONDS", 0.3)
    monkeypatch.setattr(recovery, "LOOK_SECONDS", 0.05)
    running.fail_with, restart = "Caused by: late", connect.restart

    def runs_for_a_moment(*, only_failed):
        running.fail_with = ""
        restart(only_failed=only_failed)
        threading.Timer(0.1, lambda: running.__dict__.update(fail_with="Caused by: late")).start()

    connect.restart = runs_for_a_moment
    with pytest.raises(ConnectorFailedError, match="late"):
        recover()


def test_a_place_in_the_log_that_is_not_found_again_is_a_gap(recover, running, connect, impatient):
    running.fail_with = f"Caused by: Message with LSN 'LSN{{0/2}}' {recovery.NO_PLACE} '[LSN{{0/1}}]'."
    with pytest.raises(NotAgreedError, match="does not find its place in the log"):
        recover(agree=False)
    forget = connect.delete_offsets

    def mend():
        running.fail_with = ""
        forget()

    connect.delete_offsets = mend
    done = recover()
    assert done.epoch > 9
    assert done.buried == {"items": 2}


def test_a_missing_connector_is_registered(recover, fake, source):
    fake.offsets_when_running = STREAMED
    assert recover().done[0].startswith("created the connector")


def test_a_gap_needs_an_agreement(recover, running, source):
    source.found = None
    with pytest.raises(NotAgreedError, match="is gone") as caught:
        recover(agree=False)
    assert "YES=1" in caught.value.next_step
    assert running.offsets == STREAMED


@pytest.mark.parametrize("lost", [None, slot(active=False, wal_status="lost"), slot(active=False, confirmed=6)])
def test_a_gap_begins_again_in_a_larger_epoch(recover, running, source, lost):
    source.found = lost
    done = recover()
    assert done.epoch > 9
    assert done.buried == {"items": 2}
    assert running.config[EPOCH_KEY] == str(done.epoch)
    assert GAP_KEY not in running.config


def test_killed_after_any_request_it_goes_on_where_it_was(running, source, settings, recover, connect):
    for number in itertools.count(1):
        source.found, running.offsets, running.state = None, STREAMED, "RUNNING"
        running.config = {key: value for key, value in running.config.items() if key != GAP_KEY} | {EPOCH_KEY: "9"}
        left = itertools.count(number, -1)
        request, whole = connect._request, True

        def dying(method, path, body=None, left=left, request=request):
            nonlocal whole
            if method != "GET" and next(left) == 0:
                whole = False
                raise KilledError
            return request(method, path, body)

        connect._request = dying
        with contextlib.suppress(KilledError):
            recover()
        connect._request = request
        assert recover().epoch > 9, number
        if whole:
            break
    assert number > 5


def test_the_command_asks_nobody_without_a_terminal(running, source, monkeypatch, capsys):
    monkeypatch.setattr(cli, "PostgresSource", lambda _settings: source)
    monkeypatch.setattr(again, "sweep_orphans", lambda *_, **__: {})
    source.found = None
    assert cli.main(["recover"]) == 1
    assert "make recover YES=1" in capsys.readouterr().err
    assert cli.main(["recover", "--yes", "--json"]) == 0


def test_it_gives_up_at_the_deadline(recover, running, source):
    source.streams = False
    source.found = slot(active=False)
    with pytest.raises(CommandError, match="does not stream"):
        recover(seconds=0.5)
