"""Fills the configuration templates. The same templates serve compose, with other values."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from string import Template

from stack import brokers, members, routes
from stack.layout import Layout
from stack.rules import local_rules
from stack.settings import HOST, ROOT, Settings

TEMPLATES = ROOT / "stack" / "templates"
VERBATIM = frozenset({"log4j2.yaml", "jmx-kafka.yml", "jmx-connect.yml"})
"""Templates without values: their dollar signs mean something to those who read them."""


def fill(name: str, values: Mapping[str, str]) -> str:
    """A template with its values. Raises KeyError for a value that is missing."""
    text = (TEMPLATES / name).read_text()
    return text if name in VERBATIM else Template(text).substitute(values)


def values(settings: Settings, paths: Layout, connect_plugins: Path) -> dict[str, str]:
    """What the templates ask for, for processes on this machine: stack.env, then addresses and directories."""
    return dict(settings.shared) | {
        **brokers.copies(settings.state.brokers),
        **brokers.values(settings, lone := brokers.nodes(settings)[-1], str(paths.data / lone.name)),
        "POSTGRES_LISTEN": HOST,
        "POSTGRES_PORT": str(settings.port("POSTGRES")),
        "POSTGRES_CLIENTS": f"{HOST}/32",
        "KAFKA_HOST": HOST,
        "KAFKA_CONTROLLER_PORT": str(settings.port("KAFKA_CONTROLLER")),
        "KAFKA_BOOTSTRAP": routes.connect_bootstrap(settings, brokers.bootstrap(settings)),
        "CONNECT_LISTENERS": f"http://{HOST}:{settings.port('CONNECT')}",
        "CONNECT_HOST": HOST,
        "CONNECT_REST_PORT": str(settings.port("CONNECT")),
        "CONNECT_PLUGINS": str(connect_plugins),
        **members.values(settings, first := members.members(settings)[0], str(paths.data / first.name)),
        "MONGO_BIND": HOST,
        "REDIS_BIND": HOST,
        "REDIS_PORT": str(settings.port("REDIS")),
        "REDIS_PROTECTED": "yes",
        "PROMETHEUS_TARGETS": str(paths.etc / "targets"),
        "PROMETHEUS_RULES": str(paths.etc / "rules.yml"),
    }


def targets(settings: Settings) -> dict[str, list[str]]:
    """What Prometheus scrapes, by job: host:port."""
    workers = [f"{HOST}:{settings.worker_port(number)}" for number in range(1, settings.state.workers + 1)]
    return {
        "prometheus": [f"{HOST}:{settings.port('PROMETHEUS')}"],
        "api": [f"{HOST}:{settings.port('API')}"],
        "worker": workers,
        "prober": [f"{HOST}:{settings.port('PROBER_METRICS')}"],
        "keeper": [f"{HOST}:{settings.port('KEEPER_METRICS')}"],
        "kafka": [f"{HOST}:{settings.port(node.metrics)}" for node in brokers.nodes(settings)],
        "connect": [f"{HOST}:{settings.port('CONNECT_METRICS')}"],
        "alertmanager": [f"{HOST}:{settings.port('ALERTMANAGER')}"],
    }


def write(path: Path, text: str, mode: int = 0o644) -> bool:
    """Writes a file in one step; an unchanged one is left alone. Answers whether it changed."""
    if path.exists() and path.read_text() == text:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = path.with_name(path.name + ".new")
    scratch.touch(mode)
    scratch.chmod(mode)
    scratch.write_text(text)
    scratch.replace(path)
    return True


def write_all(settings: Settings, paths: Layout, connect_plugins: Path) -> None:
    """Fills every template but those of Postgres (beside its data) and supervisor (which lists the programs)."""
    filled = values(settings, paths, connect_plugins)
    names = ("connect.properties", "redis.conf", "prometheus.yml", "alertmanager.yml")
    for name in (*names, *VERBATIM):
        write(paths.etc / name, fill(name, filled))
    for node in brokers.nodes(settings):
        own = brokers.values(settings, node, str(paths.data / node.name))
        write(paths.etc / node.file, fill("kafka.properties", filled | own))
    for member in members.members(settings):
        write(paths.etc / member.file, fill("mongod.conf", filled | members.values(settings, member, str(paths.data / member.name))))
    write(paths.etc / "proxies.json", routes.proxies(settings))
    write(paths.etc / "rules.yml", local_rules(settings))
    for job, addresses in targets(settings).items():
        write(paths.etc / "targets" / f"{job}.json", json.dumps([{"targets": addresses}]) + "\n")
