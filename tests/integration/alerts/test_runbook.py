"""Every command of docs/runbook.md works: run against the session's stack, or by the test that is named here."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from stack.settings import ROOT
from tests.session_stack import SessionStack

BOOK = (ROOT / "docs" / "runbook.md").read_text()
COMMANDS = sorted({line[2:] for block in re.findall(r"```console\n(.*?)```", BOOK, re.DOTALL) for line in block.splitlines()})
RESTART = "tests/integration/stack/test_running.py::test_restart_renews_one_program_and_waits_until_all_are_ready"
ELSEWHERE = {
    r"make restart S=[\w-]+": RESTART,
    r"make up WORKERS=2": "tests/integration/stack/test_running.py::test_workers_come_and_go_while_the_others_keep_running",
    r"make recover": "tests/e2e/test_source_faults.py::test_a_dropped_slot_is_noticed_and_recovered_from",
}
"""Commands that change the stack, and the test that runs them for real."""
CODES = {
    r"make alerts": {0, 2},
    r"make ask .*": {0, 2},
    r"make verify": {0, 2},
    r"make watch .*": {0, 2},
    r".* dead-letters list": {0, 1},
}
"""Where another code is an answer too: alerts fire, no data, differences (make says 2 for all), a key waits."""


def matching(table, command):
    return next((value for pattern, value in table.items() if re.fullmatch(pattern, command)), None)


def program_of(command):
    found = re.search(r"\bS=([\w-]+)", command)
    return found and found[1]


HERE = [command for command in COMMANDS if matching(ELSEWHERE, command) is None]


def targets():
    return set(re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE))


def test_the_book_has_commands():
    assert len(COMMANDS) > 20


@pytest.mark.parametrize("command", [command for command in COMMANDS if command not in HERE])
def test_a_command_that_changes_things_is_run_by_a_test(command):
    path, _, name = matching(ELSEWHERE, command).partition("::")
    assert command.split()[1] in targets()
    assert f"def {name}" in (ROOT / path).read_text()


@pytest.mark.parametrize("command", HERE)
def test_a_command_that_looks_works(command, stack: SessionStack):
    programs = stack.supervisor.processes()
    program = program_of(command)
    assert program is None or any(name == program or name.rpartition("-")[0] == program for name in programs), programs.keys()
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    words = shlex.split(command)
    assert words[0] in {"make", "python", "date"}
    done = subprocess.run(
        words, cwd=ROOT, env={**os.environ, **stack.place, "PATH": path}, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode in (matching(CODES, command) or {0}), done.stdout + done.stderr
    if words[:2] != ["make", "logs"]:  # a log may tell of what other tests did to the stack
        assert "Traceback" not in done.stdout + done.stderr
        assert "does not answer" not in done.stdout + done.stderr
