"""`up`: from nothing, from anything half done, or from a stack that runs, to a pipeline that is complete."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace

from rich.console import Console

from stack import settings as stacks
from stack.bringup import BringUp, Changes
from stack.completeness import Count, await_complete, counts
from stack.components import Components, provide
from stack.errors import StackError
from stack.handle import Stack, prepared
from stack.lock import locked
from stack.plan import Step, Watch, execute
from stack.ports import await_free
from stack.programs import programs
from stack.render import write_all
from stack.report import TerminalReport
from stack.reset_all import finish_reset
from stack.seeding import Amounts, present, seed
from stack.settings import Settings
from stack.tables import print_counts, print_next, print_urls


@dataclass(frozen=True)
class Options:
    """What the command line says. `workers` None keeps the number of last time."""

    workers: int | None = None
    seed: bool = True
    watch_pid: int = 0


def up(options: Options, console: Console) -> None:
    """Brings the stack up. Raises StackError; what has started by then keeps running, and the next call continues."""
    found = _settings(options)
    with locked(found.directory):
        report = TerminalReport(console)
        changes = Changes()
        with report:
            components = _components(report)
            stack = _supervised(found, components, options, changes, report)
            execute(BringUp(stack, components, changes).steps(), report)
        if stack.settings.state.resetting:
            stack = finish_reset(stack, console)
        complete = _complete(stack, options, console)
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
    return replace(found, state=replace(found.state, workers=workers))


def _components(report: TerminalReport) -> Components:
    report.started("components")
    found = provide(lambda text: report.note("components", text))
    report.finished("components", "")
    return found


def _supervised(found: Settings, components: Components, options: Options, changes: Changes, report: TerminalReport) -> Stack:
    """A stack whose supervisord runs with the wanted programs, none of them started by this."""
    recorded = stacks.load({"STACK_DIR": str(found.directory)})
    stack = prepared(found)
    running = stack.supervisor.pid() is not None
    if running and not stack.supervisor.answers():
        raise StackError(f"supervisord (pid {stack.supervisor.pid()}) does not answer", advice="Try: make down, then make up")
    if running and recorded.state.offset != found.state.offset:
        raise StackError(
            f"this stack runs with STACK_PORT_OFFSET={recorded.state.offset}, not {found.state.offset}",
            advice="Leave it out to attach, or first: make down",
        )
    for name in ("kafka", "mongo", "redis", "prometheus"):
        (stack.paths.data / name).mkdir(exist_ok=True)
    write_all(found, stack.paths, components.connect_plugins)
    stack.paths.postgres.mkdir(parents=True, exist_ok=True)
    stack.supervisor.configure(programs(found, stack.paths, components, stack.env, options.watch_pid))
    stack = replace(stack, settings=found.remember(workers=found.state.workers))
    if running:
        touched = stack.supervisor.adopt()
        changes.add(f"renewed {', '.join(touched)}", bool(touched))
    else:
        report.started("ports")
        await_free(found.ports())
        report.finished("ports", "")
        stack.supervisor.start()
        changes.add("started supervisor")
    if options.watch_pid:
        stack.supervisor.start_program("guard")
    return stack


def _complete(stack: Stack, options: Options, console: Console) -> list[Count]:
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
