"""How both databases look when all is over."""

from __future__ import annotations

import psycopg
import structlog
from pymongo import MongoClient
from pymongo.errors import PyMongoError

from cdc_consumer.readmodel.codec import CODEC
from chaos.checker.final import Final
from chaos.experiments.probes import divergent
from chaos.load.documents import all_of_mongo, all_of_postgres, of_mongo
from chaos.session import Session

log = structlog.get_logger("chaos")


def gather(session: Session) -> Final | None:
    """The final states; None when a database cannot be read."""
    env, run = session.backend.env, session.tokens.run
    database = session.options.read_database or env["CDC_MONGO_DB"]
    try:
        rows = all_of_postgres(env["VERIFY_POSTGRES_DSN"], run)
        with MongoClient[dict[str, object]](env["CDC_MONGO_URI"], timeoutMS=20_000, appname="chaos") as client:
            db = client.get_database(database, codec_options=CODEC)
            documents = all_of_mongo(db, run)
            for table in ("users", "items"):  # also those whose token was overwritten by something else
                known = {write.key for write in session.book.history.writes if write.table == table and write.key is not None}
                documents |= {(table, key): document for key, document in of_mongo(db, table, known).items()}
            parked = db["cdc_parked"].count_documents({})
    except (psycopg.Error, PyMongoError) as error:
        log.warning("final_state_unknown", error=str(error)[:300])
        return None
    return Final(rows, documents, _divergent(), parked)


def _divergent() -> int | None:
    try:
        return divergent()
    except (psycopg.Error, PyMongoError) as error:
        log.warning("verify_cannot_look", error=str(error)[:300])
        return None
