"""How the process ends when it must not go on."""

from __future__ import annotations

import os
import sys
import threading
from typing import Final, NoReturn

import structlog

STOPPING: Final = 15.0  # seconds, below those that supervisor and Docker give a worker
log = structlog.get_logger()


class StopHung(Exception):  # noqa: N818 - says what happened
    """The worker was told to stop and did not."""


def die(error: BaseException) -> NoReturn:
    """End the process at once: nothing unfinished is acknowledged, and the supervisor starts a new one.

    Not by way of Faust's shutdown, which can hang (robinhood/faust#684).
    """
    try:
        log.critical("worker_died", error=repr(error), exc_info=error)
        sys.stdout.flush()
        sys.stderr.flush()
    finally:  # whoever read the log may be gone
        os._exit(70)


def bound_stop(seconds: float = STOPPING) -> None:
    """End the process in so many seconds if it is still there: while Kafka does not answer, Faust stops for minutes, or never.

    For a worker whose supervisor is gone as well nobody else would end it.
    """
    error = StopHung(f"not stopped {seconds:g} s after it was told to; what was not acknowledged comes again")
    timer = threading.Timer(seconds, die, (error,))
    timer.daemon = True
    timer.start()
