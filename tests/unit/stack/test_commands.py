"""The command line and the words it ends with."""

import io
import os
import socket
import subprocess

import pytest
from rich.console import Console

from stack import cli
from stack.errors import NotReadyError, StackError
from stack.explain import explain
from stack.guard import watch
from stack.lock import locked
from stack.ports import await_free, free
from stack.probes import brief, fetch
from stack.report import TerminalReport
from stack.seeding import Amounts
from stack.services import without_password


def said(error):
    text = io.StringIO()
    explain(error, Console(file=text, width=300))
    return text.getvalue()


def test_a_failure_shows_the_logs_end_the_reason_and_the_next_step(tmp_path):
    log = tmp_path / "kafka.log"
    log.write_text("".join(f"line {n}\n" for n in range(100)))
    text = said(StackError("kafka [does] not serve", advice="make logs S=kafka", log=log))
    assert "line 79" not in text
    assert "line 80" in text
    assert "kafka [does] not serve" in text
    assert text.rstrip().endswith("make logs S=kafka")


def test_a_log_that_is_not_there_hides_nothing(tmp_path):
    assert "No such file" in said(StackError("broken", log=tmp_path / "none.log"))


@pytest.mark.parametrize("command", [["status"], ["down"], ["logs"], ["reset", "--yes"], ["exec", "--", "env"], ["urls"]])
def test_commands_on_a_stack_that_never_was_say_how_to_start_one(command, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("STACK_DIR", str(tmp_path / "none"))
    assert cli.main(command) == 1
    assert "make up" in capsys.readouterr().err
    assert not (tmp_path / "none").exists()


def test_deleting_asks_and_without_a_terminal_refuses(tmp_path, monkeypatch, capsys):
    (tmp_path / "secrets.json").write_text('{"postgres": "a", "api": "b", "connector": "c"}')
    (tmp_path / "mine.txt").write_text("keep")
    monkeypatch.setenv("STACK_DIR", str(tmp_path))
    monkeypatch.setattr("sys.stdin", io.StringIO())
    assert cli.main(["reset"]) == 1
    assert "YES=1" in capsys.readouterr().err
    assert cli.main(["reset", "--yes"]) == 0
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"], "only what a stack writes is deleted"


def test_one_command_at_a_time(tmp_path):
    with locked(tmp_path), pytest.raises(StackError, match=f"pid {os.getpid()}"), locked(tmp_path, seconds=0):
        pass
    with locked(tmp_path, seconds=0):
        pass


def test_a_taken_port_is_named_with_its_service():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert not free(port)
        with pytest.raises(StackError, match=rf"{port} \(kafka\)"):
            await_free({"kafka": port}, seconds=0)
    await_free({"kafka": port}, seconds=0)


def test_a_probe_of_a_closed_port_says_so():
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        with pytest.raises(NotReadyError, match="nothing listens yet"):
            fetch(unused.getsockname()[1], "/ready")


def test_errors_of_drivers_become_one_short_line():
    assert brief(RuntimeError("a\n\tb" + "c" * 500)) == ("a b" + "c" * 500)[:120]
    assert brief(RuntimeError()) == "RuntimeError"


def test_the_guard_returns_at_once_for_a_process_that_is_gone():
    gone = subprocess.Popen(["true"])
    gone.wait()
    watch(gone.pid)


def test_seeding_continues_where_it_stopped():
    wanted = Amounts.of({"SEED_USERS": "10", "SEED_TAGS": ""})
    assert wanted == Amounts(10, 20_000, 50)
    assert wanted.less(Amounts(10, 19_000, 60)) == Amounts(0, 1_000, 0)
    assert not wanted.less(wanted).any()


def test_an_amount_that_is_no_number_is_refused():
    with pytest.raises(StackError, match="SEED_ITEMS=many"):
        Amounts.of({"SEED_ITEMS": "many"})


def test_addresses_are_shown_without_passwords():
    assert without_password("postgresql://postgres:secret@127.0.0.1:1/app") == "postgresql://postgres@127.0.0.1:1/app"


def test_without_a_terminal_progress_is_plain_lines_and_slow_steps_are_recalled():
    now = 0.0
    text = io.StringIO()
    report = TerminalReport(Console(file=text, width=300), clock=lambda: now)
    report.started("kafka")
    report.note("kafka", "nothing listens yet")
    now = 6.0
    report.note("kafka", "still [nothing]")
    report.note("kafka", "and again")
    now = 7.0
    report.finished("kafka", "1 broker")
    assert text.getvalue() == "  ... kafka: still [nothing] (6 s)\n\u2713 kafka        1 broker 7.0 s\n"
