"""`python -m monitor.alerts`: the alerts that fire now. Exit code 0: none; 1: at least one; 2: nobody can know."""

from __future__ import annotations

import argparse
import datetime as dt
import sys
from collections.abc import Sequence

from rich.console import Console

from monitor.alerts.firing import UnknownError, fetch, split
from monitor.alerts.settings import AlertsSettings
from monitor.alerts.show import as_json, show


def main(argv: Sequence[str] | None = None) -> int:
    """Asks Alertmanager once."""
    parser = argparse.ArgumentParser(prog="python -m monitor.alerts", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print JSON")
    options = parser.parse_args(argv)
    settings = AlertsSettings()
    try:
        alerts = split(fetch(settings.alertmanager_url, settings.timeout_s))
    except UnknownError as error:
        print(error, file=sys.stderr)
        return 2
    if options.json:
        print(as_json(alerts))
    else:
        show(alerts, dt.datetime.now(dt.UTC), Console())
    return 1 if any(not alert.quiet for alert in alerts) else 0


if __name__ == "__main__":
    sys.exit(main())
