"""Room for what is at work at the same time, in jobs and in bytes."""

from __future__ import annotations

import asyncio
from collections import deque


class Room:
    """Lets jobs in, in the order in which they ask, while there are few of them and they are small together; one alone always fits."""

    def __init__(self, jobs: int, size: int) -> None:
        self._jobs, self._size = jobs, size  # that still fit; the bytes are below 0 while a large one is alone
        self._inside = 0
        self._waiting: deque[tuple[int, asyncio.Future[None]]] = deque()

    async def enter(self, size: int) -> None:
        """Wait for room; `leave` gives it back."""
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((size, turn))
        self._let_in()
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self.leave(size)
            raise

    def grow(self, size: int) -> bool:
        """Make a job that is inside larger, if that fits; `leave` is then to be told the sum."""
        if size > self._size:
            return False
        self._size -= size
        return True

    def leave(self, size: int) -> None:
        """The job is done."""
        self._jobs, self._size = self._jobs + 1, self._size + size
        self._inside -= 1
        self._let_in()

    def _let_in(self) -> None:
        while self._waiting and self._jobs:
            size, turn = self._waiting[0]
            if turn.cancelled():
                self._waiting.popleft()
                continue
            if self._inside and size > self._size:
                return
            self._waiting.popleft()
            self._inside += 1
            self._jobs, self._size = self._jobs - 1, self._size - size
            turn.set_result(None)
