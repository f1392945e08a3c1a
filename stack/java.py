"""The commands of Kafka's JVMs."""

from __future__ import annotations

from pathlib import Path

from stack.components import Components
from stack.jvm import argument_file
from stack.layout import Layout
from stack.settings import HOST, Settings


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


def jmx_exporter(settings: Settings, components: Components, rules: Path, port: str) -> tuple[str, ...]:
    """What makes a JVM serve its MBeans as metrics, on this machine alone."""
    return (f"-javaagent:{components.jmx_exporter}={HOST}:{settings.port(port)}:{rules}",)
