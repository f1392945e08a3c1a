"""`python -m monitor.board`: serves the dashboards until it is told to stop. Settings: BOARD_*."""

from __future__ import annotations

import sys

import uvicorn

from monitor.board.app import create_app
from monitor.board.prometheus import Prometheus
from monitor.board.settings import BoardSettings


def main() -> int:
    """Serves; 1 when the dashboards cannot be read."""
    settings = BoardSettings()
    try:
        app = create_app(Prometheus(settings.prometheus_url, settings.query_timeout_s))
    except (ValueError, KeyError) as error:
        print(f"The dashboards cannot be drawn: {error!r}\nMake them anew: make dashboards", file=sys.stderr)
        return 1
    uvicorn.run(app, host=settings.host, port=settings.port, log_level="warning", access_log=False, timeout_graceful_shutdown=5)
    return 0


if __name__ == "__main__":
    sys.exit(main())
