"""Variables and legends, filled as Grafana fills them."""

import re

import pytest

from monitor.board.fill import expression, legend, pattern, rate_interval, step


@pytest.mark.parametrize(("seconds", "wanted"), [(300, 5), (900, 5), (3600, 15), (21600, 90)])
def test_a_range_has_at_most_240_points(seconds, wanted):
    assert step(seconds) == wanted
    assert seconds / step(seconds) <= 240


def test_the_rate_interval_survives_a_missed_scrape():
    assert [rate_interval(one) for one in (5, 15, 90)] == [20, 20, 95]


def test_nothing_chosen_is_everything():
    filled = expression('rate(x{job=~"$job",table=~"${table}"}[$__rate_interval])', {"job": (), "table": ()}, 900)
    assert filled == 'rate(x{job=~".+",table=~".+"}[20s])'


def test_the_range_is_in_seconds():
    assert expression("increase(x[$__range])", {}, 3600) == "increase(x[3600s])"


@pytest.mark.parametrize("value", ['a"} or vector(1) #', "back\\slash", "a.b*c", "new\nline", "127.0.0.1:9101", "(a|b)[c]{2}^$"])
def test_a_chosen_value_matches_itself_and_cannot_leave_its_string(value):
    text = pattern([value])
    assert not re.search(r'(?<!\\)(?:\\\\)*"', text), "no quote that would end the string"
    assert "\n" not in text
    unquoted = text.replace('\\"', '"').replace("\\n", "\n").replace("\\\\", "\\")
    assert re.fullmatch(unquoted, value)
    assert not re.fullmatch(unquoted, value + "x")


def test_several_values_are_alternatives():
    assert pattern(["a", "b.c"]) == "a|b\\\\.c"


def test_a_variable_that_no_dashboard_has_is_an_error():
    with pytest.raises(KeyError):
        expression("x{a=~'$nobody'}", {"job": ()}, 900)


def test_legends():
    assert legend("{{table}} {{ op }}", {"table": "users", "op": "c"}) == "users c"
    assert legend("{{gone}} x", {}) == "x"
    assert legend("", {"__name__": "up", "job": "api"}) == "job=api"
    assert legend("", {}) == "value"
