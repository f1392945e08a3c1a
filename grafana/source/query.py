"""PromQL as the panels write it: every metric of a scrape carries the dashboards' variables, so that they work everywhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

Query = tuple[str, str]
"""An expression and the legend of its series."""

TABLE: Final = 'table=~"$table"'
TOPIC: Final = 'topic=~"$topic"'
_JOB: Final = 'job=~"$job"'
_INSTANCE: Final = 'instance=~"$instance"'
RANGE: Final = "$__rate_interval"


def m(name: str, *matchers: str) -> str:
    """A metric of a scrape, narrowed by the variables `job` and `instance` and by `matchers`."""
    return name + "{" + ",".join((_JOB, _INSTANCE, *matchers)) + "}"


def _fold(operator: str, inner: str, by: str) -> str:
    return f"{operator} by ({by}) ({inner})" if by else f"{operator}({inner})"


def most(name: str, *matchers: str, by: str = "") -> str:
    """The largest value."""
    return _fold("max", m(name, *matchers), by)


def least(name: str, *matchers: str, by: str = "") -> str:
    """The smallest value."""
    return _fold("min", m(name, *matchers), by)


def total(name: str, *matchers: str, by: str = "") -> str:
    """The sum."""
    return _fold("sum", m(name, *matchers), by)


def per_second(name: str, *matchers: str, by: str = "") -> str:
    """The rate of a counter, summed over everything but the labels `by`."""
    return _fold("sum", f"rate({m(name, *matchers)}[{RANGE}])", by)


def added(name: str, *matchers: str, by: str = "", window: str = RANGE) -> str:
    """What a counter grew by within a window, summed over everything but the labels `by`."""
    return _fold("sum", f"increase({m(name, *matchers)}[{window}])", by)


def or_none(expr: str, witness: str) -> str:
    """The expression, or 0 where `witness` is served: a counter with labels has no series before its first event."""
    return f"{expr} or 0 * {most(witness)}"


WORKER: Final = "cdc_chunks_in_flight"
"""Served by every worker that runs."""
PROBER: Final = "cdc_canary_emitted_total"
KEEPER: Final = "cdc_keeper_gave_up"
API: Final = "cdc_api_requests_in_flight"
"""Served by each of these that runs."""


def quantile(share: float, histogram: str, *matchers: str, by: str = "", window: str = RANGE) -> str:
    """A quantile of a histogram, one for each value of the labels `by`."""
    rates = f"rate({m(histogram + '_bucket', *matchers)}[{window}])"
    return f"histogram_quantile({share}, {_fold('sum', rates, f'le, {by}' if by else 'le')})"


def quantiles(histogram: str, *matchers: str, shares: Sequence[float] = (0.5, 0.99)) -> list[Query]:
    """Several quantiles of one histogram."""
    return [(quantile(share, histogram, *matchers), f"p{share * 100:g}") for share in shares]


def coded(metric: str, label: str, codes: Mapping[str, int], by: str = "") -> str:
    """A one-hot gauge as one number: the code of the state that is 1. Absent when the gauge is, or when no state is 1."""
    return " or ".join(_fold("max", m(metric, f'{label}="{state}"') + " == 1", by) + f" * {code}" for state, code in codes.items())
