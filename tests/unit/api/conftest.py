"""These tests talk to ports where nobody is."""

import gc
import warnings
from pathlib import Path

import pytest

HERE = Path(__file__).parent
# pymongo leaves a socket to the collector when its monitor is cancelled while it connects (pool_shared._async_create_connection).
LEFT = "ignore:Exception ignored in. <socket.socket:pytest.PytestUnraisableExceptionWarning"


def pytest_collection_modifyitems(items):
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.filterwarnings(LEFT))


@pytest.fixture(scope="package", autouse=True)
def collected_here():
    """And not while another test runs, to which it would be told."""
    yield
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()
