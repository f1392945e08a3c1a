"""The commands that read rows again and remove what is gone: `snapshot` while capture goes on, `recover` where it cannot go on."""

from __future__ import annotations

import argparse
import dataclasses
import sys

from cdc_consumer.readmodel import routes
from cdc_consumer.readmodel.documents import load
from cdc_consumer.settings import Settings as Worker
from cdc_consumer.sweep import SweepError, sweep
from cdc_consumer.version import Version
from connectors.errors import CommandError
from connectors.notifications import listening
from connectors.orphans import sweep_orphans
from connectors.recover import Recovery
from connectors.room import Outcome, Room
from connectors.snapshot import Reader, check_tables


def snapshot_command(room: Room, args: argparse.Namespace) -> Outcome:
    """An incremental snapshot and its sweep. Raises CommandError."""
    worker = Worker()
    tables = check_tables(args.table or [], routes.captured_tables(load(room.settings.documents)), args.where)
    with listening(worker.broker, f"{room.settings.topic_prefix}.notifications") as notifications:
        taken = Reader(room.connect, room.source, notifications, room.deadline, room.say).take(tables, args.where)
    data = {"tables": taken.tables, "epoch": taken.epoch, "lsn": taken.lsn, "buried": None, "spared": None}
    if args.where:
        return Outcome("The rows that match are read again. Rows that were deleted are not looked for with --where.", data)
    try:
        floors = dict.fromkeys(taken.tables, Version(taken.epoch, taken.lsn, 0))
        done = sweep(worker, floors, seconds=args.timeout, say=room.say)
    except SweepError as error:
        raise CommandError(str(error), error.next_step) from error
    return Outcome(
        f"{', '.join(taken.tables)}: read again and applied, {sum(done.buried.values()):,} orphans removed.",
        data | {"buried": done.buried, "spared": done.spared},
    )


def recover_command(room: Room, args: argparse.Namespace) -> Outcome:
    """Back to a capture that has missed nothing. Raises CommandError."""

    def agree(question: str) -> bool:
        if args.yes or not sys.stdin.isatty():
            return bool(args.yes)
        return input(f"{question} Go on? [y/N] ").strip().lower() in {"y", "yes"}

    def bury(epoch: int) -> dict[str, int]:
        return sweep_orphans(Worker(), epoch, seconds=args.timeout, say=room.say)

    done = Recovery(room.connect, room.source, room.settings, agree, bury, room.say).run(room.deadline)
    text = f"{done.name}: {'; '.join(done.done) or 'nothing was wrong'}. It streams, epoch {done.epoch}."
    return Outcome(f"{text}\nCompare both databases with: make verify", dataclasses.asdict(done))
