"""The rule file that Prometheus loads: the committed one of the chosen profile, with the addresses that its alerts lead to."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from stack.errors import StackError
from stack.settings import ROOT, Settings

RULES = ROOT / "grafana" / "prometheus" / "rules"


def rules(shared: Mapping[str, str]) -> str:
    """The text for the values ALERT_PROFILE, RUNBOOK_URL and DASHBOARD_URL. Raises StackError for a profile that does not exist."""
    path = RULES / f"{shared['ALERT_PROFILE']}.yml"
    if not path.exists():
        known = ", ".join(sorted(found.stem for found in RULES.glob("*.yml")))
        raise StackError(f"ALERT_PROFILE={shared['ALERT_PROFILE']} is not known", advice=f"There are: {known}")
    text = path.read_text().replace("runbook_url: docs/runbook.md#", f"runbook_url: {shared['RUNBOOK_URL']}#")
    return text.replace("dashboard_url: /d/", f"dashboard_url: {shared['DASHBOARD_URL']}/")


def local_rules(settings: Settings) -> str:
    """The same for a local stack: links to its board lead to the port that the board really has."""
    at = f":{settings.shared['BOARD_PORT']}/"
    moved = {name: settings.shared[name].replace(at, f":{settings.port('BOARD')}/") for name in ("RUNBOOK_URL", "DASHBOARD_URL")}
    return rules({**settings.shared, **moved})


def digest(*texts: str) -> str:
    """Changes when a configuration does: a program that has it in its environment is restarted by the next `up`."""
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()[:12]
