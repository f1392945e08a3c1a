"""Waiting for something to be seen, with a deadline."""

import time


def eventually(look, *, seconds, what):
    """The first true answer of `look()`; fails with the last one when time is up."""
    end = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < end, f"not within {seconds} s: {what}; last seen: {found!r}"
        time.sleep(0.1)
    return found
