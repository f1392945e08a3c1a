"""Named points between the steps of a chunk, at which a test makes the process die or an error appear.

CDC_CRASH_AT="after_mirror:3" kills the process (SIGKILL) the third time it reaches the point; a test in the same process sets
`armed` to a function instead. Unarmed, a point costs one comparison.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from typing import Final

POINTS: Final = (
    "after_fetch",
    "after_mirror",
    "inside_materialise",
    "after_materialise",
    "before_acknowledge",
    "after_acknowledge",
    "after_commit",
)

armed: Callable[[str], None] | None = None


def reach(point: str) -> None:
    """Say that the process has come to a point."""
    if armed is not None:
        armed(point)


def arm_from(text: str) -> None:
    """Arm "point" or "point:n": SIGKILL at the n-th time it is reached. Raises ValueError for an unknown point."""
    global armed  # noqa: PLW0603 - one switch for the process
    point, _, number = text.partition(":")
    if point not in POINTS:
        raise ValueError(f"unknown crash point {point!r}; there are {', '.join(POINTS)}")
    left = int(number or 1)

    def count_down(reached: str) -> None:
        nonlocal left
        if reached == point:
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    armed = count_down
