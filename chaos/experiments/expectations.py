"""Which alerts a fault has to raise: grafana/prometheus/expectations.yml, which the alerts' own tests read too."""

from __future__ import annotations

from functools import cache
from typing import Any

import yaml

from chaos.checker.alerts import Expected
from stack.settings import ROOT

FILE = ROOT / "grafana" / "prometheus" / "expectations.yml"
# A recovering pipeline may still be late, and what is late may still be counted, while the fault is already mended.
AFTERWARDS = ("CdcFreshnessBurnFast", "CdcFreshnessBurnSlow", "CdcReceiveDelay")


@cache
def _components() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(FILE.read_text())["components"] if FILE.exists() else {}
    return found


def expected(component: str, how: str) -> Expected:
    """For a component that was "killed" (and came back at once) or is "stopped". Nothing is expected where the file says nothing."""
    found = _components().get(component, {}).get(how)
    if found is None:
        return Expected(judged=False)
    if found.get("unknown"):
        return Expected(judged=False)
    if how == "killed":
        return Expected(may=(*found.get("tickets", ()), *AFTERWARDS))
    must = {**(found.get("pages") or {}), **(found.get("tickets") or {})}
    return Expected(must, tuple(found.get("explained") or ()))
