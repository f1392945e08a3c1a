"""From runs to figures: the ratio is to the better peer, and a bar is kept or missed by it."""

import pytest

from bench.plot import ratios
from bench.report import markdown
from bench.results import Bar, Workload
from bench.sizes import sizes

LOAD = Workload(
    "load",
    "Initial load",
    "records/s",
    "more",
    [30.0, 33.0, 31.0],
    {"mongodb": [10.0, 11.0, 9.0], "debezium": [12.0, 8.0, 7.0]},
    Bar(at_least=3.0),
)
WAIT = Workload("wait", "Latency", "ms", "less", [30.0, 40.0, 35.0], {"mongodb": [50.0], "debezium": [33.0]}, Bar(at_most=1.0))


def test_a_rate_is_compared_with_the_faster_peer():
    assert LOAD.ratio() == 3.1
    assert LOAD.holds()


def test_a_time_is_compared_with_the_shorter_one():
    assert WAIT.ratio() == round(35 / 33, 3)
    assert not WAIT.holds()


def test_a_peer_that_failed_does_not_count_and_without_peers_there_is_no_ratio():
    assert Workload("x", "x", "ms", "less", [1.0], {"mongodb": [2.0], "debezium": []}).ratio() == 0.5
    assert Workload("x", "x", "ms", "less", [1.0]).ratio() is None
    assert Workload("x", "x", "ms", "less", [1.0], {}, Bar(at_most=1)).holds() is None


def test_the_json_has_the_promised_shape_and_every_repetition():
    found = LOAD.as_json()
    assert found["ours"] == 31.0
    assert found["peers"] == {"mongodb": 10.0, "debezium": 8.0}
    assert found["ratio"] == 3.1
    assert found["runs"]["debezium"] == [12.0, 8.0, 7.0]


def test_a_missed_bar_is_said():
    page = markdown([LOAD, WAIT], sizes({}), {"machine": "one", "date": "today"}, 200.0, ["debezium, deletes: failed"])
    assert ">= 3, kept" in page
    assert "<= 1, **missed**" in page
    assert "200 MB (bar: 150 MB, **missed**)" in page
    assert "debezium, deletes: failed" in page


def test_the_picture_shows_less_time_as_better():
    picture = ratios([LOAD, WAIT])
    assert "3.10x" in picture
    assert f"{33 / 35:.2f}x" in picture
    assert picture.count('class="bad"') == 1


def test_only_a_whole_run_may_replace_the_committed_results():
    assert sizes({}).whole
    assert not sizes({"SCALE": "0.1"}).whole
    assert not sizes({"REPEATS": "1"}).whole


@pytest.mark.parametrize(
    ("name", "value"),
    [("SCALE", "0"), ("SCALE", "ten"), ("SCALE", "nan"), ("REPEATS", "0"), ("REPEATS", "x"), ("REPEATS", "inf"), ("REPEATS", "1.5")],
)
def test_a_size_that_is_not_possible_is_named(name, value):
    with pytest.raises(ValueError, match=f"{name}={value}: "):
        sizes({name: value})


def test_the_whole_size_is_two_hundred_thousand_rows():
    found = sizes({})
    assert 195_000 < found.users + found.items * 4 < 205_000
