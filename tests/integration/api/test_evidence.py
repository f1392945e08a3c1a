"""The checks of the evidence pass on a schema with its indexes, and fail without any one of them."""

from decimal import Decimal

import pytest
import pytest_asyncio

from api.evidence.__main__ import collect
from api.evidence.client import RequestFailed
from api.evidence.report import faults, markdown
from cdc_consumer.readmodel.indexes import INDEXES

pytestmark = pytest.mark.asyncio

ROWS = """
INSERT INTO users (name, email) SELECT 'u', n || '@example.org' FROM generate_series(1, 100) n;
INSERT INTO tags (name) SELECT 'tag ' || n FROM generate_series(0, 9) n;
INSERT INTO items (owner_id, title, price) SELECT 1 + n % 100, 'Oak chair', 25 FROM generate_series(1, 300) n;
INSERT INTO item_tags (item_id, tag_id) SELECT n, 1 + n % 10 FROM generate_series(1, 300) n;
ANALYZE;
"""

COUNTS = "SELECT " + ", ".join(f"(SELECT count(*) FROM {table})" for table in ("users", "items", "tags", "item_tags"))
# Without its text index MongoDB refuses to search at all.
NAMES = sorted({options["name"] for indexes in INDEXES.values() for _, options in indexes} - {"by_title_words"})


@pytest.fixture
def rows(postgres, read_model):
    postgres.execute(ROWS)
    for key in range(1, 101):
        read_model.user(key)
    for key in range(1, 301):
        owner = {"id": 1 + key % 100, "name": "u", "email": "e"}
        tags = [{"id": key % 10, "name": f"tag {key % 10}"}]
        title = "Oak chair" if key % 3 else "Pine desk"
        status = ("active", "draft")[key % 2]
        read_model.item(key, owner=owner, tags=tags, title=title, status=status, price=Decimal(20 + key % 30))


@pytest_asyncio.fixture
async def evidence(api_settings, rows):
    async def gather():
        return await collect(api_settings)

    return gather


async def test_all_promises_are_kept_and_nothing_is_left_behind(evidence, postgres):
    before = postgres.execute(COUNTS).fetchone()
    found = await evidence()
    assert faults(found) == []
    assert postgres.execute(COUNTS).fetchone() == before
    text = markdown(found)
    assert "All passed" in text
    assert "EXPLAIN" in text
    assert "Buffers: shared hit" in text
    assert "totalDocsExamined" in text


@pytest.mark.parametrize("name", NAMES)
async def test_an_index_of_mongodb_that_is_missing_is_noticed(evidence, read_model, name):
    read_model.database.items_read.drop_index(name)
    found = await evidence()
    assert [fault for fault in faults(found) if name in fault]
    assert "FAILED" in markdown(found)


@pytest.mark.parametrize("index", ["items_owner_id_idx", "item_tags_tag_id_idx"])
async def test_an_index_of_postgres_that_is_missing_is_noticed(evidence, postgres, index):
    postgres.execute(f"DROP INDEX {index}")
    assert any("no index" in fault for fault in faults(await evidence()))


async def test_an_index_that_no_query_uses_is_noticed(evidence, postgres):
    postgres.execute("CREATE INDEX items_title_idx ON items (title)")
    assert faults(await evidence()) == ["index items_title_idx of PostgreSQL serves no query"]


async def test_without_rows_it_says_what_to_do(api_settings, read_model):
    with pytest.raises(RequestFailed, match="make seed"):
        await collect(api_settings)
