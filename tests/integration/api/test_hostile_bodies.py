import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

pytestmark = pytest.mark.asyncio

SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=30) | st.just("a\0b")
KEYS = st.text(max_size=5)
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3), max_leaves=5)
USERS = st.fixed_dictionaries({}, optional={"name": VALUES | st.text(min_size=1), "email": VALUES | st.emails()})
ITEMS = st.fixed_dictionaries(
    {"owner_id": VALUES | st.just(1), "title": VALUES | st.text(min_size=1), "price": VALUES | st.decimals(0, 100, places=2).map(str)},
    optional={"description": VALUES, "status": VALUES | st.just("sold"), "tags": st.lists(st.text(min_size=1, max_size=60), max_size=3)},
)
CLIENTS_FAULT_OR_NONE = {201, 400, 409, 422}
HOSTILE = settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


async def post(client, path, body):
    return await client.post(path, content=json.dumps(body).encode(), headers={"content-type": "application/json"})


@HOSTILE
@given(body=USERS | VALUES)
async def test_no_user_whatever_is_a_mistake_of_ours(client, body):
    response = await post(client, "/v1/users", body)
    assert response.status_code in CLIENTS_FAULT_OR_NONE, response.text


@HOSTILE
@given(body=ITEMS)
async def test_no_item_whatever_is_a_mistake_of_ours(client, postgres, body):
    postgres.execute("INSERT INTO users (id, name, email) VALUES (1, 'a', 'a@b.co') ON CONFLICT DO NOTHING")
    response = await post(client, "/v1/items", body)
    assert response.status_code in CLIENTS_FAULT_OR_NONE, response.text
