"""What the toolkit does, in terms of the session of this process."""

from __future__ import annotations

import os
import subprocess
import sys
import time

from chaoslib.exceptions import InterruptExecution

from chaos.session import current
from stack.settings import ROOT

_snapshots: list[subprocess.Popen[str]] = []
_SNAPSHOT_SECONDS = 240.0


def start_load() -> None:
    """Clients begin to write and read; watchers begin to look."""
    current().start()


def stop_load() -> None:
    """Clients end. What they were promised until now is in the history."""
    current().load.stop()


def wait(seconds: float) -> None:
    """Time goes by: how long a fault lasts is the experiment."""
    time.sleep(seconds)


def settle() -> None:
    """The pipeline keeps up with its clients. Raises InterruptExecution when it does not: then no fault is made."""
    if late := current().settle():
        raise InterruptExecution(late)


def inject() -> str:
    """The fault; answers the evidence that it took effect."""
    return current().inject()


def heal() -> None:
    """The fault is mended."""
    current().heal()


def converge() -> bool:
    """Whether all that was acknowledged can be read."""
    return not current().converge()


def start_snapshot() -> None:
    """All tables are read again while capture goes on."""
    env = {**os.environ, **current().backend.env}
    command = (sys.executable, "-m", "connectors", "snapshot", "--json", "--timeout", str(_SNAPSHOT_SECONDS))
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    _snapshots.append(subprocess.Popen(command, cwd=ROOT, env=env, **streams))  # type: ignore[call-overload]


def end_snapshot() -> str:
    """Wait for it; one that the fault broke off is taken once more. Answers its last words."""
    process = _snapshots.pop()
    try:
        said, _ = process.communicate(timeout=_SNAPSHOT_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        said, _ = process.communicate()
    if process.returncode == 0:
        return said[-500:]
    return current().room.command("connectors", "snapshot", "--json", "--timeout", "120", seconds=150)[-500:]
