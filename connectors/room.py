"""What every command works with, and what it answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from connectors.client import Connect
from connectors.settings import ConnectSettings
from connectors.source import PostgresSource
from connectors.wait import Deadline


@dataclass(frozen=True)
class Outcome:
    """A command's answer, for people and for programs."""

    text: str
    data: dict[str, Any]
    healthy: bool = True


@dataclass(frozen=True)
class Room:
    """What a command works with."""

    settings: ConnectSettings
    connect: Connect
    source: PostgresSource
    deadline: Deadline
    say: Callable[[str], None] = lambda _: None
