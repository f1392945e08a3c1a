"""Workers that a test starts beside the stack's own: other group and database, or the same."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Mapping
from typing import Any

from stack.settings import ROOT
from tests.e2e.api import until


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def is_ready(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/ready", timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


@contextlib.contextmanager
def worker(stack: Any, variables: Mapping[str, str], ending: signal.Signals = signal.SIGTERM) -> Iterator[subprocess.Popen[bytes]]:
    """A worker with these variables; ready when the block begins unless it died before; ended by a signal if it still runs."""
    port = free_port()
    environment = {**os.environ, **stack.env, "CDC_METRICS_PORT": str(port), **variables}
    process = subprocess.Popen((sys.executable, "-m", "cdc_consumer", "worker"), cwd=ROOT, env=environment)
    try:
        until(lambda: process.poll() is not None or is_ready(port), bool)
        yield process
    finally:
        process.send_signal(ending)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(15)
        process.kill()
        process.wait(10)
