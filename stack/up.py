"""`up`: from nothing, from anything half done, or from a stack that runs, to a pipeline that is complete."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace

from rich.console import Console

from stack import brokers, jvm, members
from stack import settings as stacks
from stack.bringup import BringUp, Changes
from stack.completeness import Count, await_complete, counts
from stack.components import Components, provide, toxiproxy
from stack.errors import StackError
from stack.handle import Stack, prepared
from stack.layout import layout
from stack.lock import locked
from stack.plan import Step, Watch, execute
from stack.ports import await_free
from stack.programs import programs
from stack.render import write_all
from stack.report import TerminalReport
from stack.reset_all import finish_reset
from stack.seeding import Amounts, present, seed
from stack.settings import Settings
from stack.shape import sized
from stack.supervision import Supervisor
from stack.tables import print_counts, print_next, print_urls


@dataclass(frozen=True)
class Options:
    """What the command line says. A number that is None is that of last time."""

    workers: int | None = None
    brokers: int | None = None
    mongo_nodes: int | None = None
    proxies: int | None = None
    seed: bool = True
    watch_pid: int = 0


def up(options: Options, console: Console) -> None:
    """Brings the stack up. Raises StackError; what has started by then keeps running, and the next call continues."""
    found = _settings(options)
    with locked(found.directory):
        report = TerminalReport(console)
        changes = Changes()
        with report:
            components = _components(report, bool(found.state.proxies))
            stack = _supervised(found, components, options, changes, report)
            execute(BringUp(stack, components, changes).steps(), report)
        if stack.settings.state.resetting:
            stack = finish_reset(stack, console)
            changes.add("new schema and empty MongoDB")
        complete = _complete(stack, options, changes, console)
        console.print()
        print_urls(stack, console)
        console.print()
        print_counts(complete, console)
        print_next(stack, console)
        if changes.made:
            console.print(f"\nThe stack is up after {report.seconds:.0f} s.", highlight=False)
        else:
            console.print(f"\nThe stack was up already: attached, nothing was changed ({report.seconds:.1f} s).", highlight=False)


def _settings(options: Options) -> Settings:
    found = stacks.load()
    limit = int(found.shared["TOPIC_PARTITIONS"])
    workers = options.workers if options.workers is not None else found.state.workers
    if not 1 <= workers <= limit:
        raise StackError(f"WORKERS={workers}: from 1 to {limit}, the number of partitions of a topic, is possible")
    return sized(
        replace(found, state=replace(found.state, workers=workers)),
        brokers=options.brokers,
        mongo_nodes=options.mongo_nodes,
        proxies=options.proxies,
    )


def _components(report: TerminalReport, routed: bool) -> Components:
    report.started("components")
    found = provide(lambda text: report.note("components", text))
    if routed:
        found = replace(found, toxiproxy=toxiproxy.provide(lambda text: report.note("components", text)))
    report.finished("components", "")
    return found


def _attachable(found: Settings) -> bool:
    """Whether the stack runs. Raises StackError if it does not answer, or runs with other ports; nothing is written before."""
    supervisor = Supervisor(layout(found.directory))
    pid = supervisor.pid()
    if pid is None:
        return False
    if not supervisor.answers():
        raise StackError(f"supervisord (pid {pid}) does not answer", advice="Try: make down, then make up")
    recorded = stacks.load({"STACK_DIR": str(found.directory)}).state
    for word, runs, wanted in (
        ("STACK_PORT_OFFSET", recorded.offset, found.state.offset),
        ("PROXIES", recorded.proxies, found.state.proxies),
    ):
        if runs != wanted:
            raise StackError(f"this stack runs with {word}={runs}, not {wanted}", advice="Leave it out to attach, or first: make down")
    return True


def _supervised(found: Settings, components: Components, options: Options, changes: Changes, report: TerminalReport) -> Stack:
    """A stack whose supervisord runs with the wanted programs, none of them started by this."""
    running = _attachable(found)
    if not running:
        report.started("ports")
        await_free(found.ports())
        report.finished("ports", "")
    stack = prepared(found)
    sets = (*(node.name for node in brokers.nodes(found)), *(node.name for node in members.members(found)))
    names = (*sets, "redis", "prometheus", "alertmanager")
    for path in (*(stack.paths.data / name for name in names), stack.paths.postgres):
        path.mkdir(parents=True, exist_ok=True)
    write_all(found, stack.paths, components.connect_plugins)
    stack.supervisor.configure(programs(found, stack.paths, components, stack.env, options.watch_pid))
    stack = replace(stack, settings=found.remember())
    if running:
        touched = stack.supervisor.adopt()
        changes.add(f"renewed {', '.join(touched)}", bool(touched))
    else:
        jvm.configure(stack.paths, components)
        stack.supervisor.start()
        changes.add("started supervisor")
    if options.watch_pid:
        stack.supervisor.start_program("guard")
    return stack


def _complete(stack: Stack, options: Options, changes: Changes, console: Console) -> list[Count]:
    """Counts, once the first rows are seeded and every one of them is in MongoDB."""
    state, env = stack.settings.state, stack.env
    if not options.seed or state.seed == "complete":
        return counts(env["VERIFY_POSTGRES_DSN"], env["VERIFY_MONGO_URI"], env["VERIFY_MONGO_DB"])
    there = present(env["VERIFY_POSTGRES_DSN"])
    foreign = not state.seed and there.users  # rows of somebody's own: nothing is added to them
    missing = Amounts(0, 0, 0) if foreign else Amounts.of(os.environ).less(there)
    settings = stack.settings.remember(seed="started")
    if missing.any():
        console.print(f"Seeding {missing.users:,} users, {missing.items:,} items and {missing.tags:,} tags", highlight=False)
        changes.add("seeded")
        seed(missing, {**os.environ, "SEED_POSTGRES_DSN": env["SEED_POSTGRES_DSN"]})
    found = replicated(stack, console)
    settings.remember(seed="complete")
    return found


def replicated(stack: Stack, console: Console) -> list[Count]:
    """Counts, once every row is in MongoDB; shows how far it is."""
    result: list[Count] = []

    def wait(watch: Watch) -> str:
        result.extend(await_complete(stack.env, watch))
        return "every row is in MongoDB"

    with TerminalReport(console) as report:
        execute([Step("replication", wait)], report)
    return result
