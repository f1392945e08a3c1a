from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Plan:
    """One statement that the API sent, how it was answered, and what is wrong about that (nothing, hopefully)."""

    statement: str
    shown: str
    indexes: frozenset[str]
    summary: str
    faults: list[str] = field(default_factory=list)


@dataclass
class Exchange:
    """One request to the API, and the plans of the statements it made."""

    title: str
    request: str
    plans: list[Plan] = field(default_factory=list)
