"""Verify as functions: for the command line, `make up`, and tests."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from cdc_consumer.readmodel.declare import Document
from cdc_consumer.readmodel.documents import DOCUMENTS
from monitor.progress import Reporter, Silent
from monitor.verify import mongo, postgres
from monitor.verify.mongo import Mongo, MongoSide
from monitor.verify.postgres import Connection, PostgresSide
from monitor.verify.recheck import recheck
from monitor.verify.report import CollectionReport, Report
from monitor.verify.scan import Sides, scan
from monitor.verify.settings import VerifySettings


@dataclass(frozen=True)
class Effort:
    """How hard to look."""

    recheck_seconds: float = 10.0
    """How long a document may differ before it counts; 0 looks once more."""
    chunk: int = 2_000
    """Documents in memory at a time."""
    max_suspects: int = 100_000
    """A collection with more documents that differ at first sight is not walked to its end."""
    limit_report: int = 10
    """Findings of each verdict that are kept with their details."""


@dataclass(frozen=True)
class Count:
    """How many there are on either side."""

    rows: int
    documents: int


def verify(
    settings: VerifySettings, documents: Sequence[Document] = DOCUMENTS, effort: Effort | None = None, progress: Reporter | None = None
) -> Report:
    """Compare every document with what SQL says it must be.

    Raises psycopg.Error, pymongo.errors.PyMongoError and UnsupportedKeyError when it cannot look.
    """
    effort, progress, start = effort or Effort(), progress or Silent(), time.monotonic()
    with postgres.connect(settings.postgres_dsn) as connection, mongo.connect(settings.mongo_uri) as client:
        found = []
        for document in documents:
            sides = _sides(connection, client[settings.mongo_db], document)
            step = progress.task(f"checking {document.collection}", sides.postgres.count())
            found.append((document, sides, scan(sides, chunk=effort.chunk, max_suspects=effort.max_suspects, step=step)))
        step = progress.task("looking again at what differs", sum(len(seen.suspects) for _, _, seen in found))
        reports, until = [], time.monotonic() + effort.recheck_seconds
        for document, sides, seen in found:
            report = CollectionReport(document.collection, document.root, seen.rows, seen.documents, len(seen.suspects), seen.complete)
            for finding in recheck(sides, seen.suspects, until=until, chunk=effort.chunk, step=step):
                report.add(finding, effort.limit_report)
            reports.append(report)
    return Report(reports, time.monotonic() - start)


def counts(settings: VerifySettings, documents: Sequence[Document] = DOCUMENTS) -> dict[str, Count]:
    """Rows of each root table and live documents of its collection: a quick look, no comparison. Raises as `verify`."""
    with postgres.connect(settings.postgres_dsn) as connection, mongo.connect(settings.mongo_uri) as client:
        found = {}
        for document in documents:
            sides = _sides(connection, client[settings.mongo_db], document)
            found[document.collection] = Count(sides.postgres.count(), sides.mongo.count())
        return found


def _sides(connection: Connection, db: Mongo, document: Document) -> Sides:
    side = PostgresSide(connection, document)
    return Sides(side, MongoSide(db, document, side.key))
