"""Experiments on the connections between components: each kind of trouble on each route."""

from __future__ import annotations

from chaos.checker.alerts import Expected
from chaos.experiments.entry import CAPTURE, LATE, Entry
from chaos.faults.network import TOXICS, Disturbed, lacks_proxies

_GONE = ("reset", "partition")

HOLDS = {
    "worker-mongo": "writes and reads go on, reads are late; nothing is acknowledged to Kafka that is not in MongoDB, nothing is parked",
    "worker-kafka": "writes and reads go on, reads are late; what was applied and not committed is read again and changes nothing",
    "connect-postgres": "writes and reads go on, reads are late; Postgres keeps the log, capture resumes where it was",
    "connect-kafka": "writes and reads go on, reads are late; what Kafka did not acknowledge is sent again",
    "api-postgres": "writes wait, or answer 503 and say whether they were made; reads go on",
    "api-mongo": "reads wait, or answer 503; writes and the pipeline go on",
}
_PAGES = {"connect": CAPTURE, "worker": (*LATE, "CdcSinkStuck"), "api": ("CdcApiDown",)}


def of_networks() -> list[Entry]:
    """Those that need PROXIES=1."""
    return [
        Entry(
            f"{kind}-{route}",
            lambda kind=kind, route=route: Disturbed(kind, route),  # type: ignore[misc]
            holds,
            lambda route=route: Expected(may=_PAGES[route.partition("-")[0]]),  # type: ignore[misc]
            stops_writes=route == "api-postgres" and kind in _GONE,
            lacks=lacks_proxies,
        )
        for route, holds in HOLDS.items()
        for kind in TOXICS
    ]
