"""Stopping a connector over a gap, so that nothing lets it run on: neither a restart nor a slot that was made again."""

from __future__ import annotations

from connectors.client import Connect
from connectors.errors import ConnectorMissingError
from connectors.marks import GAP_KEY
from connectors.wait import Deadline, status_or_none, wait_state, when_idle


def halt(connect: Connect, reason: str, deadline: Deadline) -> bool:
    """STOPPED, with the reason in its configuration; answers whether anything had to be done.

    Harmless when it is halted already or nobody is there. Raises the errors of `connectors.errors`.
    """
    config = when_idle(connect.config, deadline)
    if config is None:
        return False
    status = status_or_none(connect, deadline)
    if GAP_KEY in config and status is not None and status.connector == "STOPPED":
        return False
    try:
        when_idle(connect.stop, deadline)
        wait_state(connect, "STOPPED", deadline)
        if GAP_KEY not in config:
            when_idle(lambda: connect.patch_config({GAP_KEY: reason}), deadline)
    except ConnectorMissingError:
        return False
    return True
