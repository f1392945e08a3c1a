"""What is shown, and for how long."""

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from monitor.prober.board import Board, Family

LAG = Family("lag", "text", ("topic",))
STATE = Family("state", "text", ("member", "state"))


@pytest.fixture
def clock():
    return [0.0]


@pytest.fixture
def board(clock):
    return Board(clock=lambda: clock[0])


def shown(board):
    registry = CollectorRegistry()
    registry.register(board)
    return {line.split(" ")[0]: float(line.split(" ")[1]) for line in generate_latest(registry).decode().splitlines() if line[0] != "#"}


def test_a_value_disappears_after_three_intervals(board, clock):
    board.put("a", [LAG.of(0, "t1")], interval=2)
    board.put("b", [LAG.of(5, "t2")], interval=4)
    assert shown(board) == {'lag{topic="t1"}': 0, 'lag{topic="t2"}': 5}
    clock[0] = 5.9
    assert len(shown(board)) == 2
    clock[0] = 6.0
    assert shown(board) == {'lag{topic="t2"}': 5}, "0 that nobody confirms any more is not shown as 0"
    clock[0] = 12.0
    assert shown(board) == {}


def test_a_new_look_replaces_the_old_one_whole(board):
    board.put("a", [LAG.of(1, "t1"), LAG.of(1, "t2")], interval=2)
    board.put("a", [LAG.of(2, "t2")], interval=2)
    assert shown(board) == {'lag{topic="t2"}': 2}


def test_one_of_the_states_holds(board):
    assert [(s.labels[1], s.value) for s in STATE.one_hot(("up", "down"), "down", "m")] == [("up", 0), ("down", 1)]
    board.put("a", STATE.one_hot(("up", "down"), "melting", "m"), interval=1)
    assert shown(board)['state{member="m",state="melting"}'] == 1
