"""The API as its clients use it, and waiting for what they wait for."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx2
import pytest

SECONDS = 30.0


def until(what: Callable[[], Any], wanted: Callable[[Any], bool]) -> Any:
    """Ask again until the answer is as wanted; the last answer is shown when it never is."""
    deadline = time.monotonic() + SECONDS
    while not wanted(found := what()):
        assert time.monotonic() < deadline, f"still {found!r} after {SECONDS:.0f} s"
        time.sleep(0.02)
    return found


@pytest.fixture(scope="module")
def api(stack) -> Iterator[httpx2.Client]:
    with httpx2.Client(base_url=stack.api_url, timeout=10) as client:
        yield client
