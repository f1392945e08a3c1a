"""The command line: `python -m connectors COMMAND`; `keep` runs the keeper, every other one is in `connectors.commands`."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence

from connectors.client import Connect
from connectors.commands import COMMANDS
from connectors.errors import CommandError
from connectors.keeper.run import keep
from connectors.room import Room
from connectors.settings import ConnectSettings
from connectors.source import PostgresSource
from connectors.wait import Deadline

SECONDS = {"recover": 3600.0, "snapshot": 3600.0}
"""How long a command waits by default, where it is not 60 s."""


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def parser() -> argparse.ArgumentParser:
    """The command line."""
    top = argparse.ArgumentParser(prog="python -m connectors", description="The Debezium connector in Kafka Connect. Settings: CONNECT_*.")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, (_, text) in COMMANDS.items():
        command = commands.add_parser(name, help=text, description=text)
        command.add_argument("--json", action="store_true", help="print one JSON object")
        seconds = SECONDS.get(name, 60.0)
        command.add_argument("--timeout", type=float, default=seconds, metavar="SECONDS", help=f"how long to wait (default {seconds:g})")
        if name == "register":
            command.add_argument("--epoch", type=int, help="epoch of the records (default: the existing one, or unix seconds)")
        if name == "snapshot":
            command.add_argument("--table", action="append", help="a table to read; can be repeated (default: every captured one)")
            command.add_argument("--where", metavar="SQL", help="only rows of the one table that match, e.g. \"updated_at > '2026-11-01'\"")
        if name == "delete":
            command.add_argument("--slot", action="store_true", help="also drop the replication slot")
            command.add_argument("--offsets", action="store_true", help="also forget how far it was: the next one takes a snapshot")
        if name == "recover":
            command.add_argument("--yes", action="store_true", help="agree to a new snapshot where it is the only way")
    text = "watch connector and slot for ever: restart what FAILED, halt over a gap, sweep after a snapshot"
    commands.add_parser("keep", help=text, description=f"{text}. Settings: KEEPER_*, CONNECT_*, CDC_*.")
    return top


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; 0 when it did what it says, 1 otherwise."""
    args = parser().parse_args(argv)
    if args.command == "keep":
        keep()
        return 0
    settings = ConnectSettings()
    room = Room(settings, Connect(settings.url, settings.name), PostgresSource(settings), Deadline(args.timeout, _say), _say)
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
