"""`python -m api.evidence`: explains the API's queries on a stack that runs and holds rows."""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import sys
from pathlib import Path

from pydantic import ValidationError
from sqlalchemy import text

from api import logs
from api.deps import Resources
from api.evidence import mongo
from api.evidence.client import RequestFailed
from api.evidence.report import Evidence, faults, markdown
from api.evidence.run import app_without_cache, mongo_evidence, postgres_evidence
from api.evidence.scenario import reads, sample
from api.mongo import reading
from api.problem import Problem
from api.settings import Settings
from cdc_consumer.readmodel.documents import ITEMS, USERS


def say(line: str) -> None:
    """Progress, on standard error."""
    print(line, file=sys.stderr, flush=True)  # noqa: T201


async def collect(settings: Settings) -> Evidence:
    """Runs everything. Raises RequestFailed or Problem when the stack does not answer or holds too little."""
    recorder = mongo.Recorder()
    async with app_without_cache(settings, recorder) as app:
        held: Resources = app.state.resources
        say("looking for an item to ask for")
        with reading():
            one = await sample(held.read_model)
            counts = {name: await held.read_model[name].estimated_document_count() for name in (USERS.collection, ITEMS.collection)}
            server = (await held.read_model.command("buildInfo"))["version"]
        if one is None:
            raise RequestFailed("There is no item with an owner, a tag and two words in its title. Seed rows first: make seed")
        say("explaining the reads in MongoDB")
        found_reads = await mongo_evidence(app, recorder, reads(one))
        say("explaining the writes in PostgreSQL")
        found_writes, keys, indexes = await postgres_evidence(app, one.tag)
        async with held.database.transaction() as session:
            version = await session.scalar(text("SHOW server_version"))
        facts = {"PostgreSQL": str(version), "MongoDB": str(server), **{name: f"{count:,} documents" for name, count in counts.items()}}
    return Evidence(facts, found_reads, found_writes, keys, indexes)


def main() -> int:
    """0: every check passed; 1: one failed; 2: it could not be found out."""
    parser = argparse.ArgumentParser(prog="python -m api.evidence", description=f"{__doc__} Settings: environment variables API_*.")
    parser.add_argument("--output", type=Path, default=Path("docs/EVIDENCE.md"), help="the document to write (default: %(default)s)")
    parser.add_argument("--json", action="store_true", help="print the result of the checks as JSON on standard output")
    arguments = parser.parse_args()
    logs.configure(level=logging.WARNING)  # a line for each request would hide the progress
    try:
        found = asyncio.run(collect(Settings()))
    except ValidationError as error:
        say("Settings are missing: " + ", ".join(f"API_{str(one['loc'][0]).upper()}" for one in error.errors()))
        say("Start it with: python -m stack exec -- python -m api.evidence")
        return 2
    except (RequestFailed, Problem) as error:
        say(f"{error} Is the stack running? make status")
        return 2
    wrong = faults(found)
    arguments.output.write_text(markdown(found))
    if arguments.json:
        print(json.dumps({"faults": wrong, "reads": len(found.reads), "writes": len(found.writes)}))  # noqa: T201
    for fault in wrong:
        say(f"FAILED: {fault}")
    say(f"{len(found.reads)} reads, {len(found.writes)} writes, {len(found.foreign_keys)} foreign keys explained in {arguments.output}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
