"""Passwords of the local Postgres: made once for each stack, readable by its owner only."""

from __future__ import annotations

import json
import os
import secrets
from dataclasses import asdict, dataclass, fields
from pathlib import Path


@dataclass(frozen=True)
class Passwords:
    """Passwords of the bootstrap superuser and of the login roles; letters and digits only, so that a DSN needs no quoting."""

    postgres: str
    api: str
    connector: str
    prober: str


def load_or_create(directory: Path) -> Passwords:
    """The stack's passwords, from secrets.json (mode 0600); what is missing there is made, also for a role that is new."""
    path = directory / "secrets.json"
    found: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
    names = [field.name for field in fields(Passwords)]
    made = Passwords(**{name: found.get(name) or secrets.token_hex(16) for name in names})
    if asdict(made) == found:
        return made
    directory.mkdir(parents=True, exist_ok=True)
    scratch = path.with_suffix(".new")
    descriptor = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(asdict(made), file)
    scratch.replace(path)
    return made
