"""The steps of `up`, each harmless when its work is done already: an interrupted start continues, a second one attaches."""

from __future__ import annotations

import json
import sys
import threading
from dataclasses import dataclass, field

from stack import brokers, kafka, members, postgres, routes
from stack.awaiting import await_service
from stack.components import Components
from stack.environment import select
from stack.errors import StackError
from stack.handle import Stack
from stack.java import java
from stack.plan import Step, Watch
from stack.render import values
from stack.tools import run_tool


@dataclass
class Changes:
    """What a start really did, for its closing words. Steps run beside each other, hence the lock."""

    made: list[str] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, text: str, happened: bool = True) -> None:
        """Notes something, if it happened."""
        if happened:
            with self._lock:
                self.made.append(text)


@dataclass(frozen=True)
class BringUp:
    """Makes the steps of one start."""

    stack: Stack
    components: Components
    changes: Changes

    def steps(self) -> list[Step]:
        """All steps; Connect starts beside Kafka and waits for it by itself."""
        workers = [f"worker-{number}" for number in range(1, self.stack.settings.state.workers + 1)]
        routed = (routes.PROGRAM,) if self.stack.settings.state.proxies else ()
        return [
            Step("postgres", self.postgres),
            Step("kafka", self.kafka),
            Step("mongo", self.mongo),
            Step("redis", lambda watch: self.serve("redis", watch)),
            *(Step(name, lambda watch: self.serve(watch.step, watch)) for name in routed),
            Step("connect", lambda watch: self.serve("connect", watch), routed),
            Step("migrations", self.migrate, ("postgres",)),
            Step("topics", self.topics, ("kafka",)),
            Step("connector", self.register, ("migrations", "topics", "connect")),
            *(Step(name, lambda watch: self.serve(watch.step, watch), ("mongo", "topics", *routed)) for name in workers),
            Step("keeper", lambda watch: self.serve("keeper", watch), ("connector",)),
            Step("api", lambda watch: self.serve("api", watch), ("migrations", "mongo", "redis", *routed)),
            Step("prober", lambda watch: self.serve("prober", watch), ("migrations", "topics", "mongo")),
            Step("alertmanager", lambda watch: self.serve("alertmanager", watch)),
            # Last: whoever looks at the first minutes must not see a pipeline that is late only because it was not there yet.
            Step(
                "prometheus",
                lambda watch: self.serve("prometheus", watch),
                ("connector", "api", "prober", "keeper", "alertmanager", *workers),
            ),
            Step("board", lambda watch: self.serve("board", watch), ("connector",)),
        ]

    def serve(self, name: str, watch: Watch) -> str:
        """Starts a program unless it runs, and waits until it serves."""
        service = self.stack.service(name)
        self.changes.add(f"started {name}", self.stack.supervisor.start_program(service.program))
        return await_service(service, self.stack.supervisor, watch)

    def postgres(self, watch: Watch) -> str:
        """Cluster, server, database."""
        stack = self.stack
        filled = values(stack.settings, stack.paths, self.components.connect_plugins)
        made = postgres.prepare(stack.paths, self.components.postgres_bin, stack.passwords, filled, watch)
        self.changes.add("made the Postgres cluster", made)
        admin = stack.env["VERIFY_POSTGRES_DSN"]
        self.changes.add("started postgres", stack.supervisor.start_program("postgres"))
        found = await_service(stack.maintenance(), stack.supervisor, watch)
        self.changes.add("created the database", postgres.create_database(admin, stack.settings.shared["POSTGRES_DB"]))
        return found

    def kafka(self, watch: Watch) -> str:
        """Disks and brokers."""
        paths, nodes = self.stack.paths, brokers.nodes(self.stack.settings)
        command = java(self.components, paths, "", "256m", "kafka.tools.StorageTool")
        cluster = kafka.cluster_id(paths.data / node.name for node in nodes)
        for node in nodes:
            log = paths.log / f"{node.name}-format.log"
            made = kafka.format_disk(paths.data / node.name, paths.etc / node.file, command, cluster=cluster, log=log, watch=watch)
            self.changes.add(f"formatted the disk of {node.name}", made)
            self.changes.add(f"started {node.name}", self.stack.supervisor.start_program(node.name))
        return [await_service(self.stack.service(node.name), self.stack.supervisor, watch) for node in nodes][-1]

    def mongo(self, watch: Watch) -> str:
        """The members of the replica set, and one of them primary."""
        names = [member.name for member in members.members(self.stack.settings)]
        for name in names:
            self.changes.add(f"started {name}", self.stack.supervisor.start_program(name))
        first, *_ = [await_service(self.stack.service(name), self.stack.supervisor, watch) for name in names]
        return first

    def topics(self, _watch: Watch) -> str:
        """The topics that capture needs."""
        made = kafka.create_topics(self.stack.settings, self.stack.env["CDC_BROKER"])
        self.changes.add(f"created {len(made)} topics", bool(made))
        return f"{len(made)} created" if made else "all there"

    def migrate(self, watch: Watch) -> str:
        """Schema, roles and publication at head."""
        log = self.stack.paths.log / "migrations.log"
        run_tool([sys.executable, "-m", "alembic", "upgrade", "head"], watch, log=log, seconds=120, env=select(self.stack.env, "MIGRATE_"))
        ran = log.read_text(errors="replace").count("Running upgrade")
        self.changes.add(f"ran {ran} migrations", bool(ran))
        return f"{ran} run" if ran else "at head"

    def register(self, watch: Watch) -> str:
        """The connector, RUNNING."""
        command = [sys.executable, "-m", "connectors", "register", "--json", "--timeout", "90"]
        log = self.stack.paths.log / "connector.log"
        for again in (True, True, False):  # on a busy machine Connect may take longer than one request waits
            try:
                last = run_tool(command, watch, log=log, seconds=120, env=select(self.stack.env, "CONNECT_"))
                break
            except StackError:
                if not again:
                    raise
                watch.note("registering failed, once more")
                watch.pause(1.0)
        try:
            action = json.loads(last)["action"]
        except (ValueError, KeyError):
            action = "registered"
        self.changes.add(f"{action} the connector", action != "unchanged")
        return f"{action}; {await_service(self.stack.service('connector'), self.stack.supervisor, watch)}"
