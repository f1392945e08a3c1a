"""A supervised process, in the words that supervisor needs."""

from __future__ import annotations

import shlex
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from stack.layout import Layout
from stack.render import fill

STORES, CAPTURE, OURS, WATCHERS = 10, 20, 30, 40  # supervisor stops the highest first
JVM_STOP_SECONDS = 45  # the first stop also writes the class archive, see jvm


@dataclass(frozen=True, kw_only=True)
class Program:
    """A supervised process. `command` is executed directly, so that supervisor's pid is the program's own."""

    name: str
    command: tuple[str, ...]
    priority: int
    directory: Path
    env: Mapping[str, str] = field(default_factory=dict)
    user: str | None = None
    stop_signal: str = "TERM"
    stop_seconds: int = 20


def _escaped(text: str) -> str:
    return text.replace("%", "%%")


def section(program: Program, paths: Layout) -> str:
    """A program's part of supervisord.conf. Its process dies with supervisord even when that is killed (setpriv)."""
    setpriv = shutil.which("setpriv")
    tied = (setpriv, "--pdeathsig", program.stop_signal, "--") if setpriv else ()
    return fill(
        "program.conf",
        {
            "NAME": program.name,
            "COMMAND": _escaped(shlex.join((*tied, *program.command))),
            "DIRECTORY": _escaped(str(program.directory)),
            "ENVIRONMENT": ",".join(f'{key}="{_escaped(value)}"' for key, value in program.env.items()),
            "USER": f"user={program.user}" if program.user else "",
            "PRIORITY": str(program.priority),
            "STOP_SIGNAL": program.stop_signal,
            "STOP_SECONDS": str(program.stop_seconds),
            "LOG_DIR": _escaped(str(paths.log)),
        },
    )
