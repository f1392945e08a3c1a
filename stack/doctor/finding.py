"""What a check found."""

from __future__ import annotations

from dataclasses import dataclass

OK, WARNING, MISSING = "ok", "warning", "missing"


@dataclass(frozen=True)
class Finding:
    """One line of the report.

    `state` is "ok", "warning" (worth knowing, works all the same) or "missing" (the stack cannot run). `packages` are alternatives of which
    the first that the distribution has would mend it; `advice` says what to do where no package helps.
    """

    name: str
    state: str
    detail: str
    packages: tuple[str, ...] = ()
    advice: str = ""
