import pytest

from tests.unit.api.client import serving, settings


@pytest.mark.asyncio
async def test_requests_are_counted_by_route_and_never_by_path():
    async with serving(settings()) as client:
        assert (await client.get("/v1/users/0123456")).status_code in (422, 503)
        assert (await client.request("BREW", "/nowhere/77")).status_code in (404, 405)
        answer = await client.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain")
    assert 'route="/v1/users/{user_id}"' in answer.text
    assert 'method="other",route="none"' in answer.text
    assert "0123456" not in answer.text
    assert "/nowhere" not in answer.text


@pytest.mark.asyncio
async def test_problems_are_counted_by_kind_and_the_request_that_asks_is_in_flight():
    async with serving(settings()) as client:

        async def value(line):
            text = (await client.get("/metrics")).text
            return next(float(row.rpartition(" ")[2]) for row in text.splitlines() if row.startswith(line + " "))

        before = await value('cdc_api_problems_total{problem="no-such-path"}')
        await client.get("/nowhere")
        assert await value('cdc_api_problems_total{problem="no-such-path"}') == before + 1
        assert await value("cdc_api_requests_in_flight") == 1
        assert await value('cdc_api_postgres_pool_connections{state="limit"}') == 20
        assert await value('cdc_api_postgres_pool_connections{state="in_use"}') == 0
