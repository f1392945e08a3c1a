"""What is true when all is well. Each asks again for a while: a stack that has just started is not quiet at once."""

from __future__ import annotations

import time
from collections.abc import Callable

import structlog

from chaos.checker.alerts import REMEMBERS, is_page, matches, name_of
from chaos.measure.sources import Backlog, Prometheus
from chaos.session import current
from monitor.verify import Effort, VerifySettings, verify

log = structlog.get_logger("chaos")
_SECONDS = 60.0
_ALERTS_SECONDS = 420.0  # the longest window of a page is 5 minutes


def _soon(missing: Callable[[], str], seconds: float = _SECONDS) -> bool:
    """Whether nothing is missing within so many seconds."""
    end = time.monotonic() + seconds
    while said := missing():
        if time.monotonic() > end:
            log.warning("not_steady", missing=said)
            return False
        time.sleep(0.5)
    return True


def everything_serves() -> bool:
    """Every service answers its probe."""
    return _soon(lambda: "; ".join(current().backend.unready()))


def nothing_waits() -> bool:
    """The workers have committed every record."""
    backlog = Backlog(current().backend.env)

    def missing() -> str:
        try:
            records = backlog.records()
        except Exception as error:  # noqa: BLE001 - Kafka does not say
            return f"Kafka: {error}"
        return f"{records} records wait in Kafka" if records else ""

    return _soon(missing)


def nothing_fires(names: list[str]) -> bool:
    """No page fires about the present, and none of these alerts, which have time to end. True without Prometheus."""

    def missing() -> str:
        try:
            fires = Prometheus(current().backend.env).alerts()
        except (OSError, ValueError, KeyError):
            return ""
        return ", ".join(
            alert for alert in fires if any(matches(name, alert) for name in names) or (is_page(alert) and name_of(alert) != REMEMBERS)
        )

    return _soon(missing, _ALERTS_SECONDS)


def documents_agree() -> bool:
    """Every document of the database is what SQL says."""
    found = divergent()
    if found:
        log.warning("not_steady", divergent=found, advice="make verify")
    return found == 0


def divergent() -> int:
    """Documents that differ from SQL. Raises what verify raises when it cannot look."""
    env = current().backend.env
    database = current().options.read_database or env["VERIFY_MONGO_DB"]
    settings = VerifySettings(postgres_dsn=env["VERIFY_POSTGRES_DSN"], mongo_uri=env["VERIFY_MONGO_URI"], mongo_db=database)
    report = verify(settings, effort=Effort(recheck_seconds=10))
    return sum(count for found in report.collections for kind, count in found.counts.items() if kind != "unsettled")
