"""One command at a time changes a stack."""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator
from pathlib import Path

from stack.errors import StackError


@contextlib.contextmanager
def locked(directory: Path, seconds: float = 5.0) -> Iterator[None]:
    """Holds the stack's lock; the kernel frees it however the holder ends. Raises StackError when another keeps it."""
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / "lock"
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        end = time.monotonic() + seconds
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > end:
                    holder = path.read_text().strip() or "unknown"
                    reason = f"another command (pid {holder}) is at work on {directory}"
                    raise StackError(reason, advice="Wait for it, or end it with Ctrl-C there; then try again") from None
                time.sleep(0.1)
        os.truncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        yield
    finally:
        os.close(descriptor)
