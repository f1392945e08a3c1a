"""Every metric that a dashboard uses is one that somebody serves."""

from __future__ import annotations

import pytest
import yaml

from stack.settings import ROOT
from tests.metrics_page import series
from tests.unit.grafana.boards import BOARDS, metrics, targets

RULES = ROOT / "grafana" / "prometheus" / "rules" / "laptop.yml"
OF_PROMETHEUS = {"up", "ALERTS"}
OF_LIBRARIES = {
    *("process_start_time_seconds", "process_resident_memory_bytes", "process_cpu_seconds_total"),
    *("jvm_gc_collection_seconds_sum", "jvm_memory_max_bytes", "jvm_memory_used_bytes"),
}
OF_CHAOS = {"cdc_chaos_active"}  # while an experiment runs: chaos/active.py


def served():
    """What docs/metrics.md lists, what Prometheus and libraries add, and what the rules record."""
    recorded = {rule["record"] for group in yaml.safe_load(RULES.read_text())["groups"] for rule in group["rules"] if "record" in rule}
    return series() | OF_PROMETHEUS | OF_LIBRARIES | OF_CHAOS | recorded


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
