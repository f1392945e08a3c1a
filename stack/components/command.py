"""Runs a download tool: bounded in time, retried, and never silent for long."""

from __future__ import annotations

import contextlib
import os
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from stack.components.store import Progress
from stack.errors import StackError

TRIES = 3
_PAUSE = 2.0  # seconds before the second try, doubled for the third
_REPORT = 5.0  # seconds between two signs of life
_TAIL = 6  # lines of a tool's output worth showing


class FinalError(StackError):
    """A download that another try cannot mend."""


def megabytes(path: Path) -> float:
    """Size of everything below a path. Files that vanish meanwhile count as nothing."""
    total = 0
    for directory, _, files in os.walk(path):  # passes over directories that it cannot open any more
        for name in files:
            with contextlib.suppress(FileNotFoundError):
                total += Path(directory, name).stat(follow_symlinks=False).st_size
    return total / 1e6


def _once(
    command: Sequence[str], label: str, progress: Progress, *, grows: Path, timeout: float, environment: Mapping[str, str] | None
) -> tuple[int, str]:
    started = time.monotonic()
    with tempfile.TemporaryFile("w+") as output:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, env=environment)
        try:
            while True:
                try:
                    code = process.wait(_REPORT)
                    break
                except subprocess.TimeoutExpired:
                    seconds = time.monotonic() - started
                    if seconds > timeout:
                        return -1, f"no answer within {timeout:.0f} s"
                    progress(f"{label}: {megabytes(grows):.0f} MB so far, {seconds:.0f} s")
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
        output.seek(0)
        return code, output.read()


def run(
    command: Sequence[str],
    label: str,
    progress: Progress,
    *,
    grows: Path,
    final: Sequence[str] = (),
    advice: str = "Check the network, then run the same command again: what is complete is kept.",
    timeout: float = 600.0,
    environment: Mapping[str, str] | None = None,
) -> None:
    """Runs `command`, reporting how much has arrived in the directory `grows`.

    Raises:
        FinalError: the output holds one of the texts `final`; not tried again.
        StackError: it failed three times; the message holds the last lines of its output.
    """
    text = ""
    for attempt in range(1, TRIES + 1):
        code, text = _once(command, label, progress, grows=grows, timeout=timeout, environment=environment)
        if code == 0:
            return
        if any(sign in text for sign in final):
            raise FinalError(f"{label}: {command[0]} refused the download\n{_tail(text)}", advice=advice)
        if attempt < TRIES:
            pause = _PAUSE * 2 ** (attempt - 1)
            progress(f"{label}: try {attempt} of {TRIES} failed, next in {pause:.0f} s")
            time.sleep(pause)
    raise StackError(f"{label}: {Path(command[0]).name} failed {TRIES} times\n{_tail(text)}", advice=advice)


def _tail(text: str) -> str:
    lines = [line for line in text.splitlines() if line.strip()]
    return "\n".join(f"  {line}" for line in lines[-_TAIL:])
