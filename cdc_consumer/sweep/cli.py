"""`python -m cdc_consumer sweep`: for the operator; `python -m connectors snapshot` and `recover` do it by themselves."""

from __future__ import annotations

import argparse
import json
import sys
from typing import Any

from cdc_consumer.readmodel.documents import load
from cdc_consumer.readmodel.routes import captured_tables
from cdc_consumer.settings import Settings
from cdc_consumer.sweep import SweepError, sweep
from cdc_consumer.version import Version


def add_to(commands: Any) -> None:
    """Add the command to the worker's command line."""
    text = "after a snapshot: remove the rows and documents that it did not find; waits for the workers first"
    parser = commands.add_parser("sweep", help=text, description=text)
    parser.add_argument("--epoch", type=int, required=True, help="the snapshot's epoch (python -m connectors status tells it)")
    parser.add_argument("--lsn", type=int, default=0, help="of an incremental snapshot: the LSN at which it was asked for, as a number")
    parser.add_argument("--table", action="append", help="one table only; can be repeated (default: all)")
    parser.add_argument("--timeout", type=float, default=600.0, metavar="SECONDS", help="for the workers to catch up (default 600)")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def main(arguments: argparse.Namespace, settings: Settings) -> int:
    """Run it; 0 done, 1 not done, 2 for a table that no document is made of."""
    known = captured_tables(load(settings.documents))
    tables = arguments.table or known
    if unknown := sorted(set(tables) - set(known)):
        print(f"No document is made of {', '.join(unknown)}; there are {', '.join(known)}.", file=sys.stderr)
        return 2
    floor = Version(arguments.epoch, arguments.lsn, 0)
    try:
        done = sweep(settings, dict.fromkeys(tables, floor), seconds=arguments.timeout, say=_say)
    except SweepError as error:
        print(f"{error}\n{error.next_step}", file=sys.stderr)
        return 1
    if arguments.json:
        print(json.dumps({"buried": done.buried, "spared": done.spared}))
    else:
        print(f"{sum(done.buried.values()):,} orphans removed.")
    return 0


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
