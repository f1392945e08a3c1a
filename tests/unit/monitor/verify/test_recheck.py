"""Suspects, looked at again: both databases are scripts of states, one for each look."""

from types import SimpleNamespace
from typing import Any

import pytest

from monitor.verify import recheck as module

recheck: Any = module.recheck


class Script:
    """Documents of one side; look n shows state n, the last one stays."""

    def __init__(self, states):
        self.states = states
        self.looks = 0

    def documents(self, keys):
        found = {}
        for key in keys:
            state = self.states[key][min(self.looks, len(self.states[key]) - 1)]
            if state is not None:
                found[key] = state
        self.looks += 1
        return found


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    """Time passes by pauses only."""
    now = [0.0]
    monkeypatch.setattr(
        "monitor.verify.recheck.time", SimpleNamespace(monotonic=lambda: now[0], sleep=lambda s: now.__setitem__(0, now[0] + s))
    )
    return now


def now() -> float:
    return float(vars(module)["time"].monotonic())


def look_again(postgres, mongodb, seconds=1.0):
    """One suspect, `x`; its verdict and the places that differ, or None when it is cleared."""
    sides = SimpleNamespace(postgres=Script({"x": postgres}), mongo=Script({"x": mongodb}))
    found = list(recheck(sides, ["x"], until=now() + seconds, chunk=10, step=lambda advance: None))
    return (found[0].verdict, [difference.path for difference in found[0].differences]) if found else None


A, B, C, D = ({"v": value, "still": 0} for value in "abcd")
MOVING = [{"v": step, "still": 0} for step in range(99)]
BEHIND = [{"v": -step, "still": 0} for step in range(1, 99)]


def test_late_is_not_wrong():
    assert look_again([B], [A, A, B]) is None
    assert look_again([B], [None, None, B]) is None
    assert look_again([None], [A, None]) is None


def test_wrong_stays_wrong():
    assert look_again([B], [A]) == ("different", ["v"])
    assert look_again([B], [None]) == ("missing", [])
    assert look_again([None], [B]) == ("extra", [])


def test_a_state_that_was_seen_is_enough():
    assert look_again([A, B, C], [D, A]) is None, "it shows what Postgres held when the recheck began"
    assert look_again([A, None], [None, A]) is None, "a row that went meanwhile"


def test_a_state_from_before_the_recheck_is_not():
    assert look_again([B, C, C], [A]) == ("different", ["v"])


def test_what_moves_on_both_sides_is_unsettled():
    assert look_again(MOVING, BEHIND) == ("unsettled", ["v"])
    assert look_again([A, None] * 20, [B, C] * 20)[0] == "unsettled"


def test_what_stands_still_in_mongodb_is_wrong():
    assert look_again(MOVING, [A]) == ("different", ["v"])


def test_what_stood_still_in_postgres_and_differs_is_wrong_whatever_moves_beside_it():
    assert look_again(MOVING, [state | {"still": 1} for state in BEHIND]) == ("different", ["still"])


def test_lists_move_as_a_whole():
    postgres = [{"tags": [{"id": step}, {"id": step + 1}]} for step in range(99)]
    assert look_again(postgres, [{"tags": [{"id": -step}]} for step in range(1, 99)])[0] == "unsettled"


def test_no_time_still_means_one_look():
    assert look_again([A], [A], seconds=0) is None
    assert look_again([A], [B, A], seconds=0) == ("different", ["v"])


def test_it_ends_as_soon_as_all_agree_and_waits_longer_each_time(clock):
    look_again([B], [A, B], seconds=100)
    assert clock[0] == module.FIRST_PAUSE
    look_again([B], [A], seconds=100)
    assert clock[0] == pytest.approx(100 + module.FIRST_PAUSE)


def test_many_suspects_are_told_without_remembering_them(monkeypatch):
    monkeypatch.setattr(module, "TRACKED", 1)
    states = {key: [A] for key in range(5)}
    wrong = {key: [B] for key in range(5)} | {3: [B, A]}
    done: list[int] = []
    sides = SimpleNamespace(postgres=Script(states), mongo=Script(wrong))
    found = list(recheck(sides, list(range(5)), until=1, chunk=10, step=done.append))
    assert [finding.key for finding in found] == [0, 1, 2, 4]
    assert sum(done) == 5
