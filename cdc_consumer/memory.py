"""Having the C library give memory back: what a chunk needed is not needed by the next idle hour.

glibc keeps freed blocks of up to 32 MB once it has seen one of that size, in an arena for each thread. The buffers of a bulk write have
some MB; with a fixed limit they are mapped and unmapped one by one (mallopt(3)).
"""

from __future__ import annotations

import ctypes
from typing import Final

_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8  # malloc.h
LARGE: Final = 1024 * 1024  # bytes; from here on a block is the system's own
# Bytes at the end of the heap that are kept, since the next chunk needs them at once: with 256 kB a backlog made four times the page
# faults and took twice the system time (docs/decisions/0025-memory-kept.md).
KEPT: Final = 16 * 1024 * 1024


def give_back() -> None:
    """To be called before any thread is started. Without glibc nothing happens."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is None:
        return
    for option, value in ((_ARENA_MAX, 1), (_MMAP_THRESHOLD, LARGE), (_TRIM_THRESHOLD, KEPT)):
        mallopt(option, value)
