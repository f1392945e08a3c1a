"""Numbers that a make target hands to a test in the environment. Looked at before a stack is started for them."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Mapping
from typing import TypeVar

import pytest

T = TypeVar("T", int, float)


def number(name: str, usual: float, *, least: float = 0.0, environment: Mapping[str, str] = os.environ) -> float:
    """What `name` says, or what is usual. Raises pytest.UsageError for what is no number, or below the least."""
    return _read(float, "a number", name, usual, least, environment)


def whole(name: str, usual: int, *, least: int = 1, environment: Mapping[str, str] = os.environ) -> int:
    """As `number`, and nothing between two whole ones."""
    return _read(int, "a whole number", name, usual, least, environment)


def _read(kind: Callable[[str], T], what: str, name: str, usual: T, least: T, environment: Mapping[str, str]) -> T:  # noqa: PLR0917
    said = environment.get(name) or str(usual)
    try:
        found = kind(said)
    except ValueError:
        found = None
    if found is None or not math.isfinite(found) or found < least:
        raise pytest.UsageError(f"{name}={said}: {what} from {least:g} on is possible, for example {name}={usual or 100:g}")
    return found
