"""What an expression of a panel gives now, as somebody sees it who has chosen nothing."""

from __future__ import annotations

import time
from typing import Any, Final

from monitor.board.fill import expression
from monitor.board.prometheus import Labels, Prometheus

RANGE_SECONDS: Final = 300
VARIABLES: Final = ("job", "instance", "table", "topic")


def series(prometheus: Prometheus, target: dict[str, Any]) -> list[tuple[Labels, float | None]]:
    """Labels and value of each series. Raises PrometheusError."""
    return prometheus.instant(expression(target["expr"], dict.fromkeys(VARIABLES, ()), RANGE_SECONDS), time.time())
