"""The stack of a benchmark: Postgres, Kafka, MongoDB and capture of the project, and a Connect worker for each peer. Nothing else runs."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from string import Template

from rich.console import Console

from bench.peers import PEERS, Peer
from stack import jvm
from stack import settings as stacks
from stack.bringup import BringUp, Changes
from stack.components import Components, provide
from stack.components import peers as plugins
from stack.down import down
from stack.handle import Stack, prepared
from stack.java import java
from stack.plan import execute
from stack.ports import await_free
from stack.program import CAPTURE, Program
from stack.programs import programs
from stack.render import values, write, write_all
from stack.report import TerminalReport
from stack.settings import HOST

PROPERTIES = Path(__file__).with_name("connect.properties")
KEPT = frozenset({"postgres", "kafka", "mongo", "connect", "guard"})
STEPS = ("postgres", "kafka", "mongo", "connect", "migrations", "topics", "connector")


@dataclass(frozen=True)
class Place:
    """A running stack."""

    stack: Stack

    def port(self, peer: Peer) -> int:
        """Where this peer's Connect worker listens."""
        return peer.port + self.stack.settings.state.offset

    def pid(self, name: str) -> int:
        """The process of a program."""
        return self.stack.supervisor.processes()[name].pid

    def start(self, name: str) -> None:
        """Start a program; `bench.sinks` waits for what serves."""
        self.stack.supervisor.start_program(name)

    def stop(self, name: str) -> None:
        """Stop a program."""
        self.stack.supervisor.stop_program(name)


def program(peer: Peer) -> str:
    """The name of a peer's Connect worker."""
    return f"peer-{peer.name}"


@contextmanager
def running(console: Console) -> Iterator[Place]:
    """A stack of its own, gone afterwards. STACK_PORT_OFFSET (5000) shifts its ports. Raises StackError."""
    home = Path(tempfile.mkdtemp(prefix="cdc-bench-", dir="/tmp"))
    home.chmod(0o755)
    try:
        stack = _up(home / "s", console)
        try:
            yield Place(stack)
        finally:
            down(stack, console)
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _up(directory: Path, console: Console) -> Stack:
    offset = os.environ.get("STACK_PORT_OFFSET") or "5000"
    found = stacks.load({"STACK_DIR": str(directory), "STACK_PORT_OFFSET": offset})
    report, changes = TerminalReport(console), Changes()
    with report:
        components = provide(lambda text: report.note("components", text))
        peers = plugins.provide(lambda text: report.note("peers", text))
        await_free(found.ports())
        stack = prepared(found)
        for path in (*(stack.paths.data / name for name in ("kafka", "mongo")), stack.paths.postgres):
            path.mkdir(parents=True, exist_ok=True)
        write_all(found, stack.paths, components.connect_plugins)
        own = [one for one in programs(found, stack.paths, components, stack.env, os.getpid()) if one.name in KEPT]
        stack.supervisor.configure([*own, *(_connect(stack, components, peer, peers) for peer in PEERS)])
        stack = replace(stack, settings=found.remember())
        jvm.configure(stack.paths, components, quick=False)
        stack.supervisor.start()
        stack.supervisor.start_program("guard")
        steps = [one for one in BringUp(stack, components, changes).steps() if one.name in STEPS]
        execute(steps, report)
    return stack


def _connect(stack: Stack, components: Components, peer: Peer, found: plugins.Peers) -> Program:
    filled = values(stack.settings, stack.paths, components.connect_plugins) | {
        "NAME": peer.name,
        "PORT": str(peer.port + stack.settings.state.offset),
        "PLUGINS": str(getattr(found, peer.name)),
        "CONNECT_HOST": HOST,
    }
    target = stack.paths.etc / f"{program(peer)}.properties"
    write(target, Template(PROPERTIES.read_text()).substitute(filled))
    main = "org.apache.kafka.connect.cli.ConnectDistributed"
    command = java(components, stack.paths, "", "1g", main, str(target))
    return Program(name=program(peer), command=command, priority=CAPTURE, directory=stack.paths.data / "kafka", stop_seconds=30)
