"""Registering the connector: whatever state it is in, afterwards it captures with the wanted configuration.

1. The publication must hold every captured table.
2. An existing connector keeps its epoch; with an equal configuration it is left alone, or only resumed or restarted. One that is STOPPED
   and remembers nothing was left by an interrupted `delete --offsets`: it will take a new snapshot, so it gets a new epoch.
3. A new connector is made STOPPED, and an existing one is stopped before it changes: so stored offsets can be compared
   with the replication slot, and a RUNNING seen afterwards is never the old task's.
4. Wait until connector and task are RUNNING and the slot is in use. A task that is RUNNING without its slot being active
   is either in its initial snapshot, which may take long and is success too, or about to fail.

A connector that begins with a snapshot is marked with that snapshot's epoch, see `connectors.marks`.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass

from cdc_consumer.readmodel.documents import load
from connectors.checks import START_AGAIN, check_continuity, check_publication, in_snapshot, streamed
from connectors.client import Connect
from connectors.epoch import choose_epoch
from connectors.errors import SourceMismatchError
from connectors.marks import GAP_KEY, snapshot_epoch, with_snapshot
from connectors.settings import ConnectSettings
from connectors.source import Source
from connectors.template import captured_tables, connector_config
from connectors.wait import Deadline, describe, failure, late, status_or_none, wait_state, when_idle

FAILED_GRACE_SECONDS = 2.0
"""A FAILED older than this is believed; a younger one may be what Connect last heard before a restart."""


@dataclass(frozen=True)
class Registration:
    """What `register` did."""

    name: str
    action: str
    """created, updated, resumed, restarted or unchanged."""
    epoch: int
    phase: str
    """streaming, or snapshot while the initial one goes on."""
    note: str | None = None


def register(connect: Connect, source: Source, settings: ConnectSettings, *, epoch: int | None, deadline: Deadline) -> Registration:
    """Make the connector run with this project's configuration; see the module.

    Raises the errors of `connectors.errors`; nothing is left half done that a second call does not continue.
    """
    check_publication(settings.publication, source.published(), captured_tables(load(settings.documents)))
    existing = when_idle(connect.config, deadline)
    if existing is None:
        chosen = choose_epoch(None, epoch, time.time())
        action, note = "created", _create(connect, source, settings, chosen, deadline)
    else:
        note = None
        action, chosen = _existing(connect, source, settings, existing, asked=epoch, deadline=deadline)
    return Registration(connect.name, action, chosen, _wait_captures(connect, source, deadline), note)


def _create(connect: Connect, source: Source, settings: ConnectSettings, epoch: int, deadline: Deadline) -> str | None:
    """Make a new connector; the note of `check_continuity`."""
    wanted = connector_config(settings, epoch)
    when_idle(lambda: connect.create_stopped(wanted), deadline)
    wait_state(connect, "STOPPED", deadline)
    slot = source.slot()
    offsets = when_idle(connect.offsets, deadline)
    note = check_continuity(offsets, slot, settings.slot)
    if not streamed(offsets):
        when_idle(lambda: connect.put_config(with_snapshot(wanted, epoch)), deadline)
    when_idle(connect.resume, deadline)
    return note


def _existing(
    connect: Connect, source: Source, settings: ConnectSettings, existing: Mapping[str, str], *, asked: int | None, deadline: Deadline
) -> tuple[str, int]:
    """Let an existing connector run; the action's name and the epoch."""
    if GAP_KEY in existing:
        raise SourceMismatchError(existing[GAP_KEY], START_AGAIN)
    slot = source.slot()
    offsets = when_idle(connect.offsets, deadline)
    check_continuity(offsets, slot, settings.slot)
    status = status_or_none(connect, deadline)
    begins_again = not offsets and status is not None and status.connector == "STOPPED"
    epoch = choose_epoch(None if begins_again and asked is None else existing, asked, time.time())
    mark = snapshot_epoch(existing) if streamed(offsets) else epoch
    return _update(connect, existing, with_snapshot(connector_config(settings, epoch), mark), deadline), epoch


def _update(connect: Connect, existing: Mapping[str, str], wanted: Mapping[str, str], deadline: Deadline) -> str:
    """Let an existing connector run with the wanted configuration; the action's name."""
    if existing != wanted:
        when_idle(connect.stop, deadline)
        wait_state(connect, "STOPPED", deadline)
        when_idle(lambda: connect.put_config(wanted), deadline)
        when_idle(connect.resume, deadline)
        return "updated"
    status = status_or_none(connect, deadline)
    if status and status.failed:
        when_idle(lambda: connect.restart(only_failed=True), deadline)
        return "restarted"
    if status and status.connector in {"PAUSED", "STOPPED"}:
        when_idle(connect.resume, deadline)
        return "resumed"
    return "unchanged"


def _wait_captures(connect: Connect, source: Source, deadline: Deadline) -> str:
    """The phase, once connector and task are RUNNING and the slot is in use, or the initial snapshot outlasts the deadline."""
    failed_since: float | None = None
    while True:
        status = status_or_none(connect, deadline)
        slot = source.slot() if status and status.running else None
        if slot and slot.active:
            return "streaming"
        failed_since = (failed_since or time.monotonic()) if status and status.failed else None
        if status and failed_since and (time.monotonic() - failed_since > FAILED_GRACE_SECONDS or deadline.passed()):
            raise failure(connect.name, status)
        if deadline.passed():
            offsets = when_idle(connect.offsets, deadline)
            if status and status.running and slot and (not offsets or in_snapshot(offsets)):
                return "snapshot"
            raise late(connect.name, "capturing", status, deadline)
        deadline.pause(f"{connect.name} to capture: {describe(status)}, slot {'in use' if slot and slot.active else 'not in use yet'}")
