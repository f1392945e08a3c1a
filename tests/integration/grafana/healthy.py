"""What may be without data while all is well, each with its reason."""

from __future__ import annotations

import re

from tests.unit.grafana.boards import metrics

EMPTY_WHEN_HEALTHY = {
    "cdc_chaos_active": "nobody breaks anything",
    'cdc_api_request_seconds_count status=~"5.."': "no request fails",
    'cdc_api_request_seconds_count status=~"4.."': "no request is refused",
    "debezium_metrics_MilliSecondsBehindSource": "absent until the first event, and after a restart",
    "slo:sli_error:ratio_rate": "longer windows come with time",
}
"""Metric, and the matcher if only some of its series are meant. A share of all is never here: it has `or vector(0)`."""


def wanted(expr):
    """Whether this expression has to give data on a healthy stack under load."""
    return not any(excused(rule, expr) for rule in EMPTY_WHEN_HEALTHY)


def names(expr):
    """The metrics of an expression, also those chosen by their name's beginning."""
    return metrics(expr) | set(re.findall(r'__name__=~"([a-z:_]+)', expr))


def excused(rule, expr):
    """Whether a line of EMPTY_WHEN_HEALTHY is about this expression."""
    name, _, matcher = rule.partition(" ")
    return name in names(expr) and matcher in expr and "vector(0)" not in expr
