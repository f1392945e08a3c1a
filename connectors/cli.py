"""`python -m connectors`: register, status, delete, restart, pause, resume, snapshot."""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
from collections.abc import Callable, Sequence
from typing import Any

from cdc_consumer.readmodel import routes
from cdc_consumer.readmodel.documents import load
from cdc_consumer.settings import Settings as Worker
from cdc_consumer.sweep import SweepError, sweep
from cdc_consumer.version import Version
from connectors.client import Connect
from connectors.delete import delete
from connectors.epoch import epoch_of
from connectors.errors import CommandError, ConnectorMissingError
from connectors.notifications import listening
from connectors.register import register
from connectors.settings import ConnectSettings
from connectors.snapshot import Reader, check_tables
from connectors.source import PostgresSource
from connectors.wait import Deadline, wait_left, wait_state, when_idle


@dataclasses.dataclass(frozen=True)
class Outcome:
    """A command's answer, for people and for programs."""

    text: str
    data: dict[str, Any]
    healthy: bool = True


@dataclasses.dataclass(frozen=True)
class Room:
    """What a command works with."""

    settings: ConnectSettings
    connect: Connect
    source: PostgresSource
    deadline: Deadline


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


def _snapshot(room: Room, args: argparse.Namespace) -> Outcome:
    worker = Worker()
    tables = check_tables(args.table or [], routes.captured_tables(load(room.settings.documents)), args.where)
    with listening(worker.broker, f"{room.settings.topic_prefix}.notifications") as notifications:
        taken = Reader(room.connect, room.source, notifications, room.deadline, _say).take(tables, args.where)
    data = {"tables": taken.tables, "epoch": taken.epoch, "lsn": taken.lsn, "buried": None, "spared": None}
    if args.where:
        return Outcome("The rows that match are read again. Rows that were deleted are not looked for with --where.", data)
    try:
        floors = dict.fromkeys(taken.tables, Version(taken.epoch, taken.lsn, 0))
        done = sweep(worker, floors, seconds=args.timeout, say=_say)
    except SweepError as error:
        raise CommandError(str(error), error.next_step) from error
    return Outcome(
        f"{', '.join(taken.tables)}: read again and applied, {sum(done.buried.values()):,} orphans removed.",
        data | {"buried": done.buried, "spared": done.spared},
    )


def _say(text: str) -> None:
    print(text, file=sys.stderr)


COMMANDS: dict[str, tuple[Callable[[Room, argparse.Namespace], Outcome], str]] = {
    "register": (_register, "make the connector run with this project's configuration; does nothing when it does"),
    "status": (_status, "states of connector, task and slot; exit code 1 unless all is well"),
    "delete": (_delete, "stop and delete the connector; harmless when there is none"),
    "restart": (_restart, "restart connector and task, and wait for RUNNING"),
    "pause": (_pause, "pause; Postgres keeps the WAL meanwhile"),
    "resume": (_resume, "resume what was paused or stopped"),
    "snapshot": (
        _snapshot,
        (
            "read tables again while capture goes on, and remove what is not there any more; without --table all of them, "
            "which is what a gap needs: of a single table, documents that a row left in the gap are not refreshed"
        ),
    ),
}


def parser() -> argparse.ArgumentParser:
    """The command line."""
    top = argparse.ArgumentParser(prog="python -m connectors", description="The Debezium connector in Kafka Connect. Settings: CONNECT_*.")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, (_, text) in COMMANDS.items():
        command = commands.add_parser(name, help=text, description=text)
        command.add_argument("--json", action="store_true", help="print one JSON object")
        patience = 3600.0 if name == "snapshot" else 60.0
        command.add_argument("--timeout", type=float, default=patience, metavar="SECONDS", help=f"how long to wait (default {patience:g})")
        if name == "register":
            command.add_argument("--epoch", type=int, help="epoch of the records (default: the existing one, or unix seconds)")
        if name == "snapshot":
            command.add_argument("--table", action="append", help="a table to read; can be repeated (default: every captured one)")
            command.add_argument("--where", metavar="SQL", help="only rows of the one table that match, e.g. \"updated_at > '2026-11-01'\"")
        if name == "delete":
            command.add_argument("--slot", action="store_true", help="also drop the replication slot")
            command.add_argument("--offsets", action="store_true", help="also forget how far it was: the next one takes a snapshot")
    return top


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; 0 when it did what it says, 1 otherwise."""
    args = parser().parse_args(argv)
    settings = ConnectSettings()
    room = Room(settings, Connect(settings.url, settings.name), PostgresSource(settings), Deadline(args.timeout, _say))
    run, _ = COMMANDS[args.command]
    try:
        outcome = run(room, args)
    except CommandError as error:
        print(f"{error}\n{error.next_step}".rstrip(), file=sys.stderr)
        if args.json:
            print(json.dumps({"error": str(error), "next_step": error.next_step}))
        return 1
    print(json.dumps(outcome.data) if args.json else outcome.text)
    return 0 if outcome.healthy else 1
