"""What a user knows a stack by: each service with its address, the programs behind it and the probe that proves it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from stack import brokers, kafka_probes, members, probes, proxy_probe, routes
from stack.settings import HOST, Settings


@dataclass(frozen=True)
class Service:
    """Something that serves. `program` is the supervised process behind it, `seconds` how long its start may take."""

    name: str
    program: str
    url: str
    probe: probes.Probe
    seconds: float


def without_password(dsn: str) -> str:
    """The address without `:password`."""
    scheme, _, rest = dsn.partition("://")
    login, _, place = rest.rpartition("@")
    return f"{scheme}://{login.partition(':')[0]}@{place}"


def _kafka(settings: Settings, node: brokers.Node) -> Service:
    if not node.serves:
        port = settings.port(node.metrics)
        return Service(node.name, node.name, f"http://{HOST}:{port}/metrics", partial(kafka_probes.controller, port), 90)
    where = brokers.address(settings, node)
    alone = settings.state.brokers == 1
    return Service(node.name, node.name, where, partial(probes.kafka, where) if alone else partial(kafka_probes.broker, where, node.id), 90)


def _mongo(settings: Settings) -> list[Service]:
    found = members.members(settings)
    hosts = [members.address(settings, member) for member in found]
    wanted = members.config(settings.shared["MONGO_REPLICA_SET"], hosts)
    urls = [members.uri(settings)] if len(found) == 1 else [f"mongodb://{host}/?directConnection=true" for host in hosts]
    return [
        Service(member.name, member.name, url, partial(probes.mongo, host, wanted), 60)
        for member, host, url in zip(found, hosts, urls, strict=True)
    ]


def _proxy(settings: Settings) -> list[Service]:
    if not settings.state.proxies:
        return []
    port = settings.port("PROXY")
    return [Service(routes.PROGRAM, routes.PROGRAM, f"http://{HOST}:{port}/proxies", partial(proxy_probe.proxy, port), 30)]


def services(settings: Settings, env: Mapping[str, str]) -> list[Service]:
    """Every service of the stack, in the order of the path that a row takes."""
    http = {name: f"http://{HOST}:{settings.port(name)}" for name in ("API", "CONNECT", "PROMETHEUS", "ALERTMANAGER", "BOARD")}
    connect, name = settings.port("CONNECT"), env["CONNECT_NAME"]
    found = [
        Service(
            "postgres", "postgres", without_password(env["VERIFY_POSTGRES_DSN"]), partial(probes.postgres, env["VERIFY_POSTGRES_DSN"]), 60
        ),
        *(_kafka(settings, node) for node in brokers.nodes(settings)),
        Service("connect", "connect", http["CONNECT"], partial(probes.answers_200, connect, "/connectors", "REST answers"), 120),
        Service("connector", "connect", f"{http['CONNECT']}/connectors/{name}", partial(probes.connector, connect, name), 90),
        *_mongo(settings),
        *_proxy(settings),
        Service("redis", "redis", env["API_REDIS_URL"], partial(probes.redis_server, env["API_REDIS_URL"]), 30),
    ]
    for number in range(1, settings.state.workers + 1):
        port = settings.worker_port(number)
        probe = partial(probes.answers_200, port, "/ready", "partitions assigned")
        found.append(Service(f"worker-{number}", f"worker-{number}", f"http://{HOST}:{port}/metrics", probe, 90))
    api = partial(probes.answers_200, settings.port("API"), "/readyz", "ready")
    prober = settings.port("PROBER_METRICS")
    canary = partial(probes.answers_200, prober, "/ready", "a canary arrived in every partition")
    prometheus = partial(probes.answers_200, settings.port("PROMETHEUS"), "/-/ready", "ready")
    keeper = partial(probes.answers_200, settings.port("KEEPER_METRICS"), "/ready", "watches connector and slot")
    alertmanager = partial(probes.answers_200, settings.port("ALERTMANAGER"), "/-/ready", "ready")
    board = partial(probes.answers_200, settings.port("BOARD"), "/healthz", "serving")
    return [
        *found,
        Service("keeper", "keeper", f"http://{HOST}:{settings.port('KEEPER_METRICS')}/metrics", keeper, 60),
        Service("api", "api", f"{http['API']}/docs", api, 60),
        # A canary waits for an initial snapshot, which takes as long as there are rows.
        Service("prober", "prober", f"http://{HOST}:{prober}/metrics", canary, 300),
        Service("alertmanager", "alertmanager", http["ALERTMANAGER"], alertmanager, 30),
        Service("prometheus", "prometheus", http["PROMETHEUS"], prometheus, 60),
        Service("board", "board", http["BOARD"], board, 60),
    ]
