"""`python -m cdc_consumer dead-letters list|show|replay|discard`."""

from __future__ import annotations

import argparse
import asyncio
import base64
import datetime as dt
import json
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from confluent_kafka import KafkaException
from pymongo.errors import PyMongoError

from cdc_consumer.chunks import ChunkApplier
from cdc_consumer.dead_letters.letter import DeadLetter
from cdc_consumer.dead_letters.parked import Parked
from cdc_consumer.dead_letters.replay import Apply, Outcome, changes_of, discard, replay, waiting
from cdc_consumer.dead_letters.topic import TOPIC, read_all
from cdc_consumer.mongo import connect, database
from cdc_consumer.pipeline import applier
from cdc_consumer.readmodel.documents import load
from cdc_consumer.schemas import NewerSchema
from cdc_consumer.settings import Settings


def add_to(commands: Any) -> None:
    """Add the command to the worker's command line."""
    parser = commands.add_parser("dead-letters", help="records that were set aside: look at them, apply them again, let them go")
    verbs = parser.add_subparsers(dest="verb", required=True)
    for verb, text in (
        ("list", "the keys that wait, with how many records and why; exit code 1 if there are any"),
        ("show", "every waiting record of a key"),
        ("replay", "apply waiting records again, in order; a key that is up to date goes free"),
        ("discard", "let waiting records go without applying them: what they say is lost until the row changes again"),
    ):
        one = verbs.add_parser(verb, help=text)
        one.add_argument("--json", action="store_true", help="for scripts")
        if verb != "list":
            chosen = one.add_mutually_exclusive_group(required=True)
            chosen.add_argument("--key", help="a key as `list` prints it, e.g. 'cdc.public.items {\"id\":7}'")
            chosen.add_argument("--all", action="store_true", help="every key that waits")
        if verb == "discard":
            chosen.add_argument(
                "--letter", type=int, help="one record only, by its number in `show`; the rest of its key can then be replayed"
            )


def main(arguments: argparse.Namespace, settings: Settings) -> int:
    """Run one verb; 0 done, 1 something still waits, 2 could not look."""
    try:
        return asyncio.run(_run(arguments, settings))
    except NewerSchema as error:
        print(error, file=sys.stderr)
        return 2
    except (KafkaException, PyMongoError) as error:
        print(f"Cannot look at the dead letters: {error}\nIs the stack up? make status", file=sys.stderr)
        return 2


async def _run(arguments: argparse.Namespace, settings: Settings) -> int:
    client = connect(settings.mongo_uri)
    try:
        parked = Parked(database(client, settings.mongo_db))

        async def read() -> list[DeadLetter]:
            return await asyncio.to_thread(read_all, settings.broker, f"{settings.topic_prefix}.{TOPIC}")

        def changer() -> ChunkApplier:
            return applier(client, settings, load(settings.documents))

        lanes = waiting(await read(), await parked.settled())
        if arguments.verb == "list":
            return _list(lanes, as_json=arguments.json)
        if arguments.verb == "discard" and arguments.letter is not None:
            return await _discard_one(arguments.letter, lanes, parked, changer().let_go)
        chosen = lanes if arguments.all else {key: lanes[key] for key in [arguments.key] if key in lanes}
        if not chosen:
            print("Nothing waits." if arguments.all else f"No record of {arguments.key!r} waits; see: dead-letters list", file=sys.stderr)
            return 0 if arguments.all else 2
        if arguments.verb == "show":
            return _show(chosen, as_json=arguments.json)
        if arguments.verb == "replay":
            apply = changer().apply
            outcomes = [await replay(lane, read, apply, parked) for lane in chosen]
        else:
            let_go = changer().let_go
            outcomes = [await discard(lane, letters, parked, let_go) for lane, letters in chosen.items()]
        return _report(outcomes, as_json=arguments.json)
    finally:
        await client.close()


async def _discard_one(place: int, lanes: Mapping[str, Sequence[DeadLetter]], parked: Parked, let_go: Apply) -> int:
    found = [letter for letters in lanes.values() for letter in letters if letter.place == place]
    if not found:
        print(f"No waiting record has number {place}; see: dead-letters show --all", file=sys.stderr)
        return 2
    await parked.settle(found, "discarded")
    await let_go(changes_of(found))
    _say(f"Record {place} is discarded. Bring its key up to date: dead-letters replay --key '{found[0].lane}'")
    return 0


def _list(lanes: Mapping[str, Sequence[DeadLetter]], *, as_json: bool) -> int:
    rows = [
        {"key": lane, "records": len(letters), "cause": letters[0].cause, "since": _when(letters[0]), "error": letters[0].message}
        for lane, letters in lanes.items()
    ]
    if as_json:
        _say(rows)
    else:
        for row in rows:
            _say(f"{row['since']}  {row['records']:>5}  {row['cause']:<16}  {row['key']}\n    {str(row['error'])[:160]}")
        _say(f"{len(rows)} keys wait." if rows else "Nothing waits.")
    return 1 if rows else 0


def _show(lanes: Mapping[str, Sequence[DeadLetter]], *, as_json: bool) -> int:
    records = [
        {
            "letter": letter.place,
            "topic": letter.topic,
            "partition": letter.partition,
            "offset": letter.offset,
            "cause": letter.cause,
            "error": letter.message,
            "attempts": letter.attempts,
            "at": _when(letter),
            "headers": {name: _text(value) for name, value in letter.headers},
            "key": _text(letter.key),
            "value": _text(letter.value),
        }
        for letters in lanes.values()
        for letter in letters
    ]
    if as_json:
        _say(records)
    else:
        for record in records:
            _say("\n".join(f"{name:<10} {str(value)[:2000]}" for name, value in record.items()) + "\n")
    return 0


def _report(outcomes: Sequence[Outcome], *, as_json: bool) -> int:
    if as_json:
        _say([vars(outcome) for outcome in outcomes])
    else:
        for outcome in outcomes:
            state = "up to date" if outcome.free else f"{outcome.left} still wait: {outcome.error}"
            _say(f"{outcome.lane}: {outcome.done} done, {state}")
    return 0 if all(outcome.free for outcome in outcomes) else 1


def _text(data: bytes | None) -> str | None:
    if data is None:
        return None
    try:
        return data.decode()
    except UnicodeDecodeError:
        return "base64:" + base64.b64encode(data).decode()


def _when(letter: DeadLetter) -> str:
    return dt.datetime.fromtimestamp(letter.at, dt.UTC).isoformat(timespec="seconds")


def _say(what: Any) -> None:
    print(what if isinstance(what, str) else json.dumps(what, indent=2))
