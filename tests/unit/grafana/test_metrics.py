"""Every metric that a dashboard uses is one that somebody serves."""

from __future__ import annotations

import pytest
from prometheus_client import REGISTRY

import api.metrics
import cdc_consumer.metrics
from stack.settings import ROOT
from tests.unit.grafana.boards import BOARDS, metrics, targets

LISTED = [line for line in (ROOT / "tests/unit/grafana/metrics.txt").read_text().split("\n") if line and not line.startswith("#")]


def served():
    """Names in the registry of this process, which has imported the worker's and the API's metrics, and those listed."""
    assert api.metrics.REQUESTS
    assert cdc_consumer.metrics.RECORDS
    suffixes = {"counter": ("_total",), "histogram": ("_bucket", "_count", "_sum"), "gauge": ("",)}
    own = {family.name + suffix for family in REGISTRY.collect() for suffix in suffixes.get(family.type, ("",))}
    return own | set(LISTED)


def test_no_name_is_listed_twice():
    assert len(set(LISTED)) == len(LISTED)


@pytest.mark.parametrize(
    ("expr", "found"),
    [
        ('sum by (le, hop) (rate(cdc_hop_seconds_bucket{job=~"$job"}[$__rate_interval]))', {"cdc_hop_seconds_bucket"}),
        ("time() - max(a:b_seconds) or on() vector(1)", {"a:b_seconds"}),
        ('max(x{state="running"} == 1) * 2 or up', {"x", "up"}),
    ],
)
def test_names_are_found(expr, found):
    assert metrics(expr) == found


def test_every_metric_is_served():
    used = {name: uid for uid, _, target in targets() for name in metrics(target["expr"])}
    used |= {name: uid for uid, board in BOARDS.items() for one in board["annotations"]["list"] for name in metrics(one["expr"])}
    assert {name: uid for name, uid in used.items() if name not in served()} == {}
