"""Hears from the driver whether MongoDB has a primary.

The driver itself retries an operation for 20 s, so that a short outage is no failure at all; without this it would not show either.
"""

from __future__ import annotations

from typing import Final

from pymongo.monitoring import TopologyClosedEvent, TopologyDescriptionChangedEvent, TopologyListener, TopologyOpenedEvent

from cdc_consumer.pulse import Pulse

WHAT: Final = "mongo"
CAUSE: Final = "network"  # what the retries call it, once the driver gives up


class PrimaryListener(TopologyListener):
    """Tells the pulse that work waits while there is no primary."""

    def __init__(self, pulse: Pulse) -> None:
        self._pulse = pulse
        self._found = False

    def opened(self, event: TopologyOpenedEvent) -> None:
        """Nothing is known yet."""

    def description_changed(self, event: TopologyDescriptionChangedEvent) -> None:
        """A server came, went or changed its role."""
        if event.new_description.has_writable_server():
            self._found = True
            self._pulse.goes_on(WHAT)
        elif self._found:
            # A driver that still looks for its first primary is no outage; and it tells once a second, so that an event loop that
            # stands still within its first second would be excused by what it could not tell any more.
            self._pulse.waits(WHAT, CAUSE)

    def closed(self, event: TopologyClosedEvent) -> None:  # noqa: ARG002 - the driver names it
        """The worker ends."""
        self._pulse.goes_on(WHAT)
