"""Empty what the pipeline wrote into MongoDB: the mirrors and the collections that clients read.

Indexes and validators stay. With --floor-epoch E, records of epochs before E that are still on their way stay dead: give
the epoch that the connector is registered with next (`python -m connectors register --epoch E`). Part of `make reset-all`.
Settings: CLEAN_MONGO_URI, CLEAN_MONGO_DB.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic_settings import BaseSettings, SettingsConfigDict
from pymongo import MongoClient, WriteConcern
from pymongo.errors import PyMongoError

# Run as a file, Python looks for imports beside it, not in the project.
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from cdc_consumer.readmodel.documents import HERE, load
from monitor.progress import reporter
from scripts.clean import FLOORS, captured_tables, counts, empty, raise_floors, targets

SELECTION_MS = 5_000


class CleanSettings(BaseSettings):
    """Environment variables CLEAN_*."""

    model_config = SettingsConfigDict(env_prefix="CLEAN_")

    mongo_uri: str = "mongodb://127.0.0.1:27017"
    mongo_db: str = "cdc"
    documents: str = HERE
    """The declarations whose collections are emptied, as module:name."""


def parser() -> argparse.ArgumentParser:
    """The command line."""
    top = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    top.add_argument("--floor-epoch", type=int, metavar="E", help=f"first raise the floors in {FLOORS} to epoch E")
    top.add_argument("--dry-run", action="store_true", help="only say what would be deleted")
    top.add_argument("--yes", action="store_true", help="do not ask")
    top.add_argument("--json", action="store_true", help="print one JSON object")
    return top


def main(argv: Sequence[str] | None = None) -> int:
    """Empty the collections; 0 when done, 1 on an error or a no."""
    args = parser().parse_args(argv)
    settings = CleanSettings()
    client: MongoClient[dict[str, Any]] = MongoClient(
        settings.mongo_uri, serverSelectionTimeoutMS=SELECTION_MS, connectTimeoutMS=5_000, socketTimeoutMS=60_000, appname="clean_mongo"
    )
    try:
        with client:
            return _run(client, settings, args)
    except PyMongoError as error:
        next_step = "Is MongoDB running (`make status`), and CLEAN_MONGO_URI right? Run this again: it continues."
        print(f"Cleaning failed: {error}\n{next_step}", file=sys.stderr)
        return 1


def _run(client: MongoClient[dict[str, Any]], settings: CleanSettings, args: argparse.Namespace) -> int:
    documents, name = load(settings.documents), settings.mongo_db
    db = client.get_database(name, write_concern=WriteConcern("majority"))
    sizes = counts(db, targets(documents, db.list_collection_names()))
    total = sum(sizes.values())
    if args.dry_run:
        _say(args, {"would_delete": sizes}, f"Would delete {_listed(sizes)}.")
        return 0
    if not args.yes and sys.stdin.isatty() and not _agreed(f"Delete {total:,} documents of {len(sizes)} collections in {name}? [y/N] "):
        print("Nothing deleted.", file=sys.stderr)
        return 1
    raised = [] if args.floor_epoch is None else raise_floors(db, captured_tables(documents), args.floor_epoch)
    with reporter() as report:
        deleted = empty(db, sizes, report)
    floors = (
        ""
        if args.floor_epoch is None
        else f" Floors raised to epoch {args.floor_epoch}: {', '.join(raised) or 'none, they were not lower'}."
    )
    _say(args, {"deleted": deleted, "floors_raised": raised}, f"Deleted {_listed(deleted)}.{floors}")
    return 0


def _agreed(question: str) -> bool:
    return input(question).strip().lower() in {"y", "yes"}


def _listed(sizes: dict[str, int]) -> str:
    return ", ".join(f"{size:,} {name}" for name, size in sizes.items()) or "nothing: there are no collections yet"


def _say(args: argparse.Namespace, data: dict[str, Any], text: str) -> None:
    print(json.dumps(data) if args.json else text)


if __name__ == "__main__":
    sys.exit(main())
