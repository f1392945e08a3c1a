"""Supervisor: starting it, attaching to it, and what it is asked to do (XML-RPC over a unix socket)."""

from __future__ import annotations

import http.client
import os
import signal
import subprocess
import sys
import time
import xmlrpc.client
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from stack.errors import StackError
from stack.layout import Layout
from stack.program import Program, section
from stack.render import fill, write
from stack.rpc import Transport

_GONE_SECONDS = 20.0
_KEPT = ("PATH", "HOME", "USER", "LANG", "LC_ALL", "TMPDIR", "TZ")


@dataclass(frozen=True)
class Process:
    """What supervisor says of a program. `state` is RUNNING, BACKOFF, STOPPED, ...; `uptime` is in seconds; `exit_code` is the last one."""

    name: str
    state: str
    pid: int
    uptime: int
    exit_code: int


class Supervisor:
    """The supervisord of one stack, running or not."""

    def __init__(self, paths: Layout) -> None:
        self.paths = paths

    def _call(self, method: str, *arguments: Any) -> Any:
        with xmlrpc.client.ServerProxy("http://localhost/RPC2", transport=Transport(str(self.paths.socket))) as proxy:
            return getattr(proxy.supervisor, method)(*arguments)

    def pid(self) -> int | None:
        """The pid of this stack's supervisord, None if it does not run."""
        try:
            return int(self._call("getPID"))
        except (OSError, http.client.HTTPException, xmlrpc.client.Error):
            return self._recorded_pid()

    def _recorded_pid(self) -> int | None:
        """The pid that was written down, if that process still is our supervisord: ids are used again."""
        try:
            pid = int(self.paths.pidfile.read_text())
            command = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        except (OSError, ValueError):
            return None
        return pid if os.fsencode(self.paths.supervisor_conf) in command else None

    def configure(self, programs: list[Program]) -> None:
        """Writes supervisord.conf (mode 0600: it holds passwords)."""
        sections = "\n".join(section(program, self.paths) for program in programs)
        text = fill(
            "supervisord.conf",
            {
                "SUPERVISOR_SOCKET": str(self.paths.socket),
                "SUPERVISOR_PID": str(self.paths.pidfile),
                "SUPERVISOR_USER": "user=root" if os.geteuid() == 0 else "",
                "LOG_DIR": str(self.paths.log),
                "PROGRAMS": sections,
            },
        )
        write(self.paths.supervisor_conf, text, mode=0o600)

    def start(self, deadline: float = 15.0) -> None:
        """Starts supervisord in a session of its own (Ctrl-C here does not reach it). Raises StackError with its last words."""
        log = self.paths.log / "supervisord.out"
        environment = {key: value for key, value in os.environ.items() if key in _KEPT}
        command = [sys.executable, "-W", "ignore", "-m", "supervisor.supervisord", "-n", "-c", str(self.paths.supervisor_conf)]
        with log.open("wb") as out:
            process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, env=environment, start_new_session=True, cwd="/"
            )
        end = time.monotonic() + deadline
        while time.monotonic() < end:
            if process.poll() is not None:
                raise StackError(f"supervisord ended with code {process.returncode}", log=log, advice="Try again with: make up")
            if self.answers():
                return
            time.sleep(0.05)
        raise StackError(f"supervisord did not answer within {deadline:.0f} s", log=log, advice="Try: make down, then make up")

    def answers(self) -> bool:
        """Whether the control socket works."""
        try:
            return bool(self._call("getPID"))
        except (OSError, http.client.HTTPException, xmlrpc.client.Error):
            return False

    def processes(self) -> dict[str, Process]:
        """Every configured program by name. Raises StackError if supervisord does not answer."""
        try:
            rows = cast("list[dict[str, Any]]", self._call("getAllProcessInfo"))
        except (OSError, http.client.HTTPException, xmlrpc.client.Error) as error:
            raise StackError(f"supervisord does not answer: {error}", advice="Start the stack with: make up") from error
        return {
            row["name"]: Process(
                row["name"], row["statename"], row["pid"], row["now"] - row["start"] if row["pid"] else 0, row["exitstatus"]
            )
            for row in rows
        }

    def adopt(self) -> list[str]:
        """Takes over a changed configuration: programs that went are stopped, changed ones are renewed. Answers the names touched."""
        ((added, changed, removed),) = cast("list[list[list[str]]]", self._call("reloadConfig"))
        for name in (*changed, *removed):
            self._call("stopProcessGroup", name)
            self._call("removeProcessGroup", name)
        for name in (*added, *changed):
            self._call("addProcessGroup", name)
        return [*added, *changed, *removed]

    def start_program(self, name: str) -> bool:
        """Starts a program unless it runs. Answers whether it had to. Does not wait for it to serve."""
        try:
            self._call("startProcess", name, False)
        except xmlrpc.client.Fault as fault:
            if "ALREADY_STARTED" in fault.faultString:
                return False
            raise StackError(f"{name} cannot be started: {fault.faultString}", log=self.log_of(name)) from fault
        return True

    def stop_program(self, name: str, *, wait: bool = True) -> None:
        """Stops a program; one that does not run is left as it is."""
        try:
            self._call("stopProcess", name, wait)
        except xmlrpc.client.Fault as fault:
            if "NOT_RUNNING" not in fault.faultString:
                raise StackError(f"{name} cannot be stopped: {fault.faultString}", log=self.log_of(name)) from fault

    def kill_program(self, name: str) -> None:
        """SIGKILL, and it stays away. Frozen first: a request to stop, without which it would be started again, then cannot be heard."""
        pid = self.processes()[name].pid
        if not pid:
            return
        os.kill(pid, signal.SIGSTOP)
        self.stop_program(name, wait=False)
        os.kill(pid, signal.SIGKILL)
        self.await_end(name)

    def await_end(self, name: str) -> None:
        """Waits until supervisord has seen that a program which is to end has ended, for a while."""
        end = time.monotonic() + _GONE_SECONDS
        while self.processes()[name].state == "STOPPING" and time.monotonic() < end:
            time.sleep(0.05)

    def signal_program(self, name: str, signal_name: str) -> None:
        """Sends a signal ("KILL", "STOP", "CONT", ...) to one program's process. Raises StackError when it does not run."""
        try:
            self._call("signalProcess", name, signal_name)
        except xmlrpc.client.Fault as fault:
            raise StackError(f"{name} cannot be signalled: {fault.faultString}", log=self.log_of(name)) from fault

    def log_of(self, name: str) -> Path:
        """Where a program's output goes."""
        return self.paths.log / f"{name}.log"

    def shutdown(self) -> None:
        """Asks supervisord to stop everything and end."""
        self._call("shutdown")

    def signal(self, number: signal.Signals) -> None:
        """Signals supervisord itself, after checking that the recorded pid still is ours."""
        pid = self.pid()
        if pid is not None:
            os.kill(pid, number)
