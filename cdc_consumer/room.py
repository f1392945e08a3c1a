"""Room for what is at work at the same time, in jobs and in bytes. Pure."""

from __future__ import annotations


class Room:
    """Lets jobs in while there are few of them and they are small together; one alone always fits."""

    def __init__(self, jobs: int, size: int) -> None:
        self._jobs, self._size = jobs, size  # that still fit; the bytes are below 0 while a large one is alone
        self.inside = 0

    def enter(self, size: int) -> bool:
        """Let a job in, if there is room; `leave` gives it back."""
        if not self._jobs or (self.inside and size > self._size):
            return False
        self.inside += 1
        self._jobs, self._size = self._jobs - 1, self._size - size
        return True

    def grow(self, size: int) -> bool:
        """Make a job that is inside larger, if that fits."""
        if size > self._size:
            return False
        self._size -= size
        return True

    def shrink(self, size: int) -> None:
        """A part of a job is done."""
        self._size += size

    def leave(self) -> None:
        """The job is done, and all its bytes were given back."""
        self._jobs += 1
        self.inside -= 1
