"""The commands that need a stack that exists already: logs, restart, exec, down, reset."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NoReturn

from rich.console import Console

from stack.errors import StackError
from stack.handle import Stack
from stack.plan import Step, Watch, execute
from stack.report import TerminalReport
from stack.status import await_ready


def matching(stack: Stack, wanted: str) -> list[str]:
    """The programs of that name; `worker` means every worker. Raises StackError naming those that exist."""
    names = sorted(stack.supervisor.processes())
    found = [name for name in names if name == wanted or name.rpartition("-")[0] == wanted]
    if not found:
        raise StackError(f"there is no program {wanted!r}", advice=f"There are: {', '.join(names)}")
    return found


def restart(stack: Stack, wanted: str, console: Console) -> None:
    """Stops and starts a program and waits until the whole stack is ready again."""
    stack.require_running()
    names = matching(stack, wanted)

    def renew(watch: Watch) -> str:
        for name in names:
            watch.note(f"stopping {name}")
            stack.supervisor.stop_program(name)
            stack.supervisor.start_program(name)
        return f"{', '.join(names)} started again"

    def ready(watch: Watch) -> str:
        await_ready(stack, 120, watch.note)
        return "every service is ready"

    with TerminalReport(console) as report:
        execute([Step("restart", renew), Step("ready", ready, ("restart",))], report)


def logs(stack: Stack, wanted: str | None, *, lines: int, follow: bool) -> NoReturn:
    """Shows the ends of logs, with tail in place of this process. Raises StackError if there are none."""
    known = {path.stem: path for path in sorted(stack.paths.log.glob("*.log"))}
    found = [path for name, path in known.items() if wanted in (None, name, name.rpartition("-")[0])]
    if not found:
        raise StackError(f"there is no log of {wanted!r}", advice=f"There are: {', '.join(known)}")
    sys.stdout.flush()
    os.execvp("tail", ["tail", "-n", str(lines), *(["-F"] if follow else []), *map(str, found)])  # noqa: S606 tail's own arguments


def environment(stack: Stack, base: Mapping[str, str]) -> dict[str, str]:
    """The variables of every process over the caller's own; `python` is the one that runs this."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{base.get('PATH', os.defpath)}"
    return {**base, **stack.env, "PATH": path}


def run(stack: Stack, command: Sequence[str]) -> NoReturn:
    """Runs a command with the variables of every process, in place of this one. Raises StackError if it cannot be started."""
    env = environment(stack, os.environ)
    sys.stdout.flush()
    try:
        os.execvpe(command[0], list(command), env)  # noqa: S606 the caller's own command
    except OSError as error:
        raise StackError(f"{command[0]} cannot be started: {error.strerror}") from error
