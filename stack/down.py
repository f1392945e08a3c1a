"""`down` and `reset`: everything that the stack started ends, and nothing else."""

from __future__ import annotations

import contextlib
import http.client
import shutil
import signal
import time
import xmlrpc.client
from collections.abc import Iterable
from pathlib import Path

from rich.console import Console

from stack import jvm, postgres
from stack import layout as layouts
from stack.brokers import CONTROLLER
from stack.errors import StackError
from stack.handle import Stack
from stack.plan import Step, Watch, execute
from stack.report import TerminalReport
from stack.routes import PROGRAM

_STORES = {"postgres", "kafka", "mongo", "redis"}
_LAST = {CONTROLLER, PROGRAM}  # a broker's orderly stop needs the one, a client's the other
_GONE = {"STOPPED", "EXITED", "FATAL", "UNKNOWN"}
_PROGRAM_SECONDS = 60.0  # longer than any stopwaitsecs, after which supervisor kills
_SUPERVISOR_SECONDS = 40.0


def down(stack: Stack, console: Console) -> bool:
    """Stops the stack; those that use the stores first. Answers whether anything ran. Raises StackError if something stays."""
    pid = stack.supervisor.pid()
    if pid is None:
        return False
    steps = [Step("supervisor", lambda watch: _end_supervisor(stack, pid, watch))]
    if stack.supervisor.answers():
        names = set(stack.supervisor.processes())
        stores = {name for name in names - _LAST if name in _STORES or name.rpartition("-")[0] in _STORES}
        last = names & _LAST
        steps = [
            Step("programs", lambda watch: _stop(stack, names - stores - last - {"guard"}, watch)),
            Step("stores", lambda watch: _stop(stack, stores, watch), ("programs",)),
            Step("their needs", lambda watch: _stop(stack, last, watch) if last else "", ("stores",)),
            Step("archives", lambda _: _keep_archives(stack), ("their needs",)),
            Step("supervisor", lambda watch: _end_supervisor(stack, pid, watch), ("archives",)),
        ]
    with TerminalReport(console) as report:
        execute(steps, report)
    return True


def _stop(stack: Stack, names: Iterable[str], watch: Watch) -> str:
    wanted = sorted(names)
    for name in wanted:
        stack.supervisor.stop_program(name, wait=False)
    end = time.monotonic() + _PROGRAM_SECONDS
    while left := [name for name in wanted if stack.supervisor.processes()[name].state not in _GONE]:
        if time.monotonic() > end:
            raise StackError(f"{', '.join(left)} cannot be stopped", advice="Look at: make status, then again: make down")
        watch.note(f"waiting for {', '.join(left)}")
        watch.pause(0.1)
    return f"stopped {', '.join(wanted)}"


def _keep_archives(stack: Stack) -> str:
    kept = jvm.keep(stack.paths, {name: process.exit_code for name, process in stack.supervisor.processes().items()})
    return f"of {' and '.join(kept)}: they start faster from now on" if kept else ""


def _end_supervisor(stack: Stack, pid: int, watch: Watch) -> str:
    """Asks, then TERM, then KILL: its programs are tied to it and end with it."""
    with contextlib.suppress(OSError, http.client.HTTPException, xmlrpc.client.Error):
        stack.supervisor.shutdown()
    for seconds, number in ((_SUPERVISOR_SECONDS, signal.SIGTERM), (_SUPERVISOR_SECONDS, signal.SIGKILL), (10.0, None)):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if stack.supervisor.pid() is None and not _alive(pid, stack):
                return "ended"
            watch.note("waiting for supervisord to end")
            watch.pause(0.1)
        if number:
            stack.supervisor.signal(number)
    raise StackError(f"supervisord (pid {pid}) does not end", advice=f"Look at it: ps -fp {pid}")


def _alive(pid: int, stack: Stack) -> bool:
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
        command = Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False
    return text.rpartition(")")[2].split()[0] != "Z" and str(stack.paths.supervisor_conf).encode() in command


def erase(stack: Stack) -> None:
    """Deletes the data of a stopped stack: what a stack writes into its directory, and nothing else that may lie there."""
    postgres.remove(stack.paths)
    for name in layouts.OWNED:
        path = stack.paths.directory / name
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    if stack.paths.run.parent != stack.paths.directory:
        shutil.rmtree(stack.paths.run, ignore_errors=True)
    with contextlib.suppress(OSError):
        stack.paths.directory.rmdir()
