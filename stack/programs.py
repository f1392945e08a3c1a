"""What a stack runs: one `Program` for each process."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import replace

from stack import brokers, routes
from stack.components import Components
from stack.components.relocate import templates
from stack.environment import keeper_env, select, worker_env
from stack.java import java, jmx_exporter
from stack.layout import Layout
from stack.program import CAPTURE, JVM_STOP_SECONDS, OURS, STORES, WATCHERS, Program
from stack.render import TEMPLATES
from stack.rules import digest, local_rules
from stack.settings import HOST, Settings
from stack.stores import stores


def _ours(settings: Settings, env: Mapping[str, str]) -> list[Program]:
    python = {"PYTHONUNBUFFERED": "1"}

    def program(name: str, command: tuple[str, ...], variables: Mapping[str, str]) -> Program:
        own = {**variables, **python}
        return Program(name=name, command=(sys.executable, "-m", *command), priority=OURS, directory=settings.root, env=own)

    workers = [
        program(
            f"worker-{number}", ("cdc_consumer", "worker"), select(env, "CDC_") | worker_env(settings, number) | routes.worker(settings)
        )
        for number in range(1, settings.state.workers + 1)
    ]
    prober = replace(program("prober", ("monitor.prober",), select(env, "PROBER_")), priority=WATCHERS)
    board = replace(program("board", ("monitor.board",), select(env, "BOARD_")), priority=WATCHERS)
    return [
        program("api", ("api",), select(env, "API_") | routes.api(settings, env)),
        program("keeper", ("connectors", "keep"), keeper_env(env)),
        *workers,
        prober,
        board,
    ]


def _proxy(settings: Settings, paths: Layout, components: Components) -> Program:
    where = ("-host", HOST, "-port", str(settings.port("PROXY")), "-config", str(paths.etc / "proxies.json"))
    command = (str(components.toxiproxy), *where)
    return Program(name=routes.PROGRAM, command=command, priority=STORES - 1, directory=paths.etc, env={"LOG_LEVEL": "warn"})


def programs(settings: Settings, paths: Layout, components: Components, env: Mapping[str, str], watch_pid: int = 0) -> list[Program]:
    """Every program of the stack. With `watch_pid` the stack ends when that process does (a test session)."""
    connect = java(
        components,
        paths,
        "connect",
        settings.shared["CONNECT_HEAP"],
        "org.apache.kafka.connect.cli.ConnectDistributed",
        str(paths.etc / "connect.properties"),
        agent=jmx_exporter(settings, components, paths.etc / "jmx-connect.yml", "CONNECT_METRICS"),
    )
    prometheus = (
        str(components.prometheus),
        f"--config.file={paths.etc / 'prometheus.yml'}",
        f"--storage.tsdb.path={paths.data / 'prometheus'}",
        "--storage.tsdb.retention.time=31d",
        "--storage.tsdb.retention.size=1GB",
        f"--web.listen-address={HOST}:{settings.port('PROMETHEUS')}",
        f"--web.external-url=http://{HOST}:{settings.port('PROMETHEUS')}",
        "--rules.alert.resend-delay=15s",  # an alert ends in Alertmanager four times this after Prometheus' death
        "--log.level=warn",
    )
    alertmanager = (
        str(components.alertmanager),
        f"--config.file={paths.etc / 'alertmanager.yml'}",
        f"--storage.path={paths.data / 'alertmanager'}",
        "--data.retention=120h",
        f"--web.listen-address={HOST}:{settings.port('ALERTMANAGER')}",
        f"--web.external-url=http://{HOST}:{settings.port('ALERTMANAGER')}",
        "--cluster.listen-address=",
        "--log.level=warn",
    )
    watched = digest((TEMPLATES / "prometheus.yml").read_text(), local_rules(settings))
    routed = digest((TEMPLATES / "alertmanager.yml").read_text())
    found = [
        *stores(settings, paths, components),
        Program(
            name="connect",
            command=connect,
            priority=CAPTURE,
            directory=paths.data / brokers.nodes(settings)[-1].name,
            stop_seconds=JVM_STOP_SECONDS,
        ),
        *_ours(settings, env),
        Program(
            name="alertmanager",
            command=alertmanager,
            priority=WATCHERS,
            directory=at if (at := templates(components.alertmanager)).is_dir() else paths.data / "alertmanager",
            env={"CONFIGURATION": routed},
        ),
        Program(
            name="prometheus", command=prometheus, priority=WATCHERS, directory=paths.data / "prometheus", env={"CONFIGURATION": watched}
        ),
    ]
    if settings.state.proxies:
        found.append(_proxy(settings, paths, components))
    if watch_pid:
        guard = (sys.executable, "-m", "stack.guard", str(watch_pid))
        found.append(Program(name="guard", command=guard, priority=WATCHERS, directory=settings.root, stop_seconds=2))
    return found
