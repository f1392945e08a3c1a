"""Named points between the steps of a chunk, at which a test makes the process die, an error appear, or a worker wait.

CDC_CRASH_AT="after_mirror:3" kills the process (SIGKILL) the third time it reaches the point; a test in the same process sets
`armed` to a coroutine function instead. Unarmed, a point costs one comparison.
"""

from __future__ import annotations

import os
import signal
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

armed: Callable[[str], Awaitable[None]] | None = None


async def reach(point: str) -> None:
    """Say that the process has come to a point."""
    if armed is not None:
        await armed(point)


def arm_from(text: str) -> None:
    """Arm "point" or "point:n": SIGKILL at the n-th time it is reached. Raises ValueError for an unknown point."""
    global armed  # noqa: PLW0603 - one switch for the process
    point, _, number = text.partition(":")
    if point not in POINTS:
        raise ValueError(f"unknown crash point {point!r}; there are {', '.join(POINTS)}")
    left = int(number or 1)

    async def count_down(reached: str) -> None:
        nonlocal left
        if reached == point:
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    armed = count_down
