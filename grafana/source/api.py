"""What do clients of the API feel?"""

from __future__ import annotations

from grafana_foundation_sdk.builders.dashboard import Dashboard

from grafana.source import shared
from grafana.source.assemble import dashboard
from grafana.source.look import UP_DOWN, about, rising
from grafana.source.panels import Panel, bars, lines, number, timeline
from grafana.source.query import API, least, most, or_none, per_second, quantile, quantiles, total

_COUNT, _HISTOGRAM = "cdc_api_request_seconds_count", "cdc_api_request_seconds"
_CLIENTS = 'route!~"/metrics|/readyz|/livez|none"'


def build() -> Dashboard:
    """The dashboard cdc-api."""
    rows = [
        ("What do clients feel?", _strip()),
        ("Rate, errors, duration", [_rate(), _statuses(), _duration(), _routes()]),
        ("What does the API lean on?", [_dependencies(), _answers(), _pool(), _problems(), _memory()]),
    ]
    return dashboard("cdc-api", "API", "What do clients of the API feel?", rows)


def _share(statuses: str) -> str:
    return f"({per_second(_COUNT, _CLIENTS, statuses)} or vector(0)) / {per_second(_COUNT, _CLIENTS)}"


def _strip() -> list[Panel]:
    log = "`make logs S=api`; the graphs by status and route below."
    return [
        number(
            "Requests",
            per_second(_COUNT, _CLIENTS),
            about("Requests that the API answered, a second.", good="what clients send.", then="0 with clients: `make status`."),
            unit="reqps",
        ),
        number(
            "Failed",
            _share('status=~"5.."'),
            about(
                "Share of requests that were answered 5xx.", good="0 %. 503 with Retry-After while a database is away is right.", then=log
            ),
            unit="percentunit",
            limits=rising(0.001, 0.01),
        ),
        number(
            "Refused",
            _share('status=~"4.."'),
            about(
                "Share of requests that were answered 4xx.",
                good="low; what clients get wrong.",
                then="a jump after a release: the contract changed.",
            ),
            unit="percentunit",
            limits=rising(0.25),
        ),
        number(
            "Duration, p50",
            quantile(0.5, _HISTOGRAM, _CLIENTS),
            about("Half of all requests are answered faster than this.", good="below 20 ms.", then=log),
            unit="s",
            limits=rising(0.1, 0.5),
        ),
        number(
            "Duration, p99",
            quantile(0.99, _HISTOGRAM, _CLIENTS),
            about("One request of a hundred takes longer than this.", good="below 250 ms.", then=log),
            unit="s",
            limits=rising(0.25, 1),
        ),
        shared.freshness(),
    ]


def _rate() -> Panel:
    text = about(
        "Requests of clients by method, stacked to the whole; probes and /metrics are left out.",
        good="what clients send.",
        then="a drop to 0: `make status`.",
    )
    return lines("Requests by method", [(per_second(_COUNT, _CLIENTS, by="method"), "{{method}}")], text, unit="reqps", parts=True)


def _statuses() -> Panel:
    text = about(
        "Answers by class of status: done, the client's mistake, our failure.",
        good="2xx; few 4xx; no 5xx.",
        then="5xx: `make logs S=api`, then What does the API lean on.",
    )
    queries = [(per_second(_COUNT, _CLIENTS, f'status=~"{digit}.."'), f"{digit}xx") for digit in "245"]
    return lines("Answers by class", queries, text, unit="reqps")


def _duration() -> Panel:
    text = about(
        "How long requests take, from the first byte to the last, all routes together.",
        good="p50 below 20 ms, p99 below 250 ms.",
        then="compare the routes, then the answers of the databases.",
    )
    return lines("Duration", quantiles(_HISTOGRAM, _CLIENTS), text, unit="s", limits=rising(0.25, 1))


def _routes() -> Panel:
    text = about(
        "p99 of each route in the last five minutes.",
        good="below 250 ms.",
        then="one alone is slow: docs/EVIDENCE.md has the plans of its queries.",
    )
    query = (quantile(0.99, _HISTOGRAM, _CLIENTS, by="method, route", window="5m"), "{{method}} {{route}}")
    return bars("Slowest routes, p99", [query], text, unit="s", limits=rising(0.25, 1))


def _dependencies() -> Panel:
    text = about(
        "Whether the prober gets answers from what the API uses.",
        good="UP.",
        then="Postgres away: writes 503. MongoDB away: reads 503. Redis away: tags are counted anew.",
    )
    query = (least("cdc_probe_up", 'target=~"postgres|mongo|redis|api"', by="target"), "{{target}}")
    return timeline("API and its databases", [query], text, states=UP_DOWN, height=6)


def _answers() -> Panel:
    text = about("How long each takes to answer the prober, p99.", good="below 50 ms.", then="slow and busy: `make logs S=<name>`.")
    query = (quantile(0.99, "cdc_probe_seconds", 'target=~"postgres|mongo|redis|api"', by="target"), "{{target}}")
    return lines("Answers", [query], text, unit="s", limits=rising(0.25, 1))


def _pool() -> Panel:
    text = about(
        "Connections of the API to Postgres, in use and idle, and how many there may be.",
        good="in use well below the limit.",
        then="at the limit: slow statements, see Duration; then API_POOL_SIZE.",
    )
    query = (total("cdc_api_postgres_pool_connections", by="state"), "{{state}}")
    return lines("Connections to Postgres", [query], text, unit="short")


def _problems() -> Panel:
    text = about(
        "Answers as problem+json, by the last part of the problem's type.",
        good="validation and not-found only.",
        then="the kind names the cause; unavailable means a database is away.",
    )
    queries = [(or_none(per_second("cdc_api_problems_total", by="problem"), API), "{{problem}}")]
    return lines("Problems by kind", queries, text, unit="reqps")


def _memory() -> Panel:
    text = about("Resident memory of the API's process.", good="flat.", then="rising for hours: restart it, keep the graph.")
    query = (most("process_resident_memory_bytes", 'job="api"', by="instance"), "{{instance}}")
    return lines("Memory of the API", [query], text, unit="bytes", limits=rising(400e6, 500e6))
