"""What a terminal shows of a scrape."""

import json

import pytest

from monitor.watch.__main__ import main
from monitor.watch.draw import line, screen, seconds
from monitor.watch.scrape import Scrape, parse, quantile
from monitor.watch.view import build

WELL = """
cdc_canary_emitted_total{canary="0"} 5
cdc_canary_emitted_total{canary="1"} 5
cdc_canary_lost_total{canary="0"} 0
cdc_canary_last_applied_source_timestamp_seconds{canary="0"} 99
cdc_canary_last_applied_source_timestamp_seconds{canary="1"} 60
cdc_canary_roundtrip_seconds_bucket{canary="0",le="0.1"} 0
cdc_canary_roundtrip_seconds_bucket{canary="0",le="0.2"} 10
cdc_canary_roundtrip_seconds_bucket{canary="0",le="+Inf"} 10
cdc_probe_up{target="mongo"} 1
cdc_probe_up{target="kafka"} 0
cdc_slot_present 1
cdc_slot_active 0
cdc_slot_wal_status{status="reserved"} 0
cdc_slot_wal_status{status="lost"} 1
cdc_connector_state{state="failed"} 1
cdc_connector_tasks{state="failed"} 2
cdc_consumer_lag_records{topic="t",partition="1"} 7
cdc_consumer_lag_records{topic="t",partition="0"} 0
cdc_divergent_documents{collection="users_read",kind="missing"} 3
cdc_verified_up_to_timestamp_seconds{collection="items_read"} 40
"""
NOTHING = Scrape(0.0)


def test_the_worst_partition_decides():
    view = build(parse(WELL, at=100.0), NOTHING)
    assert view.freshness == 40
    assert view.components["mongo"] is True
    assert view.components["kafka"] is False
    assert view.components["redis"] is None
    assert view.lag == {"t": {0: 0, 1: 7}}
    assert view.states == {"slot": "NOT in use, lost", "connector": "failed, tasks: 2 failed", "primary": None, "group": None}
    assert (view.divergent, view.verified_ago) == ({"users_read": 3}, {"items_read": 60})
    shown = screen(view).plain
    assert "40.0 s" in shown
    assert "NO DATA" in shown
    assert "kafka: DOWN" in shown


def test_a_partition_that_never_arrived_makes_freshness_unknown():
    text = WELL.replace('cdc_canary_last_applied_source_timestamp_seconds{canary="1"} 60\n', "")
    assert build(parse(text, at=100.0), NOTHING).freshness is None


def test_without_the_prober_everything_is_unknown():
    view = build(NOTHING, NOTHING, "gone")
    assert screen(view).plain.count("NO DATA") >= 20
    assert "unknown postgres" in line(view)
    assert "gone" in line(view)
    json.dumps(view.to_json())


def test_quantiles_are_those_between_two_scrapes():
    assert quantile(0.5, {0.1: 0, 0.2: 10, float("inf"): 10}, {}) == pytest.approx(0.15)
    assert quantile(0.99, {0.1: 100, 0.2: 110, float("inf"): 110}, {0.1: 100, 0.2: 100, float("inf"): 100}) == pytest.approx(0.199)
    assert quantile(0.99, {0.1: 5, float("inf"): 10}, {}) == 0.1, "beyond the last bound nothing is known but the bound"
    assert quantile(0.5, {0.1: 5, float("inf"): 5}, {0.1: 5, float("inf"): 5}) is None


def test_a_prober_that_began_anew_does_not_count_backwards():
    before = parse(WELL.replace(" 10\n", " 500\n"), at=90.0)
    assert build(parse(WELL, at=100.0), before).quantiles["p50"] == pytest.approx(0.15)


def test_seconds_are_readable():
    assert [seconds(value) for value in (None, 0.0123, 1.25, 600)] == ["NO DATA", "12 ms", "1.2 s", "10 min"]


def test_once_says_when_no_prober_answers(capsys):
    assert main(["--once", "--json", "--url", "http://127.0.0.1:1/metrics"]) == 1
    assert "make logs S=prober" in json.loads(capsys.readouterr().out)["why"]
