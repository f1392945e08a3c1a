"""The composition root of the API: the only place that knows all of its parts."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from fastapi import FastAPI
from pymongo.monitoring import CommandListener

from api import cache, errors, health, metrics, mongo, openapi, pages, sql
from api.deps import Resources
from api.edge import Edge
from api.items.routes import router as items
from api.settings import Settings
from api.tags.routes import router as tags
from api.users.routes import router as users

DESCRIPTION = """Writes go to PostgreSQL, reads come from MongoDB, where they are joined. A write is answered with the row as it was
committed; a read shows it as soon as it has been replicated, which takes milliseconds while the pipeline is well.
Every error is an RFC 9457 problem whose `type` is a page that explains it."""


@asynccontextmanager
async def held(settings: Settings, listeners: Sequence[CommandListener] = ()) -> AsyncIterator[Resources]:
    """Pools and clients, closed at the end. None connects yet: the API starts, and says 503, while databases are away.

    Listeners are told every command that goes to MongoDB.
    """
    engine = sql.make_engine(settings)
    client = mongo.make_client(settings, listeners)
    redis = cache.make_redis(settings)
    try:
        yield Resources(
            settings=settings,
            database=sql.Database(engine, settings.transaction_timeout_s),
            read_model=mongo.read_model(client, settings.mongo_db),
            cache=cache.Cache(redis),
        )
    finally:
        if redis is not None:
            await redis.aclose()
        await client.close()
        await engine.dispose()


def create_app(settings: Settings) -> FastAPI:
    """The app. Connects to nothing before its lifespan begins."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with held(settings) as resources:
            app.state.resources = resources
            yield

    app = FastAPI(
        title="pg-mongo-cdc",
        version="1",
        description=DESCRIPTION,
        lifespan=lifespan,
        generate_unique_id_function=openapi.operation_id,
    )
    app.add_middleware(Edge, max_body_bytes=settings.max_body_bytes)
    for router in (users, items, tags, health.router, metrics.router, pages.router):
        app.include_router(router)
    errors.install(app)
    openapi.install(app)
    return app
