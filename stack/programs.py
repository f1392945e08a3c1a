"""What a stack runs: one `Program` for each process, in the words that supervisor needs."""

from __future__ import annotations

import shlex
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from stack.components import Components
from stack.components.relocate import templates
from stack.environment import keeper_env, select, worker_env
from stack.jvm import argument_file
from stack.layout import Layout, postgres_user
from stack.render import TEMPLATES, fill
from stack.rules import digest, local_rules
from stack.settings import HOST, Settings

STORES, CAPTURE, OURS, WATCHERS = 10, 20, 30, 40  # supervisor stops the highest first
_JVM_STOP_SECONDS = 45  # the first stop also writes the class archive, see jvm


@dataclass(frozen=True, kw_only=True)
class Program:
    """A supervised process. `command` is executed directly, so that supervisor's pid is the program's own."""

    name: str
    command: tuple[str, ...]
    priority: int
    directory: Path
    env: Mapping[str, str] = field(default_factory=dict)
    user: str | None = None
    stop_signal: str = "TERM"
    stop_seconds: int = 20


def java(
    components: Components, paths: Layout, name: str, heap: str, main: str, *arguments: str, agent: tuple[str, ...] = ()
) -> tuple[str, ...]:
    """The command of a JVM with Kafka's libraries."""
    archive = (f"@{argument_file(paths, name)}",) if name else ()
    return (
        str(components.java),
        *archive,
        "-Xms128m",
        f"-Xmx{heap}",
        "-XX:+ExitOnOutOfMemoryError",
        "-Djava.awt.headless=true",
        f"-Dlog4j2.configurationFile={paths.etc / 'log4j2.yaml'}",
        f"-Dlogging.dir={paths.log}",
        *agent,
        "-cp",
        components.kafka_classpath,
        main,
        *arguments,
    )


def _jmx_exporter(settings: Settings, paths: Layout, components: Components, name: str) -> tuple[str, ...]:
    """What makes a JVM serve its MBeans as metrics, on this machine alone."""
    where = f"{HOST}:{settings.port(f'{name.upper()}_METRICS')}"
    return (f"-javaagent:{components.jmx_exporter}={where}:{paths.etc / f'jmx-{name}.yml'}",)


def _stores(settings: Settings, paths: Layout, components: Components) -> list[Program]:
    home = paths.postgres
    postgres = (
        *(str(components.postgres_bin / "postgres"), "-D", str(home / "data")),
        *("-c", f"config_file={home / 'postgresql.conf'}", "-c", f"hba_file={home / 'pg_hba.conf'}"),
    )
    kafka = java(
        *(components, paths, "kafka", settings.shared["KAFKA_HEAP"], "kafka.Kafka", str(paths.etc / "kafka.properties")),
        agent=_jmx_exporter(settings, paths, components, "kafka"),
    )
    return [
        Program(  # INT is Postgres' fast shutdown; TERM would wait for every client
            name="postgres", command=postgres, priority=STORES, directory=home, user=postgres_user(), stop_signal="INT", stop_seconds=30
        ),
        Program(name="kafka", command=kafka, priority=STORES, directory=paths.data / "kafka", stop_seconds=_JVM_STOP_SECONDS),
        Program(
            name="mongo",
            command=(str(components.mongod), "--config", str(paths.etc / "mongod.conf")),
            priority=STORES,
            directory=paths.data / "mongo",
            stop_seconds=30,
        ),
        Program(
            name="redis",
            command=(str(components.redis_server), str(paths.etc / "redis.conf")),
            priority=STORES,
            directory=paths.data / "redis",
        ),
    ]


def _ours(settings: Settings, env: Mapping[str, str]) -> list[Program]:
    python = {"PYTHONUNBUFFERED": "1"}

    def program(name: str, command: tuple[str, ...], variables: Mapping[str, str]) -> Program:
        own = {**variables, **python}
        return Program(name=name, command=(sys.executable, "-m", *command), priority=OURS, directory=settings.root, env=own)

    workers = [
        program(f"worker-{number}", ("cdc_consumer", "worker"), select(env, "CDC_") | worker_env(settings, number))
        for number in range(1, settings.state.workers + 1)
    ]
    prober = replace(program("prober", ("monitor.prober",), select(env, "PROBER_")), priority=WATCHERS)
    board = replace(program("board", ("monitor.board",), select(env, "BOARD_")), priority=WATCHERS)
    return [
        program("api", ("api",), select(env, "API_")),
        program("keeper", ("connectors", "keep"), keeper_env(env)),
        *workers,
        prober,
        board,
    ]


def programs(settings: Settings, paths: Layout, components: Components, env: Mapping[str, str], watch_pid: int = 0) -> list[Program]:
    """Every program of the stack. With `watch_pid` the stack ends when that process does (a test session)."""
    connect = java(
        components,
        paths,
        "connect",
        settings.shared["CONNECT_HEAP"],
        "org.apache.kafka.connect.cli.ConnectDistributed",
        str(paths.etc / "connect.properties"),
        agent=_jmx_exporter(settings, paths, components, "connect"),
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
        *_stores(settings, paths, components),
        Program(name="connect", command=connect, priority=CAPTURE, directory=paths.data / "kafka", stop_seconds=_JVM_STOP_SECONDS),
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
    if watch_pid:
        guard = (sys.executable, "-m", "stack.guard", str(watch_pid))
        found.append(Program(name="guard", command=guard, priority=WATCHERS, directory=settings.root, stop_seconds=2))
    return found


def _escaped(text: str) -> str:
    return text.replace("%", "%%")


def section(program: Program, paths: Layout) -> str:
    """A program's part of supervisord.conf. Its process dies with supervisord even when that is killed (setpriv)."""
    setpriv = shutil.which("setpriv")
    tied = (setpriv, "--pdeathsig", program.stop_signal, "--") if setpriv else ()
    return fill(
        "program.conf",
        {
            "NAME": program.name,
            "COMMAND": _escaped(shlex.join((*tied, *program.command))),
            "DIRECTORY": _escaped(str(program.directory)),
            "ENVIRONMENT": ",".join(f'{key}="{_escaped(value)}"' for key, value in program.env.items()),
            "USER": f"user={program.user}" if program.user else "",
            "PRIORITY": str(program.priority),
            "STOP_SIGNAL": program.stop_signal,
            "STOP_SECONDS": str(program.stop_seconds),
            "LOG_DIR": _escaped(str(paths.log)),
        },
    )
