"""`python -m stack.guard PID`: ends the stack that it is a program of when another process, a test session, has died."""

from __future__ import annotations

import os
import select
import signal
import sys


def watch(pid: int) -> None:
    """Returns when the process has ended; at once if there is none. A reused pid cannot mislead a pidfd."""
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    poll.poll()


if __name__ == "__main__":
    watch(int(sys.argv[1]))
    os.kill(os.getppid(), signal.SIGTERM)
