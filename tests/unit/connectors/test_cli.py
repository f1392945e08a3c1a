import json

import pytest

from connectors import cli, commands


@pytest.fixture(autouse=True)
def postgres(monkeypatch, source, settings):
    """The commands meet the fake source; Connect's address is in the environment."""
    monkeypatch.setattr(cli, "PostgresSource", lambda _settings: source)


def answer(capsys):
    return json.loads(capsys.readouterr().out)


def test_a_life(capsys, fake):
    assert cli.main(["register", "--epoch", "3", "--json"]) == 0
    assert answer(capsys) == {"name": "cdc-postgres", "action": "created", "epoch": 3, "phase": "streaming", "note": None}
    for command, state in (("pause", "PAUSED"), ("resume", "RUNNING"), ("restart", "RUNNING")):
        assert cli.main([command, "--json"]) == 0
        assert answer(capsys)["connector"] == state
    assert cli.main(["status", "--json"]) == 0
    assert (status := answer(capsys))["slot"]["active"]
    assert status["epoch"] == 3
    assert cli.main(["delete", "--slot", "--offsets"]) == 0
    assert "slot dropped" in capsys.readouterr().out
    assert fake.config is None


def test_the_password_is_never_shown(capsys):
    for command in ("register", "status"):
        cli.main([command])
        cli.main([command, "--json"])
    shown = capsys.readouterr()
    assert 'a"$b' not in shown.out + shown.err


def test_status_without_a_connector_says_what_to_do(capsys):
    assert cli.main(["status"]) == 1
    assert "python -m connectors register" in capsys.readouterr().err


def test_a_failed_task_is_bad_status_with_its_trace(capsys, fake):
    cli.main(["register"])
    fake.fail_with = "boom\n\tat x"
    assert cli.main(["status"]) == 1
    assert "boom" in capsys.readouterr().out


def test_an_error_is_json_too(capsys, fake):
    fake.offsets = [{"lsn": 1}]
    assert cli.main(["register", "--json"]) == 1
    assert "make recover" in answer(capsys)["next_step"]


@pytest.mark.parametrize("command", list(commands.COMMANDS))
def test_every_command_has_help(command, capsys):
    with pytest.raises(SystemExit) as left:
        cli.main([command, "--help"])
    assert left.value.code == 0
    assert "--timeout" in capsys.readouterr().out
