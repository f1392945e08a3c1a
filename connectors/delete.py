"""Taking the connector away: every step is harmless when there is nothing to do, so an interrupted call is simply repeated."""

from __future__ import annotations

from connectors.client import Connect
from connectors.errors import ConnectorMissingError, SourceMismatchError
from connectors.settings import ConnectSettings
from connectors.source import Source
from connectors.template import connector_config
from connectors.wait import Deadline, wait_state, when_idle


def delete(connect: Connect, source: Source, settings: ConnectSettings, *, slot: bool, offsets: bool, deadline: Deadline) -> list[str]:
    """Stop and delete the connector, with `offsets` also what it remembers, with `slot` also its slot; what was done, in order.

    Raises the errors of `connectors.errors`.
    """
    done = []
    exists = when_idle(connect.config, deadline) is not None
    if not exists and offsets:
        # Connect deletes offsets only of a connector it knows; those of a deleted one are still there, and a new one would go on from them.
        when_idle(lambda: connect.create_stopped(connector_config(settings, epoch=0)), deadline)
    if exists or offsets:
        when_idle(connect.stop, deadline)
        wait_state(connect, "STOPPED", deadline)
    if exists:
        done.append("connector stopped")
    if offsets:
        when_idle(connect.delete_offsets, deadline)
        done.append("offsets deleted")
    if exists or offsets:
        _delete_connector(connect, deadline)
    if exists:
        done.append("connector deleted")
    if slot and _drop_slot(source, settings.slot, deadline):
        done.append("slot dropped")
    return done


def _delete_connector(connect: Connect, deadline: Deadline) -> None:
    try:
        when_idle(connect.delete, deadline)
    except ConnectorMissingError:
        return
    while when_idle(connect.config, deadline) is not None:
        deadline.pause("Connect to forget the connector")


def _drop_slot(source: Source, name: str, deadline: Deadline) -> bool:
    """Whether there was one to drop. Its walsender ends a moment after the task."""
    found = source.slot()
    slot = found
    while slot is not None:
        source.drop_slot()
        slot = source.slot()
        if slot and deadline.passed():
            raise SourceMismatchError(
                f"Replication slot {name} is still in use by backend {slot.active_pid} after {deadline.seconds:g} s.",
                "Another connector may stream from it. Stop that one, then run this again.",
            )
        if slot:
            deadline.pause(f"slot {name}, used by backend {slot.active_pid}, to be free")
    return found is not None
