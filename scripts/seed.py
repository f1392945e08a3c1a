"""Fill Postgres with users, items and tags: `python scripts/seed.py --users 2000 --items 20000 --tags 50`.

The same --seed on the same tables writes the same rows. Tables may hold rows already: new ones continue after the
highest ids. Settings: SEED_POSTGRES_DSN.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import psycopg
from pydantic_settings import BaseSettings, SettingsConfigDict

# Run as a file, Python looks for imports beside it, not in the project.
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from monitor.progress import reporter
from scripts.seed_rows import Rows
from scripts.seed_write import Plan, seed


class SeedSettings(BaseSettings):
    """Environment variables SEED_*."""

    model_config = SettingsConfigDict(env_prefix="SEED_")

    postgres_dsn: str = "postgresql://postgres@127.0.0.1:5432/app"


def count(text: str) -> int:
    """A number of rows. Raises ValueError on a negative one."""
    number = int(text.replace("_", "").replace(",", ""))
    if number < 0:
        raise ValueError(text)
    return number


def span(text: str) -> range:
    """`2-4` or `3`: how many tags an item may have. Raises ValueError."""
    low, _, high = text.partition("-")
    found = range(int(low), int(high or low) + 1)
    if not found or found[0] < 0:
        raise ValueError(text)
    return found


def parser() -> argparse.ArgumentParser:
    """The command line."""
    top = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    top.add_argument("--users", type=count, default=2_000, help="users to add (default 2000)")
    top.add_argument("--items", type=count, default=20_000, help="items to add (default 20000)")
    top.add_argument("--tags", type=count, default=50, help="tags to add (default 50)")
    top.add_argument("--links-per-item", type=span, default=range(2, 5), metavar="N-M", help="tags of an item (default 2-4)")
    top.add_argument("--seed", type=int, default=1, help="the same number gives the same rows (default 1)")
    top.add_argument("--batch", type=count, default=5_000, help="rows in one transaction (default 5000)")
    top.add_argument("--json", action="store_true", help="print one JSON object")
    return top


def main(argv: Sequence[str] | None = None) -> int:
    """Write the rows; 0 when all are in."""
    args = parser().parse_args(argv)
    plan = Plan(users=args.users, items=args.items, tags=args.tags, links=args.links_per_item, batch=max(args.batch, 1))
    start = time.monotonic()
    try:
        with reporter() as report, psycopg.connect(SeedSettings().postgres_dsn, autocommit=True, connect_timeout=5) as connection:
            written = seed(connection, plan, Rows(args.seed), report)
    except psycopg.errors.UndefinedTable as error:
        return _fail(error, "Make the tables first: `alembic upgrade head` (`make up` does it).")
    except psycopg.OperationalError as error:
        return _fail(
            error, "Is Postgres running (`make status`), and SEED_POSTGRES_DSN right? Run this again: it continues after the highest ids."
        )
    except (psycopg.Error, ValueError) as error:
        return _fail(error, "Batches written before this stay; run it again and it continues after the highest ids.")
    seconds = time.monotonic() - start
    rate = sum(written.values()) / seconds
    if args.json:
        print(json.dumps({"rows": written, "seconds": round(seconds, 3), "rows_per_second": round(rate)}))
    else:
        print(f"Seeded {', '.join(f'{number:,} {table}' for table, number in written.items())} in {seconds:.1f} s ({rate:,.0f} rows/s).")
    return 0


def _fail(error: Exception, next_step: str) -> int:
    print(f"Seeding failed: {error}\n{next_step}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
