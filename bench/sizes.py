"""How much a run measures. `SCALE=1` is what the committed results are of; a smaller one is for looking whether all works."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, TypeVar

T = TypeVar("T", int, float)
ROWS: Final = 200_000
USER, ITEM, LINKS = 1, 10, range(2, 5)
"""Proportions of users and items, and tags of an item: those of `make seed`."""
TAGS: Final = 50


@dataclass(frozen=True)
class Sizes:
    """Rows, records and seconds of one run."""

    scale: float
    repeats: int
    users: int
    items: int
    updates: int
    hot: int
    deletes: int
    fan: int
    latency_seconds: float
    growth: tuple[int, ...]

    @property
    def rotations(self) -> int:
        """How often each latency is measured: it is of so few writes that it differs by a tenth from one time to the next."""
        return 3 * self.repeats if self.whole else self.repeats

    @property
    def whole(self) -> bool:
        """Whether these are the sizes that the committed results are of."""
        return self.scale == 1.0 and self.repeats >= 3


def sizes(environment: Mapping[str, str] = os.environ) -> Sizes:
    """From SCALE (1) and REPEATS (3). Raises ValueError, which says what is possible."""
    scale = _number(environment, "SCALE", 1.0, float)
    if not 0 < scale <= 10:
        raise ValueError(f"SCALE={scale:g}: something above 0 and up to 10 is possible")
    repeats = _number(environment, "REPEATS", 3, int)
    if repeats < 1:
        raise ValueError(f"REPEATS={repeats}: one repetition at least")
    links = sum(LINKS) / len(LINKS)
    items = round(scale * (ROWS - TAGS) * ITEM / (USER + ITEM + ITEM * links))

    def scaled(number: int) -> int:
        return max(1, round(scale * number))

    return Sizes(
        scale=scale,
        repeats=repeats,
        users=max(100, items * USER // ITEM),
        items=items,
        updates=scaled(60_000),
        hot=scaled(60_000),
        deletes=items // 5,
        fan=scaled(50_000),
        latency_seconds=max(5.0, min(12.0, 12 * scale)),
        growth=tuple(scaled(number) for number in (10_000, 100_000, 1_000_000)),
    )


def _number(environment: Mapping[str, str], name: str, usual: T, kind: Callable[[str], T]) -> T:
    said = environment.get(name) or str(usual)
    try:
        return kind(said)
    except ValueError:
        raise ValueError(f"{name}={said}: {'a whole number' if kind is int else 'a number'} is needed") from None
