"""Short-lived commands of a start: initdb, the format of Kafka's disk, migrations, the connector's registration."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from stack.errors import StackError
from stack.plan import Watch
from stack.settings import ROOT


def run_tool(
    command: Sequence[str],
    watch: Watch,
    *,
    log: Path,
    seconds: float,
    env: Mapping[str, str] | None = None,
    user: str | None = None,
    advice: str = "Mend what the log names, then again: make up",
) -> str:
    """Runs a command to its end and answers its last line of output, which also stands in `log`.

    It ends with this process, even a killed one, so that the next start never meets a leftover. Raises StackError for an
    exit code other than 0 or a time-out, CancelledError when the plan stops.
    """
    setpriv = shutil.which("setpriv")
    tied = [setpriv, "--pdeathsig", "KILL", "--"] if setpriv else []
    group = pwd.getpwnam(user).pw_gid if user else None
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as out:
        process = subprocess.Popen(
            [*tied, *command],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            env={**os.environ, **(env or {})},
            cwd="/" if user else ROOT,
            user=user,
            group=group,
            extra_groups=[] if user else None,
        )
        try:
            _wait(process, watch, log, seconds, advice)
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
    lines = log.read_text(errors="replace").split("\n")
    return next((line.strip() for line in reversed(lines) if line.strip()), "")


def _wait(process: subprocess.Popen[bytes], watch: Watch, log: Path, seconds: float, advice: str) -> None:
    end = time.monotonic() + seconds
    while (code := process.poll()) is None:
        if time.monotonic() > end:
            raise StackError(f"{watch.step} is not done after {seconds:.0f} s", log=log, advice=advice)
        watch.pause(0.05)
    if code != 0:
        raise StackError(f"{watch.step} ended with code {code}", log=log, advice=advice)
