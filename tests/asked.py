"""Numbers that a make target hands to a test in the environment. Looked at before a stack is started for them."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping

import pytest


def number(name: str, usual: float, *, least: float = 0.0, environment: Mapping[str, str] = os.environ) -> float:
    """What `name` says, or what is usual. Raises pytest.UsageError for what is no number, or below the least."""
    said = environment.get(name) or str(usual)
    try:
        found = float(said)
    except ValueError:
        found = math.nan
    if not (math.isfinite(found) and found >= least):
        raise pytest.UsageError(f"{name}={said}: a number from {least:g} on is possible, for example {name}={usual or 100:g}")
    return found
