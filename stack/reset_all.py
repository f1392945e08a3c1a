"""`reset-all`: schema, rows and documents from scratch, while the workers and the API go on running.

1. The connector goes, with its stored offsets and its replication slot: nothing is captured any more.
2. `alembic downgrade base`, 3. `alembic upgrade head`: the tables are new and empty.
4. MongoDB is emptied, and its floors are raised to a new epoch: records of the old life that are still on their way stay dead.
5. The connector is registered with that epoch. 6. `up` seeds and waits until every row is there.

state.json says that it is under way until step 5 is done; every step is harmless twice, so an interrupted one is begun again.
"""

from __future__ import annotations

import sys
import time
from dataclasses import replace
from functools import partial

from rich.console import Console

from stack.environment import select
from stack.handle import Stack
from stack.plan import Step, Watch, execute
from stack.report import TerminalReport
from stack.tools import run_tool

_PREFIXES = {"connectors": "CONNECT_", "alembic": "MIGRATE_", "scripts/clean_mongo.py": "CLEAN_"}


def finish_reset(stack: Stack, console: Console) -> Stack:
    """Carries out steps 1 to 5 on a stack that serves. Raises StackError; the next `up` or `reset-all` then begins again."""
    settings = stack.settings.remember(resetting=True, seed="")
    epoch = str(int(time.time()))
    chain = (
        ("capture off", ("connectors", "delete", "--slot", "--offsets")),
        ("downgrade", ("alembic", "downgrade", "base")),
        ("upgrade", ("alembic", "upgrade", "head")),
        ("clean", ("scripts/clean_mongo.py", "--yes", "--floor-epoch", epoch)),
        ("capture on", ("connectors", "register", "--epoch", epoch, "--timeout", "90")),
    )
    steps: list[Step] = []
    for name, command in chain:
        steps.append(Step(name, partial(_run, stack, command), tuple(step.name for step in steps[-1:])))
    with TerminalReport(console) as report:
        execute(steps, report)
    return replace(stack, settings=settings.remember(resetting=False))


def _run(stack: Stack, command: tuple[str, ...], watch: Watch) -> str:
    tool = command[0]
    start = [sys.executable, *([] if tool.endswith(".py") else ["-m"]), *command]
    log = stack.paths.log / f"reset-{watch.step.replace(' ', '-')}.log"
    last = run_tool(start, watch, log=log, seconds=120, env=select(stack.env, _PREFIXES[tool]), advice="Then again: make reset-all")
    return "done" if tool == "alembic" else last
