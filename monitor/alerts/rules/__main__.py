"""`python -m monitor.alerts.rules`: writes grafana/prometheus/rules/<profile>.yml."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from monitor.alerts.rules.files import text
from monitor.alerts.rules.profile import PROFILES

DIRECTORY: Final = Path(__file__).resolve().parents[3] / "grafana" / "prometheus" / "rules"


def main() -> None:
    """Writes a file for each profile."""
    DIRECTORY.mkdir(parents=True, exist_ok=True)
    for profile in PROFILES.values():
        path = DIRECTORY / f"{profile.name}.yml"
        path.write_text(text(profile))
        print(path.relative_to(DIRECTORY.parents[2]))


if __name__ == "__main__":
    main()
