"""Download tools: retried, bounded, and heard of."""

import os
import sys

import pytest

from stack.components import command
from stack.components.command import FinalError, run
from stack.errors import StackError

COUNT = """
import pathlib, sys
log = pathlib.Path(sys.argv[1])
log.write_text(log.read_text() + "x")
sys.exit("unreachable" if len(log.read_text()) < int(sys.argv[2]) else 0)
"""


@pytest.fixture(autouse=True)
def no_pause(monkeypatch):
    monkeypatch.setattr(command, "_PAUSE", 0.0)


@pytest.fixture
def tries(tmp_path):
    log = tmp_path / "tries"
    log.write_text("")
    return log


def test_a_second_try_can_succeed(tries, tmp_path):
    said: list[str] = []
    run([sys.executable, "-c", COUNT, str(tries), "2"], "thing", said.append, grows=tmp_path)
    assert tries.read_text() == "xx"
    assert said == ["thing: try 1 of 3 failed, next in 0 s"]


def test_three_failures_are_reported_with_the_last_lines(tries, tmp_path):
    with pytest.raises(StackError, match=r"thing: python.* failed 3 times\n  unreachable") as raised:
        run([sys.executable, "-c", COUNT, str(tries), "9"], "thing", print, grows=tmp_path, advice="look there")
    assert tries.read_text() == "xxx"
    assert raised.value.advice == "look there"


def test_what_another_try_cannot_mend_is_not_tried_again(tmp_path):
    said: list[str] = []
    with pytest.raises(FinalError, match="hash mismatch"):
        run([sys.executable, "-c", "import sys; sys.exit('hash mismatch')"], "thing", said.append, grows=tmp_path, final=("hash mismatch",))
    assert said == []


def test_a_slow_one_says_how_far_it_is_and_is_ended_at_its_limit(tmp_path, monkeypatch):
    monkeypatch.setattr(command, "_REPORT", 0.05)
    monkeypatch.setattr(command, "TRIES", 1)
    (tmp_path / "part").write_bytes(b"x" * 3_000_000)
    said: list[str] = []
    with pytest.raises(StackError, match="no answer within 0 s"):
        run([sys.executable, "-c", "import signal; signal.pause()"], "thing", said.append, grows=tmp_path, timeout=0.3)
    assert said[0] == "thing: 3 MB so far, 0 s"


def test_what_vanishes_while_it_is_measured_counts_as_nothing(tmp_path, monkeypatch):
    (tmp_path / "kept").write_bytes(b"x" * 2_000_000)
    for gone in ("folder", "other"):
        (tmp_path / gone).mkdir()
        (tmp_path / gone / "file").write_bytes(b"x" * 1_000_000)
    look = os.scandir

    def scandir(path):
        if str(path).endswith("folder"):
            raise FileNotFoundError(path)
        return look(path)

    monkeypatch.setattr(os, "scandir", scandir)
    assert command.megabytes(tmp_path) == 3.0
