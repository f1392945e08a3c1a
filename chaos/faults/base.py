"""What a fault is.

Healing needs nothing that injecting remembered: `make chaos-heal` mends what a process that was killed has left behind.
"""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from typing import Any, Protocol

import psycopg

from chaos.backends import Backend
from stack.errors import StackError
from stack.settings import ROOT


class SkippedError(Exception):
    """The fault cannot be made on this machine; the message says what is missing. Never taken for success."""


@dataclass(frozen=True)
class Room:
    """What a fault works with."""

    backend: Backend

    def sql(self, statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
        """Runs one statement as the administrator, in a transaction of its own. Raises psycopg.Error."""
        options = "-c statement_timeout=20s -c lock_timeout=10s"
        with psycopg.connect(
            self.backend.env["VERIFY_POSTGRES_DSN"], connect_timeout=5, options=options, autocommit=True, application_name="chaos"
        ) as connection:
            cursor = connection.execute(statement.encode(), parameters)
            return cursor.fetchall() if cursor.description else []

    def command(self, *arguments: str, seconds: float = 180, accept: tuple[int, ...] = (0,)) -> str:
        """Runs `python -m ...` with the settings of every process. Raises StackError with its last words."""
        command = (sys.executable, "-m", *arguments)
        env = {**os.environ, **self.backend.env}
        try:
            done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=seconds, check=False)
        except subprocess.TimeoutExpired as error:
            raise StackError(f"{' '.join(arguments)} did not end within {seconds:.0f} s", advice="Look at: make status") from error
        if done.returncode not in accept:
            raise StackError(f"{' '.join(arguments)}: {(done.stderr or done.stdout).strip()[-500:]}", advice="Look at: make status")
        return done.stdout


class Fault(Protocol):
    """One way of breaking things."""

    def describe(self) -> str:
        """One line: what it does."""

    def inject(self, room: Room) -> None:
        """Break it. Raises SkippedError when this machine cannot."""

    def effect(self, room: Room) -> str:
        """Evidence that it is broken; empty when it is not."""

    def heal(self, room: Room) -> None:
        """Mend it. Idempotent, and harmless when nothing was broken."""
