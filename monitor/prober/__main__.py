"""`python -m monitor.prober`: probes until it is told to stop. Settings: PROBER_*."""

from __future__ import annotations

import signal
import sys
import threading

from cdc_consumer.logs import configure
from monitor.prober.run import run
from monitor.prober.settings import ProberSettings


def main() -> None:
    """Runs in this process; SIGTERM or SIGINT ends it."""
    settings, stop = ProberSettings(), threading.Event()
    configure(settings.log_format)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    sys.exit(0 if run(settings, stop) else 1)


if __name__ == "__main__":
    main()
