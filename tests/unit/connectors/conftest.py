import pytest

from connectors.client import Connect
from connectors.settings import ConnectSettings
from connectors.template import captured_tables
from tests.unit.connectors.fake_connect import FakeConnect, FakeSource


@pytest.fixture
def fake():
    return FakeConnect()


@pytest.fixture
def source(fake):
    fake.source = FakeSource(captured_tables())
    return fake.source


@pytest.fixture
def url(fake):
    with fake.serve() as address:
        yield address


@pytest.fixture
def connect(url):
    return Connect(url, "cdc-postgres", timeout=5)


@pytest.fixture
def settings(url, monkeypatch):
    monkeypatch.setenv("CONNECT_URL", url)
    monkeypatch.setenv("CONNECT_DB_PASSWORD", 'a"$b')
    return ConnectSettings()
