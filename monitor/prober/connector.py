"""Kafka Connect: the states of the connector and its tasks."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Final

from connectors.client import Connect, Status
from connectors.errors import ConnectorMissingError
from monitor.prober.board import Family, Sample

MISSING: Final = "missing"
STATES: Final = ("running", "paused", "stopped", "failed", "restarting", "unassigned")

STATE: Final = Family("cdc_connector_state", "State of the connector: 1 for the one that holds", ("state",))
TASKS: Final = Family("cdc_connector_tasks", "Tasks of the connector by state", ("state",))


@dataclass
class ConnectorProbe:
    """Asks Connect's REST interface."""

    connect: Connect

    def look(self) -> list[Sample]:
        """Raises CommandError when Connect does not answer, or is rebalancing and does not know."""
        try:
            return connector_samples(self.connect.status())
        except ConnectorMissingError:
            return connector_samples(None)


def connector_samples(status: Status | None) -> list[Sample]:
    """None when no connector is registered."""
    state = status.connector.lower() if status else MISSING
    tasks = Counter(task.lower() for task in status.tasks) if status else Counter[str]()
    return [*STATE.one_hot((*STATES, MISSING), state), *(TASKS.of(tasks[name], name) for name in dict.fromkeys((*STATES, *tasks)))]
