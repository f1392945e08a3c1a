"""`python -m monitor.verify`."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence

import psycopg
from pymongo.errors import PyMongoError

from cdc_consumer.readmodel.declare import Document
from cdc_consumer.readmodel.documents import load
from monitor.progress import reporter
from monitor.verify.keys import UnsupportedKeyError
from monitor.verify.run import Effort, counts, verify
from monitor.verify.settings import VerifySettings

DESCRIPTION = """Compare Postgres with MongoDB, document by document. Settings: VERIFY_*.

exit code  0 equal   1 differences   2 could not look"""


def parser() -> argparse.ArgumentParser:
    """The command line."""
    default = Effort()
    top = argparse.ArgumentParser(
        prog="python -m monitor.verify", description=DESCRIPTION, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    top.add_argument("--collection", action="append", metavar="NAME", help="only this one; may be repeated")
    top.add_argument(
        "--recheck-seconds", type=float, default=default.recheck_seconds, metavar="S", help="how long a document may differ (default 10)"
    )
    top.add_argument(
        "--limit-report", type=int, default=default.limit_report, metavar="N", help="findings to show of each sort (default 10)"
    )
    top.add_argument("--chunk", type=int, default=default.chunk, metavar="N", help="documents in memory at a time (default 2000)")
    top.add_argument("--counts", action="store_true", help="only count rows and documents; exit code 1 when the numbers differ")
    top.add_argument("--json", action="store_true", help="print one JSON object")
    return top


def main(argv: Sequence[str] | None = None) -> int:
    """0 equal, 1 differences, 2 could not look."""
    args = parser().parse_args(argv)
    try:
        return _counts(args) if args.counts else _verify(args)
    except psycopg.errors.UndefinedTable as error:
        return _cannot(args, error, "The tables are not there yet: `alembic upgrade head` (`make up` does it).")
    except psycopg.Error as error:
        return _cannot(args, error, "Is Postgres running (`make status`), and VERIFY_POSTGRES_DSN right?")
    except PyMongoError as error:
        return _cannot(args, error, "Is MongoDB running (`make status`), and VERIFY_MONGO_URI right?")
    except UnsupportedKeyError as error:
        return _cannot(args, error, "Keys that verify can walk are integers, uuid and text.")
    except ValueError as error:
        return _cannot(args, error, "See VERIFY_DOCUMENTS and --help.")


def _verify(args: argparse.Namespace) -> int:
    settings = VerifySettings()
    effort = Effort(recheck_seconds=args.recheck_seconds, chunk=max(args.chunk, 1), limit_report=args.limit_report)
    with reporter() as progress:
        report = verify(settings, _documents(settings, args.collection), effort, progress)
    print(json.dumps(report.to_json()) if args.json else report.to_text())
    return 0 if report.ok else 1


def _counts(args: argparse.Namespace) -> int:
    settings = VerifySettings()
    found = counts(settings, _documents(settings, args.collection))
    if args.json:
        print(json.dumps({name: {"rows": count.rows, "documents": count.documents} for name, count in found.items()}))
    else:
        print("\n".join(f"{name:<16} {count.rows:,} rows  {count.documents:,} documents" for name, count in found.items()))
    return 0 if all(count.rows == count.documents for count in found.values()) else 1


def _documents(settings: VerifySettings, names: Sequence[str] | None) -> list[Document]:
    """The declared documents, or those named. Raises ValueError on a name that nobody declared."""
    declared = {document.collection: document for document in load(settings.documents)}
    if unknown := set(names or ()) - set(declared):
        raise ValueError(f"there is no collection {', '.join(sorted(unknown))}; declared are {', '.join(declared)}")
    return [document for name, document in declared.items() if not names or name in names]


def _cannot(args: argparse.Namespace, error: Exception, next_step: str) -> int:
    print(f"Could not compare: {error}\n{next_step}", file=sys.stderr)
    if args.json:
        print(json.dumps({"error": str(error), "next_step": next_step}))
    return 2


if __name__ == "__main__":
    sys.exit(main())
