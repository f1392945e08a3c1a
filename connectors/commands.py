"""What each command of `python -m connectors` does: a function from the room it works in to its answer."""

from __future__ import annotations

import argparse
import dataclasses
from collections.abc import Callable

from connectors.again import recover_command, snapshot_command
from connectors.delete import delete
from connectors.epoch import epoch_of
from connectors.errors import ConnectorMissingError
from connectors.register import register
from connectors.room import Outcome, Room
from connectors.wait import wait_left, wait_state, when_idle


def _register(room: Room, args: argparse.Namespace) -> Outcome:
    done = register(room.connect, room.source, room.settings, epoch=args.epoch, deadline=room.deadline)
    text = f"{done.name}: {done.action}, {done.phase}, epoch {done.epoch}."
    if done.phase == "snapshot":
        text += "\nThe initial snapshot goes on; `python -m connectors status` tells when it streams."
    return Outcome(f"{text}\nNote: {done.note}" if done.note else text, dataclasses.asdict(done))


def _status(room: Room, _args: argparse.Namespace) -> Outcome:
    config, status, slot = room.connect.config(), None, room.source.slot()
    if config is None:
        raise ConnectorMissingError(
            f"There is no connector {room.connect.name} in {room.connect.url}.", "Make it with `python -m connectors register`."
        )
    status = room.connect.status()
    lines = [f"{room.connect.name}: {status.connector}, task {', '.join(status.tasks) or 'none'}, epoch {epoch_of(config)}"]
    if slot:
        use = "in use" if slot.active else "NOT in use"
        lines.append(
            f"slot {room.settings.slot}: {use}, {slot.wal_status}, Postgres keeps {slot.retained_bytes / 2**20:.1f} MiB of WAL for it"
        )
    else:
        lines.append(f"slot {room.settings.slot}: missing")
    lines += ["", *status.trace.splitlines()[:20]] if status.trace else []
    data = {
        "name": room.connect.name,
        "connector": status.connector,
        "tasks": list(status.tasks),
        "epoch": epoch_of(config),
        "slot": dataclasses.asdict(slot) if slot else None,
        "trace": status.trace,
    }
    return Outcome("\n".join(lines), data, healthy=status.running and slot is not None and slot.usable)


def _delete(room: Room, args: argparse.Namespace) -> Outcome:
    done = delete(room.connect, room.source, room.settings, slot=args.slot, offsets=args.offsets, deadline=room.deadline)
    return Outcome(f"{room.connect.name}: {', '.join(done) or 'nothing to delete'}.", {"name": room.connect.name, "done": done})


def _restart(room: Room, _args: argparse.Namespace) -> Outcome:
    def restart() -> None:
        room.connect.restart(only_failed=False)
        wait_left(room.connect, "RUNNING", room.deadline)

    return _change(room, restart, "RUNNING")


def _pause(room: Room, _args: argparse.Namespace) -> Outcome:
    return _change(room, room.connect.pause, "PAUSED")


def _resume(room: Room, _args: argparse.Namespace) -> Outcome:
    return _change(room, room.connect.resume, "RUNNING")


def _change(room: Room, action: Callable[[], None], wanted: str) -> Outcome:
    when_idle(action, room.deadline)
    wait_state(room.connect, wanted, room.deadline)
    return Outcome(f"{room.connect.name}: {wanted}.", {"name": room.connect.name, "connector": wanted})


COMMANDS: dict[str, tuple[Callable[[Room, argparse.Namespace], Outcome], str]] = {
    "register": (_register, "make the connector run with this project's configuration; does nothing when it does"),
    "status": (_status, "states of connector, task and slot; exit code 1 unless all is well"),
    "delete": (_delete, "stop and delete the connector; harmless when there is none"),
    "restart": (_restart, "restart connector and task, and wait for RUNNING"),
    "pause": (_pause, "pause; Postgres keeps the WAL meanwhile"),
    "resume": (_resume, "resume what was paused or stopped"),
    "recover": (recover_command, "find out what is wrong and do the least that brings capture back complete; asks before a new snapshot"),
    "snapshot": (
        snapshot_command,
        (
            "read tables again while capture goes on, and remove what is not there any more; without --table all of them, "
            "which is what a gap needs: of a single table, documents that a row left in the gap are not refreshed"
        ),
    ),
}
