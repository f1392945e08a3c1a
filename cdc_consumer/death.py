"""How the process ends when it must not go on."""

from __future__ import annotations

import os
import sys
from typing import NoReturn

import structlog

log = structlog.get_logger()


def die(error: BaseException) -> NoReturn:
    """End the process at once: nothing unfinished is acknowledged, and the supervisor starts a new one.

    Not by way of Faust's shutdown, which can hang (robinhood/faust#684).
    """
    log.critical("worker_died", error=repr(error), exc_info=error)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(70)
