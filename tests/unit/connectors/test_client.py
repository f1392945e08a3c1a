import socket

import pytest

from connectors.client import Connect
from connectors.errors import ConnectBusyError, ConnectorMissingError, ConnectRefusedError, ConnectUnreachableError

CONFIG = {"connector.class": "x"}


def test_a_missing_connector_has_no_config_and_no_status(connect):
    assert connect.config() is None
    with pytest.raises(ConnectorMissingError, match="404: Connector cdc-postgres not found"):
        connect.status()


def test_a_created_connector_does_nothing_yet(connect):
    connect.create_stopped(CONFIG)
    assert connect.config() == CONFIG
    status = connect.status()
    assert (status.connector, status.tasks, status.running) == ("STOPPED", (), False)


def test_states_and_the_trace_of_what_failed(connect, fake):
    connect.create_stopped(CONFIG)
    connect.resume()
    assert connect.status().running
    fake.fail_with = "boom"
    status = connect.status()
    assert (status.failed, status.running, status.trace) == (True, False, "boom")


def test_offsets_come_without_their_wrapping(connect, fake):
    connect.create_stopped(CONFIG)
    fake.offsets = [{"lsn": 3}]
    assert connect.offsets() == [{"lsn": 3}]
    connect.delete_offsets()
    assert connect.offsets() == []


def test_connects_own_message_is_kept(connect):
    with pytest.raises(ConnectRefusedError, match="Connector configuration is invalid"):
        connect.create_stopped({})


@pytest.mark.parametrize(
    "refusal",
    [
        (409, "rebalance in progress"),
        # Seen of `stop` just after Connect was started: recover gave up, though a moment later all was well.
        (500, "Request cannot be completed because a rebalance is expected"),
    ],
)
def test_busy_is_its_own_error(refusal, connect, fake):
    fake.busy, fake.refusal = 1, refusal
    with pytest.raises(ConnectBusyError):
        connect.config()


def test_any_other_error_of_the_server_is_not_busy(connect, fake):
    fake.busy, fake.refusal = 1, (500, "NullPointerException")
    with pytest.raises(ConnectRefusedError) as caught:
        connect.config()
    assert not isinstance(caught.value, ConnectBusyError)


def test_nobody_there():
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{closed.getsockname()[1]}"
        with pytest.raises(ConnectUnreachableError, match="does not answer") as caught:
            Connect(url, "n", timeout=1).config()
    assert "make status" in caught.value.next_step


def test_somebody_who_never_answers_is_given_up():
    with socket.create_server(("127.0.0.1", 0)) as mute, pytest.raises(ConnectUnreachableError):
        Connect(f"http://127.0.0.1:{mute.getsockname()[1]}", "n", timeout=0.2).config()
