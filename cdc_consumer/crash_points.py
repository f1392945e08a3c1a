"""Named points between the steps of a chunk, at which a test makes the process die, an error appear, or a worker stand still.

CDC_CRASH_AT="after_mirror:3" kills the process (SIGKILL) the third time it reaches the point, "after_mirror:3:hang" does another of ACTIONS
there; a test in the same process sets `armed` to a coroutine function instead. Unarmed, a point costs one comparison.
"""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Awaitable, Callable
from typing import Final

POINTS: Final = (
    "after_fetch",
    "after_mirror",
    "inside_materialise",  # in the transaction, between its reads and its writes
    "after_materialise",
    "before_acknowledge",
    "after_acknowledge",
    "after_commit",
)

FOR_EVER: Final = 86_400.0  # seconds: longer than any test waits


class Armed(Exception):  # noqa: N818 - the error that a test asked for
    """Raised at a point that is armed to raise."""


async def _kill() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


async def _raise() -> None:
    raise Armed


async def _hang() -> None:
    await asyncio.sleep(FOR_EVER)  # this chunk never ends; everything else of the worker goes on


async def _block() -> None:
    time.sleep(FOR_EVER)  # noqa: ASYNC251 - that is the fault: nothing of the event loop goes on


ACTIONS: Final = {"kill": _kill, "raise": _raise, "hang": _hang, "block": _block}

armed: Callable[[str], Awaitable[None]] | None = None


async def reach(point: str) -> None:
    """Say that the process has come to a point."""
    if armed is not None:
        await armed(point)


def arm_from(text: str) -> None:
    """Arm "point[:n[:action]]": at the n-th time (first) that it is reached. Raises ValueError for an unknown point or action."""
    global armed  # noqa: PLW0603 - one switch for the process
    point, number, action = (*text.split(":"), "", "")[:3]
    if point not in POINTS:
        raise ValueError(f"unknown crash point {point!r}; there are {', '.join(POINTS)}")
    if (action := action or "kill") not in ACTIONS:
        raise ValueError(f"unknown action {action!r} at a crash point; there are {', '.join(ACTIONS)}")
    left = int(number or 1)

    async def count_down(reached: str) -> None:
        nonlocal left
        if reached == point:
            left -= 1
            if left == 0:
                await ACTIONS[action]()

    armed = count_down
