import pytest
from sqlalchemy import make_url

from tests.integration.api.proxy import Proxy
from tests.unit.api.client import serving

pytestmark = pytest.mark.asyncio

OAK, OLD = {"id": 1, "name": "oak"}, {"id": 2, "name": "old"}


@pytest.fixture
def api_dsn(stack):
    """Tags are read from MongoDB: no database of their own in Postgres is needed."""
    return make_url(stack.env["API_POSTGRES_DSN"])


async def names(client, **parameters):
    response = await client.get("/v1/tags", params=parameters)
    assert response.status_code == 200, response.text
    return [(tag["name"], tag["items"]) for tag in response.json()["items"]]


async def test_tags_are_counted_over_living_items(client, read_model):
    read_model.item(1, tags=[OAK, OLD])
    read_model.item(2, tags=[OLD, {"id": 3}])
    read_model.item(3)
    read_model.item(4, removed=True)
    assert await names(client) == [("oak", 1), ("old", 2)]


async def test_without_redis_every_call_counts_anew(client, read_model):
    assert await names(client) == []
    read_model.item(1, tags=[OAK])
    assert await names(client) == [("oak", 1)]


async def test_tags_page_in_the_order_of_their_names(client, read_model):
    tags = ["Z", "a", "b", "é", "木", "🙂", "￼"]
    read_model.item(1, tags=[{"id": number, "name": name} for number, name in enumerate(reversed(tags))])
    found = []
    cursor: dict[str, str] = {}
    for _ in range(4):
        body = (await client.get("/v1/tags", params={"limit": 2} | cursor)).json()
        found += [tag["name"] for tag in body["items"]]
        cursor = {"cursor": body["next"]}
    assert found == sorted(tags)
    assert body["next"] is None


@pytest.fixture
def cached_settings(api_settings, stack, mongo_db):
    # A cache key is one for all APIs of a Redis: a database of its own keeps tests apart.
    url = stack.env["API_REDIS_URL"].rsplit("/", 1)[0] + f"/{1 + int(mongo_db[-6:], 16) % 15}"
    return api_settings.model_copy(update={"redis_url": type(api_settings.mongo_uri)(url)})


async def test_with_redis_the_count_is_kept_for_a_while(cached_settings, read_model):
    async with serving(cached_settings) as client, serving(cached_settings) as other:
        app_cache = client._transport.app.state.resources.cache
        await app_cache.redis.flushdb()
        assert await names(client) == []
        read_model.item(1, tags=[OAK])
        assert await names(other) == []
        assert 0 < await app_cache.redis.pttl("api:tags:1") <= 2000
        await app_cache.redis.flushdb()
        assert await names(client) == [("oak", 1)]


async def test_a_redis_that_hangs_costs_its_timeout_once(cached_settings, read_model):
    host, _, port = cached_settings.redis_url.get_secret_value().removeprefix("redis://").split("/")[0].partition(":")
    read_model.item(1, tags=[OAK])
    async with Proxy(host, port).running() as proxy:
        url = type(cached_settings.mongo_uri)(f"redis://127.0.0.1:{proxy.port}/0")
        async with serving(cached_settings.model_copy(update={"redis_url": url})) as client:
            proxy.freeze()
            assert await names(client) == [("oak", 1)]
            health = (await client.get("/v1/health/")).json()
            assert health["status"] == "degraded"
            assert health["components"]["redis"]["state"] == "down"
            assert (await client.get("/readyz")).status_code == 200
