"""No fault is made before the pipeline keeps up with its clients."""

from types import SimpleNamespace

import pytest

from chaos import session
from chaos.session import Options, Session


@pytest.fixture(autouse=True)
def short(monkeypatch):
    monkeypatch.setattr(session, "STEADY_FOR", 0.2)
    monkeypatch.setattr(session, "STEADY_SECONDS", 0.6)


def of(*lags):
    left, marks = list(lags), []
    watcher = SimpleNamespace(lag=lambda: (left.pop(0) if len(left) > 1 else left[0], 7))
    made = SimpleNamespace(watcher=watcher, options=Options(rate=15), mark=lambda name, detail: marks.append((name, detail)), left=left)
    return made, marks


def test_one_that_keeps_up_is_broken_at_once():
    made, marks = of(0.4)
    assert Session.settle(made) == ""
    assert marks == []


def test_one_that_was_late_is_waited_for():
    made, marks = of(5.0, 3.0, 0.4)
    assert Session.settle(made) == ""
    assert made.left == [0.4]
    assert marks == []


def test_one_that_never_keeps_up_is_not_broken_and_says_what_to_do():
    made, marks = of(5.0)
    assert "with 15 writes/s it is 5 s late, 7 acknowledged writes wait: try a lower RATE=" in Session.settle(made)
    assert [name for name, _ in marks] == ["unsteady"]
