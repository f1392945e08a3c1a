"""`python -m tests.planted.worker`: a worker with the bug PLANTED_BUG.

PLANTED_STOP="after_fetch:3" makes it stop itself (SIGSTOP) the third time it comes to that point: a zombie that holds old records and
wakes when the test says so. PLANTED_STRETCH=0.3 makes every transaction up to so many seconds longer, between its reads and its writes.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal

from cdc_consumer import crash_points
from cdc_consumer.__main__ import main
from tests.planted.bugs import BUGS


def arm() -> None:
    """As the variables say."""
    point, _, number = os.environ.get("PLANTED_STOP", "").partition(":")
    stretch, left = float(os.environ.get("PLANTED_STRETCH", "0")), int(number or 0)

    async def reached(name: str) -> None:
        nonlocal left
        if name == point:
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGSTOP)
        if stretch and name == "inside_materialise":
            await asyncio.sleep(random.uniform(0, stretch))

    if point or stretch:
        crash_points.armed = reached


if __name__ == "__main__":
    with BUGS[os.environ["PLANTED_BUG"]]():
        arm()
        main(["worker"])
