"""The processes that keep data: Postgres, Kafka, MongoDB, Redis."""

from __future__ import annotations

from stack import brokers, members
from stack.components import Components
from stack.java import java, jmx_exporter
from stack.jvm import SHARED
from stack.layout import Layout, postgres_user
from stack.program import JVM_STOP_SECONDS, STORES, Program
from stack.settings import Settings


def stores(settings: Settings, paths: Layout, components: Components) -> list[Program]:
    """Every one of them."""
    home = paths.postgres
    postgres = (
        *(str(components.postgres_bin / "postgres"), "-D", str(home / "data")),
        *("-c", f"config_file={home / 'postgresql.conf'}", "-c", f"hba_file={home / 'pg_hba.conf'}"),
    )
    return [
        Program(  # INT is Postgres' fast shutdown; TERM would wait for every client
            name="postgres", command=postgres, priority=STORES, directory=home, user=postgres_user(), stop_signal="INT", stop_seconds=30
        ),
        *(_kafka(settings, paths, components, node) for node in brokers.nodes(settings)),
        *(
            Program(
                name=member.name,
                command=(str(components.mongod), "--config", str(paths.etc / member.file)),
                priority=STORES,
                directory=paths.data / member.name,
                stop_seconds=30,
            )
            for member in members.members(settings)
        ),
        Program(
            name="redis",
            command=(str(components.redis_server), str(paths.etc / "redis.conf")),
            priority=STORES,
            directory=paths.data / "redis",
        ),
    ]


def _kafka(settings: Settings, paths: Layout, components: Components, node: brokers.Node) -> Program:
    archive = "kafka" if settings.state.brokers == 1 else SHARED
    command = java(
        *(components, paths, archive, settings.shared[node.heap], "kafka.Kafka", str(paths.etc / node.file)),
        agent=jmx_exporter(settings, components, paths.etc / "jmx-kafka.yml", node.metrics),
    )
    # Supervisor stops the highest first: a broker's orderly stop needs the controller.
    priority = STORES if node.serves else STORES - 1
    return Program(name=node.name, command=command, priority=priority, directory=paths.data / node.name, stop_seconds=JVM_STOP_SECONDS)
